/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CPU of the nucleus's core without hardware: three services with threads, a
 * clock (CNTPCT_EL0) that stands still until a test moves it, and a timer that
 * interrupts when the clock is at CNTHP_CVAL_EL2.
 */
#ifndef TESTS_UNIT_CORE_WORLD_H
#define TESTS_UNIT_CORE_WORLD_H

#include "core/cpu.h"
#include "core/domain.h"
#include "core/sched.h"
#include "core/thread.h"

#define WORLD_DOMAINS 8
#define WORLD_THREADS 16
#define WORLD_EPOCH   UINT64_C(1000000)     /* the clock at the start of a test */

extern struct cpu world_cpu;            /* the test is on it */
extern struct domain world_domain[WORLD_DOMAINS];       /* all run */
extern struct thread world_thread[WORLD_THREADS];       /* each in the domain of its number, modulo WORLD_DOMAINS */

/*
 * A second CPU, which a test lets run by cpus_running = 2: it does what is
 * called while the test is on it, and takes its messages when it is told to.
 */
extern struct cpu world_other;
void world_on(struct cpu *cpu);
bool world_takes_messages(void);        /* one interrupt of the CPU that the test is on; false: none is pending */

extern void (*world_interrupt)(void);       /* what an interrupt does that the scheduler takes; NULL: it is the timer's */

extern void (*world_sgi)(unsigned cpu);     /* what becomes of one at once, on the CPU that sends it; NULL: nothing */

/* A cmocka set-up function: all is new. */
int world_begin(void **state);

struct context *world_context(unsigned n);

/* Gives thread n a scheduling context and makes it ready. */
struct context *world_start(unsigned n, unsigned priority, uint64_t budget, uint64_t period);

/* The clock moves to WORLD_EPOCH + t, with all that happens till then; idle included. */
void world_run_to(uint64_t t);

/* What a thread has used so far. */
uint64_t world_used(unsigned n);

/* Whether thread n is what runs. */
bool world_runs(unsigned n);
#endif
