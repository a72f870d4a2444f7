/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of what is offered, not of what is hidden: an extension that a later
 * CPU brings stays unknown to guests until somebody has thought about it. A
 * field passes where its extension needs nothing of EL2.
 */
#include "virt/idregs.h"

#include "arm64/syndrome.h"
#include "arm64/sysreg.h"
#include "base/assert.h"
#include "base/section.h"
#include "base/string.h"
#include "gic/gic.h"

#define F(n)     (UINT64_C(0xf) << (n))     /* the field from bit n on passes */
#define V(n, v)  (UINT64_C(v) << (n))       /* the field from bit n on has this value */
#define ALL32    UINT64_C(0xffffffff)

/* X(CRm, op2, fields that pass, fields that are set); what is not named here reads 0. */
#define ID_AARCH32(X) \
    X(1, 0, F(0) | F(4) | F(8) | F(12) | F(16) | F(24), 0)      /* ID_PFR0: no AMU, RAS */ \
    X(1, 1, F(0) | F(16), V(28, 1))                             /* ID_PFR1: no Security, virtualisation; GICv3 */ \
    X(1, 2, 0, V(0, 6))                                         /* ID_DFR0: Armv8.0 debug, no trace, PMU */ \
    X(1, 4, ALL32, 0) X(1, 5, ALL32, 0) X(1, 6, ALL32, 0) X(1, 7, ALL32, 0)             /* ID_MMFR0 to 3 */ \
    X(2, 0, ALL32, 0) X(2, 1, ALL32, 0) X(2, 2, ALL32, 0)                               /* ID_ISAR0 to 5 */ \
    X(2, 3, ALL32, 0) X(2, 4, ALL32, 0) X(2, 5, ALL32, 0) \
    X(2, 6, F(0) | F(4) | F(12) | F(16) | F(20) | F(24), 0)     /* ID_MMFR4: no XNX, EVT */ \
    X(2, 7, ALL32, 0)                                           /* ID_ISAR6 */ \
    X(3, 0, ALL32, 0) X(3, 1, ALL32, 0) X(3, 2, ALL32, 0)       /* MVFR0 to 2 */ \
    X(3, 4, F(0) | F(4), 0)                                     /* ID_PFR2: CSV3, SSBS */ \
    X(3, 6, F(0) | F(4), 0)                                     /* ID_MMFR5: ETS, nTLBPA */

#define ID_AARCH64(X) \
    /* ID_AA64PFR0: EL1 is AArch64, GICv3; no EL2, EL3, RAS, SVE, SEL2, MPAM, AMU, RME */ \
    X(4, 0, F(0) | F(16) | F(20) | F(48) | F(56) | F(60), V(4, 1) | V(24, 1)) \
    /* ID_AA64PFR1: BTI, SSBS; no MTE, SME, NMI, nor fractions of what is not there */ \
    X(4, 1, F(0) | F(4), 0) \
    /* ID_AA64DFR0: Armv8.0 debug with 2 breakpoints and 2 watchpoints, the fewest; no trace, PMU, SPE */ \
    X(5, 0, 0, V(0, 6) | V(12, 1) | V(20, 1)) \
    /* ID_AA64ISAR0: no TME */ \
    X(6, 0, ~(F(0) | F(24)), 0) \
    /* ID_AA64ISAR1: no pointer authentication, XS, LS64 */ \
    X(6, 1, F(0) | F(12) | F(16) | F(20) | F(32) | F(36) | F(40) | F(44) | F(48) | F(52), 0) \
    /* ID_AA64ISAR2: RPRES, BC, CLRBHB, PRFMSLC, RPRFM, CSSC; no WFxT, pointer authentication, MOPS */ \
    X(6, 2, F(4) | F(20) | F(28) | F(40) | F(48) | F(52), 0) \
    /* ID_AA64MMFR0: PARange, ASIDs, endianness, granules, ExS, ECV; no Secure memory, FGT */ \
    X(7, 0, F(0) | F(4) | F(8) | F(16) | F(20) | F(24) | F(28) | F(44) | F(60), 0) \
    /* ID_AA64MMFR1: HAFDBS, HPDS, PAN, SpecSEI, ETS, AFP, nTLBPA, ECBHB; no VMIDs, VH, LORegions, XNX, HCX */ \
    X(7, 1, F(0) | F(12) | F(20) | F(24) | F(36) | F(44) | F(48) | F(60), 0) \
    /* ID_AA64MMFR2: CnP, UAO, LSM, VARange, CCIDX, ST, AT, IDS, TTL, BBM, E0PD; no IESB, NV, FWB, EVT */ \
    X(7, 2, F(0) | F(4) | F(8) | F(16) | F(20) | F(28) | F(32) | F(36) | F(48) | F(52) | F(60), 0)

/* Fields that pass up to a value. */
static const struct cap {
    uint8_t crm, op2, low, max;
} caps[] = {
    { 1, 0, 16, 1 },    /* ID_PFR0.CSV2 */
    { 4, 0, 56, 1 },    /* ID_AA64PFR0.CSV2: beyond are SCXTNUM_EL0 and _EL1 */
    { 7, 0, 0, 2 },     /* ID_AA64MMFR0.PARange: 40 bits, of which stage 2 has 39 */
    { 7, 0, 60, 1 },    /* ID_AA64MMFR0.ECV: beyond is CNTPOFF_EL2 */
};

#define AA64PFR0_EL0_A64 1      /* EL0 is AArch64 only */

static uint64_t registers[8][8];

static void apply(const struct cap *cap)
{
    uint64_t *r = &registers[cap->crm][cap->op2];

    if ((*r >> cap->low & 0xf) > cap->max)
        *r = (*r & ~F(cap->low)) | (uint64_t)cap->max << cap->low;
}

BOOT_ONLY void idregs_init(void)
{
#define READ(crm, op2, pass, set) registers[crm][op2] = (sysreg_read(S3_0_C0_C##crm##_##op2) & (pass)) | (set);
    memset(registers, 0, sizeof registers);
    ID_AARCH64(READ)
    if ((registers[4][0] & 0xf) != AA64PFR0_EL0_A64) {          /* else they are UNKNOWN */
        ID_AARCH32(READ)
    }
#undef READ
    for (unsigned i = 0; i < sizeof caps / sizeof caps[0]; i++)
        apply(&caps[i]);
    if (gicv2.cpu) {                                            /* no system registers of a GIC */
        registers[4][0] &= ~F(24);
        registers[1][1] &= ~F(28);
    }
}

uint64_t idreg_read(uint32_t encoding)
{
    assert((encoding & ~SYSREG_ENC(0, 0, 0, 7, 7)) == SYSREG_ENC(3, 0, 0, 0, 0));

    return registers[encoding >> 1 & 7][encoding >> 17 & 7];
}
