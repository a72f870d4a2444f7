/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of distributor, redistributors and CPU interface (IHI 0069, 12), and one look for an interrupt. */
#ifndef CONFORM_REGISTERS_H
#define CONFORM_REGISTERS_H

#include <stdbool.h>

#include "gic.h"

#define SPI_FIRST     64        /* of some that no device has */
#define NONE          1023u

/* The distributor's, and a redistributor's SGI frame's. */
#define IGROUPR    0x080ul
#define ISENABLER  0x100ul
#define ICENABLER  0x180ul
#define ISPENDR    0x200ul
#define ICPENDR    0x280ul
#define ISACTIVER  0x300ul
#define ICACTIVER  0x380ul
#define IPRIORITYR 0x400ul
#define ICFGR      0xc00ul
#define IROUTER    0x6000ul

#define GICD_CTLR      0x0ul
#define GICD_TYPER     0x4ul
#define GICD_IIDR      0x8ul
#define CTLR_GROUP0    1u       /* with one Security state */
#define CTLR_GROUP1    2u

/* ICC_*_EL1 */
#define ICC_PMR        S3_0_C4_C6_0
#define ICC_IAR0       S3_0_C12_C8_0
#define ICC_EOIR0      S3_0_C12_C8_1
#define ICC_HPPIR0     S3_0_C12_C8_2
#define ICC_BPR0       S3_0_C12_C8_3
#define ICC_AP0R0      S3_0_C12_C8_4
#define ICC_AP1R0      S3_0_C12_C9_0
#define ICC_DIR        S3_0_C12_C11_1
#define ICC_RPR        S3_0_C12_C11_3
#define ICC_SGI1R      S3_0_C12_C11_5
#define ICC_ASGI1R     S3_0_C12_C11_6
#define ICC_SGI0R      S3_0_C12_C11_7
#define ICC_IAR1       S3_0_C12_C12_0
#define ICC_EOIR1      S3_0_C12_C12_1
#define ICC_HPPIR1     S3_0_C12_C12_2
#define ICC_BPR1       S3_0_C12_C12_3
#define ICC_CTLR       S3_0_C12_C12_4
#define ICC_SRE        S3_0_C12_C12_5
#define ICC_IGRPEN0    S3_0_C12_C12_6
#define ICC_IGRPEN1    S3_0_C12_C12_7
#define ICC_EOIMODE    2u

#define sysreg_set(reg, value) do { sysreg_write(reg, value); isb(); } while (0)

static inline uint32_t read32(uintptr_t address) { return *(volatile uint32_t *)address; }
static inline uint64_t read64(uintptr_t address) { return *(volatile uint64_t *)address; }

static inline void write32(uintptr_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
    dsb();
    isb();
}

static inline void write64(uintptr_t address, uint64_t value)
{
    *(volatile uint64_t *)address = value;
    dsb();
    isb();
}

/* INTIDs below this are there. */
static inline uint32_t intids(void) { return ((read32(GICD_BASE + GICD_TYPER) & 0x1f) + 1) * 32; }

/* Where the bit of an interrupt is in one of the registers above. */
static inline uintptr_t bits_of(uint32_t intid, uintptr_t reg)
{
    return (intid < 32 ? gic_redistributor() + GICR_SGI : GICD_BASE) + reg + intid / 32 * 4;
}

static inline void set(uint32_t intid, uintptr_t reg) { write32(bits_of(intid, reg), 1u << intid % 32); }
static inline unsigned bit(uint32_t intid, uintptr_t reg) { return read32(bits_of(intid, reg)) >> intid % 32 & 1; }

/* Group 1 is where all are but for a case of Group 0. */
static inline void set_group(uint32_t intid, unsigned group)
{
    uint32_t other = read32(bits_of(intid, IGROUPR)) & ~(1u << intid % 32);
    write32(bits_of(intid, IGROUPR), other | group << intid % 32);
}

static inline void set_edge(uint32_t intid, bool edge)
{
    uintptr_t at = (intid < 32 ? gic_redistributor() + GICR_SGI : GICD_BASE) + ICFGR + intid / 16 * 4;
    uint32_t other = read32(at) & ~(2u << intid % 16 * 2);
    write32(at, other | (edge ? 2u : 0) << intid % 16 * 2);
}

/* An interrupt takes some time to come, so a few looks are needed before it can be said that none does. */
static inline uint32_t ack(void)
{
    for (int looks = 0; looks < 20; looks++) {
        uint32_t intid = gic_ack();
        if (intid != NONE) {
            return intid;
        }
    }
    return NONE;
}

/* One that is due: where the machine's time is the host's, it may be late. */
static inline uint32_t ack_soon(void)
{
    uint64_t end = counter() + counter_hz() / 10;
    uint32_t intid;
    while ((intid = gic_ack()) == NONE && counter() < end) {
    }
    return intid;
}
#endif
