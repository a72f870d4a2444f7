/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest's addresses are, and the instruction that its PC is at. */
#ifndef NUCLEUS_VIRT_FETCH_H
#define NUCLEUS_VIRT_FETCH_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* The vCPU is loaded. By its stage 1 as it is now: false where that has nothing there. */
bool guest_translate(const struct vcpu *v, uint64_t address, uint64_t *ipa);

/* The vCPU is loaded. False where nothing readable of its VM's own memory is there. A 16-bit one is a halfword. */
bool guest_fetch(struct vcpu *v, uint32_t *insn);
#endif
