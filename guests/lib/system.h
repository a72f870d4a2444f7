/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that reach system registers, for guests that make them up (Arm ARM, C6.2.230 and C6.2.234). */
#ifndef GUESTS_LIB_SYSTEM_H
#define GUESTS_LIB_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

#define SYSTEM(l, op0, op1, crn, crm, op2) \
    (0xd5000000u | (l) << 21 | (op0) << 19 | (op1) << 16 | (crn) << 12 | (crm) << 8 | (op2) << 5)
#define ENCODING(op0, op1, crn, crm, op2) ((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

/* Registers without which this guest can't go on: they get their own value. Others spoil them. */
static inline bool vital(uint32_t encoding)
{
    switch (encoding) {
    case ENCODING(3, 0, 1, 0, 0):       /* SCTLR_EL1, CPACR_EL1, SCTLR2_EL1 */
    case ENCODING(3, 0, 1, 0, 2):
    case ENCODING(3, 0, 1, 0, 3):
    case ENCODING(3, 0, 2, 0, 0):       /* TTBR0_EL1, TTBR1_EL1, TCR_EL1, TCR2_EL1 */
    case ENCODING(3, 0, 2, 0, 1):
    case ENCODING(3, 0, 2, 0, 2):
    case ENCODING(3, 0, 2, 0, 3):
    case ENCODING(3, 0, 10, 2, 0):      /* MAIR_EL1 */
    case ENCODING(3, 0, 12, 0, 0):      /* VBAR_EL1 */
    case ENCODING(3, 0, 12, 0, 2):      /* RMR_EL1 */
    case ENCODING(3, 0, 4, 1, 0):       /* SP_EL0 */
        return true;
    default:
        return false;
    }
}

#endif
