/* SPDX-License-Identifier: Apache-2.0 */
/* The distributor's and the redistributors' registers of one bit an interrupt, and one look for an interrupt. */
#ifndef CONFORM_REGISTERS_H
#define CONFORM_REGISTERS_H

#include "gic.h"

#define SPI_FIRST     64        /* of some that no device has */
#define NONE          1023u

#define ISENABLER  0x100ul
#define ICENABLER  0x180ul
#define ISPENDR    0x200ul
#define ICPENDR    0x280ul
#define ISACTIVER  0x300ul
#define ICACTIVER  0x380ul

static inline uint32_t read32(uintptr_t address) { return *(volatile uint32_t *)address; }

static inline void write32(uintptr_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
    dsb();
    isb();
}

/* Where the bit of an interrupt is in one of the registers above. */
static inline uintptr_t bits_of(uint32_t intid, uintptr_t reg)
{
    return (intid < 32 ? gic_redistributor() + GICR_SGI : GICD_BASE) + reg + intid / 32 * 4;
}

static inline void set(uint32_t intid, uintptr_t reg) { write32(bits_of(intid, reg), 1u << intid % 32); }
static inline unsigned bit(uint32_t intid, uintptr_t reg) { return read32(bits_of(intid, reg)) >> intid % 32 & 1; }

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
#endif
