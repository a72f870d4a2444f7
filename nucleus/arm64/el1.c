/* SPDX-License-Identifier: Apache-2.0 */
#include "arm64/el1.h"

#include <stdbool.h>

#include "arm64/sysreg.h"
#include "base/assert.h"
#include "base/section.h"

void el1_reset(struct el1_state *s, uint64_t vmpidr)
{
    *s = (struct el1_state){ .vmpidr = vmpidr };
    s->el0.sctlr = SCTLR_EL1_RES1;
}

/* One list for both directions, so that no register can be saved and not restored: each with its neighbour. */
#define EL1_PAIRS(X) \
    X(sp_el1, sp_el1, elr, elr_el1) X(spsr, spsr_el1, esr, esr_el1) X(far, far_el1, vbar, vbar_el1) \
    X(ttbr0, ttbr0_el1, ttbr1, ttbr1_el1) X(tcr, tcr_el1, mair, mair_el1) \
    X(contextidr, contextidr_el1, tpidr_el1, tpidr_el1) X(par, par_el1, csselr, csselr_el1)

/* What each implementation may define, and most have as zeros that nothing changes. */
#define EL1_OPTIONAL(X) X(amair, amair_el1) X(afsr0, afsr0_el1) X(afsr1, afsr1_el1)

#define VDISR_EL2   S3_4_C12_C1_1   /* what a guest has as DISR_EL1, under HCR_EL2.AMO */
#define TPIDR2_EL0  S3_3_C13_C0_5
#define PFR0_RAS(v) ((v) >> 28 & 0xf)
#define PFR1_SME(v) ((v) >> 24 & 0xf)

static bool has_ras, has_sme, has_optional;
static bool rare;           /* any of the three */

/* Both states of each bit are tried. */
BOOT_ONLY static bool holds_something(void)
{
    uint64_t held = 0;

#define TRY(field, reg) sysreg_write(reg, UINT64_MAX); isb(); held |= sysreg_read(reg); sysreg_write(reg, 0);
    EL1_OPTIONAL(TRY)
#undef TRY
    isb();
#define LOOK(field, reg) held |= sysreg_read(reg);
    EL1_OPTIONAL(LOOK)
#undef LOOK
    return held != 0;
}

BOOT_ONLY void el1_find_rare(void)
{
    has_ras |= PFR0_RAS(sysreg_read(id_aa64pfr0_el1)) != 0;
    has_sme |= PFR1_SME(sysreg_read(id_aa64pfr1_el1)) != 0;
    has_optional |= holds_something();
    rare = has_ras || has_sme || has_optional;
}

static __attribute__((noinline)) void save_rare(struct el1_state *s)
{
#define SAVE(field, reg) s->field = sysreg_read(reg);
    if (has_optional) {
        EL1_OPTIONAL(SAVE)
    }
#undef SAVE
}

static __attribute__((noinline)) void restore_rare(const struct el1_state *s)
{
#define RESTORE(field, reg) sysreg_write(reg, s->field);
    if (has_optional) {
        EL1_OPTIONAL(RESTORE)
    }
#undef RESTORE
    if (has_ras)
        sysreg_write(VDISR_EL2, 0);
    if (has_sme)
        sysreg_write(TPIDR2_EL0, 0);
}

void el1_save(struct el1_state *s)
{
#define SAVE(field, reg, next, next_reg) sysreg_read_pair(s->field, reg, s->next, next_reg);
    EL1_PAIRS(SAVE)
#undef SAVE
    if (unlikely(rare))
        save_rare(s);
}

void el1_restore(const struct el1_state *s)
{
#define RESTORE(field, reg, next, next_reg) sysreg_write_pair(reg, s->field, next_reg, s->next);
    EL1_PAIRS(RESTORE)
#undef RESTORE
    sysreg_write(vmpidr_el2, s->vmpidr);
    if (unlikely(rare))
        restore_rare(s);
}
