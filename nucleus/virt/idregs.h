/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identification registers that a guest reads: this CPU's, less all that is
 * not virtualised. op0 3, op1 0, CRn 0, CRm 0 to 7, op2 0 to 7 (Arm ARM, D17.1.2).
 */
#ifndef NUCLEUS_VIRT_IDREGS_H
#define NUCLEUS_VIRT_IDREGS_H

#include <stdint.h>

/* Boot, once the CPU is at EL2. */
void idregs_init(void);

/* By the encoding of a trapped access (SYSREG_ISS_ENC); an unassigned register of that space reads 0. */
uint64_t idreg_read(uint32_t encoding);
#endif
