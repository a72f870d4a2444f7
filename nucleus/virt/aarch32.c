/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/aarch32.h"

#include "arm64/syndrome.h"
#include "base/assert.h"
#include "virt/inject.h"
#include "virt/pstate.h"
#include "virt/vcpu.h"

enum mode { ABT = 7, UND = 11 };       /* the low bits of PSTATE_MODE */

#define LR_ABT  20      /* where the frame has them */
#define LR_UND  22

#define ISS_CV         (1u << 24)
#define ISS_COND(iss)  ((iss) >> 20 & 0xf)
#define SMC_MAY_FAIL   (1u << 19)      /* CCKNOWNPASS of a trapped SMC: else there is nothing to check */
#define COND_AL        14u

/* In which states of N, Z, C, V, as a number, the even conditions hold (Arm ARM, F1.3.1); each odd one is its contrary. */
static const uint16_t holds[8] = { 0xf0f0, 0xcccc, 0xff00, 0xaaaa, 0x0c0c, 0xaa55, 0x0a05, 0xffff };

static unsigned condition(const struct frame *f, uint64_t esr)
{
    unsigned it = pstate_it(f->pstate);

    if (esr & ISS_CV)
        return ISS_COND(esr);
    return f->pstate & PSTATE_A32_T && it & 0xf ? it >> 4 : COND_AL;
}

bool aarch32_skip(struct frame *f, uint64_t esr)
{
    unsigned cond = condition(f, esr);

    if (cond >= COND_AL || (ESR_EC(esr) == EC_SMC32 && !(esr & SMC_MAY_FAIL)) ||
        (holds[cond >> 1] >> (f->pstate >> 28 & 0xf) & 1) != (cond & 1))
        return false;
    frame_advance_any(f, esr);
    return true;
}

/* SCTLR */
#define SCTLR_V      (1u << 13)         /* vectors at the top */
#define SCTLR_SPAN   (1u << 23)         /* 0: an exception sets PAN */
#define SCTLR_TE     (1u << 30)
#define SCTLR_DSSBS  (1u << 31)
#define HIGH_VECTORS 0xffff0000u
#define TTBCR_EAE    (UINT64_C(1) << 31)

#define PSTATE_A32_I     (1u << 7)
#define PSTATE_A32_A     (1u << 8)
#define PSTATE_A32_KEPT  (PSTATE_NZCV | 1u << 27 | 0xfu << 16 | PSTATE_DIT | PSTATE_PAN | PSTATE_A32_A | 1u << 6)

#define VECTOR_UNDEFINED 0x04u
#define VECTOR_PREFETCH  0x0cu
#define VECTOR_DATA      0x10u

/* SPSR_EL2 has SS where a mode's own SPSR has DIT. */
static uint32_t own_spsr(uint64_t pstate)
{
    return (uint32_t)((pstate & ~(uint64_t)(PSTATE_DIT | PSTATE_SS)) | (pstate & PSTATE_DIT) >> 3);
}

/* What survives of the old PSTATE: flags, GE, DIT, PAN, A and F. IT, IL, SS become 0 (Arm ARM, AArch32.EnterMode). */
static uint64_t handler_pstate(uint64_t old, uint32_t sctlr, enum mode mode)
{
    uint64_t pstate = (old & PSTATE_A32_KEPT) | PSTATE_A32_I | PSTATE_A32 | mode;

    if (mode == ABT)
        pstate |= PSTATE_A32_A;
    return pstate | (~sctlr & SCTLR_SPAN) >> 1 | (sctlr & SCTLR_TE) >> 25 | (sctlr & SCTLR_EE) >> 16 |
           (sctlr & SCTLR_DSSBS) >> 8;                      /* PAN, T, E, SSBS */
}

static bool enter(struct vcpu *v, enum mode mode, uint32_t offset, uint32_t lr_offset)
{
    struct frame *f = &v->context.frame;
    struct el1_state *el1 = &v->el1;
    uint32_t sctlr = (uint32_t)el1->el0.sctlr;
    uint32_t vector = (sctlr & SCTLR_V ? HIGH_VECTORS : (uint32_t)el1->vbar & ~0x1fu) + offset;

    if (f->pc == vector && pstate_at_el1(f->pstate))
        return false;
    f->x[mode == ABT ? LR_ABT : LR_UND] = (uint32_t)f->pc + lr_offset;
    *(mode == ABT ? &el1->aarch32.spsr_abt : &el1->aarch32.spsr_und) = own_spsr(f->pstate);
    f->pc = vector;
    f->pstate = handler_pstate(f->pstate, sctlr, mode);
    return true;
}

/*
 * DFSR and IFSR (Arm ARM, G5.11): the long format has AArch64's codes. Of the short one's, alignment is 1, a debug event 2,
 * and all else is reported as the external abort that it is.
 */
static uint32_t fault_status(const struct vcpu *v, uint32_t fsc)
{
    if (v->el1.tcr & TTBCR_EAE)
        return 1u << 9 | fsc;
    return fsc == FSC_ALIGNMENT || fsc == FSC_DEBUG ? fsc & 3 : 8;
}

bool aarch32_take(struct vcpu *v, uint32_t esr, uint64_t far)
{
    struct el1_state *el1 = &v->el1;
    unsigned class = ESR_EC(esr) & ~1u;         /* an abort of EL0 or EL1 */

    if (class == EC_UNKNOWN)
        return enter(v, UND, VECTOR_UNDEFINED, v->context.frame.pstate & PSTATE_A32_T ? 2 : 4);
    if (class == EC_DABT_LOWER) {               /* WnR and CM where DFSR has them; FAR_EL1 is DFAR and, above, IFAR */
        el1->esr = fault_status(v, ABT_FSC(esr)) | DABT_WNR(esr) << 11 | DABT_CM(esr) << 13;
        el1->far = (el1->far & ~(uint64_t)UINT32_MAX) | (uint32_t)far;
        return enter(v, ABT, VECTOR_DATA, 8);
    }
    el1->aarch32.ifsr = fault_status(v, class == EC_IABT_LOWER ? ABT_FSC(esr) : FSC_DEBUG);
    if (class == EC_IABT_LOWER)
        el1->far = (uint32_t)el1->far | far << 32;
    return enter(v, ABT, VECTOR_PREFETCH, 4);
}
