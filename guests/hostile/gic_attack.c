/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on the interrupt controller and by interrupts. */
#include "hostile.h"

#include "arm64.h"
#include "gic.h"

#define GICD_BYTES  0x10000ul
#define GICC_BYTES  0x3000ul        /* and what is behind it */
#define REGISTERS_USED 0xd00ul      /* all but the routing registers are below */
#define WRITE_WORD 6u
#define GICD_ISPENDR (GICD_BASE + 0x200)
#define GICD_ISENABLER (GICD_BASE + 0x100)

/* Every register at every size, and a random kind of access near it. */
static void sweep(uint64_t start, uint64_t bytes)
{
    for (uint64_t offset = 0; offset < bytes; offset += 4) {
        for (unsigned kind = 0; kind < ACCESS_PLAIN; kind++, done++) {
            access(kind, start + offset, random64());
        }
        access((unsigned)random_below(ACCESS_KINDS), start + offset + random_below(4), random64());
        done++;
    }
}

void attack_gic_sweep(void)
{
    sweep(GICD_BASE, GICD_BYTES);
    if (gic_is_v2) {
        sweep(GICC_BASE, GICC_BYTES);
    } else {
        sweep(GICR_BASE, 2 * GICR_FRAME);
    }
}

static void random_sysreg_write(void)
{
    static const uint32_t icc[] = {         /* msr REGISTER, x0 */
        0xd5184600, 0xd518cb20, 0xd518cba0, 0xd518cbc0, 0xd518cbe0, 0xd518cc20, 0xd518cc60, 0xd518cc80,
        0xd518cca0, 0xd518ccc0, 0xd518cce0, 0xd518c820, 0xd518c840, 0xd518c860, 0xd518c880, 0xd518c900,
        0xd51be200, 0xd51be220, 0xd51be240, 0xd51be300, 0xd51be320, 0xd51be340,     /* CNTP_*, CNTV_* */
    };
    uint32_t instruction = icc[random_below(sizeof icc / sizeof icc[0])];
    run(instruction, value_of_register(instruction));
}

static uint64_t random_frame(void)
{
    static const uint64_t v3[] = { GICD_BASE, GICD_BASE, GICR_BASE, GICR_BASE + GICR_SGI };
    static const uint64_t v2[] = { GICD_BASE, GICD_BASE, GICD_BASE, GICC_BASE };
    return (gic_is_v2 ? v2 : v3)[random_below(4)];
}

static void enable_all(void)
{
    for (uint32_t intid = 0; intid < 128; intid++) {
        gic_enable(intid, (uint8_t)random64());
    }
}

void attack_gic_random(void)
{
    for (unsigned n = 0; n < 20000; n++) {
        if (n % 1024 == 0) {
            settle();
            enable_all();
        }
        uint64_t frame = random_frame();
        uint64_t offset = random_below(n % 2 ? REGISTERS_USED : GICD_BYTES) & ~3ul;
        access(WRITE_WORD, frame + offset, random64());
        random_sysreg_write();
        done++;
        if (n % 16 == 0) {
            let_in();
        }
    }
}

static void sgi_storm(void)
{
    gic_enable(1, 0x10);
    for (unsigned n = 0; n < 5000; n++, done++) {
        gic_sgi_self(1);
        let_in();
    }
}

static void spi_storm(void)
{
    enable_all();
    for (unsigned n = 0; n < 2000; n++, done++) {
        *(volatile uint32_t *)(GICD_ISPENDR + 4 + random_below(3) * 4) = (uint32_t)random64();
        let_in();
        let_in();
    }
}

/* A timer that is always due fires again after each EOI. */
static void timer_storm(void)
{
    gic_enable(27, 0);
    gic_enable(30, 0);
    sysreg_write(cntv_cval_el0, 0);
    sysreg_write(cntv_ctl_el0, 1);
    sysreg_write(cntp_cval_el0, 0);
    sysreg_write(cntp_ctl_el0, 1);
    for (unsigned n = 0; n < 10000; n++, done++) {
        let_in();
    }
}

void attack_storm(void)
{
    sgi_storm();
    spi_storm();
    settle();
    timer_storm();
}

#define INTIDS         288ul
#define GROUP          0x80
#define ISENABLER      0x100
#define ISPENDR        0x200
#define ISACTIVER      0x300
#define IPRIORITYR     0x400

static uintptr_t gic_frame(uint32_t intid)
{
    return intid < 32 ? gic_private() : GICD_BASE;
}

static volatile uint32_t *gic_word(unsigned offset, uint32_t intid)
{
    return (volatile uint32_t *)(gic_frame(intid) + offset + intid / 32 * 4);
}

/* All that there is can come, and the higher its number, the earlier. */
static void open_all(void)
{
    for (uint32_t intid = 0; intid < INTIDS; intid += 32) {
        *gic_word(GROUP, intid) = gic_is_v2 ? 0 : UINT32_MAX;
        *gic_word(ISENABLER, intid) = UINT32_MAX;
    }
    for (uint32_t intid = 0; intid < INTIDS; intid += 4) {
        uint32_t priority = 0xf0 - (uint32_t)(intid * 0xf0 / INTIDS);
        *(volatile uint32_t *)(gic_frame(intid) + IPRIORITYR + intid) = priority * 0x01010101u;
    }
}

/* Nearly all are pending or active at once; every change is of as many as a register has, and many have to be weighed. */
void attack_swamp(void)
{
    for (unsigned n = 0; n < 10000; n++, done++) {
        if (n % 256 == 0) {
            settle();
            open_all();
        }
        uint32_t intid = (uint32_t)random_below(INTIDS);
        *gic_word(ISPENDR, (uint32_t)random_below(INTIDS)) = UINT32_MAX;
        *gic_word(n % 4 ? ISPENDR : ISACTIVER, intid) = n % 4 ? UINT32_MAX : (uint32_t)random64();
        *(volatile uint32_t *)GICD_BASE = n % 8 == 0 ? 0 : gic_is_v2 ? 1 : 2;     /* GICD_CTLR */
        if (n % 8 == 3) {
            gic_ack();
        } else if (n % 8 == 5) {
            gic_eoi(intid);
        } else if (n % 16 == 6) {
            let_in();
        }
    }
}

/* WFI and WFE that end at once, and that end soon. */
void attack_wait(void)
{
    gic_enable(27, 0);
    timer_set(0);
    for (unsigned n = 0; n < 5000; n++, done++) {
        wfi();
        __asm__ volatile("sevl\n\twfe\n\tyield");
    }
    for (unsigned n = 0; n < 2000; n++, done++) {
        timer_set(counter() + random_below(counter_hz() / 10000));
        wfi();
        timer_stop();
    }
}
