/* SPDX-License-Identifier: Apache-2.0 */
/* The response-time analysis (tools/rta.c), held against known figures and against a simulated scheduler. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include "rta.h"

static const struct rta_costs free_of_cost = { 0, 0 };

static void alone_only_the_nucleus_delays_it(void **state)
{
    const struct task t[] = { { 0, 200, 300, 1000, 0 } };
    const struct rta_costs costs = { 2, 10 };
    (void)state;
    assert_int_equal(rta_latency(t, 1, 0, &costs), 12);
    assert_int_equal(rta_completion(t, 1, 0, &costs), 312);
}

static void lower_priority_and_other_cpus_do_not_count(void **state)
{
    const struct task t[] = { { 0, 200, 300, 1000, 0 }, { 0, 10, 0, 0, 0 }, { 1, 255, 0, 0, 0 } };
    (void)state;
    assert_int_equal(rta_latency(t, 3, 0, &free_of_cost), 0);
    assert_int_equal(rta_latency(t, 3, 2, &free_of_cost), 0);
}

/* 300 at the end of one period and 300 at the start of the next. */
static void a_budget_may_come_twice_in_a_row(void **state)
{
    const struct task t[] = { { 0, 10, 0, 0, 0 }, { 0, 200, 300, 1000, 0 } };
    (void)state;
    assert_int_equal(rta_latency(t, 2, 0, &free_of_cost), 600);
}

static void who_has_no_budget_starves_those_below(void **state)
{
    const struct task t[] = { { 0, 10, 100, 1000, 0 }, { 0, 200, 0, 0, 0 }, { 0, 10, 100, 1000, 0 } };
    (void)state;
    assert_true(rta_latency(t, 3, 0, &free_of_cost) == RTA_UNBOUNDED);
    assert_true(rta_completion(t, 3, 0, &free_of_cost) == RTA_UNBOUNDED);
}

static void equal_priority_takes_turns(void **state)
{
    const struct task t[] = { { 0, 10, 100, 1000, 0 }, { 0, 10, 50, 1000, 0 } };
    (void)state;
    assert_int_equal(rta_latency(t, 2, 0, &free_of_cost), 100);
}

static void too_much_work_has_no_bound(void **state)
{
    const struct task t[] = { { 0, 10, 100, 1000, 0 }, { 0, 20, 600, 1000, 0 }, { 0, 30, 400, 1000, 0 } };
    (void)state;
    assert_true(rta_latency(t, 3, 0, &free_of_cost) == RTA_UNBOUNDED);
}

static void each_switch_and_each_overrun_has_its_price(void **state)
{
    const struct task t[] = { { 0, 10, 100, 1000, 0 }, { 0, 20, 100, 1000, 0 } };
    const struct rta_costs costs = { 5, 20 };
    (void)state;
    assert_int_equal(rta_latency(t, 2, 0, &costs), 20 + 5 + 20 + 2 * (100 + 5));
    assert_int_equal(rta_completion(t, 2, 0, &costs), 20 + 5 + 100 + 20 + 2 * (100 + 5));
}

/* Of a VM with vCPUs on other CPUs: whoever is at the nucleus then, of whatever priority, and each that comes before. */
static void each_wait_for_a_lock_is_counted(void **state)
{
    const struct task t[] = { { 0, 20, 0, 0, 3 }, { 0, 10, 0, 0, 6 }, { 0, 30, 100, 1000, 9 }, { 1, 200, 0, 0, 50 } };
    const struct rta_costs costs = { 5, 20 };
    (void)state;
    assert_int_equal(rta_latency(t, 2, 0, &costs), 20 + 6 + 5 + 3);
    assert_int_equal(rta_latency(t, 2, 1, &costs), RTA_UNBOUNDED);
    assert_int_equal(rta_latency(t, 4, 2, &costs), 20 + 6 + 5 + 9);
    assert_int_equal(rta_latency(t, 4, 0, &costs), 20 + 9 + 5 + 3 + 20 + 9 + 2 * (100 + 5 + 9));
}

static void huge_numbers_do_not_wrap(void **state)
{
    const struct task t[] = { { 0, 10, 1, UINT64_MAX / 2, 0 }, { 0, 20, UINT64_MAX / 4, UINT64_MAX / 2, 0 } };
    (void)state;
    assert_true(rta_latency(t, 2, 0, &free_of_cost) == RTA_UNBOUNDED);
}

/*
 * The simulated scheduler: one CPU, time in whole ticks, a grid of periods for
 * each context, a budget that is new in each period. Contexts other than the
 * measured one want the CPU in bursts, or always.
 */
#define TASKS 4
#define HORIZON 1500

struct simulated {
    struct task task;
    unsigned phase;          /* of its grid */
    uint64_t left;           /* of its budget */
    unsigned wants_until, rests_until;
    bool greedy;
};

static uint64_t seed;

static unsigned random_below(unsigned limit)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % limit;
}

static bool wants(struct simulated *s, unsigned now)
{
    if (s->greedy || now < s->wants_until)
        return true;
    if (now < s->rests_until)
        return false;
    s->wants_until = now + 1 + random_below(2 * (unsigned)s->task.budget + 1);
    s->rests_until = s->wants_until + random_below(2 * (unsigned)s->task.period);
    return true;
}

static void begin_tick(struct simulated *s, unsigned now)
{
    if (now >= s->phase && (now - s->phase) % s->task.period == 0)
        s->left = s->task.budget;
}

/* Who runs in this tick: the highest that wants and may; of equals the measured one is last. -1: nobody. */
static int choose(struct simulated *s, unsigned now, bool measured_wants)
{
    int best = -1;
    for (int i = 0; i < TASKS; i++) {
        begin_tick(&s[i], now);
        bool ready = s[i].left > 0 && (i == 0 ? measured_wants : wants(&s[i], now));
        if (ready && (best < 0 || s[i].task.priority > s[best].task.priority
                      || (best == 0 && s[i].task.priority == s[0].task.priority)))
            best = i;
    }
    if (best >= 0)
        s[best].left--;
    return best;
}

static void make_set(struct simulated *s)
{
    for (int i = 0; i < TASKS; i++) {
        unsigned period = 10 + random_below(90), budget = 1 + random_below(period / 3);
        s[i] = (struct simulated){ .task = { 0, 1 + random_below(6), budget, period, 0 }, .phase = random_below(period),
                                   .greedy = random_below(3) == 0 };
        s[i].left = budget;
    }
    s[0].task.priority = 1 + random_below(4);
}

/* The worst wait for the first tick, of arrivals more than a period apart, so that budget is left. */
static uint64_t worst_wait(struct simulated *s)
{
    uint64_t worst = 0;
    unsigned arrival = random_below(50);
    for (unsigned now = 0; now < HORIZON; now++) {
        bool waiting = now >= arrival;
        if (choose(s, now, waiting) == 0) {
            worst = now - arrival > worst ? now - arrival : worst;
            arrival = now + (unsigned)s[0].task.period + random_below(60);
        }
    }
    return worst;
}

/* The worst time from the start of a period till the whole budget was had, when it always wants. */
static uint64_t worst_completion(struct simulated *s)
{
    uint64_t worst = 0;
    unsigned start = s[0].phase;
    for (unsigned now = 0; now < HORIZON; now++) {
        if (now > s[0].phase && (now - s[0].phase) % s[0].task.period == 0)
            start = now;
        if (choose(s, now, true) == 0 && s[0].left == 0 && now >= start && now + 1 - start > worst)
            worst = now + 1 - start;
    }
    return worst;
}

static void tasks_of(const struct simulated *s, struct task *t)
{
    for (int i = 0; i < TASKS; i++)
        t[i] = s[i].task;
}

static void no_simulated_wait_is_longer_than_the_bound(void **state)
{
    unsigned bounded = 0, near = 0;
    (void)state;
    seed = 1;
    for (int n = 0; n < 3000; n++) {
        struct simulated s[TASKS];
        struct task t[TASKS];
        make_set(s);
        tasks_of(s, t);
        uint64_t bound = rta_latency(t, TASKS, 0, &free_of_cost), seen = worst_wait(s);
        assert_true(seen <= bound);
        bounded += bound != RTA_UNBOUNDED;
        near += bound != RTA_UNBOUNDED && 2 * seen >= bound;
    }
    assert_true(bounded > 1000);      /* the test says something, */
    assert_true(near > bounded / 10); /* and so does the bound */
}

static void no_simulated_budget_comes_later_than_the_bound(void **state)
{
    unsigned bounded = 0;
    (void)state;
    seed = 2;
    for (int n = 0; n < 3000; n++) {
        struct simulated s[TASKS];
        struct task t[TASKS];
        make_set(s);
        tasks_of(s, t);
        uint64_t bound = rta_completion(t, TASKS, 0, &free_of_cost);
        if (bound > t[0].period)
            continue;
        bounded++;
        assert_true(worst_completion(s) <= bound);
    }
    assert_true(bounded > 500);
}

/* One context above, used at the worst moment: the simulated wait is the bound itself. */
static void the_bound_is_reached(void **state)
{
    (void)state;
    for (unsigned budget = 1; budget < 40; budget++) {
        struct simulated s[TASKS] = {
            { .task = { 0, 1, 1, 10000, 0 }, .left = 1 },
            { .task = { 0, 2, budget, 100, 0 }, .left = budget, .phase = budget, .greedy = true },
        };
        struct task t[TASKS] = { s[0].task, s[1].task };
        for (int i = 2; i < TASKS; i++)
            s[i].task.period = 1;       /* no budget: never ready */
        unsigned now = 0;
        while (choose(s, now, true) != 0)
            now++;
        assert_int_equal(now, rta_latency(t, 2, 0, &free_of_cost));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alone_only_the_nucleus_delays_it),
        cmocka_unit_test(lower_priority_and_other_cpus_do_not_count),
        cmocka_unit_test(a_budget_may_come_twice_in_a_row),
        cmocka_unit_test(who_has_no_budget_starves_those_below),
        cmocka_unit_test(equal_priority_takes_turns),
        cmocka_unit_test(too_much_work_has_no_bound),
        cmocka_unit_test(each_switch_and_each_overrun_has_its_price),
        cmocka_unit_test(each_wait_for_a_lock_is_counted),
        cmocka_unit_test(huge_numbers_do_not_wrap),
        cmocka_unit_test(no_simulated_wait_is_longer_than_the_bound),
        cmocka_unit_test(no_simulated_budget_comes_later_than_the_bound),
        cmocka_unit_test(the_bound_is_reached),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
