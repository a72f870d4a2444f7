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
    X(ttbr0, ttbr0_el1, ttbr1, ttbr1_el1) X(tcr, tcr_el1, mair, mair_el1) X(amair, amair_el1, afsr0, afsr0_el1) \
    X(afsr1, afsr1_el1, contextidr, contextidr_el1) X(tpidr_el1, tpidr_el1, par, par_el1)

#define VDISR_EL2   S3_4_C12_C1_1   /* what a guest has as DISR_EL1, under HCR_EL2.AMO */
#define TPIDR2_EL0  S3_3_C13_C0_5
#define PFR0_RAS(v) ((v) >> 28 & 0xf)
#define PFR1_SME(v) ((v) >> 24 & 0xf)

static bool has_ras, has_sme, has_hidden;

BOOT_ONLY void el1_find_hidden(void)
{
    has_ras |= PFR0_RAS(sysreg_read(id_aa64pfr0_el1)) != 0;
    has_sme |= PFR1_SME(sysreg_read(id_aa64pfr1_el1)) != 0;
    has_hidden = has_ras || has_sme;
}

static void clear_hidden(void)
{
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
    s->csselr = sysreg_read(csselr_el1);
}

void el1_restore(const struct el1_state *s)
{
#define RESTORE(field, reg, next, next_reg) sysreg_write_pair(reg, s->field, next_reg, s->next);
    EL1_PAIRS(RESTORE)
#undef RESTORE
    sysreg_write_pair(csselr_el1, s->csselr, vmpidr_el2, s->vmpidr);
    if (unlikely(has_hidden))
        clear_hidden();
}
