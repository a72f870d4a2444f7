/* SPDX-License-Identifier: Apache-2.0 */
/* The distributor's own registers (IHI 0069, 12.9): one Security state, affinity routing always on, no LPIs. */
#include "base/section.h"
#include "virt/vgic_state.h"

#define GICD_CTLR        0x0
#define GICD_TYPER       0x4
#define GICD_IIDR        0x8
#define CTLR_FIXED       0x50u      /* DS, ARE */
/* No 1-of-N routing, Aff3 of 0 or not, 16 bits of INTID, and how many words of INTIDs there are. */
#define TYPER_VALUE      (1u << 25 | 1u << 24 | 15u << 19 | (VGIC_WORDS - 1))

static uint64_t control_read(const struct vgic_access *x)
{
    switch (x->offset) {
    case GICD_CTLR:  return CTLR_FIXED | x->vm->gic.ctlr;
    case GICD_TYPER: return TYPER_VALUE;
    case GICD_IIDR:  return VGIC_IIDR;
    default:         return 0;
    }
}

SELDOM void vgic_control_write(const struct vgic_access *x)
{
    uint32_t groups = x->value & (CTLR_GROUP0 | CTLR_GROUP1);

    if (x->offset != GICD_CTLR || groups == x->vm->gic.ctlr)
        return;
    x->vm->gic.ctlr = groups;
    for (unsigned i = 0; i < x->vm->vcpus; i++)         /* bound: BELAY_VCPUS_MAX */
        vgic_offer(x->vm->vcpu[i]);
}

/* GICD_IROUTER: bits 31 to 24 are RES0, as 1-of-N routing is not there; Aff3 is in bits 39 to 32. */
static uint64_t router_unpack(uint32_t affinity)
{
    return (affinity & 0xffffff) | (uint64_t)(affinity >> 24) << 32;
}

static uint32_t router_pack(uint64_t router)
{
    return (router & 0xffffff) | (uint32_t)(router >> 32 & 0xff) << 24;
}

static bool router_spi(const struct vgic_access *x, uint32_t *spi)
{
    *spi = (x->offset - 0x6000) / 8 - GIC_SPI_FIRST;    /* wraps round for SGIs and PPIs */
    return *spi < VGIC_SPIS;
}

static uint64_t router_read(const struct vgic_access *x)
{
    uint32_t spi;

    if (!router_spi(x, &spi))
        return 0;
    uint64_t router = router_unpack(x->vm->gic.irouter[spi]) >> x->offset % 8 * 8;
    return x->size == 4 ? (uint32_t)router : router;
}

SELDOM static void router_write(const struct vgic_access *x)
{
    uint32_t spi;

    if (!router_spi(x, &spi))
        return;
    struct vm *vm = x->vm;
    uint64_t router = x->value;
    if (x->size == 4) {
        unsigned shift = x->offset % 8 * 8;
        uint64_t mask = UINT64_C(0xffffffff) << shift;
        router = (router_unpack(vm->gic.irouter[spi]) & ~mask) | (router << shift & mask);
    }
    uint32_t intid = spi + GIC_SPI_FIRST, affinity = router_pack(router);
    if (!vgic_change_begin(x, intid / 32, intid_bit(intid)))
        return;
    vm->gic.irouter[spi] = affinity;
    vgic_give(vm, intid, affinity, false);
    if (vm->spread)
        vgic_route(vm, spi);
    vgic_change_end(vm, NULL, intid / 32, intid_bit(intid));
}

static uint64_t id_read(const struct vgic_access *x)
{
    return vgic_id(x->offset, VGIC_PIDR0_DIST);
}

const struct vgic_row vgic_dist_rows[] = {
    { .first = GICD_CTLR, .last = 0x7f, .sizes = 4, .read = control_read, .write = vgic_control_write },
    VGIC_COMMON_ROWS(false),
    { .first = 0x6000, .last = 0x7fff, .sizes = 4 | 8, .read = router_read, .write = router_write },
    { .first = VGIC_ID_FIRST, .last = VGIC_ID_LAST, .sizes = 4, .read = id_read },
    VGIC_LAST_ROW,
};
