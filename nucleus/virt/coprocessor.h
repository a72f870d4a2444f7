/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's trapped access from AArch32 to a register of CP14 or CP15, or by VMRS: emulated as the AArch64 register that it
 * is (virt/sysreg_trap.h), or undefined.
 */
#ifndef NUCLEUS_VIRT_COPROCESSOR_H
#define NUCLEUS_VIRT_COPROCESSOR_H

#include <stdint.h>

struct vcpu;

/* By the syndrome: of classes EC_CP15_32 to EC_CP14_LS, EC_VMRS and EC_CP14_64. */
void coprocessor_trap(struct vcpu *v, uint64_t esr);
#endif
