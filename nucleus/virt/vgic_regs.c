/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registers that distributor and redistributors have in common: those of
 * one or two bits and of one byte an interrupt. A redistributor's SGI frame has
 * them for INTIDs 0 to 31, at the offsets of the distributor's, where these are
 * RES0 as affinity routing is on. In a GICv2 the distributor has them all, those for 0 to 31 once for each vCPU.
 */
#include "virt/vgic_state.h"

/* The word of interrupts that a register is for, told by the first INTID; NULL: RES0 in this frame. */
static inline struct vgic_word *word_of(const struct vgic_access *x, uint32_t first_intid)
{
    bool here = x->v ? first_intid < GIC_SPI_FIRST : first_intid >= GIC_SPI_FIRST && first_intid < VGIC_INTIDS;

    if (on_gicv2())
        here = first_intid < VGIC_INTIDS;
    return here ? vgic_word(x->vm, x->v, first_intid) : NULL;
}

/* One bit an interrupt: a block of 128 bytes for each kind of register. */
enum bits { GROUP = 1, ISENABLER, ICENABLER, ISPENDR, ICPENDR, ISACTIVER, ICACTIVER };

static enum bits bits_kind(const struct vgic_access *x) { return x->offset / 0x80; }
static uint32_t bits_first(const struct vgic_access *x) { return x->offset % 0x80 * 8; }

uint64_t vgic_bits_read(const struct vgic_access *x)
{
    enum bits kind = bits_kind(x);
    unsigned index = bits_first(x) / 32;
    struct vgic_word *w = word_of(x, bits_first(x));

    if (w == NULL)
        return 0;
    if (kind <= ICENABLER)
        return kind == GROUP ? w->group : w->enabled;
    if (!vgic_change_begin(x, index, ~0u))              /* takes back what is in list registers */
        return 0;
    uint32_t bits = kind <= ICPENDR ? vgic_pending_bits(w) : w->active;
    vgic_change_end(x->vm, x->v, index, ~0u);
    return bits;
}

/*
 * Software makes interrupts active: SPIs at the vCPU that would have taken them. What it ended before that, of which the
 * hardware tells only how many there were, was none of these.
 */
static void set_active(const struct vgic_access *x, struct vgic_word *w, unsigned index, uint32_t value)
{
    for (unsigned i = 0; i < x->vm->vcpus; i++) {                   /* bound: BELAY_VCPUS_MAX */
        struct vcpu *v = x->vm->vcpu[i];
        uint32_t made = index ? value & ~w->active : 0;
        if ((index || v == x->v) && vgic_reaches(v))
            (void)vgic_note_ends(v);
        v->gic.owner[index] = (v->gic.owner[index] & ~made) | (v->gic.target[index] & made);
    }
    w->active |= value;
}

void vgic_bits_write(const struct vgic_access *x)
{
    unsigned index = bits_first(x) / 32;
    uint32_t value = (uint32_t)x->value;
    struct vgic_word *w = word_of(x, bits_first(x));

    if (w == NULL)
        return;
    if (on_gicv2() && index == 0 && bits_kind(x) >= ISENABLER && bits_kind(x) <= ICPENDR)
        value &= ~0xffffu;          /* SGIs are always enabled, and pending for whom they came from (4.3.5, 4.3.7) */
    uint32_t changed = bits_kind(x) == GROUP ? value ^ w->group : value;
    if (!vgic_change_begin(x, index, changed))
        return;
    switch (bits_kind(x)) {
    case GROUP:     w->group = value; break;
    case ISENABLER: w->enabled |= value; break;
    case ICENABLER: w->enabled &= ~value; break;
    case ISPENDR:   w->latch |= value; break;
    case ICPENDR:   w->latch &= ~value; break;
    case ISACTIVER: set_active(x, w, index, value); break;
    case ICACTIVER: w->active &= ~value; break;
    }
    vgic_change_end(x->vm, x->v, index, changed);
}

/* IPRIORITYR: a byte each; one or four at once. */
static uint8_t *priorities(const struct vgic_access *x)
{
    uint32_t intid = x->offset - 0x400;

    return word_of(x, intid) ? vgic_priority(x->vm, x->v, intid) : NULL;
}

uint64_t vgic_priority_read(const struct vgic_access *x)
{
    const uint8_t *p = priorities(x);
    uint64_t value = 0;

    for (unsigned i = 0; p && i < x->size; i++)         /* bound: 4 */
        value |= (uint64_t)p[i] << i * 8;
    return value;
}

/*
 * The same is kept bit by bit, for the choice of the highest: the product has a bit of each byte, side by side, in its
 * bits 24 to 27.
 */
void vgic_priority_write(const struct vgic_access *x)
{
    uint8_t *p = priorities(x);
    uint32_t intid = x->offset - 0x400, bits = ((1u << x->size) - 1) << intid % 32;
    uint64_t mask = (1u << x->size) - 1;

    if (p == NULL || !vgic_change_begin(x, intid / 32, bits))
        return;
    for (unsigned i = 0; i < x->size; i++)              /* bound: 4 */
        p[i] = (uint8_t)(x->value >> i * 8);
    bool private = intid < GIC_SPI_FIRST;
    uint64_t *planes = private ? x->v->gic.priority_bit : x->vm->gic.priority_bit[(intid - GIC_SPI_FIRST) / 64];
    unsigned shift = private ? intid : (intid - GIC_SPI_FIRST) % 64;
    for (unsigned b = 0; b < VGIC_PRIORITY_BITS; b++) { /* bound: 8 */
        uint64_t value = ((uint32_t)x->value >> b & 0x01010101) * UINT64_C(0x01020408) >> 24 & mask;
        planes[b] = (planes[b] & ~(mask << shift)) | value << shift;
    }
    vgic_change_end(x->vm, x->v, intid / 32, bits);
}

/* ICFGR: two bits each, of which the upper one says edge (12.9.9). Half a word a register. */
static uint32_t spread(uint32_t x)
{
    x = (x | x << 8) & 0x00ff00ff;
    x = (x | x << 4) & 0x0f0f0f0f;
    x = (x | x << 2) & 0x33333333;
    x = (x | x << 1) & 0x55555555;
    return x << 1;
}

static uint32_t gather(uint32_t x)
{
    x = x >> 1 & 0x55555555;
    x = (x | x >> 1) & 0x33333333;
    x = (x | x >> 2) & 0x0f0f0f0f;
    x = (x | x >> 4) & 0x00ff00ff;
    return (x | x >> 8) & 0xffff;
}

static uint32_t config_first(const struct vgic_access *x) { return x->offset % 0x100 * 4; }

uint64_t vgic_config_read(const struct vgic_access *x)
{
    const struct vgic_word *w = word_of(x, config_first(x));

    return w ? spread(w->edge >> config_first(x) % 32 & 0xffff) : 0;
}

void vgic_config_write(const struct vgic_access *x)
{
    uint32_t first = config_first(x), half = 0xffffu << first % 32;
    struct vgic_word *w = word_of(x, first);

    if (w == NULL || first == 0)                        /* SGIs are always edge-triggered */
        return;
    if (!vgic_change_begin(x, first / 32, half))
        return;
    w->edge = (w->edge & ~half) | gather((uint32_t)x->value) << first % 32;
    vgic_change_end(x->vm, x->v, first / 32, half);
}

uint64_t vgic_id(uint32_t offset, uint32_t pidr0)
{
    static const uint8_t id[12] = { 0x44, 0, 0, 0, 0, 0xb4, 0x3b, 0, 0x0d, 0xf0, 0x05, 0xb1 };  /* PIDR4 to CIDR3 */

    return offset == 0xffe0 ? pidr0 : id[(offset - VGIC_ID_FIRST) / 4];
}
