/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Response-time analysis for the nucleus's scheduler: fixed priorities on each
 * CPU, preemptive, every context with a budget a deferrable server on a fixed
 * grid of periods (it may use its budget at any time in its period).
 * After Joseph and Pandya (1986); a deferrable server interferes like a
 * periodic task with release jitter period - budget (Bernat and Burns, 1999).
 */
#ifndef TOOLS_RTA_H
#define TOOLS_RTA_H

#include <stddef.h>
#include <stdint.h>

#define RTA_UNBOUNDED UINT64_MAX
#define RTA_LIMIT     UINT64_C(10000000000)    /* ns; what takes longer counts as unbounded */

/* Times in nanoseconds. */
struct task {
    unsigned cpu, priority;
    uint64_t budget, period;                   /* 0: unlimited */
    uint64_t lock;                             /* the nucleus may wait so long for its VM's lock, held on other CPUs */
};

/* What the nucleus takes: for each switch to another context and back, and how long it is not preempted, but for locks. */
struct rta_costs {
    uint64_t switch_ns, blocking_ns;
};

/* Must `other` be counted on to run before `task`? Those of the same priority take turns, so they may. */
int rta_interferes(const struct task *task, const struct task *other);

/*
 * The longest time from an interrupt that wakes `which` (or finds it preempted)
 * to its first instruction, while it has budget left.
 */
uint64_t rta_latency(const struct task *, size_t count, size_t which, const struct rta_costs *);

/* The longest time from the start of a period till `which` has had its whole budget. It must have one. */
uint64_t rta_completion(const struct task *, size_t count, size_t which, const struct rta_costs *);
#endif
