/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A64 loads and stores of general registers (Arm ARM, C4.1.94), for those whose
 * syndrome says nothing: pairs, and addressing that writes its base back. Those of A32 and T32. Pure functions.
 */
#ifndef NUCLEUS_VIRT_DECODE_H
#define NUCLEUS_VIRT_DECODE_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/frame.h"
#include "arm64/syndrome.h"

struct decoded {
    struct access access;   /* of the first register; its ipa is left 0 */
    uint8_t count;          /* 2: a pair, whose second register goes `access.size` above */
    uint8_t reg2;
    uint8_t base;           /* 31 is SP */
    bool writeback;
    int64_t offset;         /* the address is base + offset */
    int64_t step;           /* with writeback: added to the base afterwards */
};

/* False for anything but such an instruction: FP and SIMD, exclusives, atomics, literals, prefetches, whatever else. */
bool decode_a64(uint32_t insn, const uint64_t x[31], struct decoded *out);

/*
 * The same in AArch32, of the state that the frame is in: with immediate offsets, LDRD and STRD, LDM and STM of two
 * registers. Registers are named as the frame has them. Of a 16-bit instruction `insn` is that alone.
 */
bool decode_aarch32(uint32_t insn, const struct frame *f, struct decoded *out);

/*
 * Where the frame has R<n> of the mode that it is in (Arm ARM, D1.20.1). What is no register of another mode stays as it
 * is: an abort's syndrome should have the frame's number already, and QEMU's has not.
 */
unsigned aarch32_register(uint64_t pstate, unsigned n);

/* A load or store exclusive, a compare and swap, or another atomic. */
bool decode_is_exclusive(uint32_t insn);
#endif
