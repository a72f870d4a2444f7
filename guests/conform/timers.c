/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual and the physical timer, which promise the same (Arm ARM, D11.2). */
#include "conform.h"
#include "guest.h"
#include "registers.h"
#include "trap.h"

#define PHYSICAL_PPI  30
#define ENABLE   1u
#define IMASK    2u
#define ISTATUS  4u

static uint64_t cnt(void) { isb(); return sysreg_read(cntpct_el0); }

/* One of the two. */
struct timer {
    uint64_t (*ctl)(void), (*cval)(void), (*tval)(void), (*now)(void);
    void (*set_ctl)(uint64_t), (*set_cval)(uint64_t), (*set_tval)(uint64_t);
    uint32_t ppi;
};

#define ACCESSORS(reg) \
    static uint64_t reg##_get(void) { isb(); return sysreg_read(reg##_el0); } \
    static void reg##_put(uint64_t value) { sysreg_set(reg##_el0, value); }
ACCESSORS(cntv_ctl) ACCESSORS(cntv_cval) ACCESSORS(cntv_tval)
ACCESSORS(cntp_ctl) ACCESSORS(cntp_cval) ACCESSORS(cntp_tval)

static const struct timer virtual = { cntv_ctl_get, cntv_cval_get, cntv_tval_get, counter,
                                      cntv_ctl_put, cntv_cval_put, cntv_tval_put, TIMER_PPI };
static const struct timer physical = { cntp_ctl_get, cntp_cval_get, cntp_tval_get, cnt,
                                       cntp_ctl_put, cntp_cval_put, cntp_tval_put, PHYSICAL_PPI };

/* A promise of each of them. */
#define BOTH(what) \
    static void the_virtual_timer_##what(void) { what(&virtual); } \
    static void the_physical_timer_##what(void) { what(&physical); }

static void wait_until(uint64_t ticks)
{
    while (counter() < ticks) {
    }
}

static void the_virtual_timer_comes_until_it_is_turned_off(void)
{
    enable(TIMER_PPI, 0xa0);
    for (int i = 0; i < 10; i++) {
        timer_set(counter());
        wait_until(counter() + counter_hz() / 100000);
        SAME(ack_soon(), TIMER_PPI);
        SAME(ack(), NONE);
        gic->eoi(TIMER_PPI);
        wait_until(counter() + counter_hz() / 100000);
        SAME(ack_soon(), TIMER_PPI);                 /* its line is still high */
        timer_stop();
        gic->eoi(TIMER_PPI);
        SAME(ack(), NONE);
    }
}

static void a_timer_that_is_disabled_in_the_gic_comes_when_it_is_enabled(void)
{
    enable(TIMER_PPI, 0xa0);
    set(TIMER_PPI, ICENABLER);
    timer_set(counter());
    wait_until(counter() + counter_hz() / 100000);
    SAME(ack(), NONE);
    set(TIMER_PPI, ISENABLER);
    SAME(ack_soon(), TIMER_PPI);
    timer_stop();
    gic->eoi(TIMER_PPI);
    SAME(ack(), NONE);
}

static void a_timers_active_state_can_be_cleared(void)
{
    enable(TIMER_PPI, 0xa0);
    timer_set(counter());
    wait_until(counter() + counter_hz() / 100000);
    SAME(ack_soon(), TIMER_PPI);
    SAME(bit(TIMER_PPI, ISACTIVER), 1);
    timer_stop();
    set(TIMER_PPI, ICACTIVER);
    gic->eoi(TIMER_PPI);
    SAME(bit(TIMER_PPI, ISACTIVER), 0);
    timer_set(counter());
    wait_until(counter() + counter_hz() / 100000);
    SAME(ack_soon(), TIMER_PPI);
    timer_stop();
    gic->eoi(TIMER_PPI);
    SAME(ack(), NONE);
}

static void the_physical_timer_is_a_line_too(void)
{
    enable(PHYSICAL_PPI, 0xa0);
    for (int i = 0; i < 10; i++) {
        sysreg_write(cntp_cval_el0, 0);
        sysreg_set(cntp_ctl_el0, 1);
        SAME(ack(), PHYSICAL_PPI);
        SAME(ack(), NONE);
        gic->eoi(PHYSICAL_PPI);
        SAME(ack(), PHYSICAL_PPI);
        sysreg_set(cntp_ctl_el0, 0);
        gic->eoi(PHYSICAL_PPI);
        SAME(ack(), NONE);
    }
    sysreg_set(cntp_ctl_el0, 1);
    SAME(bit(PHYSICAL_PPI, ISPENDR), 1);
    sysreg_set(cntp_ctl_el0, 0);
    SAME(bit(PHYSICAL_PPI, ISPENDR), 0);
    SAME(ack(), NONE);
}

static void a_wait_ends_for_an_interrupt_that_is_masked(void)
{
    enable(TIMER_PPI, 0xa0);
    for (int i = 0; i < 10; i++) {
        uint64_t due = counter() + counter_hz() / 10000;
        timer_set(due);
        while (counter() < due) {
            wfi();
        }
        SAME(ack_soon(), TIMER_PPI);
        timer_stop();
        gic->eoi(TIMER_PPI);
    }
}

static void keeps_its_enable_and_its_mask(const struct timer *t)
{
    t->set_cval(UINT64_MAX);
    for (unsigned value = 0; value < 4; value++) {
        t->set_ctl(value);
        SAME(t->ctl() & (value & ENABLE ? 7 : 3), value);
    }
    t->set_ctl(~0ul & ~(uint64_t)ENABLE);
    SAME(t->ctl() & ~(uint64_t)ISTATUS, IMASK);
}
BOTH(keeps_its_enable_and_its_mask)

static void says_that_its_time_has_come(const struct timer *t)
{
    t->set_cval(UINT64_MAX);
    t->set_ctl(ENABLE | IMASK);
    SAME(t->ctl(), ENABLE | IMASK);
    t->set_cval(t->now());
    SAME(t->ctl(), ENABLE | IMASK | ISTATUS);
    t->set_cval(t->now() + counter_hz());
    SAME(t->ctl(), ENABLE | IMASK);
    t->set_cval(0);
    SAME(t->ctl(), ENABLE | IMASK | ISTATUS);
    t->set_ctl(ENABLE | IMASK | ISTATUS);               /* which is read only */
    t->set_cval(UINT64_MAX);
    SAME(t->ctl(), ENABLE | IMASK);
}
BOTH(says_that_its_time_has_come)

static void does_not_interrupt_while_it_is_masked(const struct timer *t)
{
    enable(t->ppi, 0xa0);
    t->set_cval(0);
    t->set_ctl(ENABLE | IMASK);
    SAME(ack(), NONE);
    SAME(bit(t->ppi, ISPENDR), 0);
    t->set_ctl(ENABLE);
    SAME(ack_soon(), t->ppi);
    t->set_ctl(ENABLE | IMASK);                         /* while it is handled */
    gic->eoi(t->ppi);
    SAME(ack(), NONE);
    SAME(t->ctl(), ENABLE | IMASK | ISTATUS);
}
BOTH(does_not_interrupt_while_it_is_masked)

static void does_not_interrupt_while_it_is_off(const struct timer *t)
{
    enable(t->ppi, 0xa0);
    t->set_ctl(0);
    t->set_cval(0);
    SAME(ack(), NONE);
    t->set_ctl(IMASK);
    SAME(ack(), NONE);
}
BOTH(does_not_interrupt_while_it_is_off)

static void keeps_all_of_its_compare_value(const struct timer *t)
{
    t->set_cval(0x123456789abcdef0);
    SAME(t->cval(), 0x123456789abcdef0);
    t->set_cval(UINT64_MAX);
    SAME(t->cval(), UINT64_MAX);
    t->set_cval(0);
    SAME(t->cval(), 0);
}
BOTH(keeps_all_of_its_compare_value)

static void counts_down_from_its_timer_value(const struct timer *t)
{
    uint64_t before = t->now();
    t->set_tval(1000000000);
    uint64_t after = t->now(), cval = t->cval();
    SAME(cval >= before + 1000000000 && cval <= after + 1000000000, true);
    uint64_t left = t->tval();
    SAME(left <= 1000000000 && left >= cval - t->now(), true);
    SAME(left >> 32, 0);
}
BOTH(counts_down_from_its_timer_value)

static void takes_a_timer_value_as_signed(const struct timer *t)
{
    uint64_t before = t->now();
    t->set_tval(0xffffffff);                            /* -1: long ago */
    SAME(t->cval() - before + 1 <= counter_hz(), true);
    t->set_ctl(ENABLE | IMASK);
    SAME(t->ctl(), ENABLE | IMASK | ISTATUS);
    t->set_tval(0xffffffff12345678);                    /* only 32 bits of it count */
    SAME(t->cval() - t->now() <= 0x12345678, true);
    SAME(t->ctl(), ENABLE | IMASK);
}
BOTH(takes_a_timer_value_as_signed)

static void has_a_timer_value_that_wraps(const struct timer *t)
{
    t->set_cval(t->now() + 0x180000000);
    SAME(t->tval() > 0x70000000 && t->tval() <= 0x80000000, true);
    t->set_cval(0);
    uint64_t low = t->tval(), high = -t->now();
    SAME((uint32_t)(low - high) <= counter_hz(), true);
    SAME(low >> 32, 0);
}
BOTH(has_a_timer_value_that_wraps)

static void is_a_line_that_follows_its_condition(const struct timer *t)
{
    set(t->ppi, ICENABLER);
    t->set_cval(0);
    t->set_ctl(ENABLE);
    SAME(bit(t->ppi, ISPENDR), 1);
    set(t->ppi, ICPENDR);                               /* a level stays */
    SAME(bit(t->ppi, ISPENDR), 1);
    t->set_cval(UINT64_MAX);
    SAME(bit(t->ppi, ISPENDR), 0);
    t->set_cval(0);
    SAME(bit(t->ppi, ISPENDR), 1);
    t->set_ctl(0);
    SAME(bit(t->ppi, ISPENDR), 0);
}
BOTH(is_a_line_that_follows_its_condition)

static void comes_in_time_and_not_before(const struct timer *t)
{
    enable(t->ppi, 0xa0);
    for (int i = 0; i < 10; i++) {
        uint64_t due = t->now() + counter_hz() / 20000;
        t->set_cval(due);
        t->set_ctl(ENABLE);
        uint32_t intid;
        while ((intid = gic->ack()) == NONE) {
        }
        SAME(t->now() >= due, true);
        SAME(intid, t->ppi);
        t->set_ctl(0);
        gic->eoi(t->ppi);
    }
}
BOTH(comes_in_time_and_not_before)

static void wakes_a_cpu_whose_interrupts_are_masked(const struct timer *t)
{
    enable(t->ppi, 0xa0);
    for (int i = 0; i < 10; i++) {
        uint64_t due = t->now() + counter_hz() / 10000;
        t->set_cval(due);
        t->set_ctl(ENABLE);
        while (t->now() < due) {
            wfi();
        }
        SAME(ack_soon(), t->ppi);
        t->set_ctl(0);
        gic->eoi(t->ppi);
    }
}
BOTH(wakes_a_cpu_whose_interrupts_are_masked)

static void ends_wfi_at_once_when_it_is_pending(const struct timer *t)
{
    enable(t->ppi, 0xa0);
    t->set_cval(0);
    t->set_ctl(ENABLE);
    for (int i = 0; i < 10; i++) {
        wfi();
    }
    SAME(ack_soon(), t->ppi);
    t->set_ctl(0);
    gic->eoi(t->ppi);
}
BOTH(ends_wfi_at_once_when_it_is_pending)

static void turn_off(unsigned vector)
{
    interrupts_taken += vector == VECTOR_IRQ;
    sysreg_write(cntv_ctl_el0, 0);
    sysreg_set(cntp_ctl_el0, 0);
    gic->eoi(gic->ack());
}

static void comes_as_an_irq_exception(const struct timer *t)
{
    enable(t->ppi, 0xa0);
    on_interrupt = turn_off;
    t->set_cval(t->now() + counter_hz() / 10000);
    t->set_ctl(ENABLE);
    uint64_t end = t->now() + counter_hz() / 5000;
    irq_enable();
    while (t->now() < end && interrupts_taken == 0) {
    }
    irq_disable();
    SAME(interrupts_taken, 1);
    SAME(t->ctl() & ENABLE, 0);
}
BOTH(comes_as_an_irq_exception)

const struct promise timers[] = {
    PROMISE(the_virtual_timer_comes_until_it_is_turned_off),
    PROMISE(a_timer_that_is_disabled_in_the_gic_comes_when_it_is_enabled),
    PROMISE(a_timers_active_state_can_be_cleared),
    PROMISE(the_physical_timer_is_a_line_too),
    PROMISE(a_wait_ends_for_an_interrupt_that_is_masked),
    PROMISE(the_virtual_timer_keeps_its_enable_and_its_mask),
    PROMISE(the_physical_timer_keeps_its_enable_and_its_mask),
    PROMISE(the_virtual_timer_says_that_its_time_has_come),
    PROMISE(the_physical_timer_says_that_its_time_has_come),
    PROMISE(the_virtual_timer_does_not_interrupt_while_it_is_masked),
    PROMISE(the_physical_timer_does_not_interrupt_while_it_is_masked),
    PROMISE(the_virtual_timer_does_not_interrupt_while_it_is_off),
    PROMISE(the_physical_timer_does_not_interrupt_while_it_is_off),
    PROMISE(the_virtual_timer_keeps_all_of_its_compare_value),
    PROMISE(the_physical_timer_keeps_all_of_its_compare_value),
    PROMISE(the_virtual_timer_counts_down_from_its_timer_value),
    PROMISE(the_physical_timer_counts_down_from_its_timer_value),
    PROMISE(the_virtual_timer_takes_a_timer_value_as_signed),
    PROMISE(the_physical_timer_takes_a_timer_value_as_signed),
    PROMISE(the_virtual_timer_has_a_timer_value_that_wraps),
    PROMISE(the_physical_timer_has_a_timer_value_that_wraps),
    PROMISE(the_virtual_timer_is_a_line_that_follows_its_condition),
    PROMISE(the_physical_timer_is_a_line_that_follows_its_condition),
    PROMISE(the_virtual_timer_comes_in_time_and_not_before),
    PROMISE(the_physical_timer_comes_in_time_and_not_before),
    PROMISE(the_virtual_timer_wakes_a_cpu_whose_interrupts_are_masked),
    PROMISE(the_physical_timer_wakes_a_cpu_whose_interrupts_are_masked),
    PROMISE(the_virtual_timer_ends_wfi_at_once_when_it_is_pending),
    PROMISE(the_physical_timer_ends_wfi_at_once_when_it_is_pending),
    PROMISE(the_virtual_timer_comes_as_an_irq_exception),
    PROMISE(the_physical_timer_comes_as_an_irq_exception),
    { 0 },
};
