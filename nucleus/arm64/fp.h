/* SPDX-License-Identifier: Apache-2.0 */
/* FP and SIMD registers, moved only when a context that uses them finds another's there. */
#ifndef NUCLEUS_ARM64_FP_H
#define NUCLEUS_ARM64_FP_H

#include <stdint.h>

struct fp_state {
    _Alignas(16) uint8_t q[32][16];
    uint64_t fpcr, fpsr;
};

void fp_save(struct fp_state *);           /* fp.S */
void fp_restore(const struct fp_state *);
#endif
