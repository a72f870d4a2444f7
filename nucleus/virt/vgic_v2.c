/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The distributor of a GICv2 (IHI 0048B, 4.3): a page, in which each vCPU finds its own SGIs and PPIs. An SGI is pending
 * for each vCPU that sent it.
 */
#include "core/cpu.h"
#include "virt/vgic_state.h"

#define GICD_CTLR        0x0
#define GICD_TYPER       0x4
#define GICD_IIDR        0x8
#define GICD_ITARGETSR   0x800
#define GICD_CPENDSGIR   0xf10
#define GICD_SPENDSGIR   0xf20
#define ID_FIRST         0xfd0

#define SGIR_FILTER(value)  ((value) >> 24 & 3)     /* 4.3.15 */
#define SGIR_OTHERS         1u
#define SGIR_TARGETS(value) ((value) >> 16 & 0xff)
#define SGIR_INTID(value)   ((value) & 0xf)

static uint64_t control_read(const struct vgic_access *x)
{
    switch (x->offset) {
    case GICD_CTLR:  return x->vm->gic.ctlr;
    case GICD_TYPER: return (x->vm->vcpus - 1) << 5 | (VGIC_WORDS - 1);
    case GICD_IIDR:  return VGIC_IIDR;
    default:         return 0;
    }
}

/* Of a word with a byte each for four interrupts what an access reads, and what it writes. */
static uint32_t bytes_read(const struct vgic_access *x, uint32_t word)
{
    word >>= x->offset % 4 * 8;
    return x->size == 4 ? word : word & 0xff;
}

static uint32_t bytes_written(const struct vgic_access *x)
{
    return ((uint32_t)x->value << x->offset % 4 * 8) & vgic_all_cpus(x->vm) * 0x01010101u;
}

/* GICD_ITARGETSR: where there is one vCPU, RAZ/WI; those of SGIs and PPIs say who reads them (4.3.12). */
static uint64_t target_read(const struct vgic_access *x)
{
    uint32_t intid = x->offset - GICD_ITARGETSR;

    if (x->vm->vcpus == 1 || intid >= VGIC_INTIDS)
        return 0;
    return bytes_read(x, intid < GIC_SPI_FIRST ? 0x01010101u << x->v->context.index
                                               : x->vm->gic.targets[(intid - GIC_SPI_FIRST) / 4]);
}

/* One of several targets takes the interrupt (1 of N, 3.1.1): the first. */
static void set_targets(struct vm *vm, uint32_t spi, uint32_t targets)
{
    uint32_t shift = spi % 4 * 8, *word = &vm->gic.targets[spi / 4];

    *word = (*word & ~(0xffu << shift)) | targets << shift;
    vgic_give(vm, GIC_SPI_FIRST + spi, targets ? (unsigned)__builtin_ctz(targets) : BELAY_VCPUS_MAX, false);
    if (vm->spread)
        vgic_route(vm, spi);
}

static void target_write(const struct vgic_access *x)
{
    uint32_t spi = x->offset - GICD_ITARGETSR - GIC_SPI_FIRST;     /* it wraps round for SGIs and PPIs */
    uint32_t index = 1 + spi / 32, bits = ((1u << x->size) - 1) << spi % 32;

    if (x->vm->vcpus == 1 || spi >= VGIC_SPIS || !vgic_change_begin(x, index, bits))
        return;
    for (unsigned i = 0; i < x->size; i++)                          /* bound: 4 */
        set_targets(x->vm, spi + i, (uint32_t)(x->value >> i * 8) & vgic_all_cpus(x->vm));
    vgic_change_end(x->vm, x->v, index, bits);
}

/* GICD_CPENDSGIR and GICD_SPENDSGIR: of each SGI the vCPUs for which it is pending. */
static uint32_t *senders_word(const struct vgic_access *x) { return &x->v->gic.sgi_senders[x->offset % 16 / 4]; }

static uint64_t senders_read(const struct vgic_access *x)
{
    (void)vgic_change_begin(x, 0, 0xffff);
    uint32_t word = __atomic_load_n(senders_word(x), __ATOMIC_RELAXED);
    vgic_change_end(x->vm, x->v, 0, 0xffff);
    return bytes_read(x, word);
}

static void senders_write(const struct vgic_access *x)
{
    uint32_t value = bytes_written(x);
    struct vgic_word *w = &x->v->gic.word;

    (void)vgic_change_begin(x, 0, 0xffff);
    if (x->offset >= GICD_SPENDSGIR)
        (void)__atomic_fetch_or(senders_word(x), value, __ATOMIC_RELAXED);
    else
        (void)__atomic_fetch_and(senders_word(x), ~value, __ATOMIC_RELAXED);
    w->latch = (w->latch & ~0xffffu) | vgic_sgis_sent(x->v);
    vgic_change_end(x->vm, x->v, 0, 0xffff);
}

static uint64_t id_read(const struct vgic_access *x)
{
    static const uint8_t id[12] = { 4, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1 };  /* PIDR4 to CIDR3 */

    return id[(x->offset - ID_FIRST) / 4];
}

const struct vgic_row vgic_v2_rows[] = {
    { .first = GICD_CTLR, .last = 0x7f, .sizes = 4, .read = control_read, .write = vgic_control_write },
    { .first = 0x080, .last = 0x3ff, .sizes = 4, .private = true, .read = vgic_bits_read, .write = vgic_bits_write },
    { .first = 0x400, .last = 0x7ff, .sizes = 1 | 4, .private = true, .read = vgic_priority_read,
      .write = vgic_priority_write },
    { .first = GICD_ITARGETSR, .last = 0xbff, .sizes = 1 | 4, .read = target_read, .write = target_write },
    { .first = 0xc00, .last = 0xcff, .sizes = 4, .private = true, .read = vgic_config_read, .write = vgic_config_write },
    { .first = GICD_CPENDSGIR, .last = 0xf2f, .sizes = 1 | 4, .private = true, .read = senders_read,
      .write = senders_write },
    { .first = ID_FIRST, .last = 0xfff, .sizes = 4, .read = id_read },
    VGIC_LAST_ROW,
};

/* By mail, to whatever vCPU: what it says is in the bits of the sender. */
__attribute__((noinline)) void vgic_sgir(struct vcpu *from, uint32_t value)
{
    struct vm *vm = vcpu_vm(from);
    uint32_t sender = from->context.index, intid = SGIR_INTID(value);
    uint32_t to = SGIR_FILTER(value) == 0 ? SGIR_TARGETS(value) : 1u << sender;     /* 3 is reserved: as 2 */

    if (SGIR_FILTER(value) == SGIR_OTHERS)
        to = ~to;
    for (to &= vgic_all_cpus(vm); to; to &= to - 1) {               /* bound: BELAY_VCPUS_MAX */
        struct vcpu *v = vm->vcpu[__builtin_ctz(to)];
        trace(this_cpu(), INJECT, &v->context, intid, 0);
        (void)__atomic_fetch_or(&v->gic.sgi_senders[intid / 4], vgic_sender_bit(intid, sender), __ATOMIC_RELEASE);
        mail_send(v, MAIL_SENDERS);
    }
}

uint32_t vgic_sgis_sent(const struct vcpu *v)
{
    uint32_t sgis = 0;

    for (unsigned i = 0; i < GIC_SGIS; i++)                         /* bound: 16 */
        sgis |= __atomic_load_n(&v->gic.sgi_senders[i / 4], __ATOMIC_ACQUIRE) >> i % 4 * 8 & 0xff ? 1u << i : 0;
    return sgis;
}
