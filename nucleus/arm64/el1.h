/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The EL1 and EL0 system registers that a guest owns. They stay in the
 * hardware from the time its vCPU is loaded until another vCPU is; a service
 * needs none of them, but EL0 obeys a few (el0_view).
 */
#ifndef NUCLEUS_ARM64_EL1_H
#define NUCLEUS_ARM64_EL1_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/el0.h"

/* What EL1 in AArch32 has beyond what is an AArch64 register too (Arm ARM, D1.20.1 and D17.1.4). */
struct el1_aarch32 {
    uint32_t spsr_abt, spsr_und, spsr_irq, spsr_fiq;
    uint32_t dacr, ifsr, fpexc;
    bool on;                    /* EL1 is in AArch32 */
};

struct el1_state {
    struct el0_view el0;
    uint64_t sp_el1, elr, spsr, esr, far, vbar;
    uint64_t ttbr0, ttbr1, tcr, mair;
    uint64_t contextidr, tpidr_el1, par, csselr;
    uint64_t vmpidr;
    uint64_t amair, afsr0, afsr1;
    struct el1_aarch32 aarch32;
};

/* A vCPU's registers as after a reset (the rest being UNKNOWN there, 0 here). Whether it is in AArch32 stays. */
void el1_reset(struct el1_state *s, uint64_t vmpidr);

/*
 * Registers that few CPUs have, and nothing traps: those of extensions that guests have not got, all zeros whenever a
 * vCPU comes into the hardware; and the implementation's own. Looks which there are, on each CPU while booting.
 */
void el1_find_rare(void);

/* Have all CPUs AArch32 at EL1? And a vCPU is to use it. */
bool el1_has_aarch32(void);
void el1_use_aarch32(struct el1_state *s);

/* All but el0, that is arm64/el0.h, and where el1_rare says so what follows. */
void el1_save(struct el1_state *s);
void el1_restore(const struct el1_state *s);

/* Are there registers that few CPUs or few vCPUs have? These save and restore them. */
extern bool el1_rare;
void el1_save_rare(struct el1_state *s);
void el1_restore_rare(const struct el1_state *s);
#endif
