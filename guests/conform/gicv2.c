/* SPDX-License-Identifier: Apache-2.0 */
/* GICv2 without the Security Extensions. All interrupts are in Group 0, and are IRQs. */
#include "gicv2.h"

#include "registers.h"

#define APRS  4

static bool second_is_there(void) { return read32(GICD_BASE + GICD_TYPER) >> 5 & 7; }
static uintptr_t private_frame(void) { return GICD_BASE; }      /* banked */

static void init(void) { write32(GICD_BASE + GICD_CTLR, CTLR_GROUP0); }

static void quiet(void)
{
    for (unsigned n = 0; n < 4; n++) {
        write32(GICD_BASE + CPENDSGIR + 4 * n, ~0u);
    }
    for (unsigned n = 0; n < APRS; n++) {
        write32(GICC_APR + 4 * n, 0);
        write32(GICC_NSAPR + 4 * n, 0);
    }
    write32(GICC_BPR, 0);
    write32(GICC_ABPR, 0);
    write32(GICC_PMR, 0xff);
    write32(GICC_CTLR, GICC_GROUP0);
}

static void init_cpu(void)
{
    write32(GICD_BASE + ICENABLER, ~0u);
    write32(GICD_BASE + IGROUPR, 0);
    write32(GICC_PMR, 0xff);
    write32(GICC_CTLR, GICC_GROUP0);
}

/* The targets of the only CPU are RAZ/WI. */
static void route(uint32_t spi, unsigned cpu) { write8(GICD_BASE + ITARGETSR + spi, (uint8_t)(1u << cpu)); }

static void send_sgi(uint32_t sgi, unsigned to)
{
    dsb();
    write32(GICD_BASE + GICD_SGIR, sgi | (to == TO_OTHERS ? SGIR_OTHERS : SGIR_LIST(to)));
}

static uint32_t acknowledge(void)
{
    uint32_t acknowledged = read32(GICC_IAR);
    dsb();
    return acknowledged;
}

static void eoi(uint32_t acknowledged) { write32(GICC_EOIR, acknowledged); }
static void deactivate(uint32_t acknowledged) { write32(GICC_DIR, acknowledged); }
static void set_eoimode(bool drops_only) { write32(GICC_CTLR, GICC_GROUP0 | (drops_only ? GICC_EOIMODE : 0)); }
static void set_mask(uint8_t priority) { write32(GICC_PMR, priority); }
static void set_preemption_bits(unsigned bits) { write32(GICC_BPR, 7 - bits); }
static uint8_t running(void) { return (uint8_t)read32(GICC_RPR); }

const struct controller gicv2 = {
    2, 0, init, init_cpu, quiet, second_is_there, private_frame, route, send_sgi, acknowledge, eoi, deactivate,
    set_eoimode, set_mask, set_preemption_bits, running,
};
