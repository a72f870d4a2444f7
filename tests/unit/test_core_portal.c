/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of services. Thread n is in domain n modulo WORLD_DOMAINS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/portal.h"
#include "core_world.h"

#define PC    UINT64_C(0x8000)
#define ENTRY UINT64_C(0x400000)

static struct portal portal[WORLD_DOMAINS];     /* of each domain, served by its thread 1 to 7 */
static struct context *caller;                  /* thread 0 */

static int begin(void **state)
{
    world_begin(state);
    for (unsigned i = 0; i < WORLD_DOMAINS; i++) {
        portal[i] = (struct portal){ &world_domain[i], ENTRY + i, 0xbad6e + i, { world_context(i) } };
        world_thread[i].stack = 0x10000 * (i + 1);
    }
    caller = world_start(0, 10, 0, 0);
    caller->frame.pc = PC;
    world_run_to(10);
    return 0;
}

static int call(unsigned service)
{
    return portal_call(&portal[service], world_cpu.current, 0, 11, 12, 13, 14);
}

static void reply(void)
{
    for (unsigned i = 0; i < 4; i++)
        world_cpu.current->frame.x[i] = 91 + i;
    portal_reply(world_cpu.current);
}

static void assert_free(unsigned thread)
{
    assert_int_equal(world_context(thread)->state, CONTEXT_DORMANT);
    assert_null(world_context(thread)->caller);
    assert_null(world_context(thread)->sched);
}

/* The caller waits for that service, and will make its call anew. */
static void assert_waits_for_service(struct context *c, unsigned service)
{
    assert_int_equal(c->state, CONTEXT_DOWN);
    assert_ptr_equal(world_domain[service].callers[0].next, &c->waiting);
    assert_ptr_equal(c->sched->running, c);
    assert_false(c->sched->queued);
}

static void a_call_enters_the_service_with_the_callers_words(void **state)
{
    static const uint64_t words[] = { 0xbad6f, 11, 12, 13, 14, 0 };

    (void)state;
    assert_int_equal(call(1), BELAY_OK);
    assert_ptr_equal(world_cpu.current, world_context(1));
    assert_memory_equal(world_context(1)->frame.x, words, sizeof words);
    assert_int_equal(world_context(1)->frame.pc, ENTRY + 1);
    assert_int_equal(FAKE_SYSREG(sp_el0)->value, 0x20000);
}

static void a_call_runs_on_its_callers_time_with_no_decision(void **state)
{
    (void)state;
    world_start(8, 10, 0, 0);
    world_run_to(10);
    assert_int_equal(call(1), BELAY_OK);
    assert_false(world_cpu.reschedule);
    assert_ptr_equal(world_context(1)->sched, &caller->own_sched);
    world_run_to(50);
    assert_ptr_equal(world_cpu.current, world_context(1));
    assert_int_equal(world_used(0), 50);
}

static void a_handler_stops_when_its_callers_budget_is_used_up(void **state)
{
    (void)state;
    world_start(8, 20, 30, 100);
    world_run_to(20);
    assert_int_equal(call(1), BELAY_OK);
    world_run_to(99);
    assert_int_equal(world_used(8), 30);
    assert_ptr_equal(world_cpu.current, caller);
    world_run_to(115);
    assert_ptr_equal(world_cpu.current, world_context(1));
    reply();
    assert_ptr_equal(world_cpu.current, world_context(8));
}

static void a_reply_returns_the_words_and_frees_the_handler(void **state)
{
    (void)state;
    assert_int_equal(call(1), BELAY_OK);
    reply();
    assert_ptr_equal(world_cpu.current, caller);
    assert_int_equal(caller->state, CONTEXT_READY);
    assert_int_equal(caller->frame.pc, PC + 4);
    assert_int_equal(caller->frame.x[0], BELAY_OK);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(caller->frame.x[1 + i], 91 + i);
    assert_int_equal(caller->sched->depth, 0);
    assert_free(1);
    assert_int_equal(call(1), BELAY_OK);
    assert_int_equal(FAKE_SYSREG(sp_el0)->value, 0x20000);  /* its stack is empty again */
}

static void a_handler_in_a_call_is_busy_for_others(void **state)
{
    (void)state;
    assert_int_equal(call(1), BELAY_OK);
    struct context *other = world_start(8, 20, 0, 0);
    world_run_to(20);
    assert_ptr_equal(world_cpu.current, other);
    assert_int_equal(call(1), BELAY_EBUSY);
    assert_int_equal(other->state, CONTEXT_READY);
    assert_ptr_equal(world_context(1)->caller, caller);
}

static void a_client_without_a_handler_is_refused(void **state)
{
    (void)state;
    assert_int_equal(portal_call(&portal[1], caller, 1, 0, 0, 0, 0), BELAY_EINVAL);
    assert_int_equal(portal_call(&portal[1], caller, BELAY_VCPUS_MAX, 0, 0, 0, 0), BELAY_EINVAL);
    assert_int_equal(portal_call(&portal[1], caller, UINT32_MAX, 0, 0, 0, 0), BELAY_EINVAL);
    assert_ptr_equal(world_cpu.current, caller);
}

static void a_caller_waits_for_a_service_that_is_down_and_goes_on(void **state)
{
    (void)state;
    assert_int_equal(domain_stop(&world_domain[1], NULL), BELAY_OK);
    assert_int_equal(call(1), BELAY_OK);
    assert_waits_for_service(caller, 1);
    world_run_to(50);
    assert_null(world_cpu.sched);
    assert_int_equal(domain_start(&world_domain[1]), BELAY_OK);
    world_run_to(60);
    assert_ptr_equal(world_cpu.current, caller);
    assert_int_equal(caller->frame.pc, PC);                 /* at its call */
    assert_int_equal(call(1), BELAY_OK);
    assert_ptr_equal(world_cpu.current, world_context(1));
}

static void a_service_that_stops_in_a_call_leaves_its_caller_waiting(void **state)
{
    (void)state;
    assert_int_equal(call(1), BELAY_OK);
    domain_end(&world_domain[1], world_context(1), BELAY_REASON_FAULT, 0, 0);
    assert_free(1);
    assert_waits_for_service(caller, 1);
    assert_true(world_cpu.reschedule);
    assert_int_equal(domain_stop(&world_domain[1], NULL), BELAY_OK);
    assert_waits_for_service(caller, 1);
    assert_int_equal(domain_start(&world_domain[1]), BELAY_OK);
    world_run_to(60);
    assert_ptr_equal(world_cpu.current, caller);
    assert_int_equal(caller->frame.pc, PC);
    assert_int_equal(caller->sched->depth, 0);
}

static void a_caller_that_is_stopped_frees_all_handlers_of_its_chain(void **state)
{
    (void)state;
    assert_int_equal(call(1), BELAY_OK);
    assert_int_equal(call(2), BELAY_OK);
    assert_int_equal(domain_stop(&world_domain[0], NULL), BELAY_OK);
    assert_free(1);
    assert_free(2);
    assert_int_equal(caller->state, CONTEXT_DORMANT);
    world_run_to(50);
    assert_null(world_cpu.sched);
    world_start(9, 10, 0, 0);
    world_run_to(60);
    assert_int_equal(call(2), BELAY_OK);
}

static void a_caller_that_is_stopped_no_longer_waits_for_a_service(void **state)
{
    (void)state;
    assert_int_equal(domain_stop(&world_domain[2], NULL), BELAY_OK);
    assert_int_equal(call(1), BELAY_OK);
    assert_int_equal(call(2), BELAY_OK);
    assert_waits_for_service(world_context(1), 2);
    assert_int_equal(domain_stop(&world_domain[0], NULL), BELAY_OK);
    assert_free(1);
    assert_true(list_empty(&world_domain[2].callers[0]));
    assert_int_equal(domain_start(&world_domain[2]), BELAY_OK);
    world_run_to(50);
    assert_null(world_cpu.sched);
}

static void a_service_in_the_middle_of_a_chain_that_stops_ends_what_it_called(void **state)
{
    (void)state;
    assert_int_equal(call(1), BELAY_OK);
    assert_int_equal(call(2), BELAY_OK);
    assert_int_equal(domain_stop(&world_domain[1], NULL), BELAY_OK);
    assert_free(1);
    assert_free(2);
    assert_waits_for_service(caller, 1);
    assert_int_equal(caller->sched->depth, 0);
}

static void a_chain_is_four_calls_deep_at_most(void **state)
{
    (void)state;
    for (unsigned service = 1; service <= 4; service++)
        assert_int_equal(call(service), BELAY_OK);
    assert_int_equal(call(5), BELAY_EINVAL);
    for (unsigned service = 4; service >= 1; service--) {
        assert_ptr_equal(world_cpu.current, world_context(service));
        reply();
    }
    assert_ptr_equal(world_cpu.current, caller);
}

/* As that of a vCPU whose registers have left the hardware in the meantime. */
static void a_reply_enters_nobody_when_the_scheduler_is_to_choose(void **state)
{
    (void)state;
    assert_int_equal(call(1), BELAY_OK);
    struct context *waits = world_start(8, 200, 0, 0);
    assert_true(world_cpu.reschedule);
    reply();
    assert_ptr_not_equal(world_cpu.current, caller);
    assert_free(1);
    schedule(&world_cpu);
    assert_ptr_equal(world_cpu.current, waits);
    assert_int_equal(caller->state, CONTEXT_READY);
}

static void who_is_in_a_call_tells_for_how_long_and_in_whose_service(void **state)
{
    (void)state;
    assert_ptr_equal(context_spends_in(caller), &world_domain[0]);
    assert_int_equal(context_ticks(caller), 10);
    assert_int_equal(call(1), BELAY_OK);
    assert_int_equal(call(2), BELAY_OK);
    assert_ptr_equal(context_spends_in(caller), &world_domain[2]);
    FAKE_SYSREG(cntpct_el0)->value += 30;               /* nothing of it is charged yet */
    assert_int_equal(caller->own_sched.ticks, 10);
    assert_int_equal(context_ticks(caller), 40);
    world_on(&world_other);
    assert_int_equal(context_ticks(caller), 40);        /* for a CPU that it is not on, too */
    world_on(&world_cpu);
    reply();
    reply();
    assert_ptr_equal(context_spends_in(caller), &world_domain[0]);
}

static void what_does_not_run_has_used_what_was_charged(void **state)
{
    (void)state;
    struct context *first = world_start(8, 20, 0, 0);
    world_run_to(20);
    FAKE_SYSREG(cntpct_el0)->value += 5;
    assert_int_equal(context_ticks(caller), 10);
    assert_int_equal(context_ticks(first), 15);
    assert_int_equal(context_ticks(world_context(9)), 0);
    assert_ptr_equal(context_spends_in(world_context(9)), &world_domain[1]);
}

#define P(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        P(a_call_enters_the_service_with_the_callers_words), P(a_call_runs_on_its_callers_time_with_no_decision),
        P(a_handler_stops_when_its_callers_budget_is_used_up), P(a_reply_returns_the_words_and_frees_the_handler),
        P(a_reply_enters_nobody_when_the_scheduler_is_to_choose),
        P(who_is_in_a_call_tells_for_how_long_and_in_whose_service), P(what_does_not_run_has_used_what_was_charged),
        P(a_handler_in_a_call_is_busy_for_others), P(a_client_without_a_handler_is_refused),
        P(a_caller_waits_for_a_service_that_is_down_and_goes_on),
        P(a_service_that_stops_in_a_call_leaves_its_caller_waiting),
        P(a_caller_that_is_stopped_frees_all_handlers_of_its_chain),
        P(a_caller_that_is_stopped_no_longer_waits_for_a_service),
        P(a_service_in_the_middle_of_a_chain_that_stops_ends_what_it_called), P(a_chain_is_four_calls_deep_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
