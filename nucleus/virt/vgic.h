/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GIC that a VM sees, of the version that the host has: of a GICv3 (IHI
 * 0069) distributor and redistributors are emulated here, of a GICv2 (IHI 0048B)
 * the distributor. The CPU interface is the hardware's, fed by list registers.
 *
 * An interrupt's state is in one place at a time: in bitmaps here, or in a
 * list register (`in_lr`) while it is there. Whatever reads or changes the
 * pending or active state of interrupts takes them back first.
 */
#ifndef NUCLEUS_VIRT_VGIC_H
#define NUCLEUS_VIRT_VGIC_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/syndrome.h"
#include "belay/abi.h"

#define VGIC_INTIDS   288                 /* as QEMU's virt board: 32 + 256 SPIs */
#define VGIC_WORDS    (VGIC_INTIDS / 32)
#define VGIC_SPIS     (VGIC_INTIDS - 32)
#define VGIC_PRIORITY_BITS 8

#define VGIC_DIST_BASE    0x08000000u
#define VGIC_DIST_SIZE    0x00010000u
#define VGIC_REDIST_BASE  0x080a0000u     /* a 128 KiB frame pair for each vCPU */
#define VGIC_REDIST_FRAME 0x00020000u
#define VGIC_CPU_BASE     0x08010000u     /* of a GICv2: its CPU interface, whose first page is the host's GICV */

/* One bit an interrupt: 32 of them, SPIs of a word or a vCPU's own SGIs and PPIs. */
struct vgic_word {
    uint32_t enabled;
    uint32_t group;         /* 1: Group 1 */
    uint32_t latch;         /* pending by an edge, by software or by the host; moves to a list register and back */
    uint32_t level;         /* the line as its device drives it */
    uint32_t active;        /* moves to a list register and back */
    uint32_t edge;          /* configuration: 1 edge, 0 level */
    uint32_t in_lr;         /* pending and active state are in a list register */
    uint32_t hw;            /* a host interrupt stands behind it and is active on the guest's behalf */
};

struct vcpu;
struct vm;

struct vgic_cpu {
    struct vgic_word word;          /* SGIs and PPIs */
    uint8_t priority[32];
    uint64_t priority_bit[VGIC_PRIORITY_BITS];  /* the same: which of them have this bit in their priority */
    uint32_t target[VGIC_WORDS];    /* those that it takes: of its own word all; of SPIs with the VM's lock */
    uint32_t owner[VGIC_WORDS];     /* those in its list registers, or active at it; likewise */
    uint8_t pintid[16];             /* the host's PPI behind each PPI, where hw */
    uint32_t lr_latched;            /* list registers that hold a latch */
    uint32_t sgi_senders[4];        /* GICv2: a byte for each SGI: whose is pending outside of list registers; atomic */
    uint8_t sgi_active[16];         /* GICv2: whose is active, where it is outside of list registers */
    uint32_t waker;
};

struct vgic {
    uint32_t ctlr;
    uint8_t counting;                       /* vCPUs of a spread VM whose hardware counts the ends of active SPIs */
    uint32_t kept_out[VGIC_WORDS];          /* SPIs of a spread VM that a vCPU waits for: in no list register till then */
    struct vgic_word word[VGIC_WORDS - 1];  /* SPIs: word[0] is 32 to 63 */
    uint8_t priority[VGIC_SPIS];
    uint64_t priority_bit[VGIC_SPIS / 64][VGIC_PRIORITY_BITS];
    union {
        uint32_t irouter[VGIC_SPIS];        /* affinity: Aff3 in the top byte */
        uint32_t targets[VGIC_SPIS / 4];    /* GICv2: a byte each, in which vCPUs have a bit */
    };
    uint16_t pintid[VGIC_SPIS];             /* host interrupt linked to it, or 0 */
};

struct vgic_row;

/* An access to a register. */
struct vgic_access {
    struct vm *vm;
    struct vcpu *v;         /* whose redistributor; NULL in the distributor */
    struct vcpu *by;        /* whose access */
    uint32_t offset;        /* in the frame, aligned to `size` */
    uint8_t size;
    bool write;
    uint64_t value;         /* to write, or read */
};

/* One to another vCPU's redistributor, which that one makes on its own CPU. */
struct vgic_errand {
    const struct vgic_row *row;     /* NULL: there is none */
    struct vgic_access access;
    bool done;
};

/* What an access of a vCPU waits for, under the lock of its VM. */
struct vgic_wait {
    uint8_t asked, answered;        /* vCPUs, a bit each: for SPIs that they have */
    uint8_t index;                  /* SPIs that are wanted: of this word */
    uint32_t bits;                  /* these */
    struct vgic_errand errand;
};

/* State after reset, but for lines of devices and links to host interrupts. The VM's vCPUs are not loaded. */
void vgic_reset(struct vm *vm);

/*
 * The lock: where a VM is spread, what follows takes it, but for what says that its caller has it.
 */

/* Drives the line of an SPI (`v` is ignored), which is within reach, or of a PPI of `v`, as a device does. With the lock. */
void vgic_set_level(struct vm *vm, struct vcpu *v, uint32_t intid, bool level);

/*
 * A host interrupt fired: its active state at the host now belongs to the
 * guest, whose EOI ends it. The virtual timer's, whose PPI has the same number
 * there, and an SPI that vgic_assign linked to one of the host; that one with the lock, and within reach.
 */
void vgic_inject_timer(struct vcpu *v);
void vgic_inject_spi(struct vm *vm, uint32_t intid);

/* The vCPU on another CPU that has an SPI in a list register, or NULL: it is within reach. With the lock. */
struct vcpu *vgic_holder(struct vm *vm, uint32_t intid);

/* Links a host interrupt to a virtual SPI; pintid 0 takes the link away. The VM is stopped. */
void vgic_assign(struct vm *vm, uint32_t intid, uint32_t pintid);

/* The guest wrote ICC_SGI1R_EL1 (group1), or ICC_ASGI1R_EL1 or ICC_SGI0R_EL1, which ask for Group 0 here. */
void vgic_sgi(struct vcpu *from, uint64_t value, bool group1);

/* The guest wrote GICD_SGIR. */
void vgic_sgir(struct vcpu *from, uint32_t value);

/*
 * The guest wrote ICC_DIR_EL1, which traps while interrupts are active outside of its list registers. Where the vCPU
 * waits afterwards, it has to do so again.
 */
void vgic_deactivate(struct vcpu *v, uint64_t intid);

/* The host's maintenance interrupt, for the loaded vCPU. */
void vgic_maintenance(struct vcpu *v);

/* MAIL_CHOOSE: fills its list registers. */
void vgic_choose_now(struct vcpu *v);

/* Can the address be one of the distributor or a redistributor? */
static inline bool vgic_claims(uint64_t ipa)
{
    return ipa - VGIC_DIST_BASE < VGIC_REDIST_BASE + BELAY_VCPUS_MAX * VGIC_REDIST_FRAME - VGIC_DIST_BASE;
}

/*
 * An access of `v` inside the distributor or a redistributor; false when the
 * address is in neither, or not aligned. For a read *value is set, for a write used; its bytes past the access are 0.
 * Every size is answered; what the specification leaves undefined is RAZ/WI.
 * Where another CPU has to do something first, the vCPU waits, *value is not set, and the access is to be made again.
 */
bool vgic_mmio(struct vcpu *v, const struct access *access, uint64_t *value);

/* Would a WFI of `v` end at once: is an enabled interrupt pending in its list registers or waiting for one? */
bool vgic_pending(struct vcpu *v);

/* What other CPUs may want of a vCPU (mail.h), on its CPU; MAIL_GIVE, MAIL_LOOK and MAIL_CHOOSE, MAIL_ERRAND. */
void vgic_attend(struct vcpu *v);
void vgic_do_errand(struct vcpu *v);

/* A vCPU of a spread VM goes off: SPIs leave its list registers, and who waits for it goes on. With the lock. */
void vgic_leave(struct vcpu *v);

/* SGIs of a GICv2 that somebody has sent to it. */
uint32_t vgic_sgis_sent(const struct vcpu *v);

/* Makes an SGI pending, wherever its state is; the vCPU is this CPU's. Or several, with the lock, of one within reach. */
void vgic_latch_sgi(struct vcpu *v, uint32_t intid);
void vgic_latch_sgis(struct vcpu *v, uint32_t sgis);
#endif
