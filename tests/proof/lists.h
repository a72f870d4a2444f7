/* SPDX-License-Identifier: Apache-2.0 */
/* What lists.c needs of the played host (tests/unit/vgic_world.c) and of its registers beyond what a test does. */
#ifndef TESTS_PROOF_LISTS_H
#define TESTS_PROOF_LISTS_H

#include "explore.h"
#include "vgic_world.h"

#define WORLD_REGISTERS 256

/* The values of all system registers, out or in. */
void world_registers(uint64_t value[WORLD_REGISTERS], bool out);

struct region world_cpu_region(void);

/* explore_word of all that the future depends on. */
void world_state_of_word(const struct vgic_word *w);
void world_state_of_vcpu(const struct vcpu *v, unsigned list_registers);
#endif
