/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the virtual GIC share. Who holds a vCPU's interrupts, and how its list registers are filled. */
#ifndef NUCLEUS_VIRT_VGIC_STATE_H
#define NUCLEUS_VIRT_VGIC_STATE_H

#include "base/assert.h"
#include "gic/gic.h"
#include "virt/vcpu.h"

#define CTLR_GROUP0  1u     /* GICD_CTLR with DS 1: EnableGrp0, EnableGrp1 */
#define CTLR_GROUP1  2u

static inline uint32_t intid_bit(uint32_t intid) { return 1u << intid % 32; }

/* A bit for each vCPU. */
static inline uint32_t vgic_all_cpus(const struct vm *vm) { return (1u << vm->vcpus) - 1; }

/* `v` is needed for SGIs and PPIs only. */
static inline struct vgic_word *vgic_word(struct vm *vm, struct vcpu *v, uint32_t intid)
{
    assert(intid < VGIC_INTIDS);
    return intid < GIC_SPI_FIRST ? &v->gic.word : &vm->gic.word[intid / 32 - 1];
}

static inline uint8_t *vgic_priority(struct vm *vm, struct vcpu *v, uint32_t intid)
{
    return intid < GIC_SPI_FIRST ? &v->gic.priority[intid] : &vm->gic.priority[intid - GIC_SPI_FIRST];
}

static inline uint32_t vgic_pending_bits(const struct vgic_word *w)
{
    return w->latch | (w->level & ~w->edge);
}

/* In vgic_cpu.sgi_senders. */
static inline uint32_t vgic_sender_bit(uint32_t intid, unsigned sender) { return 1u << (intid % 4 * 8 + sender); }

/* Pending interrupts that the distributor forwards: enabled, and their group is (IHI 0069, 4.8). */
static inline uint32_t vgic_forwarded(const struct vm *vm, const struct vgic_word *w)
{
    uint32_t groups = (vm->gic.ctlr & CTLR_GROUP1 ? w->group : 0) | (vm->gic.ctlr & CTLR_GROUP0 ? ~w->group : 0);

    return vgic_pending_bits(w) & w->enabled & groups;
}

/* Of word `index` those that are the vCPU's: where an SPI is active it stays until it is ended. */
static inline uint32_t vgic_bits_of(const struct vcpu *v, const struct vgic_word *w, unsigned index)
{
    uint32_t held = w->in_lr | w->active;

    return (v->gic.owner[index] & held) | (v->gic.target[index] & ~held);
}

/* The SPI has this vCPU as its target, or owner, and no other. */
void vgic_give(const struct vm *vm, uint32_t intid, unsigned cpu, bool owner);

/* The vCPU that an interrupt is for, or NULL. */
struct vcpu *vgic_home(const struct vm *vm, struct vcpu *v, uint32_t intid);

/* What follows is under the VM's lock. vgic_lr.c and vgic_choose.c are all that touches list registers and struct ich_state. */

/* vgic_spread.c: may this CPU touch the vCPU's SGIs, PPIs and list registers? */
bool vgic_reaches(const struct vcpu *v);

/* These SPIs are within reach, for an access of `by`. False: they were asked for; it waits, and makes the access again. */
bool vgic_gather(struct vm *vm, struct vcpu *by, unsigned index, uint32_t bits);

/* Takes one interrupt back from its list register, if it is in one. */
void vgic_take(struct vm *vm, struct vcpu *v, uint32_t intid);

/* Takes back those of a word that are in the vCPU's list registers, when vgic_note_ends has been called. */
void vgic_take_bits(struct vcpu *v, unsigned index, uint32_t bits);

/* Offers one interrupt, which is in no list register, to its vCPU. */
void vgic_post(struct vm *vm, struct vcpu *v, uint32_t intid);

/* Puts an interrupt into an empty list register. */
void vgic_put(struct vm *vm, struct vcpu *v, unsigned n, uint32_t intid, bool others_wait);

/* Takes back what a list register in use holds, and what is known to have ended. */
void vgic_fold_used(struct vcpu *v, unsigned n);
void vgic_fold_ended(struct vcpu *v);

/* All that is in list registers goes back to the bitmaps, and the hardware tells of nothing. */
void vgic_take_back(struct vcpu *v);

/*
 * Takes all back, and fills the list registers with what comes first: those of a vCPU that is not in the hardware when
 * it comes there. It is within reach. An interrupt of the host goes first: then it is put off.
 */
void vgic_choose(struct vcpu *v);

/* That is done once, whatever is asked of the vCPU till then, when it is to run. It is this CPU's, or off. */
void vgic_put_off(struct vcpu *v);

/* The same, of any vCPU. */
void vgic_offer(struct vcpu *v);

/*
 * Of active interrupts outside of the list registers the guest may have ended
 * some, and the hardware knows how many: what is to be done with that count is
 * done before more get outside. True: there were such.
 */
bool vgic_account_eois(struct vcpu *v);

static inline bool vgic_note_ends(struct vcpu *v)
{
    return unlikely(v->ich.hcr & ICH_HCR_LRENPIE) && vgic_account_eois(v);
}

/* Host interrupts of the word that nothing of the guest is left to end are ended at the host. `v` for SGIs and PPIs. */
void vgic_settle(struct vm *vm, struct vcpu *v, struct vgic_word *w);

/* A host interrupt arrives where the vCPU is that the SPI which it stands behind is for. */
void vgic_route(const struct vm *vm, unsigned spi);

/* The host interrupt behind it is not active any more. */
static inline void vgic_host_ended(struct vcpu *v, struct vgic_word *w, uint32_t intid)
{
    w->hw &= ~intid_bit(intid);
    if (intid < GIC_SPI_FIRST)
        v->ich.ppis &= ~(1u << v->gic.pintid[intid - GIC_PPI_FIRST]);
}

static inline uint32_t vgic_pintid(const struct vm *vm, const struct vcpu *v, uint32_t intid)
{
    return intid < GIC_SPI_FIRST ? v->gic.pintid[intid - GIC_PPI_FIRST] : vm->gic.pintid[intid - GIC_SPI_FIRST];
}

/*
 * A change of the state of some interrupts of a word (number `index`, 0 for those
 * of `v`) by a register write goes between these two. False: not now, for some are out of reach; `by` waits.
 */
bool vgic_change_begin(const struct vgic_access *x, unsigned index, uint32_t bits);
void vgic_change_end(struct vm *vm, struct vcpu *v, unsigned index, uint32_t bits);

/*
 * Registers. A frame's map is a table of rows (IHI 0069, 12.8 and 12.10), in
 * order: who answers for a range of offsets, and for which sizes of access. What
 * is in no row, or of another size, is RAZ/WI.
 */
struct vgic_row {
    uint16_t first, last;   /* offsets */
    uint16_t sizes;         /* allowed, or'ed */
    bool private;           /* of a vCPU alone, with its SGIs and PPIs */
    uint64_t (*read)(const struct vgic_access *);
    void (*write)(const struct vgic_access *);     /* NULL: read only */
};

/* vgic_spread.c: an access of a vCPU of a spread VM, which takes the lock, and may wait: see vgic_mmio. */
void vgic_make_spread(const struct vgic_row *row, struct vgic_access *x, uint64_t *value);

extern const struct vgic_row vgic_dist_rows[];                      /* vgic_dist.c */
extern const struct vgic_row vgic_v2_rows[];                        /* vgic_v2.c */
extern const struct vgic_row vgic_rd_rows[], vgic_sgi_rows[];       /* vgic_redist.c */

void vgic_control_write(const struct vgic_access *x);               /* vgic_dist.c: GICD_CTLR */

/* vgic_regs.c: what the distributor and the SGI frame have in common. */
uint64_t vgic_bits_read(const struct vgic_access *x);
void vgic_bits_write(const struct vgic_access *x);
uint64_t vgic_priority_read(const struct vgic_access *x);
void vgic_priority_write(const struct vgic_access *x);
uint64_t vgic_config_read(const struct vgic_access *x);
void vgic_config_write(const struct vgic_access *x);

#define VGIC_COMMON_ROWS(of_vcpu) \
    { .first = 0x080, .last = 0x3ff, .sizes = 4, .private = of_vcpu, .read = vgic_bits_read, .write = vgic_bits_write }, \
    { .first = 0x400, .last = 0x7ff, .sizes = 1 | 4, .private = of_vcpu, .read = vgic_priority_read, \
      .write = vgic_priority_write }, \
    { .first = 0xc00, .last = 0xcff, .sizes = 4, .private = of_vcpu, .read = vgic_config_read, .write = vgic_config_write }
#define VGIC_LAST_ROW { .first = 0xffff, .last = 0xffff, .sizes = 0 }

#define VGIC_SGIR           0xf00       /* GICD_SGIR */
#define VGIC_V2_INTID       0x3ffu      /* in GICV_DIR; above is, of an SGI, its sender */

#define VGIC_WAKER_SLEEP    2u          /* ProcessorSleep */
#define VGIC_WAKER_ASLEEP   6u          /* and ChildrenAsleep */
#define VGIC_IIDR           0x43bu      /* an Arm implementation, as QEMU's */
#define VGIC_ID_FIRST       0xffd0
#define VGIC_ID_LAST        0xffff
#define VGIC_PIDR0_DIST     0x92u
#define VGIC_PIDR0_REDIST   0x93u

/* CoreSight identification registers, which differ in PIDR0 only. */
uint64_t vgic_id(uint32_t offset, uint32_t pidr0);
#endif
