/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's interrupt controller: GICv3 (IHI 0069) or GICv2 (IHI 0048B). All
 * interrupts are in one group of the one Security state that EL2 sees. EOImode
 * is 1: gic_eoi drops the priority, gic_deactivate ends the active state, and for an
 * interrupt behind a hardware-linked list register the guest's EOI does that.
 */
#ifndef NUCLEUS_GIC_GIC_H
#define NUCLEUS_GIC_GIC_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/cpu_index.h"
#include "arm64/mmio.h"
#include "arm64/sysreg.h"
#include "gic/version.h"

#define GIC_SGIS         16
#define GIC_PPI_FIRST    16
#define GIC_SPI_FIRST    32
#define GIC_SPURIOUS     1020   /* 1020 to 1023 are no interrupts */

/* The frames of a GIC's registers. */
enum gic_frame { GIC_DIST, GIC_REDISTS, GIC_CPU = 1, GIC_HYP, GIC_VCPU, GIC_FRAMES_MAX };

struct gic_info {               /* from the host's device tree */
    unsigned version;           /* 2 or 3 */
    unsigned frames;            /* that it has: GICD and the first redistributor region; or GICD, GICC, GICH and GICV */
    struct { uintptr_t start; uint64_t bytes; } frame[GIC_FRAMES_MAX];
};

/* Boot. gic_init_cpu finds what is this CPU's; false when there is nothing. */
void gic_init(const struct gic_info *info);
bool gic_init_cpu(unsigned cpu);

/* What a GICv2 has in memory and a GICv3 in system registers. */
#define GICC_IAR      0x0c
#define GICC_EOIR     0x10
#define GICC_HPPIR    0x18
#define GICC_DIR      0x1000

extern struct gicv2 {
    uintptr_t dist, cpu, hyp, vcpu; /* GICD, and GICC, GICH, GICV, which are this CPU's own, at one address. On a GICv3: 0 */
} gicv2;

/* One of these: by one instruction that stays where it is asked for, which is where a GICv3 never comes. */
#if defined(BELAY_HOST_TEST) || defined(__clang__)
#define gicv2_base(frame) (gicv2.frame)
#else
#define gicv2_base(frame) \
    ({ uintptr_t b_; __asm__ volatile("ldr %0, %1" : "=r"(b_) : "S"(&gicv2.frame)); b_; })
#endif

/* The number of INTIDs that the distributor implements, SGIs and PPIs included. */
unsigned gic_intids(void);

/* In what gic_ack says; above is, of an SGI of a GICv2, the CPU that sent it. */
#define GIC_INTID(ack) ((ack) & 0x3ff)

/* Acknowledges the highest pending interrupt of this CPU; its INTID is at least GIC_SPURIOUS when there is none. */
static inline uint64_t gic_ack(void)
{
    uint64_t ack = gic_read(ICC_IAR1_EL1, mmio_read32(gicv2_base(cpu) + GICC_IAR));
    dsb_sy();       /* the acknowledge before whatever the handler does to the device (IHI 0069, 4.1.1) */
    return ack;
}

/* The INTID of the one that gic_ack would take. */
static inline uint32_t gic_highest_pending(void)
{
    return (uint32_t)GIC_INTID(gic_read(ICC_HPPIR1_EL1, mmio_read32(gicv2_base(cpu) + GICC_HPPIR)));
}

/* A GICv2 wants an SGI's sender at its end, so that is deactivated here: what is sent from here on comes as another. */
static inline void gicv2_eoi(uint64_t ack)
{
    mmio_write32(gicv2_base(cpu) + GICC_EOIR, (uint32_t)ack);
    if (GIC_INTID(ack) < GIC_SGIS)
        mmio_write32(gicv2_base(cpu) + GICC_DIR, (uint32_t)ack);
}

static inline void gicv2_deactivate(uint32_t intid)
{
    if (intid >= GIC_SGIS)
        mmio_write32(gicv2_base(cpu) + GICC_DIR, intid);
}

static inline void gic_eoi(uint64_t ack) { gic_write(ICC_EOIR1_EL1, ack, gicv2_eoi(ack)); }
static inline void gic_deactivate(uint32_t intid) { gic_write(ICC_DIR_EL1, intid, gicv2_deactivate(intid)); }

/* Makes an SGI pending at a CPU, by index. What was written before is seen by its handler there. */
void gic_send_sgi(unsigned cpu, uint32_t intid);

/* This CPU's own SGIs and PPIs, or an SPI. */
void gic_enable(uint32_t intid);
void gic_disable(uint32_t intid);

/* SPIs only: edge or level, and the CPU (by index) that takes it. */
void gic_spi_config(uint32_t intid, bool edge, unsigned cpu);
void gic_spi_route(uint32_t intid, unsigned cpu);

/* Sets or clears the active state: of one interrupt, or of a set of this CPU's PPIs, whose owner changes at a world switch. */
void gic_set_active(uint32_t intid, bool active);
void gic_set_ppis_active(uint32_t ppis, bool active);
#endif
