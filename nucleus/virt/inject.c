/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/inject.h"

#include "base/assert.h"
#include "virt/aarch32.h"
#include "virt/pstate.h"
#include "virt/vcpu.h"

/* SCTLR_EL1 */
#define SCTLR_SPAN   (UINT64_C(1) << 23)    /* 0: an exception sets PAN */
#define SCTLR_DSSBS  (UINT64_C(1) << 44)    /* what an exception sets SSBS to */

#define VBAR_ADDRESS (~UINT64_C(0x7ff))
#define ESR_EC_SHIFT 26

/* The synchronous vector by where the exception comes from (Arm ARM, D1.3.1.5). */
static uint64_t vector_offset(uint64_t pstate)
{
    if (pstate & PSTATE_A32)
        return 0x600;
    if (!pstate_at_el1(pstate))
        return 0x400;
    return pstate & PSTATE_SP ? 0x200 : 0x000;
}

/*
 * What survives of the old PSTATE: the flags, DIT, and PAN where SPAN says so. SS,
 * IL, UAO and BTYPE become 0, TCO and ALLINT belong to extensions that a guest is not offered.
 */
static uint64_t handler_pstate(uint64_t old, uint64_t sctlr)
{
    uint64_t pstate = (old & (PSTATE_NZCV | PSTATE_DIT | PSTATE_PAN)) | PSTATE_DAIF | PSTATE_EL1 | PSTATE_SP;

    if (!(sctlr & SCTLR_SPAN))
        pstate |= PSTATE_PAN;
    if (sctlr & SCTLR_DSSBS)
        pstate |= PSTATE_SSBS;
    return pstate;
}

/* The lower of the two classes of an abort is for EL0. All that is reported here has IL set (D17.2.37). */
static uint32_t syndrome(const struct vcpu *v, enum exception_class from_el0, uint32_t iss)
{
    unsigned class = from_el0 + pstate_at_el1(v->context.frame.pstate);

    return class << ESR_EC_SHIFT | ESR_IL | iss;
}

/* False: its handler fails at once, and this would never end. The vCPU is not loaded. */
static bool enter(struct vcpu *v, uint32_t esr, uint64_t far)
{
    struct frame *f = &v->context.frame;
    struct el1_state *el1 = &v->el1;
    uint64_t vector = (el1->vbar & VBAR_ADDRESS) + vector_offset(f->pstate);

    if (el1->aarch32.on)
        return aarch32_take(v, esr, far);
    if (f->pc == vector && pstate_at_el1(f->pstate))
        return false;
    el1->elr = f->pc;
    el1->spsr = f->pstate;
    el1->esr = esr;
    el1->far = far;
    f->pc = vector;
    f->pstate = handler_pstate(f->pstate, el1->el0.sctlr);
    return true;
}

static void take(struct vcpu *v, uint32_t esr, uint64_t far)
{
    vcpu_evict(v);
    if (!enter(v, esr, far))
        domain_end(v->context.domain, &v->context, BELAY_REASON_FAULT, esr, far);
}

bool inject_break(struct vcpu *v, uint32_t esr)
{
    return enter(v, esr, v->el1.far);
}

void inject_undefined(struct vcpu *v)
{
    vcpu_evict(v);
    take(v, (uint32_t)EC_UNKNOWN << ESR_EC_SHIFT | ESR_IL, v->el1.far);     /* FAR_EL1 stays as it was */
}

void inject_data_abort(struct vcpu *v, uint64_t far, uint32_t iss)
{
    take(v, syndrome(v, EC_DABT_LOWER, iss), far);
}

void inject_prefetch_abort(struct vcpu *v, uint64_t far, uint32_t iss)
{
    take(v, syndrome(v, EC_IABT_LOWER, iss), far);
}

void frame_advance_any(struct frame *f, uint64_t esr)
{
    uint32_t it = pstate_it(f->pstate);

    if (!(f->pstate & PSTATE_A32)) {
        frame_advance(f);
        return;
    }
    it = it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
    f->pc += esr & ESR_IL ? 4 : 2;
    f->pstate = (f->pstate & ~UINT64_C(0x0620fc00)) | (it & 0xfc) << 8 | (uint64_t)(it & 3) << 25;    /* SS is 0 too */
}
