/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scheduler of a CPU: fixed priority, preemptive, O(1). A scheduling
 * context with a period has its budget anew in each period and waits (or runs
 * in idle time) once it is used up; one with a budget and no period takes
 * turns with others of its priority; one without a budget runs till it blocks.
 */
#ifndef NUCLEUS_CORE_SCHED_H
#define NUCLEUS_CORE_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "core/context.h"
#include "core/cpu.h"

void sched_init_cpu(struct cpu *cpu);

/* Sets the parameters; the context does not run. Times in ticks. */
int sched_set(struct context *c, unsigned cpu, unsigned priority, bool idle_time, uint64_t budget, uint64_t period);

/* Does the domain whose time it is run? That at the end of a chain of calls does. */
static inline bool sched_may_run(const struct sched *s)
{
    return __atomic_load_n(s->gate, __ATOMIC_RELAXED) == BELAY_STATE_RUNNING;
}

static inline void sched_note_lateness(struct sched *s)
{
    s->late = (int64_t)(now() - s->due);
    s->due = 0;
}

static inline void sched_forget_lateness(struct sched *s)
{
    s->late = 0;
    s->late_total = s->late_worst = s->wakes = 0;
}

/* The context at the end of its chain can run, or cannot. */
void sched_ready(struct sched *s);
void sched_block(struct sched *s);

/* Behind all others of its level. */
void sched_rotate(struct sched *s);

/*
 * Chooses what runs next and enters it. In idle, waits for interrupts till something can run. Of the events that are due
 * and could change that choice it fires the one of the highest priority: a stay in the nucleus is no longer for many.
 */
void schedule(struct cpu *cpu);

/* Enters a context on the scheduling context that runs already. */
void switch_to(struct cpu *cpu, struct context *next);

/* Queues an event of a context on this CPU, so that it fires in time; all but the scheduler itself do it by this. */
static inline void sched_set_event(const struct context *c, struct event *e, uint64_t deadline)
{
    struct cpu *cpu = this_cpu();

    if (deadline < cpu->programmed)
        cpu->reschedule = true;     /* which programs the timer */
    timerq_set(&cpu->timers, e, c->sched->priority, deadline);
}

/* The timer interrupt: the scheduler fires what is due, and programs the timer anew. */
static inline void sched_timer(struct cpu *cpu)
{
    cpu->reschedule = true;
}
#endif
