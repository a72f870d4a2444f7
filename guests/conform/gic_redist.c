/* SPDX-License-Identifier: Apache-2.0 */
/* The redistributors' registers (IHI 0069, 12.11), of CPUs without LPIs. */
#include "conform.h"
#include "registers.h"
#include "sweep.h"

#define GICR_CTLR    0x00ul
#define GICR_IIDR    0x04ul
#define GICR_TYPER   0x08ul
#define GICR_WAKER   0x14ul
#define TYPER_LAST   (1u << 4)
#define PIDR2        0xffe8ul

static struct frame control_frame(void)
{
    static const struct reg regs[] = {
        { GICR_CTLR, .bytes = 8, .sizes = 4 },      /* GICR_IIDR */
        { GICR_TYPER, .bytes = 8, .sizes = 4 },
        { GICR_TYPER, .bytes = 1, .sizes = 8 },
        { GICR_WAKER, .bytes = 4, .sizes = 4 },
        { 0x70, .bytes = 16, .sizes = 4 | 8 },      /* GICR_PROPBASER, GICR_PENDBASER: of LPIs, may hold what is written */
        { 0xffd0, .bytes = 48, .sizes = 4 },
        { 0 },
    };
    return (struct frame){ gic_redistributor(), 0, 32, regs };
}

static struct frame sgi_frame(void)
{
    static const struct reg regs[] = {
        { IGROUPR, .bits = 1, .sizes = 4 },
        { ISENABLER, .bits = 1, .sizes = 4 },
        { ICENABLER, .bits = 1, .sizes = 4 },
        { ISPENDR, .bits = 1, .sizes = 4 },
        { ICPENDR, .bits = 1, .sizes = 4 },
        { ISACTIVER, .bits = 1, .sizes = 4 },
        { ICACTIVER, .bits = 1, .sizes = 4 },
        { IPRIORITYR, .bits = 8, .sizes = 1 | 4 },
        { ICFGR, .bits = 2, .sizes = 4 },
        { 0 },
    };
    return (struct frame){ gic_redistributor() + GICR_SGI, 0, 32, regs };
}

static void zero_is_read_where_no_register_is_in_the_control_frame(void)
{
    struct frame f = control_frame();
    reads_as_zero_elsewhere(&f);
}

static void writes_change_nothing_where_no_register_is_in_the_control_frame(void)
{
    struct frame f = control_frame();
    ignores_writes_elsewhere(&f);
}

static void zero_is_read_where_no_register_is_in_the_sgi_frame(void)
{
    struct frame f = sgi_frame();
    reads_as_zero_elsewhere(&f);
}

static void writes_change_nothing_where_no_register_is_in_the_sgi_frame(void)
{
    struct frame f = sgi_frame();
    ignores_writes_elsewhere(&f);
}

static void what_is_read_only_ignores_writes(void)
{
    uintptr_t base = gic_redistributor();
    ignores_writes_to(base + GICR_IIDR, 12);
    ignores_writes_to(base + 0xffd0, 48);
}

static void typer_has_the_affinity_of_its_cpu(void)
{
    uintptr_t base = gic_redistributor();
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
    uintptr_t at = gic_redistributor() + GICR_WAKER;
    SAME(read32(at) & 6, 0);
    write32(at, 2);
    SAME(read32(at) & 6, 6);                        /* ChildrenAsleep: its interface is quiet */
    write32(at, 0);
    SAME(read32(at) & 6, 0);
}

static void sgis_and_ppis_have_a_group(void)
{
    uintptr_t at = bits_of(0, IGROUPR);
    write32(at, 0x5a5a0ff0);
    SAME(read32(at), 0x5a5a0ff0);
    write32(at, ~0u);
    SAME(read32(at), ~0u);
}

/* The same as of SPIs, less PPIs that have a line which may be high: those of the timers are low. */
static void keep_bits(uintptr_t sets, uintptr_t clears)
{
    uintptr_t s = bits_of(0, sets), c = bits_of(0, clears);
    SAME(read32(s), 0);
    write32(s, 0x80008001);
    write32(s, 0);
    write32(c, 0);
    SAME(read32(s), 0x80008001);
    SAME(read32(c), 0x80008001);
    write32(c, 0x80000001);
    SAME(read32(s), 0x00008000);
    write32(s, ~0u);
    SAME(read32(c), ~0u);
    write32(c, ~0u);
    SAME(read32(s), 0);
}

static void sgis_and_ppis_are_enabled_and_disabled(void) { keep_bits(ISENABLER, ICENABLER); }
static void sgis_and_ppis_are_made_pending_and_not(void) { keep_bits(ISPENDR, ICPENDR); }
static void sgis_and_ppis_are_made_active_and_not(void) { keep_bits(ISACTIVER, ICACTIVER); }

static void sgis_and_ppis_have_a_priority_of_a_byte(void)
{
    uintptr_t at = gic_redistributor() + GICR_SGI + IPRIORITYR;
    for (uint32_t intid = 0; intid < 32; intid++) {
        *(volatile uint8_t *)(at + intid) = (uint8_t)(intid * 8);
        SAME(*(volatile uint8_t *)(at + intid), intid * 8);
    }
    SAME(read32(at + 4), 0x38302820);
    write32(at + 28, 0x88f80810);
    SAME(*(volatile uint8_t *)(at + 29), 0x08);
}

static void sgis_are_edge_triggered_for_good(void)
{
    uintptr_t at = gic_redistributor() + GICR_SGI + ICFGR;
    SAME(read32(at) & 0xaaaaaaaa, 0xaaaaaaaa);
    write32(at, 0);
    SAME(read32(at) & 0xaaaaaaaa, 0xaaaaaaaa);
}

static void a_redistributor_has_no_spis(void)
{
    uintptr_t base = gic_redistributor() + GICR_SGI;
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
