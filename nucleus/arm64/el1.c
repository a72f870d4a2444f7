/* SPDX-License-Identifier: Apache-2.0 */
#include "arm64/el1.h"

#include "arm64/sysreg.h"

void el1_reset(struct el1_state *s, uint64_t vmpidr)
{
    *s = (struct el1_state){ .vmpidr = vmpidr };
    s->el0.sctlr = SCTLR_EL1_RES1;
}

/* One list for both directions, so that no register can be saved and not restored. */
#define EL1_REGISTERS(X) \
    X(sp_el1, sp_el1) X(elr, elr_el1) X(spsr, spsr_el1) X(esr, esr_el1) X(far, far_el1) X(vbar, vbar_el1) \
    X(ttbr0, ttbr0_el1) X(ttbr1, ttbr1_el1) X(tcr, tcr_el1) X(mair, mair_el1) X(amair, amair_el1) \
    X(afsr0, afsr0_el1) X(afsr1, afsr1_el1) X(contextidr, contextidr_el1) X(tpidr_el1, tpidr_el1) \
    X(par, par_el1) X(csselr, csselr_el1)

void el1_save(struct el1_state *s)
{
#define SAVE(field, reg) s->field = sysreg_read(reg);
    EL1_REGISTERS(SAVE)
#undef SAVE
}

void el1_restore(const struct el1_state *s)
{
#define RESTORE(field, reg) sysreg_write(reg, s->field);
    EL1_REGISTERS(RESTORE)
#undef RESTORE
    sysreg_write(vmpidr_el2, s->vmpidr);
}
