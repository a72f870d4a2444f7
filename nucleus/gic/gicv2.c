/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GICv2 (IHI 0048B). Where firmware keeps a Secure state, we see its Group 1 only, whose enable bits are where without
 * one those of Group 0 are: interrupts stay in the group that they are in.
 */
#include "base/section.h"
#include "gic/gic_state.h"

#define GICC_CTLR           0x00
#define GICC_PMR            0x04
#define GICC_BPR            0x08
#define GICC_APR0           0xd0
#define CTLR_ENABLE         (1u << 0)
#define CTLR_EOIMODE        (1u << 9)       /* EOImodeNS (4.4.1) */

struct gicv2 gicv2;

BOOT_ONLY void gicv2_init(const struct gic_info *info)
{
    gicv2.dist = gic.dist;
    gicv2.cpu = info->frame[GIC_CPU].start;
    gicv2.hyp = info->frame[GIC_HYP].start;
    gicv2.vcpu = info->frame[GIC_VCPU].start;
    mmio_write32(gic.dist + GICD_CTLR, 0);
    for (unsigned word = 1; word < (gic.intids + 31) / 32; word++)      /* bound: 32 */
        gic_quiet(gic.dist, word);
    mmio_write32(gic.dist + GICD_CTLR, CTLR_ENABLE);
}

/* A CPU's number is told by its own GICD_ITARGETSR0 to 7; where there is one CPU these are RAZ/WI (4.3.12). */
BOOT_ONLY static uint32_t own_target(void)
{
    uint32_t target = 0;

    for (unsigned i = 0; i < GIC_SPI_FIRST && target == 0; i += 4)      /* bound: 8 registers */
        target = mmio_read32(gic.dist + GICD_ITARGETSR(i));
    target |= target >> 16;
    target = (target | target >> 8) & 0xff;
    return target ? target : 1;
}

BOOT_ONLY bool gicv2_init_cpu(unsigned cpu)
{
    gic.sgi_frame[cpu] = gic.dist;
    gic.affinity[cpu] = own_target();
    gic.sgi_target[cpu] = gic.affinity[cpu] << 16;
    gic_quiet(gic.dist, 0);
    mmio_write32(gicv2.cpu + GICC_CTLR, 0);
    mmio_write32(gicv2.cpu + GICC_APR0, 0);
    mmio_write32(gicv2.cpu + GICC_PMR, 0xff);
    mmio_write32(gicv2.cpu + GICC_BPR, 0);
    mmio_write32(gicv2.cpu + GICC_CTLR, CTLR_ENABLE | CTLR_EOIMODE);
    return true;
}
