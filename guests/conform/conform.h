/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest that holds a machine to its word: what the architecture, the GIC's
 * specification and PSCI promise. It says the same on the bare machine, which is
 * its reference, as on Belay. Each case is named before it runs, so that one that
 * hangs is known. Interrupts stay masked in PSTATE but where a case lets them in.
 */
#ifndef CONFORM_H
#define CONFORM_H

#include <stdbool.h>
#include <stdint.h>

struct promise {
    const char *name;
    void (*keep)(void);
    unsigned gic;                       /* the version of the interrupt controller that it is about; 0: any */
};
#define PROMISE(f) { #f, f, 0 }
#define PROMISE_OF(gic, f) { #f, f, gic }

/* Promises of one kind. */
struct group {
    const char *name;
    const struct promise *promises;     /* ended by one without a name */
    unsigned gic;                       /* the same of all of them */
};

/* The promise at hand is broken where the two differ. */
#define SAME(got, want) same(#got, (uint64_t)(got), (uint64_t)(want))
bool same(const char *what, uint64_t got, uint64_t want);

/* The same of one of many accesses: broken, for that reason. */
void broken_at(const char *what, uint64_t address, unsigned size, uint64_t got, uint64_t want);

/* Nothing enabled, pending or active, timers off: how each begins. */
void all_quiet(void);

/* The groups, each in its file. */
extern const struct promise gic_dist[], gic_redist[], gic_cpuif[], gic_groups[];
extern const struct promise gicv2_dist[], gicv2_cpuif[], gicv2_sgis[], gicv2_groups[];
extern const struct promise gic_delivery[], gic_priority[], gic_several[];
extern const struct promise timers[], counters[], psci[], ids[], features[], debugging[], breakpoints[], pmu[];
extern const struct promise exceptions[], exceptions_el0[], access_to_devices[], caches[], mmu[], fp[];
#endif
