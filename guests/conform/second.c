/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest can rely on where it has a second CPU. Without one, all of it is kept. */
#include "conform.h"

#include <stdbool.h>

#include "gic.h"
#include "guest.h"
#include "registers.h"

#define IROUTER         0x6000ul
#define AFFINITY_ON     0
#define AFFINITY_OFF    1
#define ALREADY_ON      (-4)
#define OTHER_SGIS      (GICR_BASE + GICR_FRAME + GICR_SGI)

static bool there;

/*
 * Answers an SGI by SGI 2 to the first CPU, when it has ended it, and goes off after SGI 3. Answers an SPI by SGI 4, and
 * handles it till the next SGI.
 */
void secondary_main(void)
{
    uint32_t held = NONE;

    gic_init_cpu();
    gic_enable(1, 0x40);
    gic_enable(3, 0x40);
    for (;;) {
        wfi();
        uint32_t intid = gic_ack();
        if (intid == NONE) {
            continue;
        }
        if (intid >= 32) {
            held = intid;
        } else {
            gic_eoi(intid);
            if (held != NONE) {
                gic_eoi(held);
            }
            held = NONE;
        }
        if (intid == 3) {
            hvc(PSCI_CPU_OFF, 0, 0, 0);
        }
        sysreg_write(S3_0_C12_C11_5, (intid < 32 ? 2ul : 4ul) << 24 | 1);
        isb();
    }
}

/* Waits for an interrupt, and ends it: the timer's after that time, if none comes before. */
static uint32_t wait_for_any(uint64_t ticks)
{
    uint32_t intid;

    timer_set(counter() + ticks);
    while ((intid = gic_ack()) == NONE) {
        wfi();
    }
    timer_stop();
    gic_eoi(intid);
    return intid;
}

static void send(uint32_t sgi, uint64_t how)
{
    sysreg_write(S3_0_C12_C11_5, (uint64_t)sgi << 24 | how);
    isb();
}

static void expect(uint32_t sgi)
{
    SAME(wait_for_any(counter_hz()), sgi);
}

static void ask_second(uint64_t how)
{
    send(1, how);
    expect(2);
}

static bool turn_on(void)
{
    if (hvc(PSCI_CPU_ON, 1, (uint64_t)(uintptr_t)secondary, 0) != 0) {
        return false;
    }
    for (int naps = 0; naps < 1000 && (read32(OTHER_SGIS + ISENABLER) & 8) == 0; naps++) {
        wait_for_any(counter_hz() / 10000);
    }
    return true;
}

static void listen(void)
{
    gic_enable(2, 0x70);
    gic_enable(4, 0x80);
    gic_enable(TIMER_PPI, 0xf0);
}

void a_second_cpu_answers(void)
{
    listen();
    there = turn_on();
    for (int i = 0; there && i < 100; i++) {
        ask_second(2);                                          /* by its target list */
        ask_second(1ul << 40);                                  /* as all but oneself */
        write32(OTHER_SGIS + ISPENDR, 2);                       /* by its redistributor */
        expect(2);
    }
    SAME(ack(), NONE);
}

static void route(uint32_t intid, uint64_t cpu)
{
    *(volatile uint64_t *)(GICD_BASE + IROUTER + 8 * intid) = cpu;
    dsb();
}

void an_interrupt_goes_to_the_cpu_of_its_router(void)
{
    listen();
    gic_enable(SPI_FIRST, 0x80);
    for (int i = 0; there && i < 20; i++) {
        route(SPI_FIRST, 1);
        set(SPI_FIRST, ISPENDR);
        expect(4);
        SAME(bit(SPI_FIRST, ISPENDR), 0);
        SAME(bit(SPI_FIRST, ISACTIVER), 1);
        set(SPI_FIRST, ISPENDR);                                /* while it is handled */
        SAME(bit(SPI_FIRST, ISPENDR), 1);
        ask_second(2);                                          /* it ends that, and takes the next */
        expect(4);
        SAME(bit(SPI_FIRST, ISPENDR), 0);
        ask_second(2);
        SAME(bit(SPI_FIRST, ISACTIVER), 0);
        route(SPI_FIRST, 0);
        set(SPI_FIRST, ISPENDR);
        SAME(ack(), SPI_FIRST);
        gic_eoi(SPI_FIRST);
    }
}

void what_another_cpu_handles_can_be_ended_from_here(void)
{
    listen();
    gic_enable(SPI_FIRST, 0x80);
    for (int i = 0; there && i < 20; i++) {
        route(SPI_FIRST, 1);
        set(SPI_FIRST, ISPENDR);
        expect(4);
        set(SPI_FIRST, ICACTIVER);
        SAME(bit(SPI_FIRST, ISACTIVER), 0);
        route(SPI_FIRST, 0);
        set(SPI_FIRST, ISPENDR);                                /* so another one can take it */
        SAME(ack(), SPI_FIRST);
        gic_eoi(SPI_FIRST);
        ask_second(2);
    }
}

void another_cpus_sgi_is_held_back_by_its_redistributor(void)
{
    listen();
    for (int i = 0; there && i < 20; i++) {
        write32(OTHER_SGIS + ICENABLER, 2);
        send(1, 2);
        SAME(wait_for_any(counter_hz() / 10000), TIMER_PPI);
        SAME(read32(OTHER_SGIS + ISPENDR) & 2, 2);
        write32(OTHER_SGIS + ISENABLER, 2);
        expect(2);
        SAME(read32(OTHER_SGIS + ISPENDR) & 2, 0);
    }
}

static void wait_till_it_is(int64_t state)
{
    for (int naps = 0; naps < 1000 && hvc(PSCI_AFFINITY_INFO, 1, 0, 0) != state; naps++) {
        wait_for_any(counter_hz() / 10000);
    }
    SAME(hvc(PSCI_AFFINITY_INFO, 1, 0, 0), state);
}

void a_cpu_goes_off_and_comes_on_again(void)
{
    listen();
    for (int i = 0; there && i < 20; i++) {
        send(3, 2);
        wait_till_it_is(AFFINITY_OFF);
        SAME(hvc(PSCI_AFFINITY_INFO, 0, 0, 0), AFFINITY_ON);
        SAME(turn_on(), true);
        wait_till_it_is(AFFINITY_ON);
        SAME(hvc(PSCI_CPU_ON, 1, (uint64_t)(uintptr_t)secondary, 0), ALREADY_ON);
        ask_second(2);
    }
}
