/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's calls by HVC and SMC: the SMC Calling Convention 1.2 (DEN0028), PSCI 1.1
 * (DEN0022), and Belay's own range. Registers that hold no result are preserved.
 */
#ifndef NUCLEUS_VIRT_PSCI_H
#define NUCLEUS_VIRT_PSCI_H

#include <stdint.h>

#include "arm64/smccc.h"
#include "arm64/syndrome.h"
#include "base/assert.h"
#include "virt/vcpu.h"

#define SMCCC_ANSWERED (-1)

#define PSCI_1_1       0x10001

int smccc_answer(struct vcpu *v, uint64_t esr);

/*
 * Answers a call; where it is a hypercall of Belay's, returns its number and leaves that to the caller.
 * By HVC #0, PSCI_VERSION costs nothing but its exit, and a hypercall little more.
 */
static inline int smccc_call(struct vcpu *v, uint64_t esr)
{
    uint64_t *x = v->context.frame.x;

    uint32_t id = (uint32_t)x[0];

    if (unlikely(esr != ((uint64_t)EC_HVC << 26 | ESR_IL)))
        return smccc_answer(v, esr);
    if (likely(id == PSCI_VERSION)) {
        x[0] = PSCI_1_1;
        return SMCCC_ANSWERED;
    }
    return likely(id - BELAY_SMCCC(0) < BELAY_HC_COUNT) ? (int)(id - BELAY_SMCCC(0)) : smccc_answer(v, esr);
}
#endif
