/* SPDX-License-Identifier: Apache-2.0 */
/* A physical CPU: its stack, what runs on it, its queues. Found by TPIDR_EL2; nothing of it is another CPU's to touch. */
#ifndef NUCLEUS_CORE_CPU_H
#define NUCLEUS_CORE_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/cpu_index.h"
#include "arm64/smccc.h"
#include "arm64/sysreg.h"
#include "base/list.h"
#include "core/context.h"
#include "core/timerq.h"
#include "core/trace.h"

#define PRIORITIES     256
#define CPU_STACK_SIZE 4096

/*
 * CPTR_EL2 with E2H 0 (Arm ARM, D17.2.34): no SVE, SME, activity monitors or
 * trace for anyone; FP and SIMD trap while another context's are in the registers.
 */
#define CPTR_FP_TRAP  0x401037ffu
#define CPTR_FP_OPEN  (CPTR_FP_TRAP & ~(1u << 10))

struct message;
struct thread;
struct el0_view;

/* What the vectors call, with what ran: entry/exit.c and entry/exit_traced.c each have a set. */
struct exits {
    void (*sync)(struct context *c, uint64_t esr, struct cpu *cpu);
    void (*irq)(struct cpu *cpu, struct context *c);
};
extern const struct exits exits_plain, exits_traced;

struct cpu {
    struct context *current;        /* resumed by the vectors; NULL before the first */
    struct sched *sched;            /* whose time it is; NULL in idle */
    bool reschedule;                /* the choice of `sched` may be out of date */
    uint8_t index;
    bool running;                   /* it has left the boot room */
    int8_t workaround[WORKAROUNDS]; /* what SMCCC_ARCH_FEATURES says of each on it */
    struct exits exits;
    struct context *loaded;         /* the vCPU whose EL1 state the hardware holds, or NULL */
    struct el0_view *loaded_el0;    /* where its el0_view is saved while a service runs, or NULL */
    struct thread *el0_thread;      /* the thread whose view of EL0 the hardware holds; NULL: the loaded vCPU's */
    struct context *fp_owner;       /* whose FP state the hardware holds, or NULL */
    bool fp_open;                   /* CPTR_EL2.TFP is 0 */
    uint64_t guest_hcr;             /* WFI traps where another could use the time, or waiting would use up a budget; WFE
                                       where an equal could */
    uint64_t since;                 /* time is charged to `sched` from here on */
    uint64_t programmed;            /* CNTHP_CVAL_EL2 */
    uint64_t in_vain;               /* when an event was fired last that changed nothing */
    uint64_t microsecond;           /* in ticks, about: the length of a switch there and back */
    uint64_t mpidr;
    struct message *inbox;          /* sent by other CPUs, the newest first */
    struct message *unread;         /* taken out of it, not delivered yet */
    uint32_t ready_count;
    uint64_t ready_bits[PRIORITIES / 64];
    struct trace trace;
    struct timerq timers;           /* what is used most is near the start: its address is no work */
    struct list ready[PRIORITIES];
};

_Static_assert(offsetof(struct cpu, current) == CPU_CURRENT, "vectors.S");
_Static_assert(offsetof(struct cpu, reschedule) == CPU_RESCHEDULE, "vectors.S");
_Static_assert(offsetof(struct cpu, index) == CPU_INDEX, "arm64/cpu_index.h");
_Static_assert(offsetof(struct cpu, exits.sync) == CPU_EXIT_SYNC, "vectors.S");
_Static_assert(offsetof(struct cpu, exits.irq) == CPU_EXIT_IRQ, "vectors.S");

#ifdef BELAY_HOST_TEST
extern struct cpu *fake_cpu;
static inline struct cpu *this_cpu(void) { return fake_cpu; }
#else
static inline struct cpu *this_cpu(void) { return (struct cpu *)sysreg_read(tpidr_el2); }
#endif

/* Those that run, by index. Written while booting. */
extern struct cpu *cpus[CPUS_MAX];
extern unsigned cpus_running;

/* A CPU's stack, and above it its struct cpu. The boot CPU's lies above read-only memory, so that an overrun faults. */
struct cpu_area {
    _Alignas(16) uint8_t stack[CPU_STACK_SIZE];
    struct cpu cpu;
};

/* Whose stage 2, and how EL2 is configured for it. */
static inline void cpu_set_space(uint64_t vttbr, uint64_t hcr)
{
    sysreg_write(vttbr_el2, vttbr);
    sysreg_write(hcr_el2, hcr);
}

static inline uint64_t now(void) { return sysreg_read(cntpct_el0); }
#endif
