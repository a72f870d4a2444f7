/* SPDX-License-Identifier: Apache-2.0 */
/* The ring between a client and the console's worker (services/console/ring.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>

#include "belay/ring.h"

#define MANY 300000u

static struct ring ring;

static int setup(void **state)
{
    (void)state;
    memset(&ring, 0, sizeof(ring));
    return 0;
}

static void bytes_come_out_in_order(void **state)
{
    uint8_t byte;

    (void)state;
    for (unsigned i = 0; i < 5 * RING_SIZE; i++) {
        assert_true(ring_push(&ring, (uint8_t)(i * 7)));
        assert_true(ring_pop(&ring, &byte));
        assert_int_equal(byte, (uint8_t)(i * 7));
    }
    assert_false(ring_pop(&ring, &byte));
}

static void a_full_ring_takes_no_more_and_loses_nothing(void **state)
{
    uint8_t byte;

    (void)state;
    for (unsigned i = 0; i < RING_SIZE; i++)
        assert_true(ring_push(&ring, (uint8_t)i));
    assert_false(ring_push(&ring, 99));
    assert_int_equal(ring_fill(&ring), RING_SIZE);
    for (unsigned i = 0; i < RING_SIZE; i++) {
        assert_true(ring_pop(&ring, &byte));
        assert_int_equal(byte, (uint8_t)i);
    }
}

static void counters_may_wrap(void **state)
{
    uint8_t byte;

    (void)state;
    ring.head = ring.tail = UINT32_MAX - 1;
    for (unsigned i = 0; i < RING_SIZE; i++)
        assert_true(ring_push(&ring, (uint8_t)i));
    assert_false(ring_push(&ring, 99));
    assert_true(ring_sane(&ring));
    assert_int_equal(ring_fill(&ring), RING_SIZE);
    assert_true(ring_pop(&ring, &byte));
    assert_int_equal(byte, 0);
}

static void what_came_before_a_place_is_skipped_and_nothing_else(void **state)
{
    uint8_t byte;

    (void)state;
    ring.head = ring.tail = UINT32_MAX - 1;
    for (unsigned i = 0; i < 6; i++)
        assert_true(ring_push(&ring, (uint8_t)i));
    ring_skip(&ring, 2);
    assert_true(ring_pop(&ring, &byte));
    assert_int_equal(byte, 4);
    ring_skip(&ring, 2);                /* it is past that */
    ring_skip(&ring, 5);                /* that is not written yet */
    assert_true(ring_pop(&ring, &byte));
    assert_int_equal(byte, 5);
}

/* After a fault of the console's own. */
static void senseless_counters_are_noticed_and_harmless(void **state)
{
    uint8_t byte;

    (void)state;
    ring.head = 5;
    ring.tail = 900000;
    assert_false(ring_sane(&ring));
    assert_int_equal(ring_fill(&ring), RING_SIZE);
    assert_false(ring_push(&ring, 1));
    assert_true(ring_pop(&ring, &byte));
    ring_clear(&ring);
    assert_true(ring_sane(&ring));
    assert_int_equal(ring_fill(&ring), 0);
}

static void *produce(void *unused)
{
    (void)unused;
    for (uint32_t i = 0; i < MANY; ) {
        if (ring_push(&ring, (uint8_t)(i ^ i >> 8)))
            i++;
        else
            sched_yield();
    }
    return NULL;
}

static void two_threads_need_no_lock(void **state)
{
    pthread_t producer;
    uint8_t byte;

    (void)state;
    assert_int_equal(pthread_create(&producer, NULL, produce, NULL), 0);
    for (uint32_t i = 0; i < MANY; ) {
        if (!ring_pop(&ring, &byte)) {
            sched_yield();
            continue;
        }
        assert_int_equal(byte, (uint8_t)(i ^ i >> 8));
        i++;
    }
    assert_int_equal(pthread_join(producer, NULL), 0);
    assert_int_equal(ring_fill(&ring), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(bytes_come_out_in_order, setup),
        cmocka_unit_test_setup(a_full_ring_takes_no_more_and_loses_nothing, setup),
        cmocka_unit_test_setup(counters_may_wrap, setup),
        cmocka_unit_test_setup(what_came_before_a_place_is_skipped_and_nothing_else, setup),
        cmocka_unit_test_setup(senseless_counters_are_noticed_and_harmless, setup),
        cmocka_unit_test_setup(two_threads_need_no_lock, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
