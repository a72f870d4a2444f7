/* SPDX-License-Identifier: Apache-2.0 */
/* A thread of a service: EL0 under HCR_EL2.TGE, stage 2 only. */
#ifndef NUCLEUS_CORE_THREAD_H
#define NUCLEUS_CORE_THREAD_H

#include "arm64/el0.h"
#include "core/context.h"
#include "core/cpu.h"

struct thread {
    struct context context;         /* first */
    uint64_t stack;                 /* top, where each start and each call begins */
    uint64_t sp_el0, tpidr_el0;     /* while it is not in the hardware */
    bool serves;                    /* bound to a portal: it has no time of its own */
    bool stale;                     /* these are newer than what the hardware has, if it is there */
};

extern const struct context_class thread_class;

static inline struct thread *context_thread(struct context *c) { return (struct thread *)c; }

/* Makes a thread in its service's pool; NULL when that is used up. */
struct thread *thread_create(struct domain *service, uint64_t stack);

/* Its registers as at a start: these, its stack pointer, and zeros. */
void thread_begin(struct thread *t, uint64_t pc, uint64_t x0, uint64_t x1);

/* It goes on at `pc` on an empty stack. Its other registers are its own, as it left them. */
static inline void thread_enter_at(struct thread *t, uint64_t pc)
{
    t->context.frame.pc = pc;
    t->context.frame.pstate = 0;        /* EL0t, nothing masked */
    t->sp_el0 = t->stack;
    t->stale = true;
}

/* Another context takes over EL0: the view of what holds it, a thread or the loaded vCPU, is saved. */
static inline void thread_leave(struct cpu *cpu)
{
    struct thread *t = cpu->el0_thread;

    if (t && !t->stale) {
        t->sp_el0 = sysreg_read(sp_el0);
        t->tpidr_el0 = sysreg_read(tpidr_el0);
    } else if (t == NULL && cpu->loaded_el0) {
        el0_view_save(cpu->loaded_el0);
    }
}
#endif
