/* SPDX-License-Identifier: Apache-2.0 */
#include "gic.h"

#define GICD_CTLR          0x0000
#define GICD_CTLR_RWP      (1u << 31)
#define GICD_CTLR_ARE_NS   (1u << 4)
#define GICD_CTLR_GROUP1   (1u << 1)    /* EnableGrp1, in a GIC with one Security state and seen from Non-secure */
#define GICD_TYPER         0x0004
#define GICD_IROUTER       0x6000
#define GICD_CTLR_GROUP0   (1u << 0)
#define GICD_ITARGETSR     0x0800
#define GICC_CTLR          0x0000
#define GICC_PMR           0x0004
#define GICC_BPR           0x0008
#define SGIR_SELF          (2u << 24)
#define GICR_CTLR          0x0000
#define GICR_CTLR_RWP      (1u << 3)
#define GICR_TYPER         0x0008
#define GICR_TYPER_LAST    (1u << 4)
#define GICR_WAKER         0x0014
#define WAKER_SLEEP        (1u << 1)    /* ProcessorSleep */
#define WAKER_ASLEEP       (1u << 2)    /* ChildrenAsleep */

/* The same in the distributor and in a redistributor's SGI page. */
#define GIC_IGROUPR        0x0080
#define GIC_ISENABLER      0x0100
#define GIC_ICENABLER      0x0180
#define GIC_IPRIORITYR     0x0400

bool gic_is_v2;

static volatile uint32_t *reg32(uintptr_t address) { return (volatile uint32_t *)address; }
static volatile uint64_t *reg64(uintptr_t address) { return (volatile uint64_t *)address; }

static void wait_clear(uintptr_t address, uint32_t bits)
{
    while (*reg32(address) & bits) {
    }
}

/* Aff3.Aff2.Aff1.Aff0 in the 32 bits of GICR_TYPER's upper half. */
static uint32_t affinity(void)
{
    uint64_t mpidr = sysreg_read(mpidr_el1);
    return (uint32_t)((mpidr & 0xffffff) | ((mpidr >> 8) & 0xff000000));
}

uintptr_t gic_redistributor(void)
{
    uintptr_t frame = GICR_BASE;
    while ((uint32_t)(*reg64(frame + GICR_TYPER) >> 32) != affinity() &&
           !(*reg64(frame + GICR_TYPER) & GICR_TYPER_LAST)) {
        frame += GICR_FRAME;
    }
    return frame;
}

uintptr_t gic_private(void)
{
    return gic_is_v2 ? GICD_BASE : gic_redistributor() + GICR_SGI;
}

/* ID_AA64PFR0_EL1.GIC: there are system registers of a GIC. */
static void find_version(void)
{
    gic_is_v2 = (sysreg_read(id_aa64pfr0_el1) >> 24 & 0xf) == 0;
}

static void init_v2(void)
{
    *reg32(GICD_BASE + GICD_CTLR) = 0;
    uint32_t words = (*reg32(GICD_BASE + GICD_TYPER) & 0x1f) + 1;
    for (uint32_t n = 1; n < words; n++) {
        *reg32(GICD_BASE + GIC_ICENABLER + 4 * n) = UINT32_MAX;
        *reg32(GICD_BASE + GIC_IGROUPR + 4 * n) = 0;
    }
    *reg32(GICD_BASE + GICD_CTLR) = GICD_CTLR_GROUP0;
}

static void init_cpu_v2(void)
{
    *reg32(GICD_BASE + GIC_ICENABLER) = UINT32_MAX;
    *reg32(GICD_BASE + GIC_IGROUPR) = 0;
    *reg32(GICC_BASE + GICC_PMR) = 0xff;
    *reg32(GICC_BASE + GICC_BPR) = 0;
    *reg32(GICC_BASE + GICC_CTLR) = GICD_CTLR_GROUP0;       /* EOI also deactivates */
    dsb();
}

void gic_init(void)
{
    find_version();
    if (gic_is_v2) {
        init_v2();
        return;
    }
    *reg32(GICD_BASE + GICD_CTLR) = 0;
    wait_clear(GICD_BASE + GICD_CTLR, GICD_CTLR_RWP);
    uint32_t words = (*reg32(GICD_BASE + GICD_TYPER) & 0x1f) + 1;
    for (uint32_t n = 1; n < words; n++) {
        *reg32(GICD_BASE + GIC_ICENABLER + 4 * n) = UINT32_MAX;
        *reg32(GICD_BASE + GIC_IGROUPR + 4 * n) = UINT32_MAX;
    }
    *reg32(GICD_BASE + GICD_CTLR) = GICD_CTLR_ARE_NS | GICD_CTLR_GROUP1;
    wait_clear(GICD_BASE + GICD_CTLR, GICD_CTLR_RWP);
}

void gic_init_cpu(void)
{
    find_version();
    if (gic_is_v2) {
        init_cpu_v2();
        return;
    }
    uintptr_t frame = gic_redistributor();
    *reg32(frame + GICR_WAKER) &= ~WAKER_SLEEP;
    wait_clear(frame + GICR_WAKER, WAKER_ASLEEP);
    *reg32(frame + GICR_SGI + GIC_ICENABLER) = UINT32_MAX;
    *reg32(frame + GICR_SGI + GIC_IGROUPR) = UINT32_MAX;
    wait_clear(frame + GICR_CTLR, GICR_CTLR_RWP);

    sysreg_write(S3_0_C12_C12_5, 1);        /* ICC_SRE_EL1: system registers */
    isb();
    sysreg_write(S3_0_C4_C6_0, 0xff);       /* ICC_PMR_EL1: let every priority through */
    sysreg_write(S3_0_C12_C12_3, 0);        /* ICC_BPR1_EL1 */
    sysreg_write(S3_0_C12_C12_4, 0);        /* ICC_CTLR_EL1: EOI also deactivates */
    sysreg_write(S3_0_C12_C12_7, 1);        /* ICC_IGRPEN1_EL1 */
    isb();
}

static uintptr_t frame_of(uint32_t intid)
{
    return intid < 32 ? gic_private() : GICD_BASE;
}

void gic_enable(uint32_t intid, uint8_t priority)
{
    uintptr_t frame = frame_of(intid);
    *(volatile uint8_t *)(frame + GIC_IPRIORITYR + intid) = priority;
    if (intid >= 32 && gic_is_v2) {
        *(volatile uint8_t *)(GICD_BASE + GICD_ITARGETSR + intid) = (uint8_t)(1u << (sysreg_read(mpidr_el1) & 7));
    } else if (intid >= 32) {
        *reg64(GICD_BASE + GICD_IROUTER + 8 * intid) = sysreg_read(mpidr_el1) & 0xff00ffffff;
    }
    *reg32(frame + GIC_ISENABLER + intid / 32 * 4) = 1u << (intid % 32);
    dsb();
}

void gic_disable(uint32_t intid)
{
    *reg32(frame_of(intid) + GIC_ICENABLER + intid / 32 * 4) = 1u << (intid % 32);
    if (gic_is_v2) {
        dsb();
    } else if (intid < 32) {
        wait_clear(gic_redistributor() + GICR_CTLR, GICR_CTLR_RWP);
    } else {
        wait_clear(GICD_BASE + GICD_CTLR, GICD_CTLR_RWP);
    }
}

void gic_sgi_self(uint32_t intid)
{
    if (gic_is_v2) {
        dsb();
        *reg32(GICD_SGIR) = SGIR_SELF | intid;
        return;
    }
    uint64_t mpidr = sysreg_read(mpidr_el1);
    uint64_t aff0 = mpidr & 0xff;
    uint64_t value = (mpidr >> 32 & 0xff) << 48 | (mpidr >> 16 & 0xff) << 32 | (mpidr >> 8 & 0xff) << 16 |
                     (aff0 >> 4) << 44 | (uint64_t)intid << 24 | 1ull << (aff0 & 15);
    dsb();
    sysreg_write(S3_0_C12_C11_5, value);    /* ICC_SGI1R_EL1 */
    isb();
}
