/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Budgets, for all 64-bit parameters that sched_set takes and as long as the counter is below 2^62: nothing
 * overflows, and nobody gains. In the time from one call to the next a context has at most what it had, and a budget
 * for each period that began; what it ran over is owed.
 */
#include "sequential.h"

#include "core/cpu.h"
#include "core/domain.h"
#include "core/sched.h"

/*@ lemma floor: \forall integer a, p; 0 < p && 0 <= a ==> 0 <= a / p * p <= a < a / p * p + p;
    lemma fits: \forall integer a, p; 0 < p && 0 <= a <= UINT64_MAX ==> (uint64_t)(a / p) == a / p;
    lemma back: \forall integer a, p; 0 < p && 0 <= a <= UINT64_MAX ==> 0 <= (uint64_t)(a / p) * p <= a;
    lemma least: \forall integer a, p; 0 < p <= a ==> p <= a / p * p;
    lemma product: \forall integer a, b, c; 0 <= a && b <= c ==> b * a <= c * a;

    predicate is_time(integer t) = 0 <= t < (1 << 62);

    // As sched_set takes them, with a period.
    predicate is_periodic(struct sched *s) = 0 < s->budget <= s->period <= INT64_MAX;
*/

/*@ requires \valid(s) && is_periodic(s) && is_time(t) && s->period_start <= t;
    assigns s->period_start;
    ensures \old(s->period_start) <= s->period_start <= t < s->period_start + s->period;
    ensures \old(s->period_start) + s->period <= t ==> \old(s->period_start) + s->period <= s->period_start;
*/
static void begin_period(struct sched *s, uint64_t t);

/*@ requires \valid(s) && is_periodic(s) && is_time(t) && begin <= t && s->period_start <= t;
    requires 0 < s->remaining <= s->budget;
    assigns s->period_start, s->remaining;
    ensures \old(s->period_start) <= s->period_start <= t < s->period_start + s->period;
    ensures -t <= s->remaining <= s->budget;
    ensures (s->remaining + (t - begin)) * s->period <=
            \old(s->remaining) * s->period + (s->period_start - \old(s->period_start)) * s->budget;
*/
static void charge_periods(struct sched *s, uint64_t begin, uint64_t t);

#include "core/sched.c"
