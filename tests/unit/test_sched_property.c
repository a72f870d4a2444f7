/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thousands of random task sets on one to four CPUs in the nucleus's scheduler,
 * held to what it promises and to the waits that tools/rta.c computes of the
 * whole set. CPUs share nothing, so they live one after the other. Books are kept beside
 * it: who had what, from the clock alone while interrupts are on time, so that
 * its own counters cannot hide a mistake. With a seed as its argument, the
 * test runs that set only.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../tools/rta.h"
#include "core_world.h"

#define CPUS      4
#define ACTORS    6         /* on each */
#define SETS      3000      /* with each interrupt on time, and as many with late ones */
#define LENGTH    700       /* ticks of a set's life */
#define LATEST    8         /* ticks that a timer interrupt may be late: less than any period */
#define FOR_EVER  (UINT64_MAX / 2)
#define TICK      UINT64_C(1000000)     /* of the analysis: no bound is beyond RTA_LIMIT, and soon found to be */

enum habit { SPINS, BURSTS, PERIODIC, HITS_TWICE, AMBUSHES, HABITS };
static const char *const habit_names[HABITS] = { "spins", "bursts", "periodic", "hits twice", "ambushes" };

/* A context, how it behaves, and the books on it. Instants as the clock has them. */
struct actor {
    struct task task;           /* budget 0 for a time slice, too: nobody's wait behind it has a bound */
    uint64_t slice;
    bool idle_time;
    enum habit habit;
    uint64_t meal, rest;        /* of its runs and sleeps: budget and period, if it has them */
    uint64_t start;             /* its grid of periods begins here */
    bool started, asleep, by_timer;
    struct event alarm;
    uint64_t wake_at;
    uint64_t full_at;           /* it blocks when it has lived so long */

    uint64_t lived;             /* the time that it ran */
    uint64_t period_start, used;        /* at its priority, in this period */
    uint64_t owed;              /* what earlier periods had beyond their budgets */
    bool always_ready;          /* since this period's start */
    uint64_t waits, turn;
    uint64_t longest, completes;        /* the bounds */
};

static struct actor all[CPUS][ACTORS];
static unsigned counts[CPUS], cpus_in_set, late;     /* of this set; late 0: each interrupt is on time */
static struct actor *actors;    /* of the CPU that lives now */
static unsigned count;
static uint64_t seed, random_state;
static struct tally { unsigned bounded, reached, whole, depleted, in_idle_time, overruns; } seen;

static unsigned below(uint64_t limit)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((random_state >> 33) % limit);
}

static struct context *context_of(const struct actor *a)
{
    return world_context((unsigned)(a - actors));
}

static void show_actor(const struct actor *a)
{
    print_error("  %td: priority %u, budget %llu in %llu, slice %llu%s, from %llu, %s%s\n", a - actors, a->task.priority,
                (unsigned long long)a->task.budget, (unsigned long long)a->task.period, (unsigned long long)a->slice,
                a->idle_time ? ", idle time" : "", (unsigned long long)(a->start - WORLD_EPOCH), habit_names[a->habit],
                a->by_timer ? " by timer" : "");
    print_error("     used %llu, owes %llu, waits %llu, at most %lld, completes by %lld\n", (unsigned long long)a->used,
                (unsigned long long)a->owed, (unsigned long long)a->waits, (long long)a->longest, (long long)a->completes);
}

static void promise(bool kept, const struct actor *a, const char *what)
{
    if (kept)
        return;
    print_error("seed %llu, interrupts up to %u late; -1 is no bound:\n", (unsigned long long)seed, late);
    for (const struct actor *each = actors; each < actors + count; each++)
        show_actor(each);
    fail_msg("at %llu, context %td: broken: %s", (unsigned long long)(now() - WORLD_EPOCH), a - actors, what);
}

/* How they behave. */

static uint64_t next_start(const struct actor *a, uint64_t t)
{
    return t < a->start ? a->start : a->start + ((t - a->start) / a->rest + 1) * a->rest;
}

/* When another begins a period, or may begin to use its budget at the end of one and the start of the next. */
static uint64_t moment_of_another(uint64_t t)
{
    const struct actor *other = &actors[below(count)];
    uint64_t start = next_start(other, t);

    return below(2) && start - other->meal > t ? start - other->meal : start;
}

static uint64_t next_wake(const struct actor *a, uint64_t t)
{
    uint64_t early = below(late + 1);   /* a budget that ends a little before its period: an overrun is across both */

    switch (a->habit) {
    case PERIODIC:   return next_start(a, t);
    case HITS_TWICE: return next_start(a, t + a->meal + early) - a->meal - early;
    case AMBUSHES:   return moment_of_another(t);
    default:         return t + 1 + below(2 * a->rest);
    }
}

static uint64_t appetite(const struct actor *a)
{
    switch (a->habit) {
    case SPINS:      return FOR_EVER;
    case HITS_TWICE: return below(2) ? 2 * a->meal : a->meal + late;
    case PERIODIC:   return below(2) ? a->meal : 1 + below(a->meal);
    case AMBUSHES:   return 1 + below(a->meal);
    default:         return 1 + below(2 * a->meal);
    }
}

static void wake(struct actor *a)
{
    struct context *c = context_of(a);

    a->asleep = false;
    a->full_at = a->lived + appetite(a);
    if (c->state != CONTEXT_READY)
        context_wake(c);
    if (c->domain->state == BELAY_STATE_STOPPED)
        assert_int_equal(domain_start(c->domain), BELAY_OK);
}

/* It waits from when the interrupt fell due. */
static void ring(struct event *e)
{
    struct actor *a = container_of(e, struct actor, alarm);

    a->waits = now() - e->deadline;
    wake(a);
}

/* It may be made ready before its domain is started again; by another call, so that the scheduler is between. */
static void stop(struct context *c)
{
    assert_int_equal(domain_stop(c->domain, NULL), BELAY_OK);
    world_run_to(now() - WORLD_EPOCH);
    if (below(2))
        context_wake(c);
}

/* Sleeps, or is stopped and started again, which must not give it a new budget. */
static void fall_asleep(struct actor *a)
{
    a->asleep = true;
    for (struct actor *b = actors; b < actors + count; b++)
        if (b->task.priority == a->task.priority)
            b->turn = 0;        /* this was a turn between, if only for an instant */
    a->wake_at = next_wake(a, now());
    if (below(8) == 0)
        stop(context_of(a));
    else
        context_block(context_of(a), CONTEXT_WAITING);
    if (a->by_timer)
        sched_set_event(context_of(a), &a->alarm, a->wake_at);
}

static bool runs(const struct actor *a)
{
    return world_runs((unsigned)(a - actors));
}

static void begin(struct actor *a)
{
    assert_int_equal(sched_set(context_of(a), 0, a->task.priority, a->idle_time, a->slice ? a->slice : a->task.budget,
                               a->task.period), BELAY_OK);
    a->started = a->always_ready = true;
    a->period_start = now();
    wake(a);
}

/* When it does something next, if it goes on as it is. */
static uint64_t next_act(const struct actor *a)
{
    if (!a->started)
        return a->start;
    if (a->asleep)
        return a->by_timer ? FOR_EVER : a->wake_at;
    return runs(a) ? now() + (a->full_at > a->lived ? a->full_at - a->lived : 0) : FOR_EVER;
}

static void act(struct actor *a)
{
    if (next_act(a) > now())
        return;
    if (!a->started)
        begin(a);
    else if (a->asleep)
        wake(a);
    else
        fall_asleep(a);
}

/* The books. */

static bool ready(const struct actor *a)
{
    const struct context *c = context_of(a);

    return a->started && c->state == CONTEXT_READY && c->domain->state == BELAY_STATE_RUNNING;
}

/* Interrupts that are late make it a matter of when the scheduler knows; on time, the clock alone tells. */
static bool has_budget(const struct actor *a)
{
    if (late)
        return !context_of(a)->own_sched.depleted;
    return a->task.budget == 0 || a->used < a->task.budget;
}

static void check_choice(const struct actor *who)
{
    for (const struct actor *a = actors; a < actors + count; a++) {
        bool may = ready(a) && has_budget(a);
        if (!who || !has_budget(who)) {
            promise(!may, a, "who has budget runs before idle and idle time");
            promise(who || !ready(a) || !a->idle_time, a, "no time is idle that one may have");
        } else if (may) {
            promise(a->task.priority <= who->task.priority, a, "the highest priority runs");
        }
    }
    if (!who)
        return;
    promise(ready(who), who, "what runs is ready");
    promise(context_of(who)->own_sched.level == (has_budget(who) ? who->task.priority : 0), who,
            "who has budget runs at its priority, idle time is below all");
    promise(has_budget(who) || who->idle_time, who, "out of budget, only idle time is its to have");
    seen.in_idle_time += !has_budget(who);
}

/* Of a slice, while another of its priority wants its turn. */
static void check_turn(struct actor *a, const struct actor *who, uint64_t ticks)
{
    bool equal_waits = false;

    for (const struct actor *b = actors; b < actors + count; b++)
        equal_waits |= b != a && ready(b) && has_budget(b) && b->task.priority == a->task.priority;
    if (a == who && equal_waits && a->slice)
        a->turn += ticks;
    else if (who && a != who && who->task.priority == a->task.priority)
        a->turn = 0;
    promise(a->turn <= a->slice + late, a, "a turn ends with its slice");
}

static void check_wait(struct actor *a, const struct actor *who, uint64_t ticks)
{
    if (a == who || !ready(a) || !has_budget(a)) {
        a->waits = 0;
        return;
    }
    a->waits += ticks;
    promise(a->waits <= a->longest, a, "no wait is longer than the analysis says");
    seen.reached += a->waits == a->longest;
}

static void end_period(struct actor *a)
{
    if (a->always_ready && a->completes <= a->task.period) {
        promise(a->used + a->owed >= a->task.budget, a, "the whole budget is had in each period");
        seen.whole++;
    }
    uint64_t had = a->owed + a->used;
    a->owed = had > a->task.budget ? had - a->task.budget : 0;
    seen.overruns += a->owed > 0;
    a->used = 0;
    a->period_start += a->task.period;
    a->always_ready = ready(a);
}

/* Books ticks from `from` on that are in one period. */
static void use(struct actor *a, uint64_t from, uint64_t ticks)
{
    uint64_t before = a->used;

    a->used += ticks;
    promise(a->owed + a->used <= a->task.budget + late, a, "in n periods at most n budgets and one overrun");
    if (before >= a->task.budget || a->used < a->task.budget)
        return;
    seen.depleted++;
    uint64_t took = from + (a->task.budget - before) - a->period_start;
    if (a->always_ready && !late)
        promise(took <= a->completes, a, "the whole budget is had as early as the analysis says");
}

static void book(struct actor *a, uint64_t from, uint64_t to, bool ran)
{
    bool at_priority = ran && (late ? context_of(a)->own_sched.level == a->task.priority : has_budget(a));

    if (ran)
        a->lived += to - from;
    if (!a->started || a->task.budget == 0)
        return;
    a->always_ready &= ready(a);
    for (uint64_t end; (end = a->period_start + a->task.period) <= to; from = end) {
        if (at_priority)
            use(a, from, end - from);
        end_period(a);
    }
    if (at_priority)
        use(a, from, to - from);
}

static void keep_books(uint64_t from, uint64_t to)
{
    struct actor *who = NULL;

    for (struct actor *a = actors; a < actors + count; a++)
        if (runs(a))
            who = a;
    check_choice(who);
    for (struct actor *a = actors; a < actors + count; a++) {
        check_turn(a, who, to - from);
        check_wait(a, who, to - from);
    }
    for (struct actor *a = actors; a < actors + count; a++)
        book(a, from, to, a == who);
}

/* Those whose replenishment is only late have used nothing yet. */
static void check_charges(void)
{
    for (const struct actor *a = actors; a < actors + count; a++) {
        const struct sched *s = &context_of(a)->own_sched;
        promise(s->ticks == a->lived, a, "all time is charged to whom it went");
        promise(!s->depleted || s->replenish.deadline <= now() || a->used + a->owed >= a->task.budget, a,
                "nobody is out of budget who has not used it up");
    }
}

/* The world. */

/* To whatever is next. The interrupt of that instant is taken before those who act, or after them. */
static void step(uint64_t end)
{
    uint64_t from = now(), to = end, interrupt = FAKE_SYSREG(cnthp_cval_el2)->value;

    for (const struct actor *a = actors; a < actors + count; a++)
        to = next_act(a) < to ? next_act(a) : to;
    to = interrupt < to ? interrupt : to;
    if (to > from)
        keep_books(from, to);
    else
        to = from;
    if (below(2))
        world_run_to(to - WORLD_EPOCH);
    FAKE_SYSREG(cntpct_el0)->value = to;
    for (struct actor *a = actors; a < actors + count; a++)
        act(a);
    world_run_to(to - WORLD_EPOCH);
    check_charges();
}

static void make_late(uint64_t at)
{
    if (at < FOR_EVER)
        FAKE_SYSREG(cnthp_cval_el2)->value = at + below(late + 1);
}

/* One draw in each statement, so that a seed is the same set with every compiler. */
static void make_actor(struct actor *a, unsigned levels, unsigned beat)
{
    unsigned kind = below(8), shares = 1 + below(2 * count);

    *a = (struct actor){ .alarm = { .fire = ring } };
    a->rest = beat ? beat << below(3) : 10 + below(90);
    a->meal = 1 + below(1 + a->rest / shares);
    a->meal = a->meal < a->rest ? a->meal : a->rest;
    a->start = WORLD_EPOCH;
    if (below(2))
        a->start += below(a->rest);
    a->habit = below(HABITS);
    a->idle_time = below(3) == 0;
    a->by_timer = below(2);
    a->task.priority = 1 + below(levels);
    if (kind == 0) {
        a->task.priority = below(4) ? 1 : a->task.priority;
    } else if (kind == 1) {
        a->slice = a->meal;
    } else {
        a->task.budget = a->meal;
        a->task.period = a->rest;
    }
}

static uint64_t in_ticks(uint64_t bound)
{
    return bound == RTA_UNBOUNDED ? bound : bound / TICK;
}

/* A late interrupt delays it, and each that runs before it may run over by as much. */
static void compute_bounds(void)
{
    struct task tasks[CPUS * ACTORS];
    struct actor *who[CPUS * ACTORS];
    unsigned n = 0;

    for (unsigned cpu = 0; cpu < cpus_in_set; cpu++)
        for (unsigned i = 0; i < counts[cpu]; i++) {
            who[n] = &all[cpu][i];
            tasks[n] = who[n]->task;
            tasks[n].budget *= TICK;
            tasks[n++].period *= TICK;
        }
    const struct rta_costs costs = { .blocking_ns = late * TICK };
    for (unsigned i = 0; i < n; i++) {
        who[i]->longest = in_ticks(rta_latency(tasks, n, i, &costs));
        who[i]->completes = tasks[i].budget ? in_ticks(rta_completion(tasks, n, i, &costs)) : RTA_UNBOUNDED;
        seen.bounded += who[i]->longest != RTA_UNBOUNDED;
    }
}

static void live(unsigned cpu)
{
    assert_int_equal(world_begin(NULL), 0);
    FAKE_SYSREG(cnthp_cval_el2)->on_write = late ? make_late : NULL;
    actors = all[cpu];
    count = counts[cpu];
    while (now() < WORLD_EPOCH + LENGTH)
        step(WORLD_EPOCH + LENGTH);
}

static void run_set(uint64_t number, unsigned lateness)
{
    seed = random_state = number;
    (void)below(2);
    late = lateness ? 1 + below(lateness) : 0;
    cpus_in_set = 1 + below(CPUS);
    for (unsigned cpu = 0; cpu < cpus_in_set; cpu++) {
        count = counts[cpu] = 1 + below(ACTORS);
        unsigned levels = 1 + below(8), beat = below(3) ? 0 : 10 + below(15);
        for (unsigned i = 0; i < count; i++) {
            make_actor(&all[cpu][i], levels, beat);
            all[cpu][i].task.cpu = cpu;
        }
    }
    compute_bounds();
    for (unsigned cpu = 0; cpu < cpus_in_set; cpu++)
        live(cpu);
}

static uint64_t only;           /* this seed's set; 0: all */

static void run_sets(uint64_t first, unsigned lateness)
{
    seen = (struct tally){ 0 };
    for (uint64_t number = first; number < first + SETS; number++)
        if (only == 0 || only == number)
            run_set(number, lateness);
    print_message("%u bounds, reached %u times; %u whole budgets, %u used up; %u times idle time; %u overruns\n",
                  seen.bounded, seen.reached, seen.whole, seen.depleted, seen.in_idle_time, seen.overruns);
    if (only)
        return;
    assert_true(seen.bounded > SETS && seen.whole > SETS && seen.depleted > SETS && seen.in_idle_time > SETS);
    assert_true(lateness ? seen.overruns > SETS : seen.reached > SETS / 50);    /* all that is promised was tried */
}

static void a_random_set_runs_as_the_analysis_says(void **state)
{
    (void)state;
    run_sets(1, 0);
}

static void late_interrupts_give_nobody_more_than_one_overrun(void **state)
{
    (void)state;
    run_sets(1 + SETS, LATEST);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_random_set_runs_as_the_analysis_says),
        cmocka_unit_test(late_interrupts_give_nobody_more_than_one_overrun),
    };

    only = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
