/* SPDX-License-Identifier: Apache-2.0 */
/* TLB maintenance for one VMID, whose VTTBR_EL2 value is given (Arm ARM, D8.13). The caller's own space stays in VTTBR_EL2. */
#ifndef NUCLEUS_ARM64_TLB_H
#define NUCLEUS_ARM64_TLB_H

#include <stdint.h>

#include "arm64/sysreg.h"

#ifdef BELAY_HOST_TEST
static inline void tlb_forget_ipa(uint64_t vttbr, uint64_t ipa, uint64_t step, uint64_t count)
{
    (void)vttbr, (void)ipa, (void)step, (void)count;
}
static inline void tlb_forget_space(uint64_t vttbr) { (void)vttbr; }
static inline void tlb_forget_stage1(uint64_t vttbr) { (void)vttbr; }
#else
/* Stage 2 of `count` addresses, then stage 1, which may hold them combined. Bound: count, at most STAGE2_PIECE. */
static inline void tlb_forget_ipa(uint64_t vttbr, uint64_t ipa, uint64_t step, uint64_t count)
{
    uint64_t own = sysreg_read(vttbr_el2);

    sysreg_write(vttbr_el2, vttbr);
    dsb_ish();                          /* the cleared entries are seen by walkers; also before the new VMID is used */
    isb();
    for (; count; count--, ipa += step)
        __asm__ volatile("tlbi ipas2e1is, %0" : : "r"(ipa >> 12) : "memory");
    dsb_ish();
    __asm__ volatile("tlbi vmalle1is" ::: "memory");
    dsb_ish();
    sysreg_write(vttbr_el2, own);
    isb();
}

/* All that a VMID ever held: before it names another space. */
static inline void tlb_forget_space(uint64_t vttbr)
{
    uint64_t own = sysreg_read(vttbr_el2);

    sysreg_write(vttbr_el2, vttbr);
    dsb_ish();
    isb();
    __asm__ volatile("tlbi vmalls12e1is" ::: "memory");
    dsb_ish();
    sysreg_write(vttbr_el2, own);
    isb();
}

/* What this CPU holds of a VMID's stage 1, and the instructions that it cached by it. */
static inline void tlb_forget_stage1(uint64_t vttbr)
{
    uint64_t own = sysreg_read(vttbr_el2);

    sysreg_write(vttbr_el2, vttbr);
    isb();
    __asm__ volatile("tlbi vmalle1\n ic iallu\n dsb nsh" ::: "memory");
    sysreg_write(vttbr_el2, own);
    isb();
}
#endif
#endif
