/* SPDX-License-Identifier: Apache-2.0 */
/* Actions on devices, on the interrupt controller and timers among them. */
#include "arm64.h"
#include "gic.h"
#include "guest.h"
#include "siege.h"

#define ACCESS_PLAIN    8u              /* the first kinds are loads and stores of 1, 2, 4 and 8 bytes */
#define WRITE_WORD      6u
#define REGISTERS_USED  0xd00u          /* all but the routing registers are below */
#define WATCHDOG_WOR    0x1008
#define PAGE            0x1000u

static unsigned mostly_plain(struct actor *a)
{
    return below(a, 8) ? (unsigned)below(a, ACCESS_PLAIN) : any_access(a);
}

void kind_gic(struct actor *a)
{
    uint64_t redistributor = GICR_BASE + below(a, actors + 1u) * GICR_FRAME;
    uint64_t frame, offset = below(a, below(a, 4) ? REGISTERS_USED : 0x10000);

    switch (below(a, 4)) {
    case 0: frame = redistributor; break;
    case 1: frame = redistributor + GICR_SGI; break;
    default: frame = GICD_BASE;
    }
    if (below(a, 16)) {
        offset &= ~3ull;
    }
    touch(a, below(a, 2) ? WRITE_WORD : mostly_plain(a), frame + offset, random64(a));
}

/* The watchdog is told to wait for longer at once. */
static void watchdog(struct actor *a)
{
    static const uint16_t registers[] = { 0x0, 0x1000, 0x1008, 0x100c, 0x1010, 0x1014, 0xfcc, 0x1fcc };
    uint64_t offset = registers[below(a, sizeof registers / sizeof registers[0])] + (below(a, 8) ? 0 : below(a, 8));
    touch(a, mostly_plain(a), GUEST_WATCHDOG + offset, any(a) | (below(a, 256) ? 0x10000 : 0));
    *(volatile uint32_t *)(GUEST_WATCHDOG + WATCHDOG_WOR + 4) = 0xffff;
}

void kind_device(struct actor *a)
{
    static const uint32_t frames[] = {
        0x00000000, 0x04000000, 0x09000000, 0x09000000, 0x09010000, 0x09010000, 0x09020000, 0x09030000, 0x09030000,
        0x0a000000, 0x0a001000, 0x0a002000, 0x0a003000,
    };
    unsigned which = (unsigned)below(a, sizeof frames / sizeof frames[0] + 1);

    if (which == sizeof frames / sizeof frames[0]) {
        watchdog(a);
        return;
    }
    uint64_t offset = below(a, below(a, 4) ? 0x80 : PAGE), value = any(a);
    if (below(a, 16)) {
        offset &= ~3ull;
    }
    if (frames[which] == GUEST_UART && offset < 16) {
        value = 0;                      /* what it would print can't be told from reports */
    }
    touch(a, mostly_plain(a), frames[which] + offset, value);
}

void kind_timer(struct actor *a)
{
    uint64_t value = any(a);

    switch (below(a, 10)) {
    case 0: sysreg_write(cntv_ctl_el0, value); break;
    case 1: sysreg_write(cntv_cval_el0, value); break;
    case 2: sysreg_write(cntv_tval_el0, value); break;
    case 3: sysreg_write(cntp_ctl_el0, value); break;
    case 4: sysreg_write(cntp_cval_el0, value); break;
    case 5: sysreg_write(cntp_tval_el0, value); break;
    case 6: sysreg_write(cntv_cval_el0, counter() + (value & 0xfff)); sysreg_write(cntv_ctl_el0, 1); break;
    case 7: sysreg_write(cntp_cval_el0, counter() + (value & 0xfff)); sysreg_write(cntp_ctl_el0, 1); break;
    case 8: look(a, sysreg_read(cntp_cval_el0)); look(a, sysreg_read(cntp_tval_el0)); look(a, sysreg_read(cntp_ctl_el0)); break;
    default: look(a, sysreg_read(cntv_cval_el0)); look(a, sysreg_read(cntv_tval_el0)); look(a, sysreg_read(cntpct_el0));
    }
}

/* SGIs to anybody, SPIs by the word, all enabled now and then; and some are taken. */
void kind_storm(struct actor *a)
{
    uint64_t value = random64(a);

    switch (below(a, 8)) {
    case 0: sysreg_write(S3_0_C12_C11_5, (value & 15) << 24 | 1ull << 40); break;           /* ICC_SGI1R_EL1: all others */
    case 1: sysreg_write(S3_0_C12_C11_5, (value & 15) << 24 | (value >> 8 & 15)); break;
    case 2: sysreg_write(S3_0_C12_C11_7, (value & 15) << 24 | (value >> 8 & 15)); break;    /* ICC_SGI0R_EL1 */
    case 3: *(volatile uint32_t *)(GICD_BASE + 0x204 + below(a, 8) * 4) = (uint32_t)value; break;       /* ISPENDR */
    case 4: *(volatile uint32_t *)(GICD_BASE + 0x104 + below(a, 8) * 4) = (uint32_t)value; break;       /* ISENABLER */
    case 5: *(volatile uint64_t *)(GICD_BASE + 0x6000 + 8 * (32 + below(a, 256))) = value & 3; break;   /* IROUTER */
    case 6: gic_enable((uint32_t)below(a, 288), (uint8_t)value); break;
    default: break;
    }
    let_in();
}

void kind_wait(struct actor *a)
{
    wake_in(a, below(a, 20000));
    switch (below(a, 4)) {
    case 0: __asm__ volatile("sevl\n\twfe\n\tyield\n\tsev"); break;
    case 1: wfi(); let_in(); break;
    default: wfi(); break;
    }
    timer_stop();
}
