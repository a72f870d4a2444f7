/* SPDX-License-Identifier: Apache-2.0 */
/* What the vectors store at every exit to EL2 (vectors.S knows the offsets). */
#ifndef NUCLEUS_ARM64_FRAME_H
#define NUCLEUS_ARM64_FRAME_H

#define FRAME_X(n)    ((n) * 8)
#define FRAME_PC      (31 * 8)
#define FRAME_PSTATE  (32 * 8)
#define FRAME_BYTES   (34 * 8)

/* In struct cpu (core/cpu.h), at which TPIDR_EL2 points. */
#define CPU_CURRENT     0
#define CPU_RESCHEDULE  16
#define CPU_INDEX       17
#define CPU_EXIT_SYNC   24
#define CPU_EXIT_IRQ    32

#ifndef __ASSEMBLER__
#include <stdint.h>

struct frame {
    uint64_t x[31];
    uint64_t pc;        /* ELR_EL2 */
    uint64_t pstate;    /* SPSR_EL2 */
    uint64_t reserved;
};
_Static_assert(sizeof(struct frame) == FRAME_BYTES, "vectors.S");
#endif
#endif
