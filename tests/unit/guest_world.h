/* SPDX-License-Identifier: Apache-2.0 */
/* A VM at a trap, for the tests of what answers it: the rest of the nucleus is fakes that keep what was asked of them. */
#ifndef TESTS_UNIT_GUEST_WORLD_H
#define TESTS_UNIT_GUEST_WORLD_H

#include "virt/vcpu.h"

#define GUEST_PC      UINT64_C(0xffff800010001000)
#define GUEST_VBAR    UINT64_C(0xffff800010080000)
#define GUEST_RAM     UINT64_C(0x40000000)              /* mapped, and executable */
#define GUEST_ROM     UINT64_C(0x50000000)              /* mapped, not executable */
#define EL1H          0x5u
#define EL0_A64       0x0u
#define EL0_A32       0x10u
#define EL0_T32       0x30u

extern struct vm world_vm;
extern struct vcpu world_vcpu[2];       /* 0 runs, at EL1h; 1 is off */

struct world_log {
    enum belay_reason ended;            /* domain_end's reason, BELAY_REASON_NONE before */
    unsigned waits, offs, starts, evictions, breaks;
    struct vcpu_entry start;
    unsigned sgis;                      /* vgic_sgi, and its last arguments */
    uint64_t sgi;
    bool sgi_group1;
    unsigned deactivations;             /* vgic_deactivate, and its last argument */
    uint64_t deactivated;
    unsigned gic_accesses, portal_calls;
    struct access gic;                  /* the last access that the virtual GIC had */
    uint64_t gic_value;                 /* what it was given */
    uint64_t words[4];                  /* of the last portal call */
};

extern struct world_log world_log;
extern enum vcpu_power world_race;      /* not OFF: what another one made of a vCPU's power while this one looked */
extern uint64_t world_gic_reads;        /* what the virtual GIC reads as; it is at its usual place */
extern int world_portal_result;         /* of portal_call */
extern uint64_t world_translates;       /* the page that all addresses are in by the guest's stage 1; 0: none */
extern bool world_fetches;              /* is the instruction at PC readable? */
extern uint32_t world_insn;             /* and which it is */

/* Each test begins with it. */
int world_begin(void **state);

/* The guest took an exception to EL1 with that syndrome, at the vector with that offset. */
void assert_exception(const struct vcpu *v, uint64_t offset, uint32_t esr);
/* It went on after its instruction. */
void assert_advanced(const struct vcpu *v);
#endif
