/* SPDX-License-Identifier: Apache-2.0 */
/* ESR_EL2 in words (Arm ARM, D17.2.37). */
#ifndef NUCLEUS_ARM64_SYNDROME_H
#define NUCLEUS_ARM64_SYNDROME_H

#include <stdbool.h>
#include <stdint.h>

enum exception_class {
    EC_UNKNOWN = 0x00, EC_WFX = 0x01, EC_CP15_32 = 0x03, EC_CP15_64 = 0x04, EC_CP14_32 = 0x05, EC_CP14_LS = 0x06,
    EC_FP = 0x07, EC_VMRS = 0x08, EC_PAUTH = 0x09, EC_CP14_64 = 0x0c, EC_ILLEGAL = 0x0e,
    EC_SVC32 = 0x11, EC_HVC32 = 0x12, EC_SMC32 = 0x13, EC_SVC = 0x15, EC_HVC = 0x16, EC_SMC = 0x17,
    EC_SYSREG = 0x18, EC_SVE = 0x19, EC_SME = 0x1d,
    EC_IABT_LOWER = 0x20, EC_IABT = 0x21, EC_PC_ALIGN = 0x22, EC_DABT_LOWER = 0x24, EC_DABT = 0x25, EC_SP_ALIGN = 0x26,
    EC_SERROR = 0x2f, EC_BREAK_LOWER = 0x30, EC_STEP_LOWER = 0x32, EC_WATCHPOINT_LOWER = 0x34,
    EC_BKPT32 = 0x38, EC_BRK = 0x3c,
};

#define ESR_EC(esr)   ((unsigned)((esr) >> 26) & 0x3f)
#define ESR_IL        (1u << 25)
#define ESR_ISS(esr)  ((uint32_t)(esr) & 0x1ffffff)

/* A data abort's access, where the syndrome is valid (ISV). */
struct access {
    uint64_t ipa;
    uint8_t size;        /* bytes */
    uint8_t reg;         /* 31 is XZR */
    bool write;
    bool sign_extend;
    bool wide;           /* the register is 64 bits wide */
};

#define DABT_ISV(esr)  (((esr) >> 24) & 1)
#define DABT_S1PTW(esr) (((esr) >> 7) & 1)
#define DABT_CM(esr)   (((esr) >> 8) & 1)
#define DABT_WNR(esr)  (((esr) >> 6) & 1)
#define DABT_FNV(esr)  (((esr) >> 10) & 1)
#define ABT_FSC(esr)   ((esr) & 0x3f)

/* A trapped MSR or MRS: its encoding as one number, so that a switch can name it. */
#define SYSREG_ENC(op0, op1, crn, crm, op2) \
    ((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
#define SYSREG_ISS_ENC(iss)   ((iss) & 0x3ffc1e)
#define SYSREG_ISS_RT(iss)    (((iss) >> 5) & 0x1f)
#define SYSREG_ISS_READ(iss)  ((iss) & 1)
#endif
