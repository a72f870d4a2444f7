/* SPDX-License-Identifier: Apache-2.0 */
/* The timer queue: the earliest event first, however they were queued, moved and cancelled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core_world.h"

static struct event event[TIMERQ_MAX];
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
    q.count = 0;
    fires = 0;
    for (unsigned i = 0; i < TIMERQ_MAX; i++)
        event[i] = (struct event){ .fire = on_fire };
    return 0;
}

static void assert_next(struct event *e, uint64_t deadline)
{
    assert_int_equal(timerq_next(&q), deadline);
    assert_null(timerq_pop_due(&q, deadline - 1));
    assert_ptr_equal(timerq_pop_due(&q, deadline), e);
    assert_false(event_queued(e));
}

static void nothing_is_next_in_an_empty_queue(void **state)
{
    (void)state;
    assert_int_equal(timerq_next(&q), UINT64_MAX);
    assert_null(timerq_pop_due(&q, UINT64_MAX));
}

static void events_come_in_order_of_their_deadlines(void **state)
{
    static const uint8_t deadlines[] = { 50, 20, 70, 10, 60, 40, 30 }, order[] = { 3, 1, 6, 5, 0, 4, 2 };

    (void)state;
    for (unsigned i = 0; i < 7; i++)
        timerq_set(&q, &event[i], deadlines[i]);
    for (unsigned i = 0; i < 7; i++)
        assert_next(&event[order[i]], deadlines[order[i]]);
    assert_int_equal(q.count, 0);
}

static void an_event_that_is_queued_again_moves(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++)
        timerq_set(&q, &event[i], 10 * (i + 1));
    timerq_set(&q, &event[0], 35);
    timerq_set(&q, &event[3], 15);
    assert_int_equal(q.count, 4);
    assert_next(&event[3], 15);
    assert_next(&event[1], 20);
    assert_next(&event[2], 30);
    assert_next(&event[0], 35);
}

static void an_event_that_is_cancelled_does_not_come(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        timerq_set(&q, &event[i], 10 * (i + 1));
    timerq_cancel(&q, &event[0]);
    timerq_cancel(&q, &event[0]);       /* not queued: nothing happens */
    assert_false(event_queued(&event[0]));
    timerq_cancel(&q, &event[2]);
    assert_next(&event[1], 20);
    assert_int_equal(q.count, 0);
}

/* A fixed random sequence against a table that is searched from end to end: 0 is not queued. */
static uint64_t model[TIMERQ_MAX];

static uint64_t model_next_but(const uint64_t *but)
{
    uint64_t next = UINT64_MAX;

    for (unsigned i = 0; i < TIMERQ_MAX; i++)
        if (model[i] && model[i] < next && &model[i] != but)
            next = model[i];
    return next;
}

static uint64_t model_next(void) { return model_next_but(NULL); }

static void model_pop(uint64_t now)
{
    uint64_t next = model_next();
    struct event *e = timerq_pop_due(&q, now);

    assert_int_equal(e != NULL, next <= now);
    if (e == NULL)
        return;
    assert_int_equal(model[e - event], next);
    model[e - event] = 0;
}

static void any_sequence_comes_in_order(void **state)
{
    uint32_t seed = 7, most = 0;

    (void)state;
    for (unsigned step = 0; step < 50000; step++) {
        seed = seed * 1664525 + 1013904223;             /* Numerical Recipes, 7.1 */
        unsigned i = (seed >> 23) % TIMERQ_MAX, what = seed >> 18 & 31;
        uint64_t t = 1 + (seed >> 8 & 0x3ff);           /* few enough that some are the same */
        if (what < 24 - step / 5000) {
            timerq_set(&q, &event[i], model[i] = t);
        } else if (what < 27) {
            timerq_cancel(&q, &event[i]);
            model[i] = 0;
        } else {
            model_pop(t);
        }
        assert_int_equal(timerq_next(&q), model_next());
        assert_int_equal(timerq_second(&q), q.count ? model_next_but(&model[q.heap[1] - event]) : UINT64_MAX);
        assert_int_equal(event_queued(&event[i]), model[i] != 0);
        most = q.count > most ? q.count : most;
    }
    assert_in_range(most, TIMERQ_MAX / 2, TIMERQ_MAX);
    while (q.count)
        model_pop(UINT64_MAX - 1);
    assert_int_equal(model_next(), UINT64_MAX);
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

static void all_that_is_due_fires_before_anyone_is_chosen(void **state)
{
    (void)state;
    world_start(0, 10, 0, 0);
    for (unsigned i = 0; i < 10; i++)
        sched_set_event(world_context(0), &event[i], WORLD_EPOCH + 50 + i);
    world_run_to(49);
    assert_int_equal(fires, 0);
    FAKE_SYSREG(cntpct_el0)->value = WORLD_EPOCH + 58;
    schedule(&world_cpu);
    assert_int_equal(fires, 9);
    assert_int_equal(FAKE_SYSREG(cnthp_cval_el2)->value, WORLD_EPOCH + 59);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(nothing_is_next_in_an_empty_queue), T(events_come_in_order_of_their_deadlines),
        T(an_event_that_is_queued_again_moves), T(an_event_that_is_cancelled_does_not_come),
        T(any_sequence_comes_in_order), T(an_event_queued_outside_the_scheduler_is_programmed_at_once),
        T(all_that_is_due_fires_before_anyone_is_chosen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
