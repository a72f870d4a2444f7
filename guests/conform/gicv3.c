/* SPDX-License-Identifier: Apache-2.0 */
/* GICv3 with one Security state and affinity routing. All interrupts are in Group 1. */
#include "gicv3.h"

#include "registers.h"

#define ARE  (1u << 4)

static bool second_is_there(void) { return !(read32(GICR_BASE + GICR_TYPER) & TYPER_LAST); }

/* The redistributors of both CPUs stand in their order (the group gic_redist holds that). */
static uintptr_t redistributor(void) { return GICR_BASE + (sysreg_read(mpidr_el1) & 0xff) * GICR_FRAME; }
static uintptr_t private_frame(void) { return redistributor() + GICR_SGI; }

static void init(void)
{
    write32(GICD_BASE + GICD_CTLR, 0);
    write32(GICD_BASE + GICD_CTLR, ARE | CTLR_GROUP1);
}

static void quiet(void)
{
    sysreg_write(ICC_CTLR, 0);
    sysreg_write(ICC_AP0R0, 0);
    sysreg_write(ICC_AP1R0, 0);
    sysreg_write(ICC_BPR0, 0);
    sysreg_write(ICC_BPR1, 0);
    sysreg_write(ICC_PMR, 0xff);
    sysreg_write(ICC_IGRPEN0, 0);
    sysreg_write(ICC_IGRPEN1, 1);
    isb();
}

static void init_cpu(void)
{
    uintptr_t waker = redistributor() + GICR_WAKER;
    write32(waker, read32(waker) & ~WAKER_SLEEP);
    while (read32(waker) & WAKER_ASLEEP) {
    }
    write32(private_frame() + ICENABLER, ~0u);
    write32(private_frame() + IGROUPR, ~0u);
    sysreg_set(ICC_SRE, 1);
    quiet();
}

static void route(uint32_t spi, unsigned cpu) { write64(GICD_BASE + GICD_IROUTER + 8 * spi, cpu); }

static void send_sgi(uint32_t sgi, unsigned to)
{
    dsb();
    sysreg_set(ICC_SGI1R, (uint64_t)sgi << 24 | (to == TO_OTHERS ? SGI_OTHERS : to));
}

static uint32_t acknowledge(void)
{
    uint32_t intid = (uint32_t)sysreg_read(ICC_IAR1);
    dsb();
    return intid;
}

static void eoi(uint32_t intid) { sysreg_set(ICC_EOIR1, intid); }
static void deactivate(uint32_t intid) { sysreg_set(ICC_DIR, intid); }
static void set_eoimode(bool drops_only) { sysreg_set(ICC_CTLR, drops_only ? ICC_EOIMODE : 0); }
static void set_mask(uint8_t priority) { sysreg_set(ICC_PMR, priority); }
static void set_preemption_bits(unsigned bits) { sysreg_set(ICC_BPR1, 8 - bits); }
static uint8_t running(void) { return (uint8_t)sysreg_read(ICC_RPR); }

const struct controller gicv3 = {
    3, 1, init, init_cpu, quiet, second_is_there, private_frame, route, send_sgi, acknowledge, eoi, deactivate,
    set_eoimode, set_mask, set_preemption_bits, running,
};
