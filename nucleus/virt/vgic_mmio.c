/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's accesses to the distributor and the redistributors: which frame, and which row of its map. */
#include "base/section.h"
#include "virt/vgic_state.h"

#define FRAME_SHIFT  16     /* 64 KiB */

/* Of a GICv2's CPU interface what is not on the host's page: GICV_DIR (IHI 0048B, 5.5.12), else RAZ/WI. */
SELDOM static __attribute__((noinline)) bool cpu_interface(struct vcpu *v, const struct access *a, uint64_t *value)
{
    uint64_t offset = a->ipa - (VGIC_CPU_BASE + PAGE_SIZE);

    if (offset >= PAGE_SIZE)
        return false;
    if (!a->write)
        *value = 0;
    else if (offset == 0)
        vgic_deactivate(v, *value & VGIC_V2_INTID);     /* it may have to be made again */
    return true;
}

bool vgic_mmio(struct vcpu *v, const struct access *a, uint64_t *value)
{
    struct vgic_access x = { .vm = vcpu_vm(v), .offset = (uint16_t)a->ipa, .size = a->size };
    const struct vgic_row *row = vgic_dist_rows;
    assert(a->size == 1 || a->size == 2 || a->size == 4 || a->size == 8);

    if (on_gicv2()) {
        if (a->ipa - VGIC_DIST_BASE >= PAGE_SIZE)
            return cpu_interface(v, a, value);
        if (a->write && x.offset == VGIC_SGIR && x.size == 4) {
            vgic_sgir(v, (uint32_t)*value);             /* it needs no lock */
            return true;
        }
        x.v = v;
        row = vgic_v2_rows;
    } else if (a->ipa - VGIC_DIST_BASE >= VGIC_DIST_SIZE) {
        uint64_t offset = a->ipa - VGIC_REDIST_BASE;
        if (offset >= (uint64_t)x.vm->vcpus * VGIC_REDIST_FRAME)
            return false;
        x.v = x.vm->vcpu[offset / VGIC_REDIST_FRAME];
        row = offset >> FRAME_SHIFT & 1 ? vgic_sgi_rows : vgic_rd_rows;
    }
    while (x.offset > row->last)                        /* bound: 8, the rows of the longest map */
        row++;
    bool answered = x.offset >= row->first && row->sizes & x.size && (x.offset & (x.size - 1)) == 0;
    if (unlikely(!answered)) {
        *value = 0;
        return (x.offset & (x.size - 1)) == 0;  /* to Device memory one that is not aligned is a fault (Arm ARM, B2.8.2) */
    }
    if (unlikely(x.vm->spread)) {
        x.by = v;
        x.write = a->write;
        vgic_make_spread(row, &x, value);
    } else if (!a->write) {
        *value = row->read(&x);
    } else if (row->write) {
        x.value = *value;
        row->write(&x);
    }
    return true;
}
