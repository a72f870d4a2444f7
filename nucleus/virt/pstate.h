/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's PSTATE as an exit leaves it in SPSR_EL2 (Arm ARM, C5.2.19), and the end of an emulated instruction. */
#ifndef NUCLEUS_VIRT_PSTATE_H
#define NUCLEUS_VIRT_PSTATE_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/frame.h"
#include "arm64/syndrome.h"
#include "base/assert.h"

#define PSTATE_SP      (1u << 0)    /* SP_EL1 rather than SP_EL0 */
#define PSTATE_EL      (3u << 2)
#define PSTATE_EL1     (1u << 2)
#define PSTATE_A32     (1u << 4)    /* AArch32 */
#define PSTATE_A32_T   (1u << 5)    /* T32 code */
#define PSTATE_A32_E   (1u << 9)    /* big-endian */
#define PSTATE_MODE    0x1fu        /* with PSTATE_A32: AArch32's mode, of which User is EL0 */
#define PSTATE_USER    0x10u
#define PSTATE_LEVEL   0xfu         /* 0 in EL0t and in User mode, and in nothing else that a guest can be in */
#define PSTATE_DAIF    (0xfu << 6)
#define PSTATE_BTYPE   (3u << 10)
#define PSTATE_SSBS    (1u << 12)
#define PSTATE_SS      (1u << 21)
#define PSTATE_PAN     (1u << 22)
#define PSTATE_DIT     (1u << 24)
#define PSTATE_NZCV    (0xfu << 28)

static inline bool pstate_at_el1(uint64_t pstate)
{
    return pstate & PSTATE_LEVEL;
}

/* ITSTATE: the condition of the next instruction of T32 code above the mask of those that follow. */
static inline unsigned pstate_it(uint64_t pstate)
{
    return ((unsigned)pstate >> 8 & 0xfc) | ((unsigned)pstate >> 25 & 3);
}

/* A64: the instruction was emulated; the guest goes on after it, and its own single step sees that it was executed. */
static inline void frame_advance(struct frame *f)
{
    f->pc += 4;
    f->pstate &= ~(uint64_t)(PSTATE_SS | PSTATE_BTYPE);
}

/* The same in any state: the syndrome's IL tells the length. Inside an IT block the next has a state of its own (F1.2.1). */
void frame_advance_any(struct frame *f, uint64_t esr);
#endif
