/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interrupt controller at EL1, where the virtual handset has it: a GICv3 (IHI 0069), in which all interrupts are put
 * into Group 1, or a GICv2 (IHI 0048B), in which they stay in Group 0.
 */
#ifndef GUEST_GIC_H
#define GUEST_GIC_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64.h"

#define GICD_BASE    0x08000000ul
#define GICR_BASE    0x080a0000ul
#define GICR_FRAME   0x20000ul
#define GICR_SGI     0x10000ul      /* from a redistributor's base to its SGI and PPI page */

#define GICC_BASE    0x08010000ul   /* of a GICv2 */
#define GICC_IAR     (GICC_BASE + 0x0c)
#define GICC_EOIR    (GICC_BASE + 0x10)
#define GICD_SGIR    (GICD_BASE + 0xf00)

#define GIC_SPURIOUS 1020           /* 1020 to 1023 are no interrupts */

/* Is it a GICv2? Known from gic_init_cpu on. */
extern bool gic_is_v2;

/* The distributor, once; then each CPU its own redistributor and CPU interface. */
void gic_init(void);
void gic_init_cpu(void);

/* The redistributor of the CPU that asks, in a GICv3; and where the registers of its SGIs and PPIs are. */
uintptr_t gic_redistributor(void);
uintptr_t gic_private(void);

/* SGIs and PPIs of this CPU, or an SPI, which is routed to this CPU. Lower priority numbers win. */
void gic_enable(uint32_t intid, uint8_t priority);
void gic_disable(uint32_t intid);

/* In what gic_ack says; above is, of an SGI of a GICv2, who sent it. */
#define GIC_INTID(ack) ((ack) & 0x3ff)

static inline uint32_t gic_ack(void)
{
    uint32_t ack = gic_is_v2 ? *(volatile uint32_t *)GICC_IAR : (uint32_t)sysreg_read(S3_0_C12_C12_0);  /* ICC_IAR1_EL1 */
    dsb();
    return ack;
}

/* What gic_ack said. */
static inline void gic_eoi(uint32_t ack)
{
    if (gic_is_v2) {
        *(volatile uint32_t *)GICC_EOIR = ack;
    } else {
        sysreg_write(S3_0_C12_C12_1, ack);                      /* ICC_EOIR1_EL1 */
        isb();
    }
}

/* An SGI to the CPU that sends it. */
void gic_sgi_self(uint32_t intid);
#endif
