/* SPDX-License-Identifier: Apache-2.0 */
/* A redistributor's two frames (IHI 0069, 12.11): control, and the SGIs and PPIs of its vCPU. No LPIs. */
#include "virt/vgic_state.h"

#define GICR_IIDR       0x04
#define GICR_TYPER      0x08
#define GICR_WAKER      0x14

#define TYPER_LAST              (UINT64_C(1) << 4)
#define TYPER_NUMBER(n)         ((uint64_t)(n) << 8)
#define TYPER_COMMON_LPI_AFF3   (UINT64_C(1) << 24)     /* as QEMU's */
#define TYPER_AFFINITY(a)       ((uint64_t)(a) << 32)

static uint64_t typer(const struct vgic_access *x)
{
    unsigned index = x->v->context.index;

    return TYPER_AFFINITY(index) | TYPER_COMMON_LPI_AFF3 | TYPER_NUMBER(index) |
           (index + 1 == x->vm->vcpus ? TYPER_LAST : 0);
}

static uint64_t control_read(const struct vgic_access *x)
{
    if (x->size == 8)
        return x->offset == GICR_TYPER ? typer(x) : 0;
    switch (x->offset) {
    case GICR_IIDR:      return VGIC_IIDR;
    case GICR_TYPER:     return (uint32_t)typer(x);
    case GICR_TYPER + 4: return typer(x) >> 32;
    case GICR_WAKER:     return x->v->gic.waker;
    default:             return 0;
    }
}

/* GICR_WAKER: ChildrenAsleep follows ProcessorSleep at once. As QEMU's, a sleeping one forwards interrupts all the same. */
static void control_write(const struct vgic_access *x)
{
    if (x->offset == GICR_WAKER && x->size == 4)
        x->v->gic.waker = x->value & VGIC_WAKER_SLEEP ? VGIC_WAKER_ASLEEP : 0;
}

static uint64_t id_read(const struct vgic_access *x)
{
    return vgic_id(x->offset, VGIC_PIDR0_REDIST);
}

const struct vgic_row vgic_rd_rows[] = {
    { .first = 0, .last = 0x7f, .sizes = 4 | 8, .read = control_read, .write = control_write },
    { .first = VGIC_ID_FIRST, .last = VGIC_ID_LAST, .sizes = 4, .read = id_read },
    VGIC_LAST_ROW,
};

const struct vgic_row vgic_sgi_rows[] = {
    VGIC_COMMON_ROWS(true),
    VGIC_LAST_ROW,
};
