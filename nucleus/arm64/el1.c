/* SPDX-License-Identifier: Apache-2.0 */
#include "arm64/el1.h"

#include "arm64/sysreg.h"
#include "base/assert.h"
#include "base/section.h"

void el1_reset(struct el1_state *s, uint64_t vmpidr)
{
    *s = (struct el1_state){ .vmpidr = vmpidr, .aarch32.on = s->aarch32.on };
    s->el0.sctlr = s->aarch32.on ? SCTLR_AARCH32_RES1 : SCTLR_EL1_RES1;
}

/* One list for both directions, so that no register can be saved and not restored: each with its neighbour. */
#define EL1_PAIRS(X) \
    X(sp_el1, sp_el1, elr, elr_el1) X(spsr, spsr_el1, esr, esr_el1) X(far, far_el1, vbar, vbar_el1) \
    X(ttbr0, ttbr0_el1, ttbr1, ttbr1_el1) X(tcr, tcr_el1, mair, mair_el1) \
    X(contextidr, contextidr_el1, tpidr_el1, tpidr_el1) X(par, par_el1, csselr, csselr_el1)

/* What each implementation may define, and most have as zeros that nothing changes. */
#define EL1_OPTIONAL(X) X(amair, amair_el1) X(afsr0, afsr0_el1) X(afsr1, afsr1_el1)

/* Of AArch32. FPEXC stands apart: FP must not trap for it. */
#define EL1_AARCH32(X) \
    X(spsr_abt, spsr_abt) X(spsr_und, spsr_und) X(spsr_irq, spsr_irq) X(spsr_fiq, spsr_fiq) \
    X(dacr, dacr32_el2) X(ifsr, ifsr32_el2)

#define CPTR_TFP    (UINT64_C(1) << 10)

#define VDISR_EL2   S3_4_C12_C1_1   /* what a guest has as DISR_EL1, under HCR_EL2.AMO */
#define TPIDR2_EL0  S3_3_C13_C0_5
#define PFR0_EL1(v) ((v) >> 4 & 0xf)
#define PFR0_RAS(v) ((v) >> 28 & 0xf)
#define PFR1_SME(v) ((v) >> 24 & 0xf)

#define AARCH32     2       /* in a field of ID_AA64PFR0_EL1: beside AArch64 */

static bool has_ras, has_sme, has_optional;
static bool lacks_aarch32;  /* one of the CPUs does */
bool el1_rare;              /* one of the first three, or a vCPU in AArch32 */

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
    lacks_aarch32 |= PFR0_EL1(sysreg_read(id_aa64pfr0_el1)) < AARCH32;
    el1_rare = has_ras || has_sme || has_optional;
}

bool el1_has_aarch32(void)
{
    return !lacks_aarch32;
}

/* Other CPUs see it by the message that starts the domain. */
void el1_use_aarch32(struct el1_state *s)
{
    s->aarch32.on = el1_rare = true;
}

static void save_aarch32(struct el1_aarch32 *s)
{
    uint64_t cptr = sysreg_read(cptr_el2);

    sysreg_write(cptr_el2, cptr & ~CPTR_TFP);
    isb();
    s->fpexc = (uint32_t)sysreg_read(fpexc32_el2);
    sysreg_write(cptr_el2, cptr);
#define SAVE(field, reg) s->field = (uint32_t)sysreg_read(reg);
    EL1_AARCH32(SAVE)
#undef SAVE
}

static void restore_aarch32(const struct el1_aarch32 *s)
{
    uint64_t cptr = sysreg_read(cptr_el2);

    sysreg_write(cptr_el2, cptr & ~CPTR_TFP);
    isb();
    sysreg_write(fpexc32_el2, s->fpexc);
    sysreg_write(cptr_el2, cptr);
#define RESTORE(field, reg) sysreg_write(reg, s->field);
    EL1_AARCH32(RESTORE)
#undef RESTORE
}

SELDOM __attribute__((noinline)) void el1_save_rare(struct el1_state *s)
{
    if (s->aarch32.on)
        save_aarch32(&s->aarch32);
#define SAVE(field, reg) s->field = sysreg_read(reg);
    if (has_optional) {
        EL1_OPTIONAL(SAVE)
    }
#undef SAVE
}

SELDOM __attribute__((noinline)) void el1_restore_rare(const struct el1_state *s)
{
    if (s->aarch32.on)
        restore_aarch32(&s->aarch32);
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
}

void el1_restore(const struct el1_state *s)
{
#define RESTORE(field, reg, next, next_reg) sysreg_write_pair(reg, s->field, next_reg, s->next);
    EL1_PAIRS(RESTORE)
#undef RESTORE
    sysreg_write(vmpidr_el2, s->vmpidr);
}
