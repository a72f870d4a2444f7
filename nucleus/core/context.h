/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An execution context: a VM's vCPU or a service's thread. What runs is a
 * scheduling context; it carries the one context that its time is spent in:
 * its own, or the portal handler at the end of its chain of calls.
 */
#ifndef NUCLEUS_CORE_CONTEXT_H
#define NUCLEUS_CORE_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/fp.h"
#include "arm64/frame.h"
#include "base/list.h"
#include "belay/abi.h"
#include "core/timerq.h"

struct cpu;
struct domain;
struct context;
struct portal;

enum context_state {
    CONTEXT_DORMANT,    /* numbered as enum belay_activity; not started, or stopped */
    CONTEXT_READY,      /* runs when it is its turn */
    CONTEXT_WAITING,    /* WFI, or a notification without bits */
    CONTEXT_CALLING,    /* in a portal call: the handler runs for it */
    CONTEXT_DOWN,       /* calls a service that is down: goes on when it is up */
};

/* A priority, a budget in each period, and the CPU they are for. Times in ticks. */
struct sched {
    struct list ready;          /* in its CPU's run queue */
    struct context *running;    /* the end of the chain of calls */
    const enum belay_state *gate;   /* it runs while this is RUNNING: the state of its own context's domain */
    uint8_t depth;              /* calls in the chain */
    uint8_t priority;           /* as configured, 1 to 255; 0: there is none */
    uint8_t level;              /* where it is queued: its priority, or 0 in idle time */
    uint8_t cpu;
    bool queued;
    bool idle_time;
    bool depleted;              /* waits for `replenish` */
    uint64_t budget, period;
    int64_t remaining;          /* below 0: what it ran over, taken off the next budget */
    uint64_t period_start;
    struct event replenish;
    uint64_t ticks;             /* used since the start */
    uint32_t exhausted, switches;
    /* How late it ran after it waited: context_wait. */
    uint64_t due;               /* while it waits: its timer's deadline, if it has one; then since when it could run; else 0 */
    int64_t late;               /* the last time; 0: it is in those below. Counters that are read out of order: less */
    uint64_t late_total, late_worst;
    uint32_t wakes;
};

/* What an exit of a context does, by its exception class: the tables are in entry/exit.c, above all that they name. */
typedef void (*exit_handler)(struct context *c, uint64_t esr);
extern const exit_handler vcpu_exits[64], thread_exits[64];

struct context_class {
    const exit_handler *exits;
    /* Puts the context's registers into this CPU, so that the vectors can resume its frame. */
    void (*enter)(struct cpu *, struct context *);
    /* Takes its registers out of this CPU. NULL where `cpu->loaded` is never one of these. */
    void (*leave)(struct context *);
    /* It was stopped: what this CPU keeps of it, its registers and timers, goes back to it. NULL: nothing. */
    void (*stopped)(struct context *);
    /* A portal handler answered this context's call with x0..x3. */
    void (*reply)(struct context *, const uint64_t words[4]);
};

struct context {
    struct frame frame;                 /* first: the vectors store here */
    const struct context_class *class;
    struct domain *domain;
    struct list siblings;               /* in its domain */
    struct sched *sched;                /* what it runs on now; NULL for a handler that is in no call */
    struct context *caller;             /* of a handler in a call */
    struct list waiting;                /* CONTEXT_DOWN: among the callers of that service */
    struct notification *notification;  /* what it waits for, or NULL */
    struct domain *stopping;            /* what it waits to be stopped, or NULL */
    enum context_state state;
    uint8_t index;                      /* in its domain */
    uint32_t trace_name;                /* TRACE_NAME of it */
    uint32_t interrupts;
    uint32_t exits[BELAY_EXIT_CAUSES];  /* by cause */
    struct fp_state fp;
    struct sched own_sched;
};

/* Adds a context to its domain. BELAY_ENOMEM when the domain has CONTEXTS_MAX: a service can have a handler for each vCPU. */
#define CONTEXTS_MAX 144
int context_init(struct context *c, const struct context_class *class, struct domain *d);

/* WAITING or DOWN to READY; READY to any other. */
void context_wake(struct context *c);
void context_block(struct context *c, enum context_state state);

/*
 * READY to WAITING for an event, and back when that has come: now, or when it was due if that was earlier. How long it
 * takes from then till the context is in the CPU is how late it ran: once for each wait, preempted or not after that.
 */
void context_wait(struct context *c);
void context_release(struct context *c);

/* Any state to DORMANT, on its CPU: calls that it makes or serves end, it waits for nothing. */
void context_stop(struct context *c);

/* Its registers leave this CPU's hardware, in which nobody else's are then; for what it runs on is not queued. */
void context_unload(struct context *c);

/*
 * What has been used on its own scheduling context so far, in ticks, all of its
 * exits, and the domain that this time is spent in now. Any CPU may ask. What the
 * context's CPU charges in just that moment may be missing once.
 */
uint64_t context_ticks(const struct context *c);
uint32_t context_exits(const struct context *c);
const struct domain *context_spends_in(const struct context *c);

/* FP and SIMD now belong to `c`: the trap of their first use after another's (CPTR_EL2.TFP). */
void context_take_fp(struct context *c);
#endif
