/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timer queue: the earliest event first, and of those that are due the one of the highest priority, however they
 * were queued, moved and cancelled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core_world.h"

#define EVENTS 432      /* as 144 contexts of one CPU have */

static struct event event[EVENTS];
static struct timerq q;
static unsigned fires;

static void on_fire(struct event *e)
{
    assert_false(event_queued(e));
    fires++;
}

static int begin(void **state)
{
    world_begin(state);
    memset(&q, 0, sizeof q);
    q.earliest = UINT64_MAX;
    fires = 0;
    for (unsigned i = 0; i < EVENTS; i++)
        event[i] = (struct event){ .fire = on_fire };
    return 0;
}

static struct event *pop_due(uint64_t now)
{
    struct event *e = timerq_highest_due(&q, now);

    if (e)
        timerq_remove(&q, e);
    return e;
}

static void assert_next(struct event *e, uint64_t deadline)
{
    assert_true(q.earliest <= deadline);
    assert_int_equal(timerq_next(&q, 0), deadline);
    assert_null(pop_due(deadline - 1));
    assert_int_equal(q.earliest, deadline);     /* it looked */
    assert_ptr_equal(pop_due(deadline), e);
    assert_false(event_queued(e));
}

static void nothing_is_next_in_an_empty_queue(void **state)
{
    (void)state;
    assert_int_equal(timerq_next(&q, 0), UINT64_MAX);
    assert_null(pop_due(UINT64_MAX - 1));
}

static void events_come_in_order_of_their_deadlines_whatever_their_priorities(void **state)
{
    static const uint8_t deadlines[] = { 50, 20, 70, 10, 60, 40, 30 }, order[] = { 3, 1, 6, 5, 0, 4, 2 };
    static const uint8_t priorities[] = { 0, 255, 64, 64, 1, 64, 255 };

    (void)state;
    for (unsigned i = 0; i < 7; i++)
        timerq_set(&q, &event[i], priorities[i], deadlines[i]);
    for (unsigned i = 0; i < 7; i++)
        assert_next(&event[order[i]], deadlines[order[i]]);
    assert_int_equal(timerq_next(&q, 0), UINT64_MAX);
}

static void an_event_that_is_queued_again_moves(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++)
        timerq_set(&q, &event[i], 7, 10 * (i + 1));
    timerq_set(&q, &event[0], 7, 35);
    timerq_set(&q, &event[3], 9, 15);
    assert_next(&event[3], 15);
    assert_next(&event[1], 20);
    assert_next(&event[2], 30);
    assert_next(&event[0], 35);
}

static void an_event_that_is_cancelled_does_not_come(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        timerq_set(&q, &event[i], 7, 10 * (i + 1));
    timerq_cancel(&q, &event[0]);
    timerq_cancel(&q, &event[0]);       /* not queued: nothing happens */
    assert_false(event_queued(&event[0]));
    timerq_cancel(&q, &event[2]);
    assert_next(&event[1], 20);
    assert_int_equal(timerq_next(&q, 0), UINT64_MAX);
}

static void of_those_that_are_due_the_highest_comes_first(void **state)
{
    (void)state;
    timerq_set(&q, &event[0], 10, 20);
    timerq_set(&q, &event[1], 200, 30);
    timerq_set(&q, &event[2], 100, 10);
    timerq_set(&q, &event[3], 220, 31);
    assert_int_equal(timerq_next(&q, 101), 30);
    assert_int_equal(timerq_next(&q, 201), 31);
    assert_null(pop_due(9));
    assert_ptr_equal(pop_due(30), &event[1]);
    assert_ptr_equal(pop_due(30), &event[2]);
    assert_ptr_equal(pop_due(30), &event[0]);
    assert_null(pop_due(30));
}

/* A fixed random sequence against a table that is searched from end to end: deadline 0 is not queued. */
static struct { uint64_t deadline; unsigned priority; } model[EVENTS];

static uint64_t model_next(unsigned priority)
{
    uint64_t next = UINT64_MAX;

    for (unsigned i = 0; i < EVENTS; i++)
        if (model[i].deadline && model[i].priority >= priority && model[i].deadline < next)
            next = model[i].deadline;
    return next;
}

static unsigned model_count(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < EVENTS; i++)
        n += model[i].deadline != 0;
    return n;
}

/* The one that is taken has the highest priority of those that are due, and the first deadline of that. */
static void model_pop(uint64_t now)
{
    struct event *e = pop_due(now);

    assert_int_equal(e != NULL, model_next(0) <= now);
    if (e == NULL)
        return;
    unsigned taken = model[e - event].priority;
    assert_true(model[e - event].deadline <= now);
    assert_true(model_next(taken + 1) > now);
    for (unsigned i = 0; i < EVENTS; i++)
        assert_false(model[i].deadline && model[i].priority == taken && model[i].deadline < model[e - event].deadline);
    model[e - event].deadline = 0;
}

static unsigned heap_depth;     /* of the way down to the right: the bound of each step */

static void check_heap(const struct event *e, const struct event *parent)
{
    unsigned depth = 0;

    if (e == NULL)
        return;
    assert_ptr_equal(e->parent, parent);
    assert_true(parent == NULL || e->deadline >= parent->deadline);
    unsigned left = e->left ? e->left->rank : 0, right = e->right ? e->right->rank : 0;
    assert_true(left >= right && e->rank == right + 1);
    for (const struct event *r = e; r; r = r->right)
        depth++;
    heap_depth = depth > heap_depth ? depth : heap_depth;
    check_heap(e->left, e);
    check_heap(e->right, e);
}

static void any_sequence_comes_in_order(uint32_t seed, unsigned priorities)
{
    unsigned most = 0;

    for (unsigned step = 0; step < 20000; step++) {
        seed = seed * 1664525 + 1013904223;             /* Numerical Recipes, 7.1 */
        unsigned i = (seed >> 23) % EVENTS, what = seed >> 18 & 31, priority = (seed >> 12) % priorities;
        uint64_t t = 1 + (seed >> 8 & 0x3ff);           /* few enough that some are the same */
        if (what < 24 - step / 2000) {
            model[i].deadline = t;
            model[i].priority = priority;
            timerq_set(&q, &event[i], (uint8_t)priority, t);
        } else if (what < 27) {
            timerq_cancel(&q, &event[i]);
            model[i].deadline = 0;
        } else {
            model_pop(t);
        }
        assert_true(q.earliest <= model_next(0));
        assert_int_equal(timerq_next(&q, priority), model_next(priority));
        assert_int_equal(event_queued(&event[i]), model[i].deadline != 0);
        for (unsigned p = 0; step % 64 == 0 && p < priorities; p++)
            check_heap(q.first[p], NULL);
        most = model_count() > most ? model_count() : most;
    }
    assert_in_range(most, EVENTS / 2, EVENTS);
    assert_in_range(heap_depth, 1, 9);                  /* log2 of EVENTS */
    while (model_count())
        model_pop(UINT64_MAX - 1);
    assert_int_equal(model_count(), 0);
}

static void any_sequence_of_one_priority_comes_in_order(void **state)
{
    (void)state;
    any_sequence_comes_in_order(7, 1);
}

static void any_sequence_of_a_few_priorities_comes_in_order(void **state)
{
    (void)state;
    any_sequence_comes_in_order(8, 5);
}

static void any_sequence_of_all_priorities_comes_in_order(void **state)
{
    (void)state;
    any_sequence_comes_in_order(9, 256);
}

static void an_event_queued_outside_the_scheduler_is_programmed_at_once(void **state)
{
    struct event soon = { .fire = on_fire }, late = { .fire = on_fire };

    (void)state;
    world_start(0, 10, 0, 0);
    world_run_to(10);
    assert_false(world_cpu.reschedule);
    sched_set_event(world_context(0), &soon, WORLD_EPOCH + 15);
    assert_true(world_cpu.reschedule);
    schedule(&world_cpu);
    assert_int_equal(FAKE_SYSREG(cnthp_cval_el2)->value, WORLD_EPOCH + 15);
    sched_set_event(world_context(0), &late, WORLD_EPOCH + 20);
    assert_false(world_cpu.reschedule);                 /* the timer fires before it already */
    world_run_to(15);
    assert_int_equal(fires, 1);
    assert_int_equal(FAKE_SYSREG(cnthp_cval_el2)->value, WORLD_EPOCH + 20);
}

/* Ten events for who runs now, due in a row: one in each stay. */
static void one_event_fires_in_a_stay(void **state)
{
    (void)state;
    world_start(0, 10, 0, 0);
    for (unsigned i = 0; i < 10; i++)
        sched_set_event(world_context(0), &event[i], WORLD_EPOCH + 50 + i);
    world_run_to(49);
    assert_int_equal(fires, 0);
    FAKE_SYSREG(cntpct_el0)->value = WORLD_EPOCH + 58;
    for (unsigned stay = 1; stay <= 9; stay++) {
        schedule(&world_cpu);
        assert_int_equal(fires, stay);
    }
    assert_int_equal(FAKE_SYSREG(cnthp_cval_el2)->value, WORLD_EPOCH + 59);
    schedule(&world_cpu);
    assert_int_equal(fires, 9);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(nothing_is_next_in_an_empty_queue), T(events_come_in_order_of_their_deadlines_whatever_their_priorities),
        T(an_event_that_is_queued_again_moves), T(an_event_that_is_cancelled_does_not_come),
        T(of_those_that_are_due_the_highest_comes_first), T(any_sequence_of_one_priority_comes_in_order),
        T(any_sequence_of_a_few_priorities_comes_in_order), T(any_sequence_of_all_priorities_comes_in_order),
        T(an_event_queued_outside_the_scheduler_is_programmed_at_once), T(one_event_fires_in_a_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
