/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM with a virtual GIC, on a host that is played: the virtual CPU interface
 * behaves as IHI 0069, 4.2 and 12.4 say, the rest of the nucleus is fakes.
 */
#ifndef TESTS_UNIT_VGIC_WORLD_H
#define TESTS_UNIT_VGIC_WORLD_H

#include "virt/vgic_state.h"

#define GICD              UINT64_C(0x08000000)
#define GICR(vcpu)        (UINT64_C(0x080a0000) + (vcpu) * UINT64_C(0x20000))
#define SGI_FRAME(vcpu)   (GICR(vcpu) + 0x10000)
#define GICV_DIR          UINT64_C(0x08011000)
#define NO_INTERRUPT      1023u

extern struct vm world_vm;
extern struct vcpu world_vcpu[BELAY_VCPUS_MAX];
extern unsigned world_wakes[BELAY_VCPUS_MAX];   /* calls of vcpu_wake */
extern bool host_active[1020];                  /* the host's interrupts that are active; PPIs of the one CPU */
extern unsigned world_maintenances;
extern unsigned world_messages;                 /* between CPUs */
extern unsigned world_routed[1020];             /* the CPU that a host SPI goes to */

/* Does a host interrupt wait? The answers to the next questions, from the lowest bit on; then always no. */
extern uint32_t world_waits;

/*
 * Maintenance interrupts are taken at once, or, if `world_lazy`, by world_settle only. Settled: of all that the guest has
 * ended, on whatever vCPU, the nucleus knows.
 */
extern bool world_lazy;
void world_settle(void);
bool world_settled(void);

/* After reset: that many vCPUs, vCPU 0 loaded, so many list registers. */
void world_make(unsigned vcpus, unsigned lrs);

/* The same with a GICv2, which every world of this program then is. vCPU n on CPU n modulo `cpus`. */
void world_make_v2(unsigned vcpus, unsigned lrs, unsigned cpus);

/* The same, vCPU n on CPU n modulo `cpus`, at most 3: vCPU n is loaded on CPU n. */
void world_make_on(unsigned vcpus, unsigned lrs, unsigned cpus);

/* Each CPU takes the messages that it was sent. All that follows does that at its end. */
void world_deliver(void);

/* PSCI turns a vCPU off, or on. */
void world_turn_off(struct vcpu *v);
void world_turn_on(struct vcpu *v);

/* A device drives a line: of an SPI, or of a PPI of a vCPU. */
void world_line(struct vcpu *v, uint32_t intid, bool level);

/* As a guest does at boot: both groups on in the distributor and the vCPUs' interfaces, PMR open. */
void world_open(void);

/* Enables an interrupt in Group 1 with that priority. `cpu` for SGIs and PPIs. */
void world_enable(unsigned cpu, uint32_t intid, uint8_t priority);

/* World switch, and the test goes on on that vCPU's CPU; NULL: no vCPU is loaded on this one. */
void world_load(struct vcpu *v);

uint64_t guest_read(uint64_t address, unsigned size);
void guest_write(uint64_t address, unsigned size, uint64_t value);

/* The loaded vCPU's CPU interface: acknowledge, end (EOImode 0), deactivate. Of a GICv2's SGIs with WORLD_SENDER. */
#define WORLD_SENDER(cpu) ((uint32_t)(cpu) << 10)
uint32_t guest_ack(void);
void guest_eoi(uint32_t intid);
void guest_dir(uint32_t intid);
void guest_eoimode(bool separate);
void guest_set_pmr(uint8_t pmr);

/* Writes ICC_SGI1R_EL1. */
void guest_sgi(uint64_t value);

/* A host interrupt fires and is handed on. */
void host_fires(uint32_t intid, uint32_t pintid);

/* What must hold at any time. */
void world_check(void);
#endif
