/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An exit to EL2: vectors.S calls one of exit_sync, exit_irq and exit_serror with
 * the context that ran, and then resumes the one that is current.
 */
#include "entry/exit.h"

#include "arm64/syndrome.h"
#include "base/assert.h"
#include "core/cpu.h"
#include "core/domain.h"
#include "core/irq.h"
#include "core/sched.h"
#include "entry/audit.h"
#include "entry/hypercall.h"
#include "virt/aarch32.h"
#include "virt/coprocessor.h"
#include "virt/debug.h"
#include "virt/inject.h"
#include "virt/mmio.h"
#include "virt/psci.h"
#include "virt/pstate.h"
#include "virt/sysreg_trap.h"
#include "virt/vcpu.h"

static void guest_wfx(struct context *c, uint64_t esr)
{
    if (likely(!(c->frame.pstate & PSTATE_A32)))
        frame_advance(&c->frame);
    else if (aarch32_skip(&c->frame, esr))
        return;
    else
        frame_advance_any(&c->frame, esr);
    if ((esr & 3) == 0)                     /* TI: 0 is WFI, 1 WFE; those with a timeout just go on */
        vcpu_wait(context_vcpu(c));
    else if ((esr & 3) == 1)
        sched_rotate(c->sched);
}

static void guest_call(struct context *c, uint64_t esr)
{
    int number = smccc_call(context_vcpu(c), esr);

    if (unlikely(number >= 0))
        hypercall_guest(c, (unsigned)number);
}

static void guest_coprocessor(struct context *c, uint64_t esr)
{
    coprocessor_trap(context_vcpu(c), esr);
}

static void guest_sysreg(struct context *c, uint64_t esr)
{
    sysreg_trap(context_vcpu(c), ESR_ISS(esr));
}

static void guest_data_abort_exit(struct context *c, uint64_t esr)
{
    guest_data_abort(context_vcpu(c), esr);
}

static void guest_prefetch_abort_exit(struct context *c, uint64_t esr)
{
    guest_prefetch_abort(context_vcpu(c), esr);
}

/* Instructions that a guest has not got: SVE, SME, pointer authentication. */
static void guest_undefined(struct context *c, uint64_t esr)
{
    (void)esr;
    inject_undefined(context_vcpu(c));
}

static void guest_debug(struct context *c, uint64_t esr)
{
    debug_exception(context_vcpu(c), esr, sysreg_read(far_el2));
}

static void take_fp(struct context *c, uint64_t esr)
{
    (void)esr;
    context_take_fp(c);
}

static void service_fault(struct context *c, uint64_t esr)
{
    domain_end(c->domain, c, BELAY_REASON_FAULT, esr, sysreg_read(far_el2));
}

/* Each class that is not named is the first line's. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
const exit_handler vcpu_exits[64] = {
    [0 ... 63] = guest_undefined,
    [EC_WFX] = guest_wfx,
    [EC_FP] = take_fp,
    [EC_CP15_32] = guest_coprocessor,
    [EC_CP15_64] = guest_coprocessor,
    [EC_CP14_32] = guest_coprocessor,
    [EC_CP14_LS] = guest_coprocessor,
    [EC_CP14_64] = guest_coprocessor,
    [EC_VMRS] = guest_coprocessor,
    [EC_HVC32] = guest_call,
    [EC_SMC32] = guest_call,
    [EC_HVC] = guest_call,
    [EC_SMC] = guest_call,
    [EC_SYSREG] = guest_sysreg,
    [EC_DABT_LOWER] = guest_data_abort_exit,
    [EC_IABT_LOWER] = guest_prefetch_abort_exit,
    [EC_BREAK_LOWER] = guest_debug,
    [EC_STEP_LOWER] = guest_debug,
    [EC_WATCHPOINT_LOWER] = guest_debug,
    [EC_BKPT32] = guest_debug,
    [EC_BRK] = guest_debug,
};

const exit_handler thread_exits[64] = {
    [0 ... 63] = service_fault,
    [EC_FP] = take_fp,
    [EC_SVC] = hypercall_service,
};
#pragma GCC diagnostic pop

void exit_sync(struct context *c, uint64_t esr, struct cpu *cpu)
{
    assert(c == cpu->current && c->state == CONTEXT_READY);
    audit(cpu, c);

    c->exits[BELAY_EXIT_CAUSE(ESR_EC(esr))]++;
    c->class->exits[ESR_EC(esr)](c, esr);
}

void exit_irq(struct cpu *cpu, struct context *c)
{
    assert(c == cpu->current);
    audit(cpu, c);

    c->exits[BELAY_EXIT_INTERRUPT]++;
    irq_handle(cpu);
}

const struct exits exits_plain = { exit_sync, exit_irq };

/* An SError that arrives while a domain runs is that domain's: what it wrote or read is lost. */
void exit_serror(struct context *c, uint64_t esr)
{
    domain_end(c->domain, c, BELAY_REASON_FAULT, esr, 0);
}
