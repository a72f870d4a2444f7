/* SPDX-License-Identifier: Apache-2.0 */
/* The redistributors' registers (IHI 0069, 12.11), of CPUs without LPIs. */
#include "conform.h"
#include "gicv3.h"
#include "registers.h"
#include "sweep.h"

#define GICR_CTLR    0x00ul
#define GICR_IIDR    0x04ul

/* Of the first CPU. */
static const struct reg control_regs[] = {
    { GICR_CTLR, .bytes = 8, .sizes = 4 },      /* GICR_IIDR */
    { GICR_TYPER, .bytes = 8, .sizes = 4 | 8 },
    { GICR_WAKER, .bytes = 4, .sizes = 4 },
    { 0x70, .bytes = 16, .sizes = 4 | 8 },      /* GICR_PROPBASER, GICR_PENDBASER: of LPIs, may hold what is written */
    { 0xffd0, .bytes = 48, .sizes = 4 },
    { 0 },
};
static const struct frame control = { GICR_BASE, FRAME_BYTES, 0, 32, control_regs };

static const struct reg sgi_regs[] = {
    REGS_OF_EACH(4, 1 | 4),
    { 0 },
};
static const struct frame sgis = { FIRST_SGIS, FRAME_BYTES, 0, 32, sgi_regs };

static void zero_is_read_where_no_register_is_in_the_control_frame(void) { reads_as_zero_elsewhere(&control); }
static void writes_change_nothing_where_no_register_is_in_the_control_frame(void) { ignores_writes_elsewhere(&control); }
static void zero_is_read_where_no_register_is_in_the_sgi_frame(void) { reads_as_zero_elsewhere(&sgis); }
static void writes_change_nothing_where_no_register_is_in_the_sgi_frame(void) { ignores_writes_elsewhere(&sgis); }

static void what_is_read_only_ignores_writes(void)
{
    ignores_writes_to(GICR_BASE + GICR_IIDR, 12);
    ignores_writes_to(GICR_BASE + 0xffd0, 48);
}

static void typer_has_the_affinity_of_its_cpu(void)
{
    uintptr_t base = GICR_BASE;
    uint64_t typer = read64(base + GICR_TYPER), mpidr = sysreg_read(mpidr_el1);
    SAME(typer >> 32, (mpidr & 0xffffff) | (mpidr >> 32 & 0xff) << 24);
    SAME(read32(base + GICR_TYPER), (uint32_t)typer);
    SAME(read32(base + GICR_TYPER + 4), typer >> 32);
    SAME(typer >> 1 & 1, 0);                        /* VLPIS */
}

static void redistributors_stand_in_a_row_to_the_last(void)
{
    uintptr_t base = GICR_BASE;
    for (unsigned n = 0;; n++, base += GICR_FRAME) {
        uint64_t typer = read64(base + GICR_TYPER);
        SAME(typer >> 8 & 0xffff, n);               /* Processor_Number */
        SAME(read32(base + PIDR2) >> 4 & 0xf, 3);
        if (typer & TYPER_LAST) {
            break;
        }
    }
}

static void a_cpu_that_is_awake_says_so(void)
{
    uintptr_t at = GICR_BASE + GICR_WAKER;
    SAME(read32(at) & (WAKER_SLEEP | WAKER_ASLEEP), 0);
    write32(at, WAKER_SLEEP);
    SAME(read32(at) & WAKER_ASLEEP, WAKER_ASLEEP);                        /* ChildrenAsleep: its interface is quiet */
    write32(at, 0);
    SAME(read32(at) & (WAKER_SLEEP | WAKER_ASLEEP), 0);
}

/* Of PPIs that have a line which may be high, those of the timers are low. */
static void sgis_and_ppis_have_a_group(void) { keeps_bits(&sgis, IGROUPR); }
static void sgis_and_ppis_are_enabled_and_disabled(void) { sets_and_clears_bits(&sgis, ISENABLER, ICENABLER); }
static void sgis_and_ppis_are_made_pending_and_not(void) { sets_and_clears_bits(&sgis, ISPENDR, ICPENDR); }
static void sgis_and_ppis_are_made_active_and_not(void) { sets_and_clears_bits(&sgis, ISACTIVER, ICACTIVER); }
static void sgis_and_ppis_have_a_priority_of_a_byte(void) { keeps_priorities(&sgis); }

static void sgis_are_edge_triggered_for_good(void)
{
    uintptr_t at = FIRST_SGIS + ICFGR;
    SAME(read32(at) & 0xaaaaaaaa, 0xaaaaaaaa);
    write32(at, 0);
    SAME(read32(at) & 0xaaaaaaaa, 0xaaaaaaaa);
}

static void a_redistributor_has_no_spis(void)
{
    uintptr_t base = FIRST_SGIS;
    write32(base + ISENABLER + 4, ~0u);
    SAME(read32(base + ISENABLER + 4), 0);
    SAME(read32(GICD_BASE + ISENABLER + 4), 0);
}

const struct promise gic_redist[] = {
    PROMISE(zero_is_read_where_no_register_is_in_the_control_frame),
    PROMISE(writes_change_nothing_where_no_register_is_in_the_control_frame),
    PROMISE(zero_is_read_where_no_register_is_in_the_sgi_frame),
    PROMISE(writes_change_nothing_where_no_register_is_in_the_sgi_frame),
    PROMISE(what_is_read_only_ignores_writes),
    PROMISE(typer_has_the_affinity_of_its_cpu),
    PROMISE(redistributors_stand_in_a_row_to_the_last),
    PROMISE(a_cpu_that_is_awake_says_so),
    PROMISE(sgis_and_ppis_have_a_group),
    PROMISE(sgis_and_ppis_are_enabled_and_disabled),
    PROMISE(sgis_and_ppis_are_made_pending_and_not),
    PROMISE(sgis_and_ppis_are_made_active_and_not),
    PROMISE(sgis_and_ppis_have_a_priority_of_a_byte),
    PROMISE(sgis_are_edge_triggered_for_good),
    PROMISE(a_redistributor_has_no_spis),
    { 0 },
};
