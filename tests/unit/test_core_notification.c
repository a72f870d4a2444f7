/* SPDX-License-Identifier: Apache-2.0 */
/* Notifications: bits that one worker waits for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/notification.h"
#include "core_world.h"

static struct notification n;
static uint64_t bits;
static struct context *worker;

static int begin(void **state)
{
    world_begin(state);
    notification_init(&n);
    worker = world_start(0, 10, 0, 0);
    world_run_to(10);
    return 0;
}

static void assert_woken(int64_t error, uint64_t with)
{
    assert_int_equal(worker->state, CONTEXT_READY);
    assert_int_equal((int64_t)worker->frame.x[0], error);
    assert_int_equal(worker->frame.x[1], with);
    assert_null(n.waiter);
    assert_int_equal(timerq_next(&world_cpu.timers, 0), UINT64_MAX);
}

static void bits_accumulate_and_are_taken_all_at_once(void **state)
{
    (void)state;
    notification_signal(&n, 1);
    notification_signal(&n, UINT64_C(1) << 63);
    assert_int_equal(notification_wait(&n, worker, 0, &bits), BELAY_OK);
    assert_int_equal(bits, UINT64_C(1) << 63 | 1);
    assert_int_equal(worker->state, CONTEXT_READY);
    assert_int_equal(notification_wait(&n, worker, 0, &bits), BELAY_OK);
    assert_int_equal(bits, 0);
    assert_int_equal(worker->state, CONTEXT_WAITING);
}

static void a_signal_wakes_the_waiter_once_with_the_bits(void **state)
{
    (void)state;
    notification_wait(&n, worker, WORLD_EPOCH + 100, &bits);
    notification_signal(&n, 0);
    assert_int_equal(worker->state, CONTEXT_WAITING);
    notification_signal(&n, 6);
    assert_woken(BELAY_OK, 6);
    assert_int_equal(n.bits, 0);
    world_run_to(200);
    assert_woken(BELAY_OK, 6);
}

static void a_deadline_ends_the_wait(void **state)
{
    (void)state;
    worker->frame.x[1] = 77;
    notification_wait(&n, worker, WORLD_EPOCH + 100, &bits);
    world_run_to(99);
    assert_int_equal(worker->state, CONTEXT_WAITING);
    world_run_to(100);
    assert_woken(BELAY_ETIMEDOUT, 0);
    notification_signal(&n, 1);
    assert_int_equal(n.bits, 1);
}

static void a_second_waiter_is_refused(void **state)
{
    (void)state;
    world_start(1, 5, 0, 0);
    notification_wait(&n, worker, 0, &bits);
    assert_int_equal(notification_wait(&n, world_context(1), 0, &bits), BELAY_EBUSY);
    assert_int_equal(world_context(1)->state, CONTEXT_READY);
    assert_ptr_equal(n.waiter, worker);
}

static void a_waiter_that_is_stopped_no_longer_waits(void **state)
{
    (void)state;
    notification_wait(&n, worker, WORLD_EPOCH + 100, &bits);
    assert_int_equal(domain_stop(&world_domain[0], NULL), BELAY_OK);
    assert_null(n.waiter);
    assert_int_equal(timerq_next(&world_cpu.timers, 0), UINT64_MAX);
    notification_signal(&n, 4);
    assert_int_equal(n.bits, 4);
    assert_int_equal(worker->state, CONTEXT_DORMANT);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(bits_accumulate_and_are_taken_all_at_once), T(a_signal_wakes_the_waiter_once_with_the_bits),
        T(a_deadline_ends_the_wait), T(a_second_waiter_is_refused), T(a_waiter_that_is_stopped_no_longer_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
