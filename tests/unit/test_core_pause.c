/* SPDX-License-Identifier: Apache-2.0 */
/* A domain that is paused does nothing, keeps everything, and goes on when nobody holds it any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/assert.h"
#include "core/portal.h"
#include "core_world.h"

#define PC UINT64_C(0x8000)

static struct domain *d;                /* of threads 0 and WORLD_DOMAINS */
static struct context *manager;         /* thread 1, which is paid for by nobody else */
static struct notification watcher, debugger;

static int begin(void **state)
{
    world_begin(state);
    d = &world_domain[0];
    manager = world_start(1, 1, 0, 0);
    notification_init(&watcher);
    notification_init(&debugger);
    d->watcher = &watcher;
    d->watcher_bits = 1;
    d->debugger = &debugger;
    d->debugger_bits = 2;
    return 0;
}

static int begin_two(void **state)
{
    begin(state);
    cpus_running = 2;
    return 0;
}

static void take_messages(struct cpu *cpu)
{
    world_on(cpu);
    while (world_takes_messages())
        ;
    world_on(&world_cpu);
}

static struct context *start_on_the_other(unsigned n)
{
    struct context *c = world_context(n);

    assert_int_equal(sched_set(c, 1, 10, false, 0, 0), BELAY_OK);
    world_on(&world_other);
    context_wake(c);
    world_on(&world_cpu);
    return c;
}

static void pause_now(void)
{
    assert_int_equal(domain_pause(d, manager, BELAY_HOLD_MANAGER), BELAY_OK);
    assert_int_equal(d->state, BELAY_STATE_PAUSED);
}

static void resume_now(void)
{
    assert_int_equal(domain_resume(d, BELAY_HOLD_MANAGER), BELAY_OK);
    assert_int_equal(d->state, BELAY_STATE_RUNNING);
}

static void what_is_paused_does_not_run_and_goes_on_after_it(void **state)
{
    struct context *c = world_start(0, 10, 0, 0);

    (void)state;
    world_run_to(100);
    assert_true(world_runs(0));
    c->frame.x[5] = 77;
    pause_now();
    world_run_to(300);
    assert_false(world_runs(0));
    assert_int_equal(world_used(0), 100);
    assert_int_equal(c->state, CONTEXT_READY);
    resume_now();
    world_run_to(350);
    assert_true(world_runs(0));
    assert_int_equal(world_used(0), 150);
    assert_int_equal(c->frame.x[5], 77);
}

static void only_what_runs_is_paused_and_only_what_is_paused_is_resumed(void **state)
{
    (void)state;
    assert_int_equal(domain_resume(d, BELAY_HOLD_MANAGER), BELAY_ESTATE);
    d->state = BELAY_STATE_STOPPED;
    assert_int_equal(domain_pause(d, manager, BELAY_HOLD_MANAGER), BELAY_ESTATE);
    d->state = BELAY_STATE_ENDED;
    assert_int_equal(domain_pause(d, manager, BELAY_HOLD_MANAGER), BELAY_ESTATE);
    assert_int_equal(domain_resume(d, BELAY_HOLD_MANAGER), BELAY_ESTATE);
    assert_int_equal(d->changing, 0);
}

static void it_goes_on_when_nobody_holds_it(void **state)
{
    (void)state;
    world_start(0, 10, 0, 0);
    pause_now();
    assert_int_equal(domain_pause(d, manager, BELAY_HOLD_DEBUGGER), BELAY_OK);
    assert_int_equal(domain_resume(d, BELAY_HOLD_MANAGER), BELAY_OK);
    assert_int_equal(d->state, BELAY_STATE_PAUSED);
    assert_int_equal(domain_resume(d, BELAY_HOLD_MANAGER), BELAY_OK);
    assert_int_equal(d->state, BELAY_STATE_PAUSED);
    assert_int_equal(domain_resume(d, BELAY_HOLD_DEBUGGER), BELAY_OK);
    assert_int_equal(d->state, BELAY_STATE_RUNNING);
}

static void a_budget_does_not_accumulate_in_a_pause(void **state)
{
    (void)state;
    world_start(0, 10, 30, 100);
    world_run_to(10);
    pause_now();
    world_run_to(1050);
    resume_now();
    world_run_to(1100);
    assert_int_equal(world_used(0), 10 + 30);
}

static void a_budget_that_is_used_up_stays_so(void **state)
{
    (void)state;
    world_start(0, 10, 30, 100);
    world_run_to(50);
    pause_now();
    world_run_to(60);
    resume_now();
    world_run_to(99);
    assert_int_equal(world_used(0), 30);
    world_run_to(120);
    assert_int_equal(world_used(0), 50);
}

/* The new period falls into the pause: it runs neither then, nor in idle time. */
static void a_replenished_budget_waits_for_the_resume(void **state)
{
    (void)state;
    assert_int_equal(sched_set(world_context(0), 0, 10, true, 30, 100), BELAY_OK);
    context_wake(world_context(0));
    world_run_to(50);
    pause_now();
    world_run_to(180);
    assert_int_equal(world_used(0), 30);        /* the manager is above idle time */
    resume_now();
    world_run_to(250);
    assert_int_equal(world_used(0), 30 + 20 + 30);
}

static void a_wait_that_ends_in_a_pause_is_over_at_the_resume(void **state)
{
    struct notification n;
    struct context *c = world_start(0, 10, 0, 0);
    uint64_t bits;

    (void)state;
    notification_init(&n);
    world_run_to(10);
    assert_int_equal(notification_wait(&n, c, 0, &bits), BELAY_OK);
    pause_now();
    notification_signal(&n, 4);
    world_run_to(20);
    assert_int_equal(c->state, CONTEXT_READY);
    assert_false(world_runs(0));
    resume_now();
    world_run_to(30);
    assert_true(world_runs(0));
    assert_int_equal(c->frame.x[1], 4);
}

static void a_deadline_that_passes_in_a_pause_has_passed_at_the_resume(void **state)
{
    struct notification n;
    struct context *c = world_start(0, 10, 0, 0);
    uint64_t bits;

    (void)state;
    notification_init(&n);
    world_run_to(10);
    assert_int_equal(notification_wait(&n, c, WORLD_EPOCH + 50, &bits), BELAY_OK);
    pause_now();
    world_run_to(100);
    assert_false(world_runs(0));
    resume_now();
    world_run_to(110);
    assert_true(world_runs(0));
    assert_int_equal(c->frame.x[0], (uint64_t)BELAY_ETIMEDOUT);
}

/* Thread 0 calls the service of domain 2, whose thread 2 calls that of domain 3. */
static struct portal first = { .service = &world_domain[2] }, second = { .service = &world_domain[3] };

static struct context *in_a_call(void)
{
    struct context *c = world_start(0, 10, 0, 0);

    first.handler[0] = world_context(2);
    second.handler[0] = world_context(3);
    c->frame.pc = PC;
    world_run_to(10);
    assert_int_equal(portal_call(&first, c, 0, 1, 2, 3, 4), BELAY_OK);
    return c;
}

static void a_handler_of_what_is_paused_does_not_run(void **state)
{
    struct context *c = in_a_call();

    (void)state;
    assert_ptr_equal(world_cpu.current, world_context(2));
    pause_now();
    world_run_to(20);
    assert_ptr_equal(world_cpu.current, manager);
    assert_int_equal(world_context(2)->state, CONTEXT_READY);
    resume_now();
    world_run_to(30);
    assert_ptr_equal(world_cpu.current, world_context(2));
    portal_reply(world_context(2));
    assert_int_equal(c->state, CONTEXT_READY);
    assert_ptr_equal(c->sched->running, c);
    assert_int_equal(c->frame.pc, PC + 4);
}

static void other_callers_of_the_service_are_not_paused_with_it(void **state)
{
    struct portal p = { .service = &world_domain[2], .handler = { NULL, world_context(2 + WORLD_DOMAINS) } };

    (void)state;
    in_a_call();
    pause_now();
    world_run_to(20);
    assert_int_equal(portal_call(&p, manager, 1, 0, 0, 0, 0), BELAY_OK);
    world_run_to(30);
    assert_ptr_equal(world_cpu.current, world_context(2 + WORLD_DOMAINS));
}

/* The service ends and comes back while its caller's caller is paused: nothing of the chain runs before the resume. */
static void a_service_that_comes_back_in_a_pause_is_called_at_the_resume(void **state)
{
    struct context *c = in_a_call();

    (void)state;
    assert_int_equal(domain_stop(&world_domain[3], manager), BELAY_OK);
    assert_int_equal(portal_call(&second, world_context(2), 0, 0, 0, 0, 0), BELAY_OK);
    assert_int_equal(world_context(2)->state, CONTEXT_DOWN);
    pause_now();
    assert_int_equal(domain_start(&world_domain[3]), BELAY_OK);
    world_run_to(20);
    assert_int_equal(world_context(2)->state, CONTEXT_READY);
    assert_false(c->own_sched.queued);
    resume_now();
    world_run_to(30);
    assert_ptr_equal(world_cpu.current, world_context(2));
}

static void a_service_that_dies_in_a_pause_is_called_anew(void **state)
{
    struct context *c = in_a_call();

    (void)state;
    pause_now();
    assert_int_equal(domain_stop(&world_domain[2], manager), BELAY_OK);
    assert_int_equal(c->state, CONTEXT_DOWN);
    resume_now();
    world_run_to(20);
    assert_false(world_runs(0));
    assert_int_equal(domain_start(&world_domain[2]), BELAY_OK);
    world_run_to(30);
    assert_true(world_runs(0));
    assert_int_equal(c->frame.pc, PC);
}

static void what_is_paused_can_be_stopped_and_started(void **state)
{
    struct context *c = in_a_call();

    (void)state;
    pause_now();
    assert_int_equal(domain_stop(d, manager), BELAY_OK);
    assert_int_equal(c->state, CONTEXT_DORMANT);
    assert_int_equal(world_context(2)->state, CONTEXT_DORMANT);
    assert_int_equal(domain_resume(d, BELAY_HOLD_MANAGER), BELAY_ESTATE);
    assert_int_equal(domain_start(d), BELAY_OK);
    assert_int_equal(d->holds, 0);
}

static uint64_t saved_at;
static void note_save(uint64_t value) { saved_at = value; }

static void fp_that_is_in_the_hardware_is_saved_and_closed(void **state)
{
    struct context *c = world_start(0, 10, 0, 0);

    (void)state;
    world_run_to(10);
    context_take_fp(c);
    FAKE_SYSREG(cptr_el2)->on_write = note_save;
    pause_now();
    assert_null(world_cpu.fp_owner);
    assert_false(world_cpu.fp_open);
    assert_int_equal(saved_at, CPTR_FP_TRAP);
}

static void a_break_pauses_and_tells_the_debugger_but_not_the_watcher(void **state)
{
    struct context *c = world_start(0, 10, 0, 0);

    (void)state;
    world_run_to(10);
    domain_break(d, c);
    world_run_to(20);
    assert_false(world_runs(0));
    assert_int_equal(d->state, BELAY_STATE_PAUSED);
    assert_int_equal(d->holds, BELAY_HOLD_DEBUGGER);
    assert_int_equal(debugger.bits, 2);
    assert_int_equal(watcher.bits, 0);
    assert_int_equal(domain_resume(d, BELAY_HOLD_DEBUGGER), BELAY_OK);
    world_run_to(30);
    assert_true(world_runs(0));
}

static void a_stop_is_told_to_the_debugger_too(void **state)
{
    (void)state;
    world_start(0, 10, 0, 0);
    world_run_to(10);
    assert_int_equal(domain_stop(d, manager), BELAY_OK);
    assert_int_equal(watcher.bits, 0);
    assert_int_equal(debugger.bits, 2);
}

static void an_end_is_told_to_the_debugger_too(void **state)
{
    struct context *c = world_start(0, 10, 0, 0);

    (void)state;
    world_run_to(10);
    domain_end(d, c, BELAY_REASON_OFF, 0, 0);
    assert_int_equal(watcher.bits, 1);
    assert_int_equal(debugger.bits, 2);
}

static void a_pause_is_complete_when_every_cpu_has_seen_it(void **state)
{
    struct context *there = start_on_the_other(0);

    (void)state;
    assert_int_equal(domain_pause(d, manager, BELAY_HOLD_MANAGER), BELAY_EAGAIN);
    assert_int_equal(manager->state, CONTEXT_WAITING);
    assert_true(there->own_sched.queued);
    assert_int_equal(domain_resume(d, BELAY_HOLD_MANAGER), BELAY_EAGAIN);
    take_messages(&world_other);
    assert_false(there->own_sched.queued);
    assert_int_equal(there->state, CONTEXT_READY);
    take_messages(&world_cpu);
    assert_int_equal(manager->state, CONTEXT_READY);
    assert_int_equal(manager->frame.x[0], BELAY_OK);
    assert_int_equal(domain_resume(d, BELAY_HOLD_MANAGER), BELAY_OK);
    take_messages(&world_other);
    assert_true(there->own_sched.queued);
}

static void an_end_that_comes_while_it_is_being_paused_is_not_lost(void **state)
{
    struct context *there = start_on_the_other(0);

    (void)state;
    assert_int_equal(domain_pause(d, manager, BELAY_HOLD_MANAGER), BELAY_EAGAIN);
    world_on(&world_other);
    domain_end(d, there, BELAY_REASON_RESET, 0, 0);
    for (unsigned n = 0; n < 4; n++) {
        take_messages(&world_other);
        take_messages(&world_cpu);
    }
    assert_int_equal(d->state, BELAY_STATE_ENDED);
    assert_int_equal(d->reason, BELAY_REASON_RESET);
    assert_int_equal(watcher.bits, 1);
    assert_int_equal(manager->state, CONTEXT_READY);
}

static void a_break_while_it_is_being_paused_holds_it_for_the_debugger_too(void **state)
{
    struct context *there = start_on_the_other(0);

    (void)state;
    assert_int_equal(domain_pause(d, manager, BELAY_HOLD_MANAGER), BELAY_EAGAIN);
    world_on(&world_other);
    domain_break(d, there);
    for (unsigned n = 0; n < 4; n++) {
        take_messages(&world_other);
        take_messages(&world_cpu);
    }
    assert_int_equal(d->holds, BELAY_HOLD_MANAGER | BELAY_HOLD_DEBUGGER);
    assert_int_equal(manager->frame.x[0], BELAY_OK);
    assert_int_equal(debugger.bits, 2);
}

/* What `c` would do on its CPU if it is the one that runs there. */
static void act(struct context *c)
{
    struct cpu *cpu = this_cpu();

    if (!c->own_sched.queued || c->state != CONTEXT_READY || c->own_sched.cpu != cpu->index)
        return;
    switch (rand() % 4) {
    case 0: domain_break(d, c); break;
    case 1: domain_end(d, c, BELAY_REASON_OFF, 0, 0); break;
    default: break;
    }
}

static void act_manager(void)
{
    static const uint32_t holds[] = { BELAY_HOLD_MANAGER, BELAY_HOLD_DEBUGGER };
    uint32_t hold = holds[rand() % 2];

    if (manager->state != CONTEXT_READY)
        return;
    switch (rand() % 5) {
    case 0: domain_pause(d, manager, hold); break;
    case 1: domain_resume(d, hold); break;
    case 2: domain_stop(d, manager); break;
    case 3:
        if (d->state != BELAY_STATE_STOPPED || d->changing)
            break;
        for (unsigned n = 0; n <= WORLD_DOMAINS; n += WORLD_DOMAINS)
            if (world_context(n)->state == CONTEXT_DORMANT)
                context_wake(world_context(n));
        domain_start(d);
        break;
    default: domain_resume(d, BELAY_HOLD_MANAGER | BELAY_HOLD_DEBUGGER); break;
    }
}

static void assert_agrees(const struct context *c)
{
    if (d->changing)
        return;
    if (d->state != BELAY_STATE_RUNNING)
        assert_false(c->own_sched.queued);
    else
        assert_true(c->own_sched.queued || c->state != CONTEXT_READY || d->breaking);
}

/* Two CPUs, one manager, breaks and ends at any moment: nothing is lost, nothing runs that is held, nobody waits for ever. */
static void in_whatever_order_things_come_they_settle(void **state)
{
    for (unsigned seed = 0; seed < 400; seed++) {
        srand(seed);
        begin_two(state);
        struct context *here = world_start(0, 10, 0, 0), *there = start_on_the_other(WORLD_DOMAINS);
        for (unsigned step = 0; step < 300; step++) {
            world_on(rand() % 2 ? &world_cpu : &world_other);
            if (rand() % 3 == 0)
                world_takes_messages();
            else if (this_cpu() == &world_cpu && rand() % 2)
                act_manager();
            else
                act(this_cpu() == &world_cpu ? here : there);
        }
        for (unsigned n = 0; n < 20; n++) {
            take_messages(&world_cpu);
            take_messages(&world_other);
        }
        assert_int_equal(manager->state, CONTEXT_READY);
        assert_null(d->stopper);
        assert_int_equal(d->changing, 0);
        assert_agrees(here);
        assert_agrees(there);
        if (d->state == BELAY_STATE_PAUSED)
            assert_int_not_equal(d->holds, 0);
        if (d->state == BELAY_STATE_ENDED)
            assert_int_equal(watcher.bits, 1);
    }
}

#define T(name)  cmocka_unit_test_setup(name, begin)
#define T2(name) cmocka_unit_test_setup(name, begin_two)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_is_paused_does_not_run_and_goes_on_after_it),
        T(only_what_runs_is_paused_and_only_what_is_paused_is_resumed), T(it_goes_on_when_nobody_holds_it),
        T(a_budget_does_not_accumulate_in_a_pause), T(a_budget_that_is_used_up_stays_so),
        T(a_replenished_budget_waits_for_the_resume), T(a_wait_that_ends_in_a_pause_is_over_at_the_resume),
        T(a_deadline_that_passes_in_a_pause_has_passed_at_the_resume), T(a_handler_of_what_is_paused_does_not_run),
        T(other_callers_of_the_service_are_not_paused_with_it),
        T(a_service_that_comes_back_in_a_pause_is_called_at_the_resume),
        T(a_service_that_dies_in_a_pause_is_called_anew), T(what_is_paused_can_be_stopped_and_started),
        T(fp_that_is_in_the_hardware_is_saved_and_closed),
        T(a_break_pauses_and_tells_the_debugger_but_not_the_watcher), T(an_end_is_told_to_the_debugger_too),
        T(a_stop_is_told_to_the_debugger_too),
        T2(a_pause_is_complete_when_every_cpu_has_seen_it),
        T2(an_end_that_comes_while_it_is_being_paused_is_not_lost),
        T2(a_break_while_it_is_being_paused_holds_it_for_the_debugger_too),
        T2(in_whatever_order_things_come_they_settle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
