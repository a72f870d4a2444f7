/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Budgets, for all 64-bit parameters that SCHED takes and as long as the counter is below 2^62: nothing overflows, and
 * nobody gains. In the time from one call to the next a context has at most what it had, and a budget for each period
 * that began; what it ran over is owed. What one call ensures the next requires.
 */
#include "sequential.h"

#include "core/context.h"

/*@ lemma floor: \forall integer a, p; 0 < p && 0 <= a ==> 0 <= a / p * p <= a < a / p * p + p;
    lemma fits: \forall integer a, p; 0 < p && 0 <= a <= UINT64_MAX ==> (uint64_t)(a / p) == a / p;
    lemma back: \forall integer a, p; 0 < p && 0 <= a <= UINT64_MAX ==> 0 <= (uint64_t)(a / p) * p <= a;
    lemma least: \forall integer a, p; 0 < p <= a ==> p <= a / p * p;
    lemma product: \forall integer a, b, c; 0 <= a && b <= c ==> b * a <= c * a;
    lemma share: \forall integer a, b, p; 0 <= b <= p && 0 < p && 0 <= a ==> 0 <= a / p * b <= a;
    lemma shares: \forall integer a, b, p; 0 <= b && 0 < p && 0 <= a ==> (a / p * b) * p <= a * b;
    // A budget for each whole period is no more than the others' contracts say by products: n * p <= a where n is a / p.
    lemma whole: \forall integer had, has, n, a, b, p; 0 <= b && 0 < p && n * p <= a && has <= had + n * b ==>
        has * p <= had * p + a * b;

    predicate is_time(integer t) = 0 <= t < (1 << 62);

    // As SCHED takes them: 0 is no budget that ends, and no period.
    predicate is_possible(integer budget, integer period) =
        0 <= budget <= INT64_MAX && 0 <= period <= INT64_MAX && (period > 0 ==> 0 < budget <= period);

    predicate is_periodic(struct sched *s) = s->period > 0 && is_possible(s->budget, s->period);

    predicate is_in_period(struct sched *s, integer t) = s->period_start <= t < s->period_start + s->period;

    // What it has, or owes: no more than there was time.
    predicate is_account(struct sched *s, integer t) = -t <= s->remaining <= s->budget;

    // What it has and what it ran are no more than what it had, and a budget for each period of the time. It has a name of its
    // own, so that a prover multiplies only where it is told what follows.
    axiomatic Gain {
        predicate is_fair(integer had, integer has, integer ran, integer time, integer budget, integer period) reads \nothing;
        axiom fair: \forall integer had, has, ran, time, budget, period; is_fair(had, has, ran, time, budget, period) <==>
            0 <= time && (has + ran) * period <= had * period + time * budget;
    }
    lemma renews: \forall integer had, time, budget, period; 0 <= had && 0 <= budget && 0 < period <= time ==>
        is_fair(had, budget, 0, time, budget, period);

    predicate no_gain{A, B}(struct sched *s, integer ran) = is_fair(\at(s->remaining, A), \at(s->remaining, B), ran,
        \at(s->period_start, B) - \at(s->period_start, A), \at(s->budget, A), \at(s->period, A));
*/

/*@ assigns \nothing;
    ensures \result <==> is_possible(budget, period); */
static inline bool budget_is_possible(uint64_t budget, uint64_t period);

/*@ requires \valid_read(s) && is_periodic(s) && is_time(s->period_start);
    assigns \nothing;
    ensures \result == s->period_start + s->period; */
static inline uint64_t budget_next_period(const struct sched *s);

/*@ requires \valid_read(s) && is_time(t) && s->period_start <= t;
    assigns \nothing;
    ensures \result <==> s->period_start + s->period <= t; */
static inline bool budget_period_is_over(const struct sched *s, uint64_t t);

/*@ requires \valid_read(s) && is_time(t) && 0 < s->remaining <= s->budget <= INT64_MAX;
    assigns \nothing;
    ensures \result == t + s->remaining; */
static inline uint64_t budget_lasts_till(const struct sched *s, uint64_t t);

/*@ requires \valid(s) && is_periodic(s) && is_time(t) && s->period_start <= t;
    assigns s->period_start;
    ensures \old(s->period_start) <= s->period_start && is_in_period(s, t);
    ensures \old(s->period_start) + s->period <= t ==> \old(s->period_start) + s->period <= s->period_start; */
static inline void budget_begin_period(struct sched *s, uint64_t t);

/*@ requires \valid(s) && s->budget <= INT64_MAX;
    assigns s->remaining;
    ensures s->remaining == s->budget; */
static inline void budget_give(struct sched *s);

/*@ requires \valid(s) && is_periodic(s) && is_time(t) && s->period_start + s->period <= t && 0 <= s->remaining;
    assigns s->period_start, s->remaining;
    ensures is_in_period(s, t) && s->remaining == s->budget;
    ensures no_gain{Pre, Post}(s, 0); */
static inline void budget_renew(struct sched *s, uint64_t t);

/*@ requires \valid(s) && is_periodic(s) && is_time(t) && begin <= t && s->period_start <= t;
    requires 0 < s->remaining <= s->budget;
    assigns s->period_start, s->remaining;
    ensures is_in_period(s, t) && is_account(s, t);
    ensures (s->remaining + (t - begin)) * s->period <=
            \old(s->remaining) * s->period + (s->period_start - \old(s->period_start)) * s->budget; */
static inline void budget_charge_periods(struct sched *s, uint64_t begin, uint64_t t);

/*@ requires \valid(s) && is_possible(s->budget, s->period) && is_time(t) && used <= t && s->period_start <= t;
    requires s->ticks <= t - used && s->depleted <= 1;
    requires s->depleted == 0 && s->budget > 0 ==> 0 < s->remaining <= s->budget;
    assigns s->ticks, s->period_start, s->remaining;
    ensures s->ticks == \old(s->ticks) + used;
    behavior uncounted:
        assumes s->depleted != 0 || s->budget == 0;
        ensures !\result && s->remaining == \old(s->remaining) && s->period_start == \old(s->period_start);
    behavior slice:
        assumes s->depleted == 0 && s->budget > 0 && s->period == 0;
        ensures s->remaining == \old(s->remaining) - used && s->period_start == \old(s->period_start);
        ensures \result <==> s->remaining <= 0;
    behavior period:
        assumes s->depleted == 0 && 0 < s->period && t < s->period_start + s->period;
        ensures s->remaining == \old(s->remaining) - used && s->period_start == \old(s->period_start);
        ensures \result <==> s->remaining <= 0;
    behavior periods:
        assumes s->depleted == 0 && 0 < s->period && s->period_start + s->period <= t;
        ensures is_in_period(s, t) && is_account(s, t);
        ensures \result <==> s->remaining <= 0;
        ensures (s->remaining + used) * s->period <=
                \old(s->remaining) * s->period + (s->period_start - \old(s->period_start)) * s->budget; */
static inline bool budget_charge(struct sched *s, uint64_t used, uint64_t t);

/*@ requires \valid(s) && is_periodic(s) && is_time(t) && s->period_start <= t && -t <= s->remaining <= 0;
    assigns s->period_start, s->remaining;
    ensures is_in_period(s, t) && is_account(s, t);
    ensures s->remaining <= \old(s->remaining) + (s->period_start - \old(s->period_start)) / s->period * s->budget;
    ensures \result <==> 0 < s->remaining; */
static inline bool budget_replenish(struct sched *s, uint64_t t);

#include "core/budget.h"
