/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's own debugging (Arm ARM, D2): two breakpoints and two watchpoints, single steps, the OS lock. Its accesses to
 * the registers trap; what it asks for is in the hardware while the vCPU is, and its debug exceptions are its EL1's. What
 * would match by context, or at EL2, never does. It rests while somebody debugs the VM from outside (virt/debug.h).
 */
#ifndef NUCLEUS_VIRT_OWN_DEBUG_H
#define NUCLEUS_VIRT_OWN_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/debug.h"

struct vcpu;

struct own_debug {
    struct debug_points points;     /* of which the guest has the first two of each kind */
    uint64_t mdscr, lock;           /* MDSCR_EL1 and OSLAR_EL1, as they were written last */
};

/* After a reset the lock is on and MDSCR_EL1 0, which keeps points off. */
void own_debug_reset(struct vcpu *v);

/* The vCPU's view of EL0 has its own debugging. */
void own_debug_view(struct vcpu *v);

/* A register by its encoding, for a vCPU that is loaded; false for one that is not of these, or not in this direction. */
bool own_debug_sysreg(struct vcpu *v, uint32_t encoding, bool read, uint64_t *value);
#endif
