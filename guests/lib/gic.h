/* SPDX-License-Identifier: Apache-2.0 */
/* GICv3 at EL1 (IHI 0069), where the virtual handset has it. All interrupts are in Group 1. */
#ifndef GUEST_GIC_H
#define GUEST_GIC_H

#include <stdint.h>

#include "arm64.h"

#define GICD_BASE    0x08000000ul
#define GICR_BASE    0x080a0000ul
#define GICR_FRAME   0x20000ul
#define GICR_SGI     0x10000ul      /* from a redistributor's base to its SGI and PPI page */

#define GIC_SPURIOUS 1020           /* 1020 to 1023 are no interrupts */

/* The distributor, once; then each CPU its own redistributor and CPU interface. */
void gic_init(void);
void gic_init_cpu(void);

/* The redistributor of the CPU that asks. */
uintptr_t gic_redistributor(void);

/* SGIs and PPIs of this CPU, or an SPI, which is routed to this CPU. Lower priority numbers win. */
void gic_enable(uint32_t intid, uint8_t priority);
void gic_disable(uint32_t intid);

static inline uint32_t gic_ack(void)
{
    uint32_t intid = (uint32_t)sysreg_read(S3_0_C12_C12_0);     /* ICC_IAR1_EL1 */
    dsb();
    return intid;
}

static inline void gic_eoi(uint32_t intid)
{
    sysreg_write(S3_0_C12_C12_1, intid);                        /* ICC_EOIR1_EL1 */
    isb();
}

/* An SGI to the CPU that sends it: ICC_SGI1R_EL1 with this CPU's own affinity. */
void gic_sgi_self(uint32_t intid);
#endif
