/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's entropy: the True Random Number Generator Firmware Interface 1.0 (DEN0098), from the host's firmware where
 * that has it, else by FEAT_RNG (Arm ARM, A2.8) where the CPU has that.
 */
#ifndef NUCLEUS_VIRT_TRNG_H
#define NUCLEUS_VIRT_TRNG_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

bool trng_is_there(void);

/* TRNG_RND: its status, with x1 to x3 of the guest set. */
int64_t trng_random(struct vcpu *v, const uint64_t a[3]);
#endif
