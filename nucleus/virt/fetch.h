/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the instruction that a guest's PC is at. */
#ifndef NUCLEUS_VIRT_FETCH_H
#define NUCLEUS_VIRT_FETCH_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* The vCPU is loaded. False where it runs AArch32 code, or nothing readable of its VM's own memory is there. */
bool guest_fetch(struct vcpu *v, uint32_t *insn);
#endif
