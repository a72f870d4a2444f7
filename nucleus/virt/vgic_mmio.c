/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's accesses to the distributor and the redistributors: which frame, and which row of its map. */
#include "virt/vgic_state.h"

#define FRAME_SHIFT  16     /* 64 KiB */

bool vgic_mmio(struct vcpu *v, const struct access *a, uint64_t *value)
{
    struct vgic_access x = { .vm = vcpu_vm(v), .offset = (uint16_t)a->ipa, .size = a->size };
    const struct vgic_row *row = vgic_dist_rows;
    assert(a->size == 1 || a->size == 2 || a->size == 4 || a->size == 8);

    if (a->ipa - VGIC_DIST_BASE >= VGIC_DIST_SIZE) {
        uint64_t offset = a->ipa - VGIC_REDIST_BASE;
        if (offset >= (uint64_t)x.vm->vcpus * VGIC_REDIST_FRAME)
            return false;
        x.v = x.vm->vcpu[offset / VGIC_REDIST_FRAME];
        row = offset >> FRAME_SHIFT & 1 ? vgic_sgi_rows : vgic_rd_rows;
    }
    while (x.offset > row->last)                        /* bound: 6, the rows of the longest map */
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
