/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM that is debugged from outside. At a debug exception of one of its vCPUs all of it pauses (domain_break); its
 * debugger then reads and writes registers, sets breakpoints and watchpoints, which are all vCPUs', says which
 * vCPUs step, and which are held when it resumes the VM.
 *
 * The guest's own debugging (virt/own_debug.h) rests meanwhile, and a BRK of its own stops it too, which the debugger may
 * hand on to it.
 */
#ifndef NUCLEUS_VIRT_DEBUG_H
#define NUCLEUS_VIRT_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/debug.h"

struct notification;
struct vcpu;
struct vm;

struct vcpu_debug {
    uint64_t esr, far;          /* of the exception that stopped it, till it goes on; esr 0: none did */
    uint64_t step, held;        /* 0 or 1 */
};

/* All below but the first: the VM does not run, and no vCPU of it is in the hardware. */

/* A debug exception of the current vCPU. `far` is FAR_EL2. */
void debug_exception(struct vcpu *v, uint64_t esr, uint64_t far);

/* From here on the VM has that debugger; NULL: none, and nothing is left of the last. */
void debug_set(struct vm *vm, struct notification *debugger, uint64_t bits);

/* Of a vCPU that was reset. */
void debug_reset(struct vcpu *v);

/* Breakpoint n, or watchpoint n; control 0: none. BELAY_EINVAL when there is no such one. */
int debug_point(struct vm *vm, uint64_t n, uint64_t address, uint64_t control);

/* A register by enum belay_reg. A write: BELAY_EINVAL when it can't have that value, or can't be written. */
uint64_t debug_read(struct vcpu *v, unsigned reg);
int debug_write(struct vcpu *v, unsigned reg, uint64_t value);

/* The BRK that stopped it becomes the guest's own exception. BELAY_ESTATE when no BRK did, or it could not be taken. */
int debug_pass(struct vcpu *v);
#endif
