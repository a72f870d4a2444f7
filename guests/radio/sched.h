/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The radio's scheduler, without the hardware: who is ready, who sleeps until
 * when, who waits for a semaphore. A task is known by its priority, and each
 * priority has one task, so all sets of tasks are bit masks. Task 0 idles: it
 * is always ready. Callers have interrupts masked.
 */
#ifndef RADIO_SCHED_H
#define RADIO_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#define TASKS 8                 /* priorities 0 (idle) to 7 */
#define IDLE  0

struct sched {
    uint32_t ready;
    uint32_t sleeping;
    uint64_t wake[TASKS];       /* of those that sleep */
};

struct semaphore {
    uint32_t count;
    uint32_t waiting;
};

void sched_init(struct sched *s);

/* A task is ready for the first time. */
void sched_add(struct sched *s, unsigned task);

/* The ready task of the highest priority. */
unsigned sched_first(const struct sched *s);

/* A ready task sleeps. */
void sched_sleep(struct sched *s, unsigned task, uint64_t until);

/* The tasks whose time has come by `now` are ready again; tells which. */
uint32_t sched_wake(struct sched *s, uint64_t now);

/* When the next task wakes; UINT64_MAX when none sleeps. */
uint64_t sched_next_wake(const struct sched *s);

/* False when the task has to wait: it is ready again when it has the semaphore. */
bool sched_take(struct sched *s, struct semaphore *semaphore, unsigned task);

/* The waiting task of the highest priority gets it. */
void sched_give(struct sched *s, struct semaphore *semaphore);
#endif
