/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/debug.h"

#include "arm64/hcr.h"
#include "arm64/syndrome.h"
#include "base/assert.h"
#include "core/domain.h"
#include "virt/inject.h"
#include "virt/pstate.h"
#include "virt/vcpu.h"

#define PSTATE_IL    (1u << 20)

static const enum belay_state held = BELAY_STATE_PAUSED;

static bool debugged(const struct vcpu *v)
{
    return v->context.domain->debugger != NULL;
}

/*
 * A step is one instruction of the guest's: an interrupt that is pending, as many are after a pause, waits till it is over.
 * PSTATE.SS says that the instruction is still to come (Arm ARM, D2.12).
 */
static void set_step(struct vcpu *v, bool on)
{
    v->debug.step = on;
    if (on) {
        v->el1.el0.mdscr |= MDSCR_SS;
        v->context.frame.pstate |= PSTATE_SS;
        v->ich.hcr &= ~(uint64_t)ICH_HCR_EN;
    } else {
        v->el1.el0.mdscr &= ~(uint64_t)MDSCR_SS;
        v->context.frame.pstate &= ~(uint64_t)PSTATE_SS;
        v->ich.hcr |= ICH_HCR_EN;
    }
}

static void set_held(struct vcpu *v, bool on)
{
    v->debug.held = on;
    v->context.own_sched.gate = on ? &held : &v->context.domain->state;
}

void debug_exception(struct vcpu *v, uint64_t esr, uint64_t far)
{
    if (!debugged(v)) {
        inject_undefined(v);
        return;
    }
    vcpu_evict(v);
    set_step(v, false);
    v->debug.esr = esr;
    v->debug.far = ESR_EC(esr) == EC_WATCHPOINT_LOWER ? far : 0;
    domain_break(v->context.domain, &v->context);
}

static void attach(struct vcpu *v)
{
    struct el0_view *view = &v->el1.el0;

    v->debug = (struct vcpu_debug){ 0 };
    set_held(v, false);
    own_debug_view(v);
    if (debugged(v)) {
        view->points = &vcpu_vm(v)->points;
        view->mdscr = (view->mdscr & EL0_CLOCK) | MDSCR_MDE;
    }
}

void debug_set(struct vm *vm, struct notification *debugger, uint64_t bits)
{
    vm->domain.debugger = debugger;
    vm->domain.debugger_bits = bits;
    vm->points = (struct debug_points){ .trap = MDCR_TDE };
    for (unsigned i = 0; i < vm->vcpus; i++) {      /* bound: BELAY_VCPUS_MAX */
        if (vm->vcpu[i]->debug.step)
            set_step(vm->vcpu[i], false);
        attach(vm->vcpu[i]);
    }
}

void debug_reset(struct vcpu *v)
{
    v->ich.hcr |= ICH_HCR_EN;
    own_debug_reset(v);
    attach(v);
}

int debug_point(struct vm *vm, uint64_t n, uint64_t address, uint64_t control)
{
    struct debug_points *p = &vm->points;
    bool on = control != 0;

    if (n < debug_breakpoints()) {
        p->bvr[n] = on ? address & ~UINT64_C(3) : 0;
        p->bcr[n] = on ? DBGBCR_ON : 0;
        return BELAY_OK;
    }
    n -= BELAY_POINT_WATCH;
    if (n >= debug_watchpoints() || (control & ~(uint64_t)DBGWCR_LSC_BAS_MASK))
        return BELAY_EINVAL;
    p->wvr[n] = on ? address & ~UINT64_C(7) : 0;
    p->wcr[n] = on ? DBGWCR_ON | control : 0;
    return BELAY_OK;
}

#define AT(field) (uint16_t)offsetof(struct vcpu, field)

/* Registers that are a word of the vCPU's; what is not named here is none, or comes by its number. */
static const uint16_t words[] = {
    [BELAY_REG_SP_EL0] = AT(el1.el0.sp_el0), [BELAY_REG_PC] = AT(context.frame.pc),
    [BELAY_REG_PSTATE] = AT(context.frame.pstate), [BELAY_REG_SP_EL1] = AT(el1.sp_el1),
    [BELAY_REG_ELR_EL1] = AT(el1.elr), [BELAY_REG_SPSR_EL1] = AT(el1.spsr), [BELAY_REG_ESR_EL1] = AT(el1.esr),
    [BELAY_REG_FAR_EL1] = AT(el1.far), [BELAY_REG_SCTLR_EL1] = AT(el1.el0.sctlr), [BELAY_REG_VBAR_EL1] = AT(el1.vbar),
    [BELAY_REG_TTBR0_EL1] = AT(el1.ttbr0), [BELAY_REG_TTBR1_EL1] = AT(el1.ttbr1), [BELAY_REG_TCR_EL1] = AT(el1.tcr),
    [BELAY_REG_TPIDR_EL0] = AT(el1.el0.tpidr_el0), [BELAY_REG_TPIDR_EL1] = AT(el1.tpidr_el1),
    [BELAY_REG_FPSR] = AT(context.fp.fpsr), [BELAY_REG_FPCR] = AT(context.fp.fpcr),
    [BELAY_REG_STOP_ESR] = AT(debug.esr), [BELAY_REG_STOP_FAR] = AT(debug.far),
    [BELAY_REG_STEP] = AT(debug.step), [BELAY_REG_HELD] = AT(debug.held),
};

static uint64_t *word_of(struct vcpu *v, unsigned reg)
{
    if (reg <= 30)
        return &v->context.frame.x[reg];
    if (reg - BELAY_REG_V0 < 64)
        return (uint64_t *)(void *)v->context.fp.q + (reg - BELAY_REG_V0);
    return reg < sizeof words / sizeof words[0] && words[reg] ? (uint64_t *)(void *)((uint8_t *)v + words[reg]) : NULL;
}

uint64_t debug_read(struct vcpu *v, unsigned reg)
{
    const uint64_t *word = word_of(v, reg);

    if (reg == BELAY_REG_ON)
        return vcpu_power(v) == VCPU_ON;
    return word ? *word : 0;
}

/*
 * An ERET with a mode that there is not would stay at EL2 (Arm ARM, D1.3.4): EL0 or EL1 it is, and AArch32 only where it
 * was so before, since not every CPU has it. The single step is not the debugger's by this way.
 */
static int write_pstate(struct frame *f, uint64_t value)
{
    uint64_t mode = value & PSTATE_MODE, el1h = PSTATE_EL1 | PSTATE_SP;

    if (value >> 32 || ((value ^ f->pstate) & PSTATE_A32) ||
        (mode != 0 && mode != PSTATE_EL1 && mode != el1h && mode != PSTATE_USER))
        return BELAY_EINVAL;
    f->pstate = (value & ~(uint64_t)(PSTATE_SS | PSTATE_IL)) | (f->pstate & PSTATE_SS);
    return BELAY_OK;
}

int debug_write(struct vcpu *v, unsigned reg, uint64_t value)
{
    uint64_t *word = word_of(v, reg);

    if (word == NULL || (reg == BELAY_REG_STOP_ESR && value != 0) || reg == BELAY_REG_STOP_FAR ||
        ((reg == BELAY_REG_STEP || reg == BELAY_REG_HELD) && value > 1))
        return BELAY_EINVAL;
    switch (reg) {
    case BELAY_REG_PSTATE:
        return write_pstate(&v->context.frame, value);
    case BELAY_REG_STEP:
        set_step(v, value);
        break;
    case BELAY_REG_HELD:
        set_held(v, value);
        break;
    default:
        *word = value;
    }
    return BELAY_OK;
}

int debug_pass(struct vcpu *v)
{
    uint64_t esr = v->debug.esr;

    if ((ESR_EC(esr) != EC_BRK && ESR_EC(esr) != EC_BKPT32) || !inject_break(v, (uint32_t)esr))
        return BELAY_ESTATE;
    v->debug.esr = 0;
    return BELAY_OK;
}
