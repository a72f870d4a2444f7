/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest can rely on of a GICv3 (IHI 0069) and of the timers behind it. */
#include "conform.h"

#include "gic.h"
#include "guest.h"
#include "registers.h"

#define PHYSICAL_PPI  30

static void dir(uint32_t intid)
{
    sysreg_write(S3_0_C12_C11_1, intid);        /* ICC_DIR_EL1 */
    isb();
}

static void set_eoimode(unsigned mode)
{
    sysreg_write(S3_0_C12_C12_4, mode << 1);    /* ICC_CTLR_EL1 */
    isb();
}

static void set_pmr(uint8_t priority)
{
    sysreg_write(S3_0_C4_C6_0, priority);       /* ICC_PMR_EL1 */
    isb();
}

void all_quiet(void)
{
    timer_stop();
    sysreg_write(cntp_ctl_el0, 0);
    set_eoimode(0);
    set_pmr(0xff);
    for (uint32_t intid; (intid = gic_ack()) < GIC_SPURIOUS;) {
        gic_eoi(intid);
    }
    for (uint32_t intid = 0; intid < 128; intid += 32) {
        write32(bits_of(intid, ICENABLER), ~0u);
        write32(bits_of(intid, ICPENDR), ~0u);
        write32(bits_of(intid, ICACTIVER), ~0u);
    }
    SAME(ack(), NONE);
}

static void an_sgi_to_oneself_comes_each_time(void)
{
    gic_enable(3, 0xa0);
    for (int i = 0; i < 100; i++) {
        gic_sgi_self(3);
        SAME(ack(), 3);
        gic_eoi(3);
        SAME(ack(), NONE);
    }
}

static void an_sgi_while_it_is_active_comes_afterwards(void)
{
    gic_enable(3, 0xa0);
    gic_sgi_self(3);
    SAME(ack(), 3);
    gic_sgi_self(3);
    SAME(ack(), NONE);
    SAME(bit(3, ISPENDR), 1);
    SAME(bit(3, ISACTIVER), 1);
    gic_eoi(3);
    SAME(ack(), 3);
    gic_eoi(3);
    SAME(ack(), NONE);
}

static void forty_interrupts_come_by_priority(void)
{
    for (uint32_t i = 0; i < 30; i++) {
        gic_enable(SPI_FIRST + i, (uint8_t)(8 + i * 7 % 30 * 8));
        set(SPI_FIRST + i, ISPENDR);
    }
    for (uint32_t i = 0; i < 10; i++) {
        gic_enable(i, 0);
        gic_sgi_self(i);
    }
    uint32_t sgis = 0;
    for (uint32_t i = 0; i < 10; i++) {
        uint32_t intid = ack();
        sgis |= 1u << intid % 32;
        gic_eoi(intid);
    }
    SAME(sgis, 0x3ff);
    for (uint32_t rank = 0; rank < 30; rank++) {
        uint32_t intid = ack();
        SAME((intid - SPI_FIRST) * 7 % 30, rank);
        SAME(bit(intid, ISACTIVER), 1);
        SAME(bit(intid, ISPENDR), 0);
        gic_eoi(intid);
        SAME(bit(intid, ISACTIVER), 0);
    }
    SAME(ack(), NONE);
}

static void twenty_handlers_preempt_one_another(void)
{
    for (uint32_t i = 0; i < 20; i++) {
        gic_enable(SPI_FIRST + i, (uint8_t)(0xe0 - i * 8));
        set(SPI_FIRST + i, ISPENDR);
        SAME(ack(), SPI_FIRST + i);
        gic_enable(3, 0xf0);
        gic_sgi_self(3);                        /* lower than all of them */
        SAME(ack(), NONE);
    }
    SAME(read32(bits_of(SPI_FIRST, ISACTIVER)), 0xfffff);
    for (uint32_t i = 20; i-- > 0;) {
        gic_eoi(SPI_FIRST + i);
        SAME(read32(bits_of(SPI_FIRST, ISACTIVER)), (1u << i) - 1);
    }
    SAME(ack(), 3);
    gic_eoi(3);
}

static void interrupts_are_deactivated_in_any_order(void)
{
    set_eoimode(1);
    for (uint32_t i = 0; i < 20; i++) {
        gic_enable(SPI_FIRST + i, 0xa0);
        set(SPI_FIRST + i, ISPENDR);
        SAME(ack(), SPI_FIRST + i);
        gic_eoi(SPI_FIRST + i);                 /* the priority drops, and no more */
    }
    uint32_t active = 0xfffff;
    for (uint32_t i = 0; i < 20; i++) {
        SAME(read32(bits_of(SPI_FIRST, ISACTIVER)), active);
        dir(SPI_FIRST + i * 7 % 20);
        active &= ~(1u << i * 7 % 20);
    }
    SAME(read32(bits_of(SPI_FIRST, ISACTIVER)), 0);
}

static void the_priority_mask_holds_back(void)
{
    gic_enable(3, 0xa0);
    set_pmr(0xa0);
    gic_sgi_self(3);
    SAME(ack(), NONE);
    set_pmr(0xa8);
    SAME(ack(), 3);
    gic_eoi(3);
}

static void a_disabled_interrupt_waits(void)
{
    gic_enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ICENABLER);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), NONE);
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    set(SPI_FIRST, ISENABLER);
    SAME(ack(), SPI_FIRST);
    gic_eoi(SPI_FIRST);
}

static void a_pending_interrupt_can_be_taken_back(void)
{
    gic_enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    set(SPI_FIRST, ICPENDR);
    SAME(bit(SPI_FIRST, ISPENDR), 0);
    SAME(ack(), NONE);
}

static void a_router_to_nobody_keeps_an_interrupt(void)
{
    gic_enable(SPI_FIRST, 0xa0);
    *(volatile uint64_t *)(GICD_BASE + 0x6000 + SPI_FIRST * 8) = 0x7f;
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), NONE);
    *(volatile uint64_t *)(GICD_BASE + 0x6000 + SPI_FIRST * 8) = sysreg_read(mpidr_el1) & 0xff00ffffff;
    dsb();
    SAME(ack(), SPI_FIRST);
    gic_eoi(SPI_FIRST);
}

static void wait_until(uint64_t ticks)
{
    while (counter() < ticks) {
    }
}

static void the_virtual_timer_comes_until_it_is_turned_off(void)
{
    gic_enable(TIMER_PPI, 0xa0);
    for (int i = 0; i < 10; i++) {
        timer_set(counter());
        wait_until(counter() + counter_hz() / 100000);
        SAME(ack(), TIMER_PPI);
        SAME(ack(), NONE);
        gic_eoi(TIMER_PPI);
        wait_until(counter() + counter_hz() / 100000);
        SAME(ack(), TIMER_PPI);                 /* its line is still high */
        timer_stop();
        gic_eoi(TIMER_PPI);
        SAME(ack(), NONE);
    }
}

static void a_timer_that_is_disabled_in_the_gic_comes_when_it_is_enabled(void)
{
    gic_enable(TIMER_PPI, 0xa0);
    set(TIMER_PPI, ICENABLER);
    timer_set(counter());
    wait_until(counter() + counter_hz() / 100000);
    SAME(ack(), NONE);
    set(TIMER_PPI, ISENABLER);
    SAME(ack(), TIMER_PPI);
    timer_stop();
    gic_eoi(TIMER_PPI);
    SAME(ack(), NONE);
}

static void a_timers_active_state_can_be_cleared(void)
{
    gic_enable(TIMER_PPI, 0xa0);
    timer_set(counter());
    wait_until(counter() + counter_hz() / 100000);
    SAME(ack(), TIMER_PPI);
    SAME(bit(TIMER_PPI, ISACTIVER), 1);
    timer_stop();
    set(TIMER_PPI, ICACTIVER);
    gic_eoi(TIMER_PPI);
    SAME(bit(TIMER_PPI, ISACTIVER), 0);
    timer_set(counter());
    wait_until(counter() + counter_hz() / 100000);
    SAME(ack(), TIMER_PPI);
    timer_stop();
    gic_eoi(TIMER_PPI);
    SAME(ack(), NONE);
}

static void the_physical_timer_is_a_line_too(void)
{
    gic_enable(PHYSICAL_PPI, 0xa0);
    for (int i = 0; i < 10; i++) {
        sysreg_write(cntp_cval_el0, 0);
        sysreg_write(cntp_ctl_el0, 1);
        isb();
        SAME(ack(), PHYSICAL_PPI);
        SAME(ack(), NONE);
        gic_eoi(PHYSICAL_PPI);
        SAME(ack(), PHYSICAL_PPI);
        sysreg_write(cntp_ctl_el0, 0);
        isb();
        gic_eoi(PHYSICAL_PPI);
        SAME(ack(), NONE);
    }
    sysreg_write(cntp_ctl_el0, 1);
    isb();
    SAME(bit(PHYSICAL_PPI, ISPENDR), 1);
    sysreg_write(cntp_ctl_el0, 0);
    isb();
    SAME(bit(PHYSICAL_PPI, ISPENDR), 0);
    SAME(ack(), NONE);
}

static void a_wait_ends_for_an_interrupt_that_is_masked(void)
{
    gic_enable(TIMER_PPI, 0xa0);
    for (int i = 0; i < 10; i++) {
        uint64_t due = counter() + counter_hz() / 10000;
        timer_set(due);
        while (counter() < due) {
            wfi();
        }
        SAME(ack(), TIMER_PPI);
        timer_stop();
        gic_eoi(TIMER_PPI);
    }
}

#define PROMISE(f) { #f, f }

const struct promise promises[] = {
    PROMISE(an_sgi_to_oneself_comes_each_time),
    PROMISE(an_sgi_while_it_is_active_comes_afterwards),
    PROMISE(forty_interrupts_come_by_priority),
    PROMISE(twenty_handlers_preempt_one_another),
    PROMISE(interrupts_are_deactivated_in_any_order),
    PROMISE(the_priority_mask_holds_back),
    PROMISE(a_disabled_interrupt_waits),
    PROMISE(a_pending_interrupt_can_be_taken_back),
    PROMISE(a_router_to_nobody_keeps_an_interrupt),
    PROMISE(the_virtual_timer_comes_until_it_is_turned_off),
    PROMISE(a_timer_that_is_disabled_in_the_gic_comes_when_it_is_enabled),
    PROMISE(a_timers_active_state_can_be_cleared),
    PROMISE(the_physical_timer_is_a_line_too),
    PROMISE(a_wait_ends_for_an_interrupt_that_is_masked),
    PROMISE(a_second_cpu_answers),
    PROMISE(an_interrupt_goes_to_the_cpu_of_its_router),
    PROMISE(what_another_cpu_handles_can_be_ended_from_here),
    PROMISE(another_cpus_sgi_is_held_back_by_its_redistributor),
    PROMISE(a_cpu_goes_off_and_comes_on_again),
    { 0 },
};
