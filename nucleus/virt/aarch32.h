/* SPDX-License-Identifier: Apache-2.0 */
/* A guest in AArch32, at EL0 or at EL1: instructions whose condition failed, and exceptions into its EL1. */
#ifndef NUCLEUS_VIRT_AARCH32_H
#define NUCLEUS_VIRT_AARCH32_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/frame.h"

struct vcpu;

/*
 * Did the instruction that trapped fail its condition? Some CPUs trap those too (Arm ARM, G1.16.3), and then it is done:
 * the frame is past it. Of a class whose syndrome has a condition.
 */
bool aarch32_skip(struct frame *f, uint64_t esr);

/*
 * Takes the exception that ESR_EL1 and FAR_EL1 would tell of to an EL1 in AArch32. The frame is at the instruction that
 * caused it. False: its handler fails at once, and this would never end. The vCPU is not loaded.
 */
bool aarch32_take(struct vcpu *v, uint32_t esr, uint64_t far);
#endif
