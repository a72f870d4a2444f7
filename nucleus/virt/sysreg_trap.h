/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's trapped MSR, MRS or SYS instruction: emulated, or undefined as on a CPU that has not got the register. */
#ifndef NUCLEUS_VIRT_SYSREG_TRAP_H
#define NUCLEUS_VIRT_SYSREG_TRAP_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* By the ISS of class EC_SYSREG. False when the guest took an Undefined Instruction exception instead. */
bool sysreg_trap(struct vcpu *v, uint32_t iss);
#endif
