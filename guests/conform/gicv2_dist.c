/* SPDX-License-Identifier: Apache-2.0 */
/* The distributor's registers (IHI 0048, 4.3), without the Security Extensions. */
#include "conform.h"
#include "gicv2.h"
#include "guest.h"
#include "registers.h"
#include "second.h"
#include "sweep.h"

#define GICD_BYTES  0x1000u
#define INTIDS      288         /* of QEMU's board */
#define PIDRS       0xfd0ul
#define PIDR2       0xfe8ul

/* By which sizes the others than words are, the specification leaves open, but for bytes of a few. */
static const struct reg regs[] = {
    { GICD_CTLR, .bytes = 12, .sizes = EVERY_SIZE },    /* GICD_TYPER, GICD_IIDR */
    REGS_OF_EACH(EVERY_SIZE, EVERY_SIZE),
    { ITARGETSR, .bits = 8, .sizes = EVERY_SIZE },
    { GICD_SGIR, .bytes = 4, .sizes = EVERY_SIZE },
    { CPENDSGIR, .bytes = 32, .sizes = EVERY_SIZE },    /* SPENDSGIR */
    { PIDRS, .bytes = 48, .sizes = EVERY_SIZE },
    { 0 },
};
static const struct frame all = { GICD_BASE, GICD_BYTES, 0, INTIDS, regs };
static const struct frame ppis = { GICD_BASE, GICD_BYTES, 16, 32, regs };
static const struct frame spis = { GICD_BASE, GICD_BYTES, 32, INTIDS, regs };

static void zero_is_read_where_no_register_is(void) { reads_as_zero_elsewhere(&all); }
static void writes_change_nothing_where_no_register_is(void) { ignores_writes_elsewhere(&all); }

static void what_is_read_only_ignores_writes(void)
{
    ignores_writes_to(GICD_BASE + GICD_TYPER, 8);       /* GICD_IIDR */
    ignores_writes_to(GICD_BASE + ITARGETSR, 32);
    ignores_writes_to(GICD_BASE + PIDRS, 48);
}

static void ctlr_keeps_an_enable_for_each_group_and_no_more(void)
{
    write32(GICD_BASE + GICD_CTLR, 0);
    SAME(read32(GICD_BASE + GICD_CTLR), 0);
    write32(GICD_BASE + GICD_CTLR, ~0u);
    SAME(read32(GICD_BASE + GICD_CTLR), CTLR_GROUP0 | CTLR_GROUP1);
    write32(GICD_BASE + GICD_CTLR, CTLR_GROUP1);
    SAME(read32(GICD_BASE + GICD_CTLR), CTLR_GROUP1);
}

static unsigned cpus(void)
{
    unsigned n = 1;
    while (n < 8 && (int32_t)hvc(PSCI_AFFINITY_INFO, n, 0, 0) >= 0) {
        n++;
    }
    return n;
}

static void typer_tells_of_its_intids_and_cpus_and_no_security(void)
{
    uint32_t typer = read32(GICD_BASE + GICD_TYPER);
    SAME(intids(), INTIDS);                         /* ITLinesNumber */
    SAME(typer >> 5 & 7, cpus() - 1);               /* CPUNumber */
    SAME(typer >> 10 & 1, 0);                       /* SecurityExtn */
    SAME(typer >> 11, 0);                           /* LSPI; reserved */
}

static void pidr2_tells_of_gicv2(void)
{
    SAME(read32(GICD_BASE + PIDR2) >> 4 & 0xf, 2);
}

static void each_interrupt_has_a_group(void) { keeps_bits(&all, IGROUPR); }
static void each_ppi_is_enabled_and_disabled(void) { sets_and_clears_bits(&ppis, ISENABLER, ICENABLER); }
static void each_spi_is_enabled_and_disabled(void) { sets_and_clears_bits(&spis, ISENABLER, ICENABLER); }
/* Of those that have a line which may be high, the timers' are low. */
static void each_ppi_is_made_pending_and_not(void) { sets_and_clears_bits(&ppis, ISPENDR, ICPENDR); }
static void each_spi_is_made_active_and_not(void) { sets_and_clears_bits(&spis, ISACTIVER, ICACTIVER); }
static void each_sgi_and_ppi_is_made_active_and_not(void)
{
    static const struct frame private = { GICD_BASE, GICD_BYTES, 0, 32, regs };
    sets_and_clears_bits(&private, ISACTIVER, ICACTIVER);
}
static void each_interrupt_has_a_priority_of_a_byte(void) { keeps_priorities(&all); }
static void each_spi_is_edge_or_level(void) { keeps_edge_or_level(&spis); }

/* What is for no CPU need not be pending. */
static void each_spi_is_made_pending_and_not(void)
{
    for (uint32_t intid = 32; intid < intids(); intid++) {
        gic->route(intid, 0);
    }
    sets_and_clears_bits(&spis, ISPENDR, ICPENDR);
}

/* Whether they can be disabled at all an implementation says (4.3.5). */
static void sgis_are_enabled_for_good_or_as_one_says(void)
{
    write32(GICD_BASE + ICENABLER, 0xffff);
    if ((read32(GICD_BASE + ISENABLER) & 0xffff) == 0xffff) {
        SAME(read32(GICD_BASE + ICENABLER) & 0xffff, 0xffff);
        return;
    }
    SAME(read32(GICD_BASE + ISENABLER) & 0xffff, 0);
    write32(GICD_BASE + ISENABLER, 0x5a5a);
    SAME(read32(GICD_BASE + ISENABLER) & 0xffff, 0x5a5a);
}

static void sgis_are_pending_by_registers_of_their_own_alone(void)
{
    write32(GICD_BASE + ISPENDR, 0xffff);
    SAME(read32(GICD_BASE + ISPENDR) & 0xffff, 0);
    SAME(ack(), NONE);
    enable(3, 0xa0);
    sgi_self(3);
    SAME(read32(GICD_BASE + ISPENDR) & 0xffff, 1u << 3);
    write32(GICD_BASE + ICPENDR, 0xffff);
    SAME(read32(GICD_BASE + ISPENDR) & 0xffff, 1u << 3);
    SAME(ack(), 3);
    gic->eoi(3);
}

static void sgis_are_edge_triggered_for_good(void)
{
    SAME(read32(GICD_BASE + ICFGR) & 0xaaaaaaaa, 0xaaaaaaaa);
    write32(GICD_BASE + ICFGR, 0);
    SAME(read32(GICD_BASE + ICFGR) & 0xaaaaaaaa, 0xaaaaaaaa);
}

/* Of the only CPU of a machine all targets are RAZ/WI. QEMU's board keeps those of CPUs that there are not, too. */
static void each_spi_has_targets_among_the_cpus(void)
{
    uint32_t mask = second_is_there() ? 0x01010101 * ((1u << cpus()) - 1) : 0;
    for (uint32_t intid = 32; intid < intids(); intid += 4) {
        uintptr_t at = GICD_BASE + ITARGETSR + intid;
        write32(at, ~0u);
        SAME(read32(at) & mask, mask);
        write32(at, 0);
        SAME(read32(at), 0);
        for (unsigned n = 0; n < 4; n++) {
            write8(at + n, (uint8_t)(n + 1));
            SAME(read8(at + n) & mask & 0xff, (n + 1) & mask & 0xff);
        }
        SAME(read32(at) & mask, 0x04030201 & mask);
    }
}

static void targets_of_sgis_and_ppis_are_the_cpu_that_reads_them(void)
{
    for (unsigned n = 0; n < 32; n += 4) {
        SAME(read32(GICD_BASE + ITARGETSR + n), second_is_there() ? 0x01010101 : 0);
        SAME(read8(GICD_BASE + ITARGETSR + n + 1), second_is_there() ? 1 : 0);
    }
}

/* The rest needs a second CPU, and is kept without one. */

static void read_targets(void) { second.result = read32(GICD_BASE + ITARGETSR + 28); }
static void write_private_registers(void)
{
    write32(GICD_BASE + IGROUPR, 0x00ff0000);
    write32(GICD_BASE + ISENABLER, 1u << 20);
    write8(GICD_BASE + IPRIORITYR + 20, 0x30);
    second.result = read8(GICD_BASE + IPRIORITYR + 20);
}

static void each_cpu_has_registers_of_its_own_for_sgis_and_ppis(void)
{
    if (!second_is_there()) {
        return;
    }
    second_listen();
    SAME(second_on(), true);
    second_does(read_targets);
    SAME(second.result, 0x02020202);
    write8(GICD_BASE + IPRIORITYR + 20, 0x50);
    uint32_t enabled = read32(GICD_BASE + ISENABLER);
    second_does(write_private_registers);
    SAME(second.result, 0x30);
    SAME(read8(GICD_BASE + IPRIORITYR + 20), 0x50);
    SAME(read32(GICD_BASE + ISENABLER), enabled);
    SAME(read32(GICD_BASE + IGROUPR), 0);
    second_off();
}

const struct promise gicv2_dist[] = {
    PROMISE(zero_is_read_where_no_register_is),
    PROMISE(writes_change_nothing_where_no_register_is),
    PROMISE(what_is_read_only_ignores_writes),
    PROMISE(ctlr_keeps_an_enable_for_each_group_and_no_more),
    PROMISE(typer_tells_of_its_intids_and_cpus_and_no_security),
    PROMISE(pidr2_tells_of_gicv2),
    PROMISE(each_interrupt_has_a_group),
    PROMISE(each_ppi_is_enabled_and_disabled),
    PROMISE(each_spi_is_enabled_and_disabled),
    PROMISE(each_ppi_is_made_pending_and_not),
    PROMISE(each_spi_is_made_pending_and_not),
    PROMISE(each_spi_is_made_active_and_not),
    PROMISE(each_sgi_and_ppi_is_made_active_and_not),
    PROMISE(each_interrupt_has_a_priority_of_a_byte),
    PROMISE(each_spi_is_edge_or_level),
    PROMISE(sgis_are_enabled_for_good_or_as_one_says),
    PROMISE(sgis_are_pending_by_registers_of_their_own_alone),
    PROMISE(sgis_are_edge_triggered_for_good),
    PROMISE(each_spi_has_targets_among_the_cpus),
    PROMISE(targets_of_sgis_and_ppis_are_the_cpu_that_reads_them),
    PROMISE(each_cpu_has_registers_of_its_own_for_sgis_and_ppis),
    { 0 },
};
