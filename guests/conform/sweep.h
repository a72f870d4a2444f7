/* SPDX-License-Identifier: Apache-2.0 */
/* All offsets of a frame of registers, by accesses of all sizes. */
#ifndef CONFORM_SWEEP_H
#define CONFORM_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#define FRAME_BYTES 0x10000u

/* One register, or those of a kind with so many bits for each INTID. */
struct reg {
    uint32_t offset;
    uint16_t bytes;         /* 0: it has... */
    uint8_t bits;           /* ...so many for each INTID */
    uint8_t sizes;          /* of accesses, or'ed */
};

struct frame {
    uintptr_t base;
    uint32_t first, last;   /* INTIDs that it has registers for: last is the one behind */
    const struct reg *regs; /* ended by one without sizes */
};

/* Where no register is, and where one is by an access of a size that it has not, 0 is read... */
void reads_as_zero_elsewhere(const struct frame *f);

/* ...and what is written changes nothing in the frame. */
void ignores_writes_elsewhere(const struct frame *f);

/* The same of registers that can only be read. */
void ignores_writes_to(uintptr_t address, unsigned bytes);
#endif
