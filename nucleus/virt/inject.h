/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Synchronous exceptions into a guest's EL1, as AArch64.TakeException does them
 * (Arm ARM, J1.1.2), or AArch32.EnterMode where that is in AArch32. The frame is at
 * the instruction that caused it. The vCPU leaves the hardware for it: this is not a hot path.
 */
#ifndef NUCLEUS_VIRT_INJECT_H
#define NUCLEUS_VIRT_INJECT_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* Fault status codes of a guest's ESR_EL1 (Arm ARM, D17.2.37). */
#define FSC_EXTERNAL       0x10u
#define FSC_EXTERNAL_WALK  0x17u    /* on a table walk: at which level of its walk is not told to EL2 */
#define FSC_ALIGNMENT      0x21u
#define FSC_DEBUG          0x22u    /* of AArch32 alone */
#define FSC_EXCLUSIVE      0x35u    /* exclusive or atomic access that the memory does not support */

void inject_undefined(struct vcpu *v);

/* The guest's own BRK, with the syndrome that it came with; false when its handler begins with that very BRK. */
bool inject_break(struct vcpu *v, uint32_t esr);

/* `iss` is what the guest finds in ESR_EL1: a fault status code, and WnR and CM as they were. */
void inject_data_abort(struct vcpu *v, uint64_t far, uint32_t iss);
void inject_prefetch_abort(struct vcpu *v, uint64_t far, uint32_t iss);
#endif
