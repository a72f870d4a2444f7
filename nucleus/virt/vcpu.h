/* SPDX-License-Identifier: Apache-2.0 */
/* A VM and its vCPUs: what a domain and a context are when they hold a guest. */
#ifndef NUCLEUS_VIRT_VCPU_H
#define NUCLEUS_VIRT_VCPU_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/cpu_index.h"
#include "arm64/el1.h"
#include "arm64/lock.h"
#include "base/assert.h"
#include "belay/abi.h"
#include "core/context.h"
#include "core/domain.h"
#include "gic/ich.h"
#include "virt/debug.h"
#include "virt/line.h"
#include "virt/mail.h"
#include "virt/mmio.h"
#include "virt/own_debug.h"
#include "virt/vgic.h"
#include "virt/vtimer.h"

enum pending_call {
    PENDING_PLAIN,              /* a device access that its syndrome describes */
    PENDING_DECODED,            /* a device access that the instruction describes */
    PENDING_HYPERCALL,          /* CALL */
};

/* Of PSCI. From OFF and to it under the VM's lock: what is off is whose CPU's it was no more, but whoever's has that. */
enum vcpu_power { VCPU_OFF, VCPU_COMING, VCPU_ON, VCPU_LEAVING };

struct vcpu_entry {             /* where and how it begins */
    uint64_t pc, x0;
    bool big_endian;
};

struct vcpu {
    struct context context;     /* first */
    struct el1_state el1;       /* while it is not loaded */
    struct ich_state ich;       /* likewise */
    struct vtimer timer;
    struct vgic_cpu gic;
    struct vcpu_debug debug;
    struct mmio_call mmio;
    uint8_t pending;            /* enum pending_call: what the portal call in flight is for */
    uint8_t power;              /* enum vcpu_power */
    uint64_t mail;              /* what others want of it (mail.h) */
    struct message message;     /* tells its CPU of that */
    struct vcpu_entry entry;    /* of the start that is under way */
    struct vgic_wait wait;
    struct own_debug own_debug;
    struct el0_clock clock;
    uint64_t trng_paid;         /* till when it has had its share of entropy (trng.c) */
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
    struct vcpu *last_loaded[CPUS_MAX];     /* of each CPU: whose stage 1 its TLB may hold */
    bool spread;                /* its vCPUs are on several CPUs */
    struct lock lock;           /* then: of its SPIs, and of its vCPUs that are off */
    unsigned traps;
    struct trap trap[VM_TRAPS];
    struct vgic gic;
    struct lines lines;
    struct debug_points points; /* its debugger's */
    bool clock_stands;          /* while it is paused */
    uint64_t paused_at;         /* when the last CPU saw that */
    uint64_t paused_for;        /* ticks since its start, before this pause */
};

/*
 * The lock of a VM whose vCPUs are on several CPUs. It is the only lock, and
 * nothing is waited for while it is held. Held for one access, and one choice
 * of what is in the list registers.
 */
static inline void vm_lock(struct vm *vm)
{
    if (unlikely(vm->spread))
        lock_take(&vm->lock);
}

static inline void vm_unlock(struct vm *vm)
{
    if (unlikely(vm->spread))
        lock_free(&vm->lock);
}

/* The CPU of its first vCPU, and of all where it is not spread. */
static inline unsigned vm_cpu(const struct vm *vm)
{
    return vm->vcpus ? vm->vcpu[0]->context.own_sched.cpu : 0;
}

static inline struct vm *vcpu_vm(const struct vcpu *v) { return (struct vm *)v->context.domain; }
static inline struct vcpu *context_vcpu(struct context *c) { return (struct vcpu *)c; }

struct mem;

/* NULL when the pool is too small, or the VM has all the vCPUs that it can have. */
struct vm *vm_create(struct mem *pool, bool clock_stands, uint32_t handles, uint64_t tag);
struct vcpu *vcpu_create(struct vm *vm, bool aarch32);

/* Its vCPUs have their CPUs, maybe others than before. The VM is stopped. */
void vm_place(struct vm *vm);

bool context_is_vcpu(const struct context *c);

/* Takes the vCPU out of the hardware, for its registers to be read or set. */
void vcpu_evict(struct vcpu *v);

/* Is this vCPU's EL1, timer and list register state in the hardware of this CPU? */
bool vcpu_loaded(const struct vcpu *v);

/* An interrupt can be taken: ends a WFI. The virtual timer's was due at its deadline; another is now. */
void vcpu_wake(struct vcpu *v);
void vcpu_wake_by_timer(struct vcpu *v);

/* Blocks as WFI does, unless an interrupt is pending. The PC is past the instruction. */
void vcpu_wait(struct vcpu *v);

/*
 * Blocks till another CPU has done its part, or an interrupt comes; then it makes its access anew: the PC is at it. It
 * leaves the hardware, where interrupts that are pending for it would end the idle CPU's WFI at once.
 */
void vcpu_wait_for_others(struct vcpu *v);

/* `v` is off, and on this CPU, or its VM stopped: it is in its reset state, and ready. */
void vcpu_start(struct vcpu *v, const struct vcpu_entry *entry);

/* PSCI CPU_ON and CPU_OFF. Returns what its power was: if OFF, the start is under way, or done on this CPU. */
enum vcpu_power vcpu_turn_on(struct vcpu *v, const struct vcpu_entry *entry);
void vcpu_come(struct vcpu *v);     /* on its CPU: starts it if that was asked for */
void vcpu_off(struct vcpu *v);

static inline enum vcpu_power vcpu_power(const struct vcpu *v)
{
    return (enum vcpu_power)__atomic_load_n(&v->power, __ATOMIC_SEQ_CST);
}
#endif
