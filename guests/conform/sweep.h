/* SPDX-License-Identifier: Apache-2.0 */
/* A frame of registers: all its offsets by accesses of all sizes, and what the registers of each interrupt keep. */
#ifndef CONFORM_SWEEP_H
#define CONFORM_SWEEP_H

#include <stdbool.h>
#include <stdint.h>

#define EVERY_SIZE (1 | 2 | 4 | 8)

/* One register, or those of a kind with so many bits for each INTID. */
struct reg {
    uint32_t offset;
    uint16_t bytes;         /* 0: it has... */
    uint8_t bits;           /* ...so many for each INTID */
    uint8_t sizes;          /* of accesses that it has, or that nothing is said of, or'ed */
};

/* What a distributor and a redistributor have for each INTID, by accesses of these sizes. */
#define REGS_OF_EACH(by, priority_by) \
    { IGROUPR, .bits = 1, .sizes = (by) }, { ISENABLER, .bits = 1, .sizes = (by) }, { ICENABLER, .bits = 1, .sizes = (by) }, \
    { ISPENDR, .bits = 1, .sizes = (by) }, { ICPENDR, .bits = 1, .sizes = (by) }, { ISACTIVER, .bits = 1, .sizes = (by) }, \
    { ICACTIVER, .bits = 1, .sizes = (by) }, { IPRIORITYR, .bits = 8, .sizes = (priority_by) }, \
    { ICFGR, .bits = 2, .sizes = (by) }

struct frame {
    uintptr_t base;
    uint32_t bytes;         /* FRAME_BYTES at most */
    uint32_t first, last;   /* INTIDs that it has registers for: last is the one behind */
    const struct reg *regs; /* ended by one without sizes */
};
#define FRAME_BYTES 0x10000u

/* Where no register is, and where one is by an access of a size that it has not, 0 is read... */
void reads_as_zero_elsewhere(const struct frame *f);

/* ...and what is written changes nothing in the frame. */
void ignores_writes_elsewhere(const struct frame *f);

/* The same of registers that can only be read. */
void ignores_writes_to(uintptr_t address, unsigned bytes);

/* A bit of each INTID of the frame is kept. */
void keeps_bits(const struct frame *f, uint32_t reg);

/* Of a pair of registers: ones in the first set bits, ones in the second clear them, both read them, zeros do nothing. */
void sets_and_clears_bits(const struct frame *f, uint32_t sets, uint32_t clears);

/* Priorities, by bytes and by words: five bits at least. */
void keeps_priorities(const struct frame *f);

/* Of ICFGR the upper bit of two. */
void keeps_edge_or_level(const struct frame *f);
#endif
