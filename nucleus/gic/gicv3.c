/* SPDX-License-Identifier: Apache-2.0 */
/* GICv3 (IHI 0069), with affinity routing and system registers. */
#include "base/section.h"
#include "gic/gic_state.h"

#define GICR_TYPER          0x0008
#define GICR_WAKER          0x0014
#define GICR_SGI_FRAME      0x10000

#define CTLR_GROUP1         (1u << 1)       /* EnableGrp1, or EnableGrp1A where firmware keeps a Secure state */
#define CTLR_ARE            (1u << 4)
#define CTLR_RWP            (1u << 31)
#define TYPER_VLPIS         (1u << 1)       /* GICv4: two more frames of 64 KiB */
#define TYPER_LAST          (1u << 4)
#define WAKER_SLEEP         (1u << 1)
#define WAKER_ASLEEP        (1u << 2)
#define CTLR_EOIMODE        (1u << 1)       /* ICC_CTLR_EL1 */
#define SGI1R_AFF3(v)       ((uint64_t)(v) << 48)   /* ICC_SGI1R_EL1 (IHI 0069, 12.2.16) */
#define SGI1R_RANGE(v)      ((uint64_t)(v) << 44)
#define SGI1R_AFF2(v)       ((uint64_t)(v) << 32)
#define SGI1R_AFF1(v)       ((uint64_t)(v) << 16)
#define SRE_ALL             0xfu            /* ICC_SRE_EL2: SRE, no FIQ or IRQ bypass, EL1 may set its own */
#define SRE_ENABLE          8u              /* the last of these */
#define SRE_EL1             7u
#define PATIENCE            1000000         /* bound of a wait for the hardware */

BOOT_ONLY static bool wait_clear(uintptr_t reg, uint32_t bits)
{
    for (unsigned i = 0; i < PATIENCE; i++)
        if ((mmio_read32(reg) & bits) == 0)
            return true;
    return false;
}

BOOT_ONLY static void quiet(uintptr_t frame, unsigned word)
{
    gic_quiet(frame, word);
    mmio_write32(frame + GIC_IGROUPR(word), ~0u);       /* in Group 1 */
}

BOOT_ONLY void gicv3_init(const struct gic_info *info)
{
    gic.regions = info->frame[GIC_REDISTS].start;
    gic.regions_end = gic.regions + info->frame[GIC_REDISTS].bytes;

    mmio_write32(gic.dist + GICD_CTLR, 0);
    wait_clear(gic.dist + GICD_CTLR, CTLR_RWP);
    mmio_write32(gic.dist + GICD_CTLR, CTLR_ARE);       /* before what it decides about: 12.9.4 */
    for (unsigned word = 1; word < (gic.intids + 31) / 32; word++)      /* bound: 32 */
        quiet(gic.dist, word);
    wait_clear(gic.dist + GICD_CTLR, CTLR_RWP);
    mmio_write32(gic.dist + GICD_CTLR, CTLR_ARE | CTLR_GROUP1);
    wait_clear(gic.dist + GICD_CTLR, CTLR_RWP);
}

/* The redistributor of that affinity (in GICR_TYPER's form), or 0. Bound: the frames of the region. */
BOOT_ONLY static uintptr_t find_redist(uint32_t affinity)
{
    uint64_t typer;
    uintptr_t frame = gic.regions;

    do {
        if (gic.regions_end - frame < 2 * GICR_SGI_FRAME)
            return 0;
        typer = mmio_read64(frame + GICR_TYPER);
        if (typer >> 32 == affinity)
            return frame;
        frame += (typer & TYPER_VLPIS ? 4 : 2) * GICR_SGI_FRAME;
    } while (frame < gic.regions_end && (typer & TYPER_LAST) == 0);
    return 0;
}

BOOT_ONLY bool gicv3_init_cpu(unsigned cpu)
{
    uint64_t mpidr = sysreg_read(mpidr_el1);
    uintptr_t redist = find_redist((uint32_t)(mpidr >> 8 & 0xff000000) | (mpidr & 0xffffff));
    if (redist == 0)
        return false;
    gic.sgi_frame[cpu] = redist + GICR_SGI_FRAME;
    gic.affinity[cpu] = mpidr & UINT64_C(0xff00ffffff);
    gic.sgi_target[cpu] = SGI1R_AFF3(mpidr >> 32 & 0xff) | SGI1R_AFF2(mpidr >> 16 & 0xff) | SGI1R_AFF1(mpidr >> 8 & 0xff) |
                          SGI1R_RANGE((mpidr & 0xff) / 16) | UINT64_C(1) << (mpidr & 15);
    mmio_write32(redist + GICR_WAKER, mmio_read32(redist + GICR_WAKER) & ~WAKER_SLEEP);
    if (!wait_clear(redist + GICR_WAKER, WAKER_ASLEEP))
        return false;
    quiet(gic.sgi_frame[cpu], 0);

    sysreg_write(ICC_SRE_EL2, SRE_ALL);
    isb();
    sysreg_write(ICC_SRE_EL1, SRE_EL1);
    sysreg_write(ICC_SRE_EL2, SRE_ALL & ~SRE_ENABLE);   /* a guest that writes ICC_SRE_EL1 would do so for all */
    isb();      /* the other ICC registers exist from here on */
    sysreg_write(ICC_PMR_EL1, 0xff);
    sysreg_write(ICC_BPR1_EL1, 0);
    sysreg_write(ICC_CTLR_EL1, CTLR_EOIMODE);
    sysreg_write(ICC_IGRPEN1_EL1, 1);
    isb();
    return true;
}
