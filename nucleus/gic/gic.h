/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's interrupt controller (GICv3, IHI 0069). All interrupts are in
 * Group 1 of the one Security state that EL2 sees. EOImode is 1: gic_eoi
 * drops the priority, gic_deactivate ends the active state, and for an
 * interrupt behind a hardware-linked list register the guest's EOI does that.
 */
#ifndef NUCLEUS_GIC_GIC_H
#define NUCLEUS_GIC_GIC_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/sysreg.h"

#define GIC_SGIS         16
#define GIC_PPI_FIRST    16
#define GIC_SPI_FIRST    32
#define GIC_SPURIOUS     1020   /* 1020 to 1023 are no interrupts */

struct gic_info {               /* from the host's device tree */
    uintptr_t dist;             /* GICD, 64 KiB */
    uintptr_t redist;           /* the first redistributor region */
    uint64_t redist_bytes;
};

/* Boot. gic_init_cpu finds this CPU's redistributor by its affinity; false when it has none. */
void gic_init(const struct gic_info *info);
bool gic_init_cpu(unsigned cpu);

/* The number of INTIDs that the distributor implements, SGIs and PPIs included. */
unsigned gic_intids(void);

/* Acknowledges the highest pending interrupt of this CPU; at least GIC_SPURIOUS when there is none. */
static inline uint32_t gic_ack(void)
{
    uint32_t intid = (uint32_t)sysreg_read(ICC_IAR1_EL1) & 0xffffff;
    dsb_sy();       /* the acknowledge before whatever the handler does to the device (IHI 0069, 4.1.1) */
    return intid;
}

/* The one that gic_ack would take. */
static inline uint32_t gic_highest_pending(void) { return (uint32_t)sysreg_read(ICC_HPPIR1_EL1) & 0xffffff; }

static inline void gic_eoi(uint32_t intid) { sysreg_write(ICC_EOIR1_EL1, intid); }
static inline void gic_deactivate(uint32_t intid) { sysreg_write(ICC_DIR_EL1, intid); }

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
