/* SPDX-License-Identifier: Apache-2.0 */
/* A VM and its vCPUs: what a domain and a context are when they hold a guest. */
#ifndef NUCLEUS_VIRT_VCPU_H
#define NUCLEUS_VIRT_VCPU_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/el1.h"
#include "belay/abi.h"
#include "core/context.h"
#include "core/domain.h"
#include "gic/ich.h"
#include "virt/line.h"
#include "virt/mmio.h"
#include "virt/vgic.h"
#include "virt/vtimer.h"

enum pending_call {
    PENDING_PLAIN,              /* a device access that its syndrome describes */
    PENDING_DECODED,            /* a device access that the instruction describes */
    PENDING_HYPERCALL,          /* CALL */
};

struct vcpu {
    struct context context;     /* first */
    struct el1_state el1;       /* while it is not loaded */
    struct ich_state ich;       /* likewise */
    struct vtimer timer;
    struct vgic_cpu gic;
    struct mmio_call mmio;
    uint8_t pending;            /* enum pending_call: what the portal call in flight is for */
};

struct trap {                   /* a range whose accesses are portal calls */
    uint64_t start, size;
    struct portal *portal;
};

#define VM_TRAPS 24

struct vm {
    struct domain domain;       /* first */
    unsigned vcpus;
    struct vcpu *vcpu[BELAY_VCPUS_MAX];
    struct vcpu *last_loaded;   /* on this CPU: whose stage 1 the TLB may hold */
    unsigned traps;
    struct trap trap[VM_TRAPS];
    struct vgic gic;
    struct lines lines;
};

/* The CPU that all of its vCPUs are on. */
static inline unsigned vm_cpu(const struct vm *vm)
{
    return vm->vcpus ? vm->vcpu[0]->context.own_sched.cpu : 0;
}

static inline struct vm *vcpu_vm(const struct vcpu *v) { return (struct vm *)v->context.domain; }
static inline struct vcpu *context_vcpu(struct context *c) { return (struct vcpu *)c; }

struct mem;

/* NULL when the pool is too small, or the VM has all the vCPUs that it can have. */
struct vm *vm_create(struct mem *pool, uint32_t handles, uint64_t tag);
struct vcpu *vcpu_create(struct vm *vm);

bool context_is_vcpu(const struct context *c);

/* Takes the vCPU out of the hardware, for its registers to be read or set. */
void vcpu_evict(struct vcpu *v);

/* Is this vCPU's EL1, timer and list register state in the hardware of this CPU? */
bool vcpu_loaded(const struct vcpu *v);

/* An interrupt can be taken: ends a WFI. */
void vcpu_wake(struct vcpu *v);

/* Blocks as WFI does, unless an interrupt is pending. The PC is past the instruction. */
void vcpu_wait(struct vcpu *v);

/* PSCI CPU_ON and CPU_OFF. vcpu_start: `v` is off. */
void vcpu_start(struct vcpu *v, uint64_t pc, uint64_t x0);
void vcpu_off(struct vcpu *v);
bool vcpu_is_on(const struct vcpu *v);
#endif
