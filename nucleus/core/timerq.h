/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The timer queue of a CPU: a binary heap of events by deadline. An event is
 * part of the object that waits, so nothing is allocated; queueing and
 * cancelling cost at most log2(TIMERQ_MAX) steps.
 */
#ifndef NUCLEUS_CORE_TIMERQ_H
#define NUCLEUS_CORE_TIMERQ_H

#include <stdbool.h>
#include <stdint.h>

#define TIMERQ_MAX   432  /* events waiting on one CPU: EVENTS_EACH of each context on it (sched_set) */
#define EVENTS_EACH  3    /* a vCPU's two timers, or a worker's time-out; and its next budget */

struct event {
    uint64_t deadline;                /* in ticks of CNTPCT_EL0 */
    void (*fire)(struct event *);     /* called by the scheduler, with the event no longer queued */
    uint32_t position;                /* 1-based place in the heap, 0 when not queued */
    uint8_t priority;                 /* of the context that it is for */
};

struct timerq {
    uint32_t count;
    struct event *heap[TIMERQ_MAX + 1];
};

static inline bool event_queued(const struct event *e) { return e->position != 0; }

/* Queues an event; moves it if it is queued already. */
void timerq_set(struct timerq *q, struct event *e, uint64_t deadline);
void timerq_cancel(struct timerq *q, struct event *e);

/* The earliest deadline, UINT64_MAX when nothing waits. */
static inline uint64_t timerq_next(const struct timerq *q)
{
    return q->count ? q->heap[1]->deadline : UINT64_MAX;
}

/* That of the event after it, or UINT64_MAX. */
uint64_t timerq_second(const struct timerq *q);

/* Takes the earliest event off the queue if it is due. */
struct event *timerq_pop_due(struct timerq *q, uint64_t now);
#endif
