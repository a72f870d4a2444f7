/* SPDX-License-Identifier: Apache-2.0 */
/* The exits of a CPU that is traced: what entry/exit.c does, told before and after. */
#include "arm64/syndrome.h"
#include "belay/abi.h"
#include "core/cpu.h"
#include "core/irq.h"
#include "core/sched.h"
#include "entry/exit.h"

/* What resume_current would do, so that the record stands at the end of it: whoever goes on is in one, whatever comes now. */
static _Noreturn void leave(struct cpu *cpu)
{
    for (;;) {                          /* bound: as there, each turn but the last is a choice or an interrupt */
        if (cpu->reschedule) {
            schedule(cpu);
        } else if (irq_waits()) {
            trace_interrupt(cpu);
            irq_handle(cpu);
        } else {
            break;
        }
    }
    trace(cpu, ENTRY, cpu->current, cpu->current->frame.pc, 0);
    resume_now(cpu);
}

/* True: it is the reply to a portal call. */
static inline bool tell_call(struct cpu *cpu, const struct context *c, uint64_t esr)
{
    if (ESR_EC(esr) == EC_SVC) {
        if ((esr & 0xffff) != BELAY_HC_REPLY || c->caller == NULL) {
            trace(cpu, HYPERCALL, c, esr & 0xffff, c->frame.x[0]);
            return false;
        }
        trace(cpu, REPLY, c->caller, 0, 0);
        return true;
    }
    if (ESR_EC(esr) == EC_HVC || ESR_EC(esr) == EC_SMC)
        trace(cpu, HYPERCALL, c, c->frame.x[0], c->frame.x[1]);
    return false;
}

static bool is_abort(uint64_t esr)
{
    return ESR_EC(esr) == EC_DABT_LOWER || ESR_EC(esr) == EC_IABT_LOWER;
}

static void exit_sync_traced(struct context *c, uint64_t esr, struct cpu *cpu)
{
    trace(cpu, EXIT, c, esr, is_abort(esr) ? sysreg_read(far_el2) : c->frame.x[0]);
    bool replies = tell_call(cpu, c, esr);
    exit_sync(c, esr, cpu);
    const struct context *next = cpu->current;
    if (next->caller && (next != c || replies))         /* a reply may lead to the next call of the same handler */
        trace(cpu, CALL, next, next->caller->trace_name >> 16, next->caller->index);
    leave(cpu);
}

static void exit_irq_traced(struct cpu *cpu, struct context *c)
{
    trace_interrupt(cpu);
    exit_irq(cpu, c);
    leave(cpu);
}

const struct exits exits_traced = { exit_sync_traced, exit_irq_traced };
