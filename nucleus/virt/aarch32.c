/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/aarch32.h"

#include "arm64/syndrome.h"
#include "base/assert.h"
#include "virt/inject.h"
#include "virt/pstate.h"
#include "virt/sysreg_trap.h"
#include "virt/vcpu.h"

enum mode { FIQ = 1, IRQ = 2, SVC = 3, ABT = 7, UND = 11 };    /* the low bits of PSTATE_MODE; User is 0, System 15 */

#define LR_ABT  20
#define LR_UND  22
#define R8_FIQ  24

unsigned aarch32_register(uint64_t pstate, unsigned n)
{
    unsigned mode = pstate & 0xf;

    if (mode == FIQ && n >= 8 && n <= 14)
        return R8_FIQ + n - 8;
    if (mode == 0 || mode == 0xf || mode == FIQ || n < 13 || n > 14)
        return n;
    return (mode == IRQ ? 16 : 18 + 2 * (mode >> 2)) + (14 - n);    /* LR and SP of IRQ, SVC, ABT, UND */
}

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

#define NONE          0u                /* an encoding that nothing answers to */
#define ISS32_ENC(op0, iss)  (SYSREG_ENC((unsigned)(op0), 0, 0, 0, 0) | ((iss) & 0xffc1e))
#define ISS64_OP1(iss)       ((iss) >> 16 & 0xf)
#define ISS64_RT2(iss)       ((iss) >> 10 & 0x1f)
#define ISS_CRN(iss)         ((iss) >> 10 & 0xf)
#define ISS_CRM(iss)         ((iss) >> 1 & 0xf)
#define MDRAR                SYSREG_ENC(2, 0, 1, 0, 0)
#define DBGDIDR              SYSREG_ENC(2, 0, 0, 0, 0)

/* Of CP14: where the AArch64 register has another encoding (Arm ARM, G8.3). */
static const struct alias { uint32_t from, to; } aliases[] = {
    { SYSREG_ENC(2, 0, 0, 1, 0), SYSREG_ENC(2, 0, 0, 2, 2) },      /* DBGDSCRint: what DBGDSCRext, MDSCR_EL1, holds */
    { SYSREG_ENC(2, 0, 0, 5, 0), SYSREG_ENC(2, 3, 0, 5, 0) },      /* DBGDTRRXint, DBGDTRTXint */
    { SYSREG_ENC(2, 0, 0, 7, 0), SYSREG_ENC(2, 4, 0, 7, 0) },      /* DBGVCR: DBGVCR32_EL2 */
    { SYSREG_ENC(2, 0, 2, 0, 0), MDRAR },                          /* DBGDSAR: reads 0 as well, as these do: */
    { SYSREG_ENC(2, 0, 7, 0, 7), MDRAR }, { SYSREG_ENC(2, 0, 7, 1, 7), MDRAR },    /* DBGDEVID2, DBGDEVID1 */
    { SYSREG_ENC(2, 0, 7, 2, 7), MDRAR },                          /* DBGDEVID */
};

static uint32_t cp14(uint32_t iss)
{
    uint32_t encoding = ISS32_ENC(2, iss);

    for (unsigned i = 0; i < sizeof aliases / sizeof aliases[0]; i++)   /* bound: the table */
        if (aliases[i].from == encoding)
            return aliases[i].to;
    return encoding;
}

/* A register of the timers has op1 3 in AArch64; cache maintenance has op0 1; ID registers from CRm 4 on are AArch64's. */
static uint32_t cp15(uint32_t iss)
{
    switch (ISS_CRN(iss)) {
    case 0:
        return ISS_CRM(iss) < 4 ? ISS32_ENC(3, iss) : SYSREG_ENC(3, 0, 0, 3, 7);
    case 7:
        return ISS32_ENC(1, iss);
    case 14:
        return ISS32_ENC(3, iss) | SYSREG_ENC(0, 3, 0, 0, 0);
    default:
        return ISS32_ENC(3, iss);
    }
}

/* ICC_SGI1R, ICC_ASGI1R and ICC_SGI0R by opc1; CNTPCT and CNTP_CVAL. */
static uint32_t cp15_64(uint32_t iss)
{
    unsigned op1 = ISS64_OP1(iss);

    if (ISS_CRM(iss) == 12 && op1 < 3)
        return SYSREG_ENC(3, 0, 12, 11, 5) + SYSREG_ENC(0, 0, 0, 0, op1);
    if (ISS_CRM(iss) == 14)
        return op1 == 0 ? SYSREG_ENC(3, 3, 14, 0, 1) : op1 == 2 ? SYSREG_ENC(3, 3, 14, 2, 2) : NONE;
    return NONE;
}

/* The AArch64 register that it is (Arm ARM, G8.2, G8.3 and G8.7). LDC and STC of CP14 are none's. */
static uint32_t encoding_of(enum exception_class class, uint32_t iss)
{
    switch (class) {
    case EC_CP15_32: return cp15(iss);
    case EC_CP15_64: return cp15_64(iss);
    case EC_CP14_32: return cp14(iss);
    case EC_CP14_64: return MDRAR;              /* DBGDRAR, DBGDSAR */
    case EC_VMRS:    return SYSREG_ENC(3, 0, 0, 3, 0) + SYSREG_ENC(0, 0, 0, 0, 7 - ISS_CRN(iss));  /* MVFR2 to 0 are 5 to 7 */
    default:         return NONE;
    }
}

/* Two breakpoints and two watchpoints, as ID_AA64DFR0_EL1 has it, of Armv8 (Arm ARM, G8.3.14). */
#define DBGDIDR_VALUE (1u << 28 | 1u << 24 | 6u << 16 | 1u << 15)

static bool access(struct vcpu *v, uint32_t encoding, bool read, uint64_t *value)
{
    if (encoding == DBGDIDR && read) {
        *value = DBGDIDR_VALUE;
        return true;
    }
    return sysreg_access(v, encoding, read, value);
}

/* Register 31 is R15: of DBGDSCRint alone, whose flags nobody asks for. */
static void set(struct frame *f, unsigned n, uint64_t value)
{
    if (n < 31)
        f->x[n] = (uint32_t)value;
}

void aarch32_coprocessor(struct vcpu *v, uint64_t esr)
{
    struct frame *f = &v->context.frame;
    enum exception_class class = ESR_EC(esr);
    uint32_t iss = ESR_ISS(esr), encoding = encoding_of(class, iss);
    bool read = SYSREG_ISS_READ(iss), pair = class == EC_CP15_64 || class == EC_CP14_64;
    unsigned rt = SYSREG_ISS_RT(iss), rt2 = ISS64_RT2(iss);

    if (aarch32_skip(f, esr))
        return;
    uint64_t value = read || rt > 30 ? 0 : (uint32_t)f->x[rt];
    if (pair && !read && rt2 <= 30)
        value |= f->x[rt2] << 32;
    if (!access(v, encoding, read, &value)) {
        inject_undefined(v);
        return;
    }
    if (v->context.state != CONTEXT_READY)
        return;                                 /* it waits for another CPU, and does it anew */
    if (read)
        set(f, rt, value);
    if (read && pair)
        set(f, rt2, value >> 32);
    frame_advance_any(f, esr);
}

/* SCTLR */
#define SCTLR_V      (1u << 13)         /* vectors at the top */
#define SCTLR_SPAN   (1u << 23)         /* 0: an exception sets PAN */
#define SCTLR_EE     (1u << 25)
#define SCTLR_TE     (1u << 30)
#define SCTLR_DSSBS  (1u << 31)
#define HIGH_VECTORS 0xffff0000u
#define TTBCR_EAE    (UINT64_C(1) << 31)

#define PSTATE_A32_I     (1u << 7)
#define PSTATE_A32_A     (1u << 8)
#define PSTATE_A32_SSBS  (1u << 23)
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
    if (!(sctlr & SCTLR_SPAN))
        pstate |= PSTATE_PAN;
    if (sctlr & SCTLR_TE)
        pstate |= PSTATE_A32_T;
    if (sctlr & SCTLR_EE)
        pstate |= PSTATE_A32_E;
    if (sctlr & SCTLR_DSSBS)
        pstate |= PSTATE_A32_SSBS;
    return pstate;
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

/* DFSR and IFSR: the long format has AArch64's codes, the short one its own (Arm ARM, G5.11.2). */
static uint32_t fault_status(const struct vcpu *v, uint32_t fsc)
{
    if (v->el1.tcr & TTBCR_EAE)
        return 1u << 9 | fsc;
    switch (fsc) {
    case FSC_ALIGNMENT:     return 0x001;
    case FSC_DEBUG:         return 0x002;
    case FSC_EXTERNAL_WALK: return 0x00e;
    case FSC_EXCLUSIVE:     return 0x405;
    default:                return 0x008;       /* external */
    }
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
