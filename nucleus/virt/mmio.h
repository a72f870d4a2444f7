/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aborts of a guest at stage 2: accesses to emulated devices, which the virtual
 * GIC or a service by a portal call answers, and to nothing, which gives the
 * guest an external abort.
 */
#ifndef NUCLEUS_VIRT_MMIO_H
#define NUCLEUS_VIRT_MMIO_H

#include <stdint.h>

#include "virt/decode.h"

struct vcpu;

/*
 * A vCPU's access that is under way. Registers and PC change at its end only:
 * when its service goes down meanwhile, the guest makes the whole access anew.
 */
struct mmio_call {
    uint64_t esr, far;      /* of the abort */
    struct decoded op;
    uint64_t second;        /* of a pair: where its second register goes */
    uint64_t base_after;    /* with writeback */
    uint64_t value[2];      /* read so far */
    uint8_t done;           /* registers that are */
    bool big_endian;        /* as the guest runs */
};

/* Exits of class EC_DABT_LOWER and EC_IABT_LOWER. The vCPU is loaded. */
void guest_data_abort(struct vcpu *v, uint64_t esr);
void guest_prefetch_abort(struct vcpu *v, uint64_t esr);

/* A portal handler's reply: the value read, and 0 or BELAY_ACCESS_ABORT. The vCPU need not be loaded. */
void mmio_finish(struct vcpu *v, uint64_t value, uint64_t status);
#endif
