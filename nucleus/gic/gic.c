/* SPDX-License-Identifier: Apache-2.0 */
#include "gic/gic_state.h"

#include "base/assert.h"
#include "base/section.h"

#define PRIORITY_ALL        0xa0a0a0a0u
#define SGI1R_INTID(v)      ((uint64_t)(v) << 24)       /* ICC_SGI1R_EL1 (IHI 0069, 12.2.16) */

struct gic gic;

/* Where an interrupt's registers are: the distributor, or this CPU's SGI frame. */
static uintptr_t frame_of(uint32_t intid)
{
    return intid < GIC_SPI_FIRST ? gic.sgi_frame[cpu_index()] : gic.dist;
}

static void write_bit(uint32_t intid, uint32_t offset)
{
    mmio_write32(frame_of(intid) + offset + intid / 32 * 4, 1u << intid % 32);
}

BOOT_ONLY void gic_quiet(uintptr_t frame, unsigned word)
{
    mmio_write32(frame + GIC_ICENABLER(word), ~0u);
    mmio_write32(frame + GIC_ICPENDR(word), ~0u);
    mmio_write32(frame + GIC_ICACTIVER(word), ~0u);
    for (unsigned i = 0; i < 8; i++)
        mmio_write32(frame + GIC_IPRIORITYR(word * 8 + i), PRIORITY_ALL);
}

BOOT_ONLY void gic_init(const struct gic_info *info)
{
    gic.dist = info->frame[GIC_DIST].start;
    unsigned intids = ((mmio_read32(gic.dist + GICD_TYPER) & 0x1f) + 1) * 32;
    gic.intids = intids < GIC_SPURIOUS ? intids : GIC_SPURIOUS;
    if (info->version == 2)
        gicv2_init(info);
    else
        gicv3_init(info);
}

BOOT_ONLY bool gic_init_cpu(unsigned cpu)
{
    assert(cpu < CPUS_MAX && gic.dist);

    return gicv2.cpu ? gicv2_init_cpu(cpu) : gicv3_init_cpu(cpu);
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

SELDOM void gic_spi_config(uint32_t intid, bool edge, unsigned cpu)
{
    assert(intid >= GIC_SPI_FIRST && intid < gic.intids && cpu < CPUS_MAX);

    uintptr_t reg = gic.dist + GIC_ICFGR(intid / 16);
    uint32_t bit = 2u << intid % 16 * 2;
    mmio_write32(reg, edge ? mmio_read32(reg) | bit : mmio_read32(reg) & ~bit);
    gic_spi_route(intid, cpu);
}

SELDOM void gic_spi_route(uint32_t intid, unsigned cpu)
{
    assert(intid >= GIC_SPI_FIRST && intid < gic.intids && cpu < CPUS_MAX);

    if (on_gicv2())
        mmio_write8(gic.dist + GICD_ITARGETSR(intid), (uint8_t)gic.affinity[cpu]);
    else
        mmio_write64(gic.dist + GICD_IROUTER(intid), gic.affinity[cpu]);
}

void gic_send_sgi(unsigned cpu, uint32_t intid)
{
    assert(intid < GIC_SGIS);

    dsb_ishst();        /* the sender's writes before the interrupt (IHI 0069, 4.1.1) */
    gic_write(ICC_SGI1R_EL1, gic.sgi_target[cpu] | SGI1R_INTID(intid),
              mmio_write32(gicv2_base(dist) + GICD_SGIR, (uint32_t)gic.sgi_target[cpu] | intid));
    isb();
}
