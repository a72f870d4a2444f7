/* SPDX-License-Identifier: Apache-2.0 */
/* What EL0 may do to the CPU: read the counter, order its accesses, clean caches (SCTLR_EL1.UCI and UCT are set). */
#ifndef SERVICE_CPU_H
#define SERVICE_CPU_H

#include <stddef.h>
#include <stdint.h>

#ifdef BELAY_HOST_TEST
uint64_t counter_now(void);
uint64_t counter_hz(void);
void cache_sync_code(const void *start, size_t bytes);
void cache_clear(void *start, size_t bytes);
#else
/* Ticks of the system counter. */
static inline uint64_t counter_now(void)
{
    uint64_t ticks;

    __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
    return ticks;
}

/* How many of them there are in a second. */
static inline uint64_t counter_hz(void)
{
    uint64_t hz;

    __asm__("mrs %0, cntfrq_el0" : "=r"(hz));
    return hz;
}

/* Makes what was written there fit to be executed, by any CPU and from any mapping (Arm ARM, B2.4.4). */
void cache_sync_code(const void *start, size_t bytes);

/* Zeroes whole pages of RAM, also for who reads it past the caches. */
void cache_clear(void *start, size_t bytes);

/* What is written before is seen before what is written after, by all CPUs. */
static inline void write_barrier(void) { __asm__ volatile("dmb ishst" ::: "memory"); }
static inline void read_barrier(void) { __asm__ volatile("dmb ishld" ::: "memory"); }
#endif
#endif
