/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's trapped MSR, MRS or SYS instruction: emulated, or undefined as on a CPU that has not got the register. */
#ifndef NUCLEUS_VIRT_SYSREG_TRAP_H
#define NUCLEUS_VIRT_SYSREG_TRAP_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/syndrome.h"
#include "base/assert.h"
#include "virt/pstate.h"
#include "virt/vcpu.h"

#define SYSREG_ICC_SGI1R  SYSREG_ENC(3, 0, 12, 11, 5)
#define SYSREG_RT_MASK    (0x1fu << 5)

bool sysreg_trap_any(struct vcpu *v, uint32_t iss);

/* By the ISS of class EC_SYSREG. False when the guest took an Undefined Instruction exception instead. */
static inline bool sysreg_trap(struct vcpu *v, uint32_t iss)
{
    unsigned rt = SYSREG_ISS_RT(iss);

    if (unlikely((iss & ~SYSREG_RT_MASK) != SYSREG_ICC_SGI1R))
        return sysreg_trap_any(v, iss);
    frame_advance(&v->context.frame);
    vgic_sgi(v, rt < 31 ? v->context.frame.x[rt] : 0, true);        /* a guest's most frequent; 31 is XZR */
    return true;
}

/*
 * By its encoding (SYSREG_ENC). False: there is no such register, or not in this direction. The vCPU may have to wait for
 * another CPU, and to do it anew: then it is not ready any more.
 */
bool sysreg_access(struct vcpu *v, uint32_t encoding, bool read, uint64_t *value);
#endif
