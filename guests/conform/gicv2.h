/* SPDX-License-Identifier: Apache-2.0 */
/* What only GICv2 has: targets, SGIs by the distributor, a CPU interface in memory (IHI 0048, 4). */
#ifndef CONFORM_GICV2_H
#define CONFORM_GICV2_H

#define ITARGETSR      0x800ul
#define GICD_SGIR      0xf00ul
#define CPENDSGIR      0xf10ul
#define SPENDSGIR      0xf20ul
#define SGIR_OTHERS    (1u << 24)       /* GICD_SGIR.TargetListFilter; 0: the list */
#define SGIR_SELF      (2u << 24)
#define SGIR_LIST(cpus) ((cpus) << 16)
#define SOURCE(cpu)    ((cpu) << 10)    /* GICC_IAR.CPUID */

#define GICC_BASE      0x08010000ul
#define GICC_CTLR      (GICC_BASE + 0x00)
#define GICC_PMR       (GICC_BASE + 0x04)
#define GICC_BPR       (GICC_BASE + 0x08)
#define GICC_IAR       (GICC_BASE + 0x0c)
#define GICC_EOIR      (GICC_BASE + 0x10)
#define GICC_RPR       (GICC_BASE + 0x14)
#define GICC_HPPIR     (GICC_BASE + 0x18)
#define GICC_ABPR      (GICC_BASE + 0x1c)
#define GICC_APR       (GICC_BASE + 0xd0)
#define GICC_NSAPR     (GICC_BASE + 0xe0)
#define GICC_IIDR      (GICC_BASE + 0xfc)
#define GICC_DIR       (GICC_BASE + 0x1000)

/* GICC_CTLR, without the Security Extensions */
#define GICC_GROUP0    (1u << 0)
#define GICC_GROUP1    (1u << 1)
#define GICC_ACKCTL    (1u << 2)
#define GICC_FIQEN     (1u << 3)
#define GICC_CBPR      (1u << 4)
#define GICC_EOIMODE   (1u << 9)
#endif
