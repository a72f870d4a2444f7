/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The account of a scheduling context: what it has run is taken off its budget, which a new period gives anew. What it
 * ran over is owed, what it left is lost. Nothing but arithmetic; what follows from it is the scheduler's. Times in ticks.
 */
#ifndef NUCLEUS_CORE_BUDGET_H
#define NUCLEUS_CORE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "core/context.h"

/* A budget of 0 has no end; one without a period is a time slice. */
static inline bool budget_is_possible(uint64_t budget, uint64_t period)
{
    return budget <= INT64_MAX && period <= INT64_MAX && (period == 0 || (0 < budget && budget <= period));
}

/* When the next period begins. */
static inline uint64_t budget_next_period(const struct sched *s)
{
    return s->period_start + s->period;
}

static inline bool budget_period_is_over(const struct sched *s, uint64_t t)
{
    return t - s->period_start >= s->period;
}

/* Till when what is left of it lasts, run from t on. */
static inline uint64_t budget_lasts_till(const struct sched *s, uint64_t t)
{
    return t + (uint64_t)s->remaining;
}

/* A new period has begun by time t: the start of the one that t is in. */
static inline void budget_begin_period(struct sched *s, uint64_t t)
{
    s->period_start += (t - s->period_start) / s->period * s->period;
}

/* All of it, whatever is left. */
static inline void budget_give(struct sched *s)
{
    s->remaining = (int64_t)s->budget;
}

/* In a new period, for one that owes nothing. */
static inline void budget_renew(struct sched *s, uint64_t t)
{
    budget_begin_period(s, t);
    budget_give(s);
}

/* Charges a run that a period began in, or before. Unused budget is lost then, and overrun is not. */
static inline void budget_charge_periods(struct sched *s, uint64_t begin, uint64_t t)
{
    uint64_t end;

    if (begin >= budget_next_period(s))                                 /* it was ready then, and not chosen */
        budget_renew(s, begin);
    /*@ loop invariant \at(begin, Pre) <= begin <= t && s->period_start <= t && begin <= s->period_start + s->period;
        loop invariant -begin <= s->remaining <= s->budget && s->period_start >= \at(s->period_start, Pre);
        loop invariant (s->remaining + (begin - \at(begin, Pre))) * s->period <= \at(s->remaining, Pre) * s->period +
            (s->period_start - \at(s->period_start, Pre)) * s->budget;
        loop assigns begin, end, s->period_start, s->remaining;
        loop variant t - s->period_start; */
    for (; (end = budget_next_period(s)) <= t; begin = end) {           /* bound: a run is a budget and how late it ends */
        int64_t left = s->remaining - (int64_t)(end - begin);
        s->remaining = (int64_t)s->budget + (left < 0 ? left : 0);
        s->period_start = end;
    }
    s->remaining -= (int64_t)(t - begin);
}

/* Charges what it ran till t. In idle time that costs no budget. True: now it is used up. */
static inline __attribute__((always_inline)) bool budget_charge(struct sched *s, uint64_t used, uint64_t t)
{
    s->ticks += used;
    if (s->budget == 0 || s->depleted)
        return false;
    if (s->period && budget_period_is_over(s, t))
        budget_charge_periods(s, t - used, t);
    else
        s->remaining -= (int64_t)used;
    return s->remaining <= 0;
}

/* After it was used up: the budgets of the periods that have begun by t, less what it owes. True: some is left. */
static inline bool budget_replenish(struct sched *s, uint64_t t)
{
    uint64_t last = s->period_start;

    budget_begin_period(s, t);
    uint64_t periods = (s->period_start - last) / s->period;    /* more than one while higher ones ran */
    s->remaining += (int64_t)(periods * s->budget);
    if (s->remaining > (int64_t)s->budget)
        budget_give(s);
    return s->remaining > 0;
}
#endif
