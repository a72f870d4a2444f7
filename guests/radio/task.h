/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The radio's kernel: fixed-priority preemptive tasks, each with a stack and
 * FP registers of its own, woken at a time or by a semaphore. There is no
 * tick: the virtual timer is set for the next task that wakes.
 */
#ifndef RADIO_TASK_H
#define RADIO_TASK_H

#include <stdint.h>

#include "histogram.h"
#include "sched.h"

/* How late the timer's interrupt came, at its first instructions, for every release of a timed task. */
extern struct histogram release_latency;

/* How often the idle task found its FP registers changed. Always 0, or something below is wrong. */
extern volatile uint64_t fp_lost;

void kernel_init(void);

/* A task of that priority, 1 to TASKS - 1; `entry` never returns. `timed`: its releases count in release_latency. */
void task_create(unsigned priority, void (*entry)(void *), void *argument, bool timed);

/* Does not return: the caller goes on as the idle task. */
_Noreturn void kernel_run(void);

void sleep_until(uint64_t ticks);
void semaphore_take(struct semaphore *semaphore);
void semaphore_give(struct semaphore *semaphore);
#endif
