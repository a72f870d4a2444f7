/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tracing (belay/trace.h): each CPU writes what happens on it into an extent of
 * its own, while it has one. What is off costs a test of the CPU's mask, and exits
 * not even that: a CPU that is traced has the vectors call others (struct exits).
 */
#ifndef NUCLEUS_CORE_TRACE_H
#define NUCLEUS_CORE_TRACE_H

#include <stdint.h>

#include "base/assert.h"
#include "belay/trace.h"
#include "core/message.h"

struct cpu;
struct context;
struct domain;
struct mem;

/* Whose a struct trace is: the CPU's own from ON till STOPPED; when CLAIMED, of who took it from OFF or STOPPED. */
enum trace_state { TRACE_OFF, TRACE_CLAIMED, TRACE_ON, TRACE_STOPPING, TRACE_STOPPED };

struct trace {                              /* of a CPU */
    uint32_t kinds;                         /* those that are written, a BELAY_TRACE_BIT each */
    uint32_t wanted;
    struct belay_trace_record *next;        /* where the next record goes; nothing is taken from the extent */
    uint64_t written;
    struct belay_trace_record *end;
    struct belay_trace_ring *ring;
    struct mem *mem;
    uint32_t state;                         /* enum trace_state */
    struct message change;
};

/* What a context is called in records: its index and its domain's VMID, where they stand in one. */
#define TRACE_NAME(index, vmid) ((uint32_t)(index) << 8 | (uint32_t)(vmid) << 16)

#define TRACE_NO_DOMAIN         TRACE_NAME(BELAY_TRACE_DOMAIN, 0)

#define TRACE_OUT_OF_LINE __attribute__((noinline, cold))    /* in many places: short there */

/* Writes a record of this CPU, without a look at the mask. `what`: a TRACE_NAME and the kind. */
TRACE_OUT_OF_LINE void trace_put(struct cpu *cpu, uint64_t what, uint64_t a, uint64_t b);

/* Macros: the arguments of what is off cost nothing either. KIND: a BELAY_TRACE_*. */
#define traced(cpu, KIND) unlikely((cpu)->trace.kinds & BELAY_TRACE_BIT(BELAY_TRACE_##KIND))
#define trace_by_(cpu, KIND, name, a, b)                                    \
    do {                                                                    \
        if (traced(cpu, KIND))                                              \
            trace_put(cpu, (name) | BELAY_TRACE_##KIND, a, b);              \
    } while (0)
#define trace(cpu, KIND, context, a, b)     trace_by_(cpu, KIND, (context)->trace_name, a, b)
#define trace_of_domain(cpu, KIND, d, a, b) \
    trace_by_(cpu, KIND, TRACE_NAME(BELAY_TRACE_DOMAIN, (d)->space.vttbr >> 48), a, b)
#define trace_of_cpu(cpu, KIND, a)          trace_by_(cpu, KIND, TRACE_NO_DOMAIN, a, 0)

/* The interrupt that is about to be taken; where it is the timer in the hardware, whose. */
TRACE_OUT_OF_LINE void trace_interrupt(struct cpu *cpu);

/* Who runs on this CPU from now on; NULL: nobody. */
TRACE_OUT_OF_LINE void trace_switch(struct cpu *cpu, const struct context *c, unsigned priority);

void trace_init_cpu(struct cpu *cpu);

/*
 * Has a CPU write records of these kinds into an extent that is no pool, of
 * BELAY_TRACE_MIN_BYTES at least. It begins once a message has reached that CPU. EBUSY: it does already.
 */
int trace_start(struct cpu *cpu, struct mem *m, uint32_t kinds);

/* Ends it: when this returns OK, the extent is free again. EAGAIN: the CPU does not know yet; ESTATE: it has none. */
int trace_stop(struct cpu *cpu);
#endif
