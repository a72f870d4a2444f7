/* SPDX-License-Identifier: Apache-2.0 */
/* What one CPU wants of another goes by message, and nothing is lost on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/assert.h"
#include "core/portal.h"
#include "core_world.h"

static int begin(void **state)
{
    world_begin(state);
    cpus_running = 2;
    return 0;
}

/* Thread n, ready on that CPU. */
static struct context *start_on(struct cpu *cpu, unsigned n)
{
    struct context *c = world_context(n);

    assert_int_equal(sched_set(c, cpu->index, 10, false, 0, 0), BELAY_OK);
    world_on(cpu);
    context_wake(c);
    world_on(&world_cpu);
    return c;
}

static void take_messages_on_the_other(void)
{
    world_on(&world_other);
    while (world_takes_messages())
        ;
    world_on(&world_cpu);
}

static void wait_on_the_other(struct notification *n, struct context *c)
{
    uint64_t bits;

    world_on(&world_other);
    assert_int_equal(notification_wait(n, c, 0, &bits), BELAY_OK);
    world_on(&world_cpu);
    assert_int_equal(c->state, CONTEXT_WAITING);
}

static void a_waiter_is_woken_on_its_own_cpu(void **state)
{
    struct notification n;
    struct context *c = start_on(&world_other, 0);

    (void)state;
    notification_init(&n);
    wait_on_the_other(&n, c);
    notification_signal(&n, 1);
    notification_signal(&n, 8);
    assert_int_equal(c->state, CONTEXT_WAITING);        /* another CPU's: it is not touched here */
    take_messages_on_the_other();
    assert_int_equal(c->state, CONTEXT_READY);
    assert_int_equal(c->frame.x[1], 9);
    assert_true(c->own_sched.queued);
    assert_true(world_other.reschedule);
}

static void a_signal_before_the_first_wait_is_kept(void **state)
{
    struct notification n;
    struct context *c = start_on(&world_other, 0);
    uint64_t bits;

    (void)state;
    notification_init(&n);
    notification_signal(&n, 4);
    world_on(&world_other);
    assert_int_equal(notification_wait(&n, c, 0, &bits), BELAY_OK);
    assert_int_equal(bits, 4);
    assert_int_equal(c->state, CONTEXT_READY);
}

static void only_one_cpu_waits_for_a_notification(void **state)
{
    struct notification n;
    uint64_t bits;

    (void)state;
    notification_init(&n);
    wait_on_the_other(&n, start_on(&world_other, 0));
    assert_int_equal(notification_wait(&n, start_on(&world_cpu, 1), 0, &bits), BELAY_EBUSY);
}

static void a_burst_of_messages_is_delivered_in_full_but_a_few_an_interrupt(void **state)
{
    enum { MANY = 2 * MESSAGES_AT_ONCE + 1 };
    struct notification n[MANY];
    unsigned interrupts = 0;

    (void)state;
    for (unsigned i = 0; i < MANY; i++) {
        notification_init(&n[i]);
        wait_on_the_other(&n[i], start_on(&world_other, i));
    }
    for (unsigned i = 0; i < MANY; i++)
        notification_signal(&n[i], 1);
    world_on(&world_other);
    while (world_takes_messages())
        interrupts++;
    assert_int_equal(interrupts, 3);
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(world_context(i)->state, CONTEXT_READY);
}

static void a_domain_stops_on_every_cpu_before_it_is_stopped(void **state)
{
    struct domain *d = &world_domain[0];
    struct context *here = start_on(&world_cpu, 0), *there = start_on(&world_other, WORLD_DOMAINS);
    struct context *manager = start_on(&world_cpu, 1);

    (void)state;
    assert_ptr_equal(there->domain, d);
    assert_int_equal(domain_stop(d, manager), BELAY_EAGAIN);
    assert_int_equal(manager->state, CONTEXT_WAITING);
    assert_int_equal(here->state, CONTEXT_DORMANT);
    assert_true(there->own_sched.queued);
    assert_int_equal(domain_stop(d, start_on(&world_cpu, 2)), BELAY_EBUSY);
    assert_int_equal(domain_start(d), BELAY_EAGAIN);
    take_messages_on_the_other();
    assert_int_equal(there->state, CONTEXT_DORMANT);
    assert_false(there->own_sched.queued);
    assert_true(world_takes_messages());
    assert_int_equal(manager->state, CONTEXT_READY);
    assert_int_equal(manager->frame.x[0], BELAY_OK);
    assert_int_equal(domain_start(d), BELAY_OK);
}

static void a_stop_waits_for_a_start_that_is_still_on_its_way(void **state)
{
    struct domain *d = &world_domain[0];
    struct context *c = world_context(0), *manager = start_on(&world_cpu, 1);

    (void)state;
    d->state = BELAY_STATE_STOPPED;
    assert_int_equal(sched_set(c, 1, 10, false, 0, 0), BELAY_OK);
    context_wake(c);
    assert_int_equal(domain_start(d), BELAY_OK);
    assert_int_equal(domain_stop(d, manager), BELAY_EAGAIN);
    for (unsigned n = 0; n < 4; n++) {
        take_messages_on_the_other();
        world_takes_messages();
    }
    assert_int_equal(manager->state, CONTEXT_READY);
    assert_int_equal(d->state, BELAY_STATE_STOPPED);
    assert_int_equal(c->state, CONTEXT_DORMANT);
}

static void who_waits_for_a_stop_can_be_stopped_itself(void **state)
{
    struct domain *d = &world_domain[0];
    struct context *manager = start_on(&world_cpu, 1);

    (void)state;
    start_on(&world_other, 0);
    assert_int_equal(domain_stop(d, manager), BELAY_EAGAIN);
    context_stop(manager);
    take_messages_on_the_other();
    world_takes_messages();
    assert_int_equal(manager->state, CONTEXT_DORMANT);
    assert_int_equal(d->state, BELAY_STATE_STOPPED);
}

static void a_context_that_was_started_runs_on_its_cpu_once_its_domain_does(void **state)
{
    struct domain *d = &world_domain[0];
    struct context *c = world_context(0);

    (void)state;
    d->state = BELAY_STATE_STOPPED;
    assert_int_equal(sched_set(c, 1, 10, false, 0, 0), BELAY_OK);
    context_wake(c);
    assert_int_equal(domain_start(d), BELAY_OK);
    assert_false(c->own_sched.queued);
    take_messages_on_the_other();
    assert_true(c->own_sched.queued);
    assert_int_equal(world_other.ready_count, 1);
    assert_int_equal(world_cpu.ready_count, 0);
}

static void an_end_is_told_when_nothing_of_the_domain_runs_any_more(void **state)
{
    struct notification watcher;
    struct domain *d = &world_domain[0];
    struct context *there = start_on(&world_other, 0), *here = start_on(&world_cpu, WORLD_DOMAINS);

    (void)state;
    notification_init(&watcher);
    d->watcher = &watcher;
    d->watcher_bits = 2;
    domain_end(d, here, BELAY_REASON_FAULT, 7, 8);
    assert_int_equal(watcher.bits, 0);
    assert_int_equal(there->state, CONTEXT_READY);
    take_messages_on_the_other();
    assert_int_equal(there->state, CONTEXT_DORMANT);
    assert_int_equal(watcher.bits, 2);
    assert_int_equal(d->esr, 7);
}

/* The CPU that it runs on has not even taken the message that tells of the start. */
static void an_end_right_after_a_start_is_not_lost(void **state)
{
    struct notification watcher;
    struct domain *d = &world_domain[0];
    struct context *c = world_context(0);

    (void)state;
    notification_init(&watcher);
    d->watcher = &watcher;
    d->watcher_bits = 1;
    d->state = BELAY_STATE_STOPPED;
    assert_int_equal(sched_set(c, 1, 10, false, 0, 0), BELAY_OK);
    context_wake(c);
    assert_int_equal(domain_start(d), BELAY_OK);
    world_on(&world_other);
    domain_end(d, c, BELAY_REASON_OFF, 0, 0);
    while (world_takes_messages())
        ;
    world_on(&world_cpu);
    world_takes_messages();
    assert_int_equal(d->state, BELAY_STATE_ENDED);
    assert_int_equal(d->reason, BELAY_REASON_OFF);
    assert_int_equal(watcher.bits, 1);
}

static void of_two_ends_at_once_the_first_counts(void **state)
{
    struct domain *d = &world_domain[0];
    struct context *there = start_on(&world_other, 0), *here = start_on(&world_cpu, WORLD_DOMAINS);

    (void)state;
    domain_end(d, here, BELAY_REASON_RESET, 0, 0);
    world_on(&world_other);
    domain_end(d, there, BELAY_REASON_FAULT, 0, 0);
    assert_int_equal(d->reason, BELAY_REASON_RESET);
    assert_int_equal(there->state, CONTEXT_DORMANT);
}

static void callers_of_a_service_that_is_down_wait_each_on_its_cpu(void **state)
{
    struct domain *service = &world_domain[1];
    struct portal p = { .service = service, .handler = { world_context(1), world_context(1 + WORLD_DOMAINS) } };
    struct context *here = start_on(&world_cpu, 0), *there = start_on(&world_other, 2);

    (void)state;
    assert_int_equal(domain_stop(service, start_on(&world_cpu, 4)), BELAY_EAGAIN);
    take_messages_on_the_other();
    assert_true(world_takes_messages());
    assert_int_equal(portal_call(&p, here, 0, 0, 0, 0, 0), BELAY_OK);
    world_on(&world_other);
    assert_int_equal(portal_call(&p, there, 1, 0, 0, 0, 0), BELAY_OK);
    world_on(&world_cpu);
    assert_int_equal(here->state, CONTEXT_DOWN);
    assert_int_equal(there->state, CONTEXT_DOWN);
    assert_int_equal(domain_start(service), BELAY_OK);
    assert_int_equal(here->state, CONTEXT_READY);
    assert_int_equal(there->state, CONTEXT_DOWN);
    take_messages_on_the_other();
    assert_int_equal(there->state, CONTEXT_READY);
}

static void time_is_given_on_cpus_that_run_only(void **state)
{
    (void)state;
    assert_int_equal(sched_set(world_context(0), 2, 10, false, 0, 0), BELAY_EINVAL);
    assert_int_equal(sched_set(world_context(0), 1, 10, false, 0, 0), BELAY_OK);
    assert_int_equal(sched_set(world_context(0), 0, 10, false, 0, 0), BELAY_OK);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_waiter_is_woken_on_its_own_cpu), T(a_signal_before_the_first_wait_is_kept),
        T(only_one_cpu_waits_for_a_notification),
        T(a_burst_of_messages_is_delivered_in_full_but_a_few_an_interrupt),
        T(a_domain_stops_on_every_cpu_before_it_is_stopped),
        T(a_stop_waits_for_a_start_that_is_still_on_its_way), T(who_waits_for_a_stop_can_be_stopped_itself),
        T(a_context_that_was_started_runs_on_its_cpu_once_its_domain_does),
        T(an_end_is_told_when_nothing_of_the_domain_runs_any_more),
        T(an_end_right_after_a_start_is_not_lost), T(of_two_ends_at_once_the_first_counts),
        T(callers_of_a_service_that_is_down_wait_each_on_its_cpu),
        T(time_is_given_on_cpus_that_run_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
