/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's trapped MSR, MRS or SYS instruction: emulated, or undefined as on a CPU that has not got the register. */
#ifndef NUCLEUS_VIRT_SYSREG_TRAP_H
#define NUCLEUS_VIRT_SYSREG_TRAP_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* By the ISS of class EC_SYSREG. False when the guest took an Undefined Instruction exception instead. */
bool sysreg_trap(struct vcpu *v, uint32_t iss);

/*
 * By its encoding (SYSREG_ENC). False: there is no such register, or not in this direction. The vCPU may have to wait for
 * another CPU, and to do it anew: then it is not ready any more.
 */
bool sysreg_access(struct vcpu *v, uint32_t encoding, bool read, uint64_t *value);
#endif
