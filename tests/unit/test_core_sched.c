/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs when, by priority, budget and period. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "arm64/hcr.h"
#include "arm64/timer.h"
#include "core_world.h"

static void the_highest_priority_runs(void **state)
{
    (void)state;
    world_start(0, 10, 0, 0);
    world_start(1, 200, 0, 0);
    world_start(2, 64, 0, 0);
    world_run_to(100);
    assert_int_equal(world_used(1), 100);
    context_block(world_context(1), CONTEXT_WAITING);
    world_run_to(130);
    assert_int_equal(world_used(2), 30);
    context_wake(world_context(1));
    world_run_to(150);
    assert_int_equal(world_used(1), 120);
    assert_int_equal(world_used(0), 0);
}

static void a_cpu_takes_no_more_contexts_than_its_timer_queue_has_places_for(void **state)
{
    (void)state;
    static struct thread thread[TIMERQ_MAX / EVENTS_EACH + 1];
    for (unsigned n = 0; n < TIMERQ_MAX / EVENTS_EACH; n++)
        assert_int_equal(sched_set(&thread[n].context, 0, 10, false, 0, 0), BELAY_OK);
    assert_int_equal(sched_set(&thread[0].context, 0, 20, false, 0, 0), BELAY_OK);      /* has its places */
    assert_int_equal(sched_set(&thread[TIMERQ_MAX / EVENTS_EACH].context, 0, 10, false, 0, 0), BELAY_ENOMEM);
}

static void the_same_priority_takes_turns_by_slice(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 3; n++)
        world_start(n, 10, 100, 0);
    for (unsigned turn = 0; turn < 7; turn++) {
        world_run_to(turn * 100 + 50);
        assert_true(world_runs(turn % 3));
    }
    world_run_to(1200);
    for (unsigned n = 0; n < 3; n++)
        assert_int_equal(world_used(n), 400);
}

static void without_a_slice_it_runs_until_it_yields(void **state)
{
    (void)state;
    world_start(0, 10, 0, 0);
    world_start(1, 10, 0, 0);
    world_run_to(1000000);
    assert_int_equal(world_used(0), 1000000);
    sched_rotate(world_context(0)->sched);
    world_run_to(1000100);
    assert_int_equal(world_used(1), 100);
}

static void a_budget_is_enforced_and_replenished_at_its_period(void **state)
{
    (void)state;
    world_start(0, 20, 30, 100);
    world_start(1, 10, 0, 0);
    for (unsigned period = 0; period < 5; period++) {
        world_run_to(period * 100 + 29);
        assert_true(world_runs(0));
        world_run_to(period * 100 + 30);
        assert_true(world_runs(1));
        world_run_to(period * 100 + 99);
        assert_true(world_runs(1));
        assert_int_equal(world_used(0), (period + 1) * 30);
    }
    assert_int_equal(world_context(0)->own_sched.exhausted, 5);
}

static void a_budget_holds_when_nothing_else_wants_to_run(void **state)
{
    (void)state;
    world_start(0, 20, 30, 100);
    world_run_to(1000 - 1);
    assert_int_equal(world_used(0), 300);
    assert_null(world_cpu.sched);
}

/* The nucleus was late by 15: that is the next budget's loss, and the one after is whole. */
static void overrun_is_taken_off_the_next_budget(void **state)
{
    (void)state;
    world_start(0, 20, 30, 100);
    world_start(1, 10, 0, 0);
    world_run_to(0);
    FAKE_SYSREG(cntpct_el0)->value += 45;
    sched_timer(&world_cpu);
    world_run_to(99);
    assert_int_equal(world_used(0), 45);
    world_run_to(199);
    assert_int_equal(world_used(0), 45 + 15);
    world_run_to(299);
    assert_int_equal(world_used(0), 45 + 15 + 30);
}

/* 75 of 30: the whole next budget is lost, and half of the one after. */
static void an_overrun_of_more_than_a_budget_is_paid_in_full(void **state)
{
    (void)state;
    world_start(0, 20, 30, 100);
    world_start(1, 10, 0, 0);
    world_run_to(0);
    FAKE_SYSREG(cntpct_el0)->value += 75;
    sched_timer(&world_cpu);
    world_run_to(199);
    assert_int_equal(world_used(0), 75);
    assert_int_equal(world_context(0)->own_sched.exhausted, 1);     /* it was not even chosen */
    world_run_to(299);
    assert_int_equal(world_used(0), 75 + 15);
}

/* It ends 5 before a period does, and the nucleus notices 10 after: 10 and 5 are taken off. */
static void overrun_into_the_next_period_is_taken_off_it(void **state)
{
    (void)state;
    struct context *c = world_start(0, 20, 30, 100);
    world_start(1, 10, 0, 0);
    world_run_to(5);
    context_block(c, CONTEXT_WAITING);
    world_run_to(70);
    context_wake(c);
    world_run_to(71);
    FAKE_SYSREG(cntpct_el0)->value += 110 - 71;
    sched_timer(&world_cpu);
    world_run_to(199);
    assert_int_equal(world_used(0), 5 + 40 + 15);
    world_run_to(299);
    assert_int_equal(world_used(0), 5 + 40 + 15 + 30);
}

static void unused_budget_does_not_accumulate(void **state)
{
    (void)state;
    struct context *c = world_start(0, 20, 30, 100);
    world_start(1, 10, 0, 0);
    world_run_to(10);
    context_block(c, CONTEXT_WAITING);
    world_run_to(510);
    context_wake(c);
    world_run_to(599);
    assert_int_equal(world_used(0), 10 + 30);
    world_run_to(699);
    assert_int_equal(world_used(0), 10 + 30 + 30);
}

/* It runs from 95 on, on what is left of the first period's budget till 100 and on the second's from there. */
static void a_period_that_begins_while_it_runs_has_its_whole_budget_and_no_more(void **state)
{
    (void)state;
    struct context *c = world_start(0, 20, 30, 100);
    world_start(1, 10, 0, 0);
    world_run_to(10);
    context_block(c, CONTEXT_WAITING);
    world_run_to(95);
    context_wake(c);
    world_run_to(199);
    assert_int_equal(world_used(0), 10 + 5 + 30);
}

static void blocking_and_waking_does_not_renew_a_budget(void **state)
{
    (void)state;
    struct context *c = world_start(0, 20, 30, 100);
    world_start(1, 10, 0, 0);
    for (unsigned t = 8; t < 90; t += 10) {
        world_run_to(t);
        context_block(c, CONTEXT_WAITING);
        world_run_to(t + 2);
        context_wake(c);
    }
    world_run_to(99);
    assert_int_equal(world_used(0), 30);
}

static void a_context_out_of_budget_does_not_run_when_it_wakes(void **state)
{
    (void)state;
    struct context *c = world_start(0, 20, 30, 100);
    world_start(1, 10, 0, 0);
    world_run_to(30);
    context_block(c, CONTEXT_WAITING);
    context_wake(c);
    world_run_to(99);
    assert_int_equal(world_used(0), 30);
    world_run_to(110);
    assert_int_equal(world_used(0), 40);
}

static void a_context_that_blocks_out_of_budget_stays_blocked_at_its_period(void **state)
{
    (void)state;
    struct context *c = world_start(0, 20, 30, 100);
    world_start(1, 10, 0, 0);
    world_run_to(40);
    context_block(c, CONTEXT_WAITING);
    world_run_to(150);
    assert_true(world_runs(1));
    context_wake(c);
    world_run_to(199);
    assert_int_equal(world_used(0), 60);
}

/* Stopped out of budget, and started again before its period is over. */
static void a_context_whose_domain_is_stopped_does_not_run_at_its_period(void **state)
{
    (void)state;
    struct context *c = world_start(0, 20, 30, 100);
    world_start(1, 10, 0, 0);
    world_run_to(40);
    assert_int_equal(domain_stop(&world_domain[0], NULL), BELAY_OK);
    context_wake(c);
    world_run_to(150);
    assert_int_equal(world_used(0), 30);
    assert_int_equal(domain_start(&world_domain[0]), BELAY_OK);
    world_run_to(160);
    assert_int_equal(world_used(0), 40);
}

static void start_in_idle_time(unsigned n, unsigned priority, uint64_t budget, uint64_t period)
{
    assert_int_equal(sched_set(world_context(n), 0, priority, true, budget, period), BELAY_OK);
    context_wake(world_context(n));
}

static void idle_time_is_used_only_when_nothing_else_can_run(void **state)
{
    (void)state;
    start_in_idle_time(0, 20, 30, 100);
    struct context *other = world_start(1, 1, 0, 0);
    world_run_to(80);
    assert_int_equal(world_used(0), 30);
    context_block(other, CONTEXT_WAITING);
    world_run_to(95);
    assert_int_equal(world_used(0), 30 + 15);
    context_wake(other);
    world_run_to(99);
    assert_true(world_runs(1));
    world_run_to(199);
    assert_int_equal(world_used(0), 30 + 15 + 30);      /* idle time cost it no budget */
}

static void an_idle_time_context_gets_its_priority_back_with_its_budget(void **state)
{
    (void)state;
    start_in_idle_time(0, 20, 30, 100);
    world_run_to(90);
    assert_int_equal(world_used(0), 90);
    world_start(1, 10, 0, 0);
    world_run_to(100);
    assert_true(world_runs(0));
    world_run_to(199);
    assert_int_equal(world_used(0), 90 + 30);
}

/* It alone has run since 30, and nothing came between. */
static void idle_time_up_to_a_period_costs_no_budget_of_it(void **state)
{
    (void)state;
    start_in_idle_time(0, 20, 30, 100);
    world_run_to(100);
    world_start(1, 10, 0, 0);
    world_run_to(199);
    assert_int_equal(world_used(0), 100 + 30);
}

static void wfi_traps_only_where_waiting_costs_someone_time(void **state)
{
    (void)state;
    world_start(0, 10, 0, 0);
    world_run_to(10);
    assert_false(world_cpu.guest_hcr & HCR_TWI);        /* alone, and without a budget */
    world_start(1, 5, 0, 0);
    world_run_to(20);
    assert_true(world_runs(0));
    assert_true(world_cpu.guest_hcr & HCR_TWI);         /* another could use the time */
    context_block(world_context(1), CONTEXT_WAITING);
    world_run_to(30);
    assert_false(world_cpu.guest_hcr & HCR_TWI);
    world_start(2, 20, 30, 1000);
    context_block(world_context(0), CONTEXT_WAITING);
    world_run_to(40);
    assert_true(world_runs(2));
    assert_true(world_cpu.guest_hcr & HCR_TWI);         /* waiting would use up its budget */
}

/* A vCPU (thread 0) is in the hardware and waits for its timer, due in 500; whatever is lower could run till then. */
static uint64_t a_counter_that_counts(void)
{
    return FAKE_SYSREG(cntpct_el0)->value += 10;
}

static void interrupts_when_due(void)
{
    if (FAKE_SYSREG(cntpct_el0)->value < FAKE_SYSREG(cntv_cval_el0)->value)
        return;
    FAKE_SYSREG(cntv_ctl_el0)->value |= CNT_CTL_IMASK;
    context_wake(world_cpu.loaded);
}

static void never_interrupts(void) {}

static void a_vcpu_waits_for_its_timer(unsigned priority)
{
    struct context *c = world_start(0, priority, 0, 0);

    world_start(1, 100, 0, 0);
    world_cpu.microsecond = 1000;
    FAKE_SYSREG(cntv_cval_el0)->value = WORLD_EPOCH + 500;
    FAKE_SYSREG(cntv_ctl_el0)->value = CNT_CTL_ENABLE;
    FAKE_SYSREG(cntpct_el0)->on_read = a_counter_that_counts;
    world_interrupt = interrupts_when_due;
    world_cpu.loaded = c;
    context_block(c, CONTEXT_WAITING);
}

static void a_timer_that_fires_at_once_is_waited_for_instead_of_a_switch(void **state)
{
    (void)state;
    a_vcpu_waits_for_its_timer(200);
    schedule(&world_cpu);
    assert_true(world_runs(0));
    assert_int_equal(world_context(1)->own_sched.switches, 0);
    assert_in_range(FAKE_SYSREG(cntpct_el0)->value, WORLD_EPOCH + 500, WORLD_EPOCH + 600);
}

static void nobody_waits_for_a_timer_that_is_a_microsecond_away(void **state)
{
    (void)state;
    a_vcpu_waits_for_its_timer(200);
    FAKE_SYSREG(cntv_cval_el0)->value = WORLD_EPOCH + 1200;
    schedule(&world_cpu);
    assert_true(world_runs(1));
}

static void nobody_waits_for_a_timer_that_is_masked(void **state)
{
    (void)state;
    a_vcpu_waits_for_its_timer(200);
    FAKE_SYSREG(cntv_ctl_el0)->value |= CNT_CTL_IMASK;
    schedule(&world_cpu);
    assert_true(world_runs(1));
}

static void nobody_waits_for_a_vcpu_of_lower_priority(void **state)
{
    (void)state;
    a_vcpu_waits_for_its_timer(50);
    schedule(&world_cpu);
    assert_true(world_runs(1));
}

static unsigned own_interrupts;

static uint64_t pending_when_due(void)
{
    uint64_t t = FAKE_SYSREG(cntpct_el0)->value;

    return t >= FAKE_SYSREG(cnthp_cval_el2)->value || t >= FAKE_SYSREG(cntv_cval_el0)->value ? 1u << 7 : 0;
}

static void interrupts_for_either_timer(void)
{
    if (FAKE_SYSREG(cntpct_el0)->value < FAKE_SYSREG(cnthp_cval_el2)->value) {
        interrupts_when_due();
        return;
    }
    assert_int_equal(own_interrupts++, 0);
    sched_timer(&world_cpu);
}

/* The end of a budget that has been dealt with is still programmed: its interrupt must not come for ever. */
static void the_nucleus_own_timer_comes_once_during_that_wait(void **state)
{
    (void)state;
    a_vcpu_waits_for_its_timer(200);
    own_interrupts = 0;
    FAKE_SYSREG(cnthp_cval_el2)->value = world_cpu.programmed = WORLD_EPOCH;
    FAKE_SYSREG(isr_el1)->on_read = pending_when_due;
    world_interrupt = interrupts_for_either_timer;
    schedule(&world_cpu);
    assert_true(world_runs(0));
}

/* The guest has not ended the timer's last interrupt, so the next one does not come. */
static void the_wait_ends_when_the_timer_is_due_and_no_interrupt_comes(void **state)
{
    (void)state;
    a_vcpu_waits_for_its_timer(200);
    world_interrupt = never_interrupts;
    schedule(&world_cpu);
    assert_true(world_runs(1));
    assert_in_range(FAKE_SYSREG(cntpct_el0)->value, WORLD_EPOCH + 500, WORLD_EPOCH + 600);
}

static void nothing(struct event *e) { (void)e; }

/* Thread 0 runs at 100, and events for threads 1 and 2 are due in 300 and 600. When does the timer fire? */
static uint64_t timer_fires(unsigned priority_of_first, unsigned priority_of_second)
{
    static struct event first, second;

    first = second = (struct event){ .fire = nothing };
    world_cpu.microsecond = 1000;
    world_start(0, 100, 0, 0);
    for (unsigned n = 1; n <= 2; n++)
        assert_int_equal(sched_set(world_context(n), 0, n == 1 ? priority_of_first : priority_of_second, false, 0, 0),
                         BELAY_OK);
    sched_set_event(world_context(1), &first, WORLD_EPOCH + 300);
    sched_set_event(world_context(2), &second, WORLD_EPOCH + 600);
    schedule(&world_cpu);
    return FAKE_SYSREG(cnthp_cval_el2)->value - WORLD_EPOCH;
}

static void an_event_interrupts_what_is_of_a_lower_or_the_same_priority_in_time(void **state)
{
    (void)state;
    assert_int_equal(timer_fires(100, 50), 300);
}

static void an_event_of_lower_priority_waits_for_the_next_event(void **state)
{
    (void)state;
    assert_int_equal(timer_fires(50, 150), 600);        /* the second is in time, and takes the first along */
}

static void an_event_of_lower_priority_waits_for_a_microsecond_at_most(void **state)
{
    (void)state;
    world_cpu.microsecond = 500;
    static struct event event;
    event = (struct event){ .fire = nothing };
    world_start(0, 100, 0, 0);
    assert_int_equal(sched_set(world_context(1), 0, 50, false, 0, 0), BELAY_OK);
    sched_set_event(world_context(1), &event, WORLD_EPOCH + 300);
    schedule(&world_cpu);
    assert_int_equal(FAKE_SYSREG(cnthp_cval_el2)->value, WORLD_EPOCH + 500);
    world_run_to(500);
    assert_false(event_queued(&event));
}

static void parameters_out_of_range_are_refused(void **state)
{
    struct context *c = world_context(0);

    (void)state;
    assert_int_equal(sched_set(c, 0, 0, false, 0, 0), BELAY_EINVAL);
    assert_int_equal(sched_set(c, 0, 256, false, 0, 0), BELAY_EINVAL);
    assert_int_equal(sched_set(c, 1, 1, false, 0, 0), BELAY_EINVAL);
    assert_int_equal(sched_set(c, 0, 1, false, 0, 100), BELAY_EINVAL);
    assert_int_equal(sched_set(c, 0, 1, false, 101, 100), BELAY_EINVAL);
    assert_int_equal(sched_set(c, 0, 1, false, UINT64_MAX, 0), BELAY_EINVAL);
    assert_int_equal(sched_set(c, 0, 1, false, 100, 100), BELAY_OK);
    context_wake(c);
    assert_int_equal(sched_set(c, 0, 1, false, 0, 0), BELAY_ESTATE);
}

#define T(name) cmocka_unit_test_setup(name, world_begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_highest_priority_runs), T(a_cpu_takes_no_more_contexts_than_its_timer_queue_has_places_for),
        T(the_same_priority_takes_turns_by_slice),
        T(without_a_slice_it_runs_until_it_yields), T(a_budget_is_enforced_and_replenished_at_its_period),
        T(a_budget_holds_when_nothing_else_wants_to_run), T(overrun_is_taken_off_the_next_budget),
        T(an_overrun_of_more_than_a_budget_is_paid_in_full), T(overrun_into_the_next_period_is_taken_off_it),
        T(unused_budget_does_not_accumulate),
        T(a_period_that_begins_while_it_runs_has_its_whole_budget_and_no_more),
        T(blocking_and_waking_does_not_renew_a_budget), T(a_context_out_of_budget_does_not_run_when_it_wakes),
        T(a_context_that_blocks_out_of_budget_stays_blocked_at_its_period),
        T(a_context_whose_domain_is_stopped_does_not_run_at_its_period),
        T(idle_time_is_used_only_when_nothing_else_can_run),
        T(an_idle_time_context_gets_its_priority_back_with_its_budget),
        T(idle_time_up_to_a_period_costs_no_budget_of_it),
        T(a_timer_that_fires_at_once_is_waited_for_instead_of_a_switch),
        T(nobody_waits_for_a_timer_that_is_a_microsecond_away), T(nobody_waits_for_a_timer_that_is_masked),
        T(nobody_waits_for_a_vcpu_of_lower_priority),
        T(the_nucleus_own_timer_comes_once_during_that_wait),
        T(the_wait_ends_when_the_timer_is_due_and_no_interrupt_comes),
        T(an_event_interrupts_what_is_of_a_lower_or_the_same_priority_in_time),
        T(an_event_of_lower_priority_waits_for_the_next_event),
        T(an_event_of_lower_priority_waits_for_a_microsecond_at_most),
        T(wfi_traps_only_where_waiting_costs_someone_time), T(parameters_out_of_range_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
