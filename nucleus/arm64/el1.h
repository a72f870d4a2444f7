/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The EL1 and EL0 system registers that a guest owns. They stay in the
 * hardware from the time its vCPU is loaded until another vCPU is; a service
 * needs none of them, but EL0 obeys a few (el0_view).
 */
#ifndef NUCLEUS_ARM64_EL1_H
#define NUCLEUS_ARM64_EL1_H

#include <stdint.h>

#include "arm64/el0.h"

struct el1_state {
    struct el0_view el0;
    uint64_t sp_el1, elr, spsr, esr, far, vbar;
    uint64_t ttbr0, ttbr1, tcr, mair;
    uint64_t contextidr, tpidr_el1, par, csselr;
    uint64_t vmpidr;
    uint64_t amair, afsr0, afsr1;
};

/* A vCPU's registers as after a reset (the rest being UNKNOWN there, 0 here). */
void el1_reset(struct el1_state *s, uint64_t vmpidr);

/*
 * Registers that few CPUs have, and nothing traps: those of extensions that guests have not got, all zeros whenever a
 * vCPU comes into the hardware; and the implementation's own. Looks which there are, on each CPU while booting.
 */
void el1_find_rare(void);

/* All but el0: that is arm64/el0.h. */
void el1_save(struct el1_state *s);
void el1_restore(const struct el1_state *s);
#endif
