/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timer queue of a CPU, by priority: what comes first of that a priority
 * need heed, and of what is due, what is for the highest. Each priority's
 * events are a leftist heap by deadline (Crane, 1972; Knuth, volume 3, 5.2.3):
 * queueing and cancelling take a few times the logarithm of their number
 * steps, looking takes one for each priority in use. Events are part of the
 * objects that wait: nothing is allocated, and there is no limit to them.
 */
#ifndef NUCLEUS_CORE_TIMERQ_H
#define NUCLEUS_CORE_TIMERQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIMERQ_PRIORITIES 256
#define TIMERQ_WORDS      (TIMERQ_PRIORITIES / 64)

struct event {
    uint64_t deadline;                /* in ticks of CNTPCT_EL0 */
    void (*fire)(struct event *);     /* called by the scheduler, with the event no longer queued */
    struct event *left, *right;       /* due no earlier */
    struct event *parent;             /* NULL: it is the first of its priority */
    uint8_t rank;                     /* 1 + the right one's, which is no more than the left one's; 0 when not queued */
    uint8_t priority;                 /* of the context that it is for */
};

struct timerq {
    uint64_t earliest;                          /* no event is due before this */
    uint64_t used[TIMERQ_WORDS];                /* a bit for each priority that has events */
    struct event *first[TIMERQ_PRIORITIES];     /* of each of them */
};

static inline bool event_queued(const struct event *e) { return e->rank != 0; }

/* Takes out an event that is queued. */
void timerq_remove(struct timerq *q, struct event *e);

/* Queues one that is not where its priority has others already. */
void timerq_add(struct timerq *q, struct event *e);

/* Queues an event; moves it if it is queued already. */
static inline void timerq_set(struct timerq *q, struct event *e, uint8_t priority, uint64_t deadline)
{
    if (event_queued(e))
        timerq_remove(q, e);
    e->deadline = deadline;
    e->left = e->right = e->parent = NULL;
    e->rank = 1;
    e->priority = priority;
    if (deadline < q->earliest)
        q->earliest = deadline;
    if (q->first[priority]) {
        timerq_add(q, e);
        return;
    }
    q->first[priority] = e;
    q->used[priority / 64] |= UINT64_C(1) << priority % 64;
}

static inline void timerq_cancel(struct timerq *q, struct event *e)
{
    if (event_queued(e))
        timerq_remove(q, e);
}

/* The earliest deadline of this priority and above, UINT64_MAX when none waits. Bound: the priorities in use. */
static inline uint64_t timerq_next(const struct timerq *q, unsigned priority)
{
    uint64_t next = UINT64_MAX, mask = ~UINT64_C(0) << priority % 64;

    for (unsigned w = priority / 64; w < TIMERQ_WORDS; w++, mask = ~UINT64_C(0))
        for (uint64_t used = q->used[w] & mask; used; used &= used - 1) {
            uint64_t deadline = q->first[w * 64 + (unsigned)__builtin_ctzll(used)]->deadline;
            next = deadline < next ? deadline : next;
        }
    return next;
}

/* Of the events that are due by `now`, the first of the highest priority; or NULL. Bound: likewise. */
struct event *timerq_highest_due(struct timerq *q, uint64_t now);
#endif
