/* SPDX-License-Identifier: Apache-2.0 */
#include "gic/gic.h"

#include "arm64/cpu_index.h"
#include "arm64/mmio.h"
#include "arm64/sysreg.h"
#include "base/assert.h"
#include "base/section.h"

/* Distributor (IHI 0069, 12.9); most registers stand in a redistributor's SGI frame at the same offset (12.11). */
#define GICD_CTLR           0x0000
#define GICD_TYPER          0x0004
#define GIC_IGROUPR(n)      (0x0080 + 4 * (n))
#define GIC_ISENABLER(n)    (0x0100 + 4 * (n))
#define GIC_ICENABLER(n)    (0x0180 + 4 * (n))
#define GIC_ICPENDR(n)      (0x0280 + 4 * (n))
#define GIC_ISACTIVER(n)    (0x0300 + 4 * (n))
#define GIC_ICACTIVER(n)    (0x0380 + 4 * (n))
#define GIC_IPRIORITYR(n)   (0x0400 + 4 * (n))
#define GIC_ICFGR(n)        (0x0c00 + 4 * (n))
#define GICD_IROUTER(intid) (0x6000 + 8 * (intid))
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
#define PRIORITY_ALL        0xa0a0a0a0u
#define CTLR_EOIMODE        (1u << 1)       /* ICC_CTLR_EL1 */
#define SGI1R_AFF3(v)       ((uint64_t)(v) << 48)   /* ICC_SGI1R_EL1 (IHI 0069, 12.2.16) */
#define SGI1R_RANGE(v)      ((uint64_t)(v) << 44)
#define SGI1R_AFF2(v)       ((uint64_t)(v) << 32)
#define SGI1R_INTID(v)      ((uint64_t)(v) << 24)
#define SGI1R_AFF1(v)       ((uint64_t)(v) << 16)
#define SRE_ALL             0xfu            /* ICC_SRE_EL2: SRE, no FIQ or IRQ bypass, EL1 may set its own */
#define SRE_ENABLE          8u              /* the last of these */
#define SRE_EL1             7u
#define PATIENCE            1000000         /* bound of a wait for the hardware */

static struct {
    uintptr_t dist;
    uintptr_t regions, regions_end;         /* redistributors */
    unsigned intids;
    uintptr_t sgi_frame[CPUS_MAX];          /* of each CPU: its SGIs and PPIs */
    uint64_t affinity[CPUS_MAX];            /* as GICD_IROUTER wants it */
    uint64_t sgi_target[CPUS_MAX];          /* as ICC_SGI1R_EL1 wants it */
} gic;

/* Where an interrupt's registers are: the distributor, or this CPU's SGI frame. */
static uintptr_t frame_of(uint32_t intid)
{
    return intid < GIC_SPI_FIRST ? gic.sgi_frame[cpu_index()] : gic.dist;
}

static void write_bit(uint32_t intid, uint32_t offset)
{
    mmio_write32(frame_of(intid) + offset + intid / 32 * 4, 1u << intid % 32);
}

static bool wait_clear(uintptr_t reg, uint32_t bits)
{
    for (unsigned i = 0; i < PATIENCE; i++)
        if ((mmio_read32(reg) & bits) == 0)
            return true;
    return false;
}

/* Of 32 interrupts: disabled, inactive, not pending, in Group 1, all of one priority. */
BOOT_ONLY static void quiet(uintptr_t frame, unsigned word)
{
    mmio_write32(frame + GIC_ICENABLER(word), ~0u);
    mmio_write32(frame + GIC_ICPENDR(word), ~0u);
    mmio_write32(frame + GIC_ICACTIVER(word), ~0u);
    mmio_write32(frame + GIC_IGROUPR(word), ~0u);
    for (unsigned i = 0; i < 8; i++)
        mmio_write32(frame + GIC_IPRIORITYR(word * 8 + i), PRIORITY_ALL);
}

BOOT_ONLY void gic_init(const struct gic_info *info)
{
    gic.dist = info->dist;
    gic.regions = info->redist;
    gic.regions_end = info->redist + info->redist_bytes;
    unsigned intids = ((mmio_read32(gic.dist + GICD_TYPER) & 0x1f) + 1) * 32;
    gic.intids = intids < GIC_SPURIOUS ? intids : GIC_SPURIOUS;

    mmio_write32(gic.dist + GICD_CTLR, 0);
    wait_clear(gic.dist + GICD_CTLR, CTLR_RWP);
    mmio_write32(gic.dist + GICD_CTLR, CTLR_ARE);       /* before what it decides about: 12.9.4 */
    for (unsigned word = 1; word < intids / 32; word++) /* bound: 32 */
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

BOOT_ONLY bool gic_init_cpu(unsigned cpu)
{
    assert(cpu < CPUS_MAX && gic.dist);

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

unsigned gic_intids(void)
{
    return gic.intids;
}

void gic_enable(uint32_t intid)
{
    write_bit(intid, GIC_ISENABLER(0));
}

void gic_disable(uint32_t intid)
{
    write_bit(intid, GIC_ICENABLER(0));
}

void gic_set_ppis_active(uint32_t ppis, bool active)
{
    uintptr_t frame = gic.sgi_frame[cpu_index()];

    mmio_write32(frame + (active ? GIC_ISACTIVER(0) : GIC_ICACTIVER(0)), ppis);
}

void gic_set_active(uint32_t intid, bool active)
{
    write_bit(intid, active ? GIC_ISACTIVER(0) : GIC_ICACTIVER(0));
}

void gic_spi_config(uint32_t intid, bool edge, unsigned cpu)
{
    assert(intid >= GIC_SPI_FIRST && intid < gic.intids && cpu < CPUS_MAX);

    uintptr_t reg = gic.dist + GIC_ICFGR(intid / 16);
    uint32_t bit = 2u << intid % 16 * 2;
    mmio_write32(reg, edge ? mmio_read32(reg) | bit : mmio_read32(reg) & ~bit);
    gic_spi_route(intid, cpu);
}

void gic_spi_route(uint32_t intid, unsigned cpu)
{
    assert(intid >= GIC_SPI_FIRST && intid < gic.intids && cpu < CPUS_MAX);

    mmio_write64(gic.dist + GICD_IROUTER(intid), gic.affinity[cpu]);
}

void gic_send_sgi(unsigned cpu, uint32_t intid)
{
    assert(intid < GIC_SGIS);

    dsb_ishst();        /* the sender's writes before the interrupt (IHI 0069, 4.1.1) */
    sysreg_write(ICC_SGI1R_EL1, gic.sgi_target[cpu] | SGI1R_INTID(intid));
    isb();
}
