/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/coprocessor.h"

#include "arm64/syndrome.h"
#include "virt/aarch32.h"
#include "virt/inject.h"
#include "virt/pstate.h"
#include "virt/sysreg_trap.h"
#include "virt/vcpu.h"

#define ISS_CRN(iss)         ((iss) >> 10 & 0xf)
#define ISS_CRM(iss)         ((iss) >> 1 & 0xf)
#define ISS64_OP1(iss)       ((iss) >> 16 & 0xf)
#define ISS64_RT2(iss)       ((iss) >> 10 & 0x1f)
#define ENC(op0, iss)        (SYSREG_ENC((unsigned)(op0), 0, 0, 0, 0) | ((iss) & 0xffc1e))
#define OP2(op2)             SYSREG_ENC(0, 0, 0, 0, (unsigned)(op2))
#define NONE                 0u                             /* nothing answers to it */
#define ID_NONE              SYSREG_ENC(3, 0, 0, 3, 7)      /* an identification register that is none: it reads 0 */
#define MDRAR                SYSREG_ENC(2, 0, 1, 0, 0)
#define DBGDIDR              SYSREG_ENC(2, 0, 0, 0, 0)
#define DBGDIDR_VALUE        (1u << 28 | 1u << 24 | 6u << 16 | 1u << 15)    /* two points of each kind, Armv8 (G8.3.14) */

/* The debug registers' numbers are AArch64's but for these. */
static uint32_t cp14(uint32_t iss)
{
    switch (iss & SYSREG_ENC(0, 7, 15, 15, 7)) {
    case SYSREG_ENC(0, 0, 0, 1, 0): return SYSREG_ENC(2, 0, 0, 2, 2);       /* DBGDSCRint: what MDSCR_EL1 holds */
    case SYSREG_ENC(0, 0, 0, 5, 0): return SYSREG_ENC(2, 3, 0, 5, 0);       /* DBGDTRRXint, DBGDTRTXint */
    case SYSREG_ENC(0, 0, 0, 7, 0): return SYSREG_ENC(2, 4, 0, 7, 0);       /* DBGVCR */
    default:                        return ENC(2, iss);
    }
}

/* Timers have op1 3 in AArch64, and cache maintenance op0 1. ID registers from CRm 4 on are AArch64's alone. */
static uint32_t cp15(uint32_t iss)
{
    switch (ISS_CRN(iss)) {
    case 0:  return ISS_CRM(iss) < 4 ? ENC(3, iss) : ID_NONE;
    case 7:  return ENC(1, iss);
    case 14: return ENC(3, iss) | SYSREG_ENC(0, 3, 0, 0, 0);
    default: return ENC(3, iss);
    }
}

/* ICC_SGI1R, ICC_ASGI1R and ICC_SGI0R; CNTPCT and CNTP_CVAL. */
static uint32_t cp15_64(uint32_t iss)
{
    switch (ISS_CRM(iss) << 4 | ISS64_OP1(iss)) {
    case 0xc0: case 0xc1: case 0xc2: return SYSREG_ENC(3, 0, 12, 11, 5) + OP2(ISS64_OP1(iss));
    case 0xe0:                       return SYSREG_ENC(3, 3, 14, 0, 1);
    case 0xe2:                       return SYSREG_ENC(3, 3, 14, 2, 2);
    default:                         return NONE;
    }
}

/* The AArch64 register that it is (Arm ARM, G8.2, G8.3 and G8.7). LDC and STC of CP14 are none's. */
static uint32_t encoding_of(enum exception_class class, uint32_t iss)
{
    switch (class) {
    case EC_CP15_32: return cp15(iss);
    case EC_CP15_64: return cp15_64(iss);
    case EC_CP14_32: return cp14(iss);
    case EC_CP14_64: return MDRAR;                          /* DBGDRAR, DBGDSAR */
    case EC_VMRS:    return SYSREG_ENC(3, 0, 0, 3, 0) + OP2(7 - ISS_CRN(iss));      /* MVFR2 to MVFR0 are 5 to 7 */
    default:         return NONE;
    }
}

/* Register 31 is R15, or none. */
static uint32_t get(const struct frame *f, unsigned n)
{
    return n < 31 ? (uint32_t)f->x[n] : 0;
}

static void set(struct frame *f, unsigned n, uint64_t value)
{
    if (n < 31)
        f->x[n] = (uint32_t)value;
}

void coprocessor_trap(struct vcpu *v, uint64_t esr)
{
    struct frame *f = &v->context.frame;
    enum exception_class class = ESR_EC(esr);
    uint32_t iss = ESR_ISS(esr), encoding = encoding_of(class, iss);
    bool read = SYSREG_ISS_READ(iss);
    unsigned rt = SYSREG_ISS_RT(iss), rt2 = class == EC_CP15_64 || class == EC_CP14_64 ? ISS64_RT2(iss) : 31;

    if (aarch32_skip(f, esr))
        return;
    uint64_t value = encoding == DBGDIDR ? DBGDIDR_VALUE : read ? 0 : get(f, rt) | (uint64_t)get(f, rt2) << 32;
    if (!(encoding == DBGDIDR && read) && !sysreg_access(v, encoding, read, &value)) {
        inject_undefined(v);
        return;
    }
    if (v->context.state != CONTEXT_READY)
        return;                                             /* it waits for another CPU, and does it anew */
    if (read) {
        set(f, rt, value);
        set(f, rt2, value >> 32);
    }
    frame_advance_any(f, esr);
}
