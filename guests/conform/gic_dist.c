/* SPDX-License-Identifier: Apache-2.0 */
/* The distributor's registers (IHI 0069, 12.9), with one Security state and affinity routing always on. */
#include "conform.h"
#include "gicv3.h"
#include "registers.h"
#include "sweep.h"

#define BOARD_INTIDS  288       /* QEMU's board has registers for that many, and tells of 256 */

static const struct reg regs[] = {
    { GICD_CTLR, .bytes = 12, .sizes = 4 },     /* GICD_TYPER, GICD_IIDR */
    REGS_OF_EACH(4, 1 | 4),
    { GICD_IROUTER, .bits = 64, .sizes = 4 | 8 },
    { 0xffd0, .bytes = 48, .sizes = 4 },        /* identification */
    { 0 },
};
static const struct frame spis = { GICD_BASE, FRAME_BYTES, 32, BOARD_INTIDS, regs };

static void zero_is_read_where_no_register_is(void) { reads_as_zero_elsewhere(&spis); }
static void writes_change_nothing_where_no_register_is(void) { ignores_writes_elsewhere(&spis); }

static void what_is_read_only_ignores_writes(void)
{
    ignores_writes_to(GICD_BASE + GICD_TYPER, 8);
    ignores_writes_to(GICD_BASE + 0xffd0, 48);
}

static void ctlr_has_affinity_routing_on_and_one_security_state(void)
{
    write32(GICD_BASE + GICD_CTLR, 0);
    SAME(read32(GICD_BASE + GICD_CTLR), 0x50);      /* DS, ARE */
    write32(GICD_BASE + GICD_CTLR, ~0u);
    SAME(read32(GICD_BASE + GICD_CTLR) & 0x7fffff7f, 0x53);     /* E1NWF where it has that */
    write32(GICD_BASE + GICD_CTLR, CTLR_GROUP0);
    SAME(read32(GICD_BASE + GICD_CTLR), 0x51);
    write32(GICD_BASE + GICD_CTLR, CTLR_GROUP1);
    SAME(read32(GICD_BASE + GICD_CTLR), 0x52);
}

static void typer_tells_of_256_intids_at_least_and_no_security(void)
{
    uint32_t typer = read32(GICD_BASE + GICD_TYPER);
    SAME(intids() >= 256, true);                    /* ITLinesNumber */
    SAME(typer >> 5 & 7, 0);                        /* CPUNumber: affinity routing only */
    SAME(typer >> 10 & 1, 0);                       /* SecurityExtn */
    SAME(typer >> 16 & 1, 0);                       /* MBIS */
    SAME(typer >> 19 & 0x1f, 15);                   /* IDbits */
    SAME(typer >> 25 & 1, 1);                       /* No1N */
}

static void pidr2_tells_of_gicv3(void)
{
    SAME(read32(GICD_BASE + PIDR2) >> 4 & 0xf, 3);
}

static void each_spi_has_a_group(void) { keeps_bits(&spis, IGROUPR); }
static void each_spi_is_enabled_and_disabled(void) { sets_and_clears_bits(&spis, ISENABLER, ICENABLER); }
static void each_spi_is_made_pending_and_not(void) { sets_and_clears_bits(&spis, ISPENDR, ICPENDR); }
static void each_spi_is_made_active_and_not(void) { sets_and_clears_bits(&spis, ISACTIVER, ICACTIVER); }
static void each_spi_has_a_priority_of_a_byte(void) { keeps_priorities(&spis); }
static void each_spi_is_edge_or_level_and_no_more(void) { keeps_edge_or_level(&spis); }

static void each_spi_has_a_router_in_one_piece_or_two(void)
{
    for (uint32_t intid = 32; intid < intids(); intid++) {
        uintptr_t at = GICD_BASE + GICD_IROUTER + 8 * intid;
        write64(at, 0x0000005500112233);
        SAME(read64(at), 0x0000005500112233);
        SAME(read32(at), 0x00112233);
        SAME(read32(at + 4), 0x55);
        write32(at, 0x00445566);
        SAME(read64(at), 0x0000005500445566);
        write32(at + 4, 0x77);
        SAME(read64(at), 0x0000007700445566);
        write64(at, 0);
        SAME(read64(at), 0);
    }
}

static void what_is_private_to_cpus_is_not_in_the_distributor(void)
{
    static const uintptr_t bits[] = { IGROUPR, ISENABLER, ISPENDR, ISACTIVER, ICFGR, ICFGR + 4, IPRIORITYR,
                                      GICD_IROUTER };
    for (unsigned i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        write32(GICD_BASE + bits[i], ~0u);
        SAME(read32(GICD_BASE + bits[i]), 0);
    }
    SAME(ack(), NONE);
}

const struct promise gic_dist[] = {
    PROMISE(zero_is_read_where_no_register_is),
    PROMISE(writes_change_nothing_where_no_register_is),
    PROMISE(what_is_read_only_ignores_writes),
    PROMISE(ctlr_has_affinity_routing_on_and_one_security_state),
    PROMISE(typer_tells_of_256_intids_at_least_and_no_security),
    PROMISE(pidr2_tells_of_gicv3),
    PROMISE(each_spi_has_a_group),
    PROMISE(each_spi_is_enabled_and_disabled),
    PROMISE(each_spi_is_made_pending_and_not),
    PROMISE(each_spi_is_made_active_and_not),
    PROMISE(each_spi_has_a_priority_of_a_byte),
    PROMISE(each_spi_is_edge_or_level_and_no_more),
    PROMISE(each_spi_has_a_router_in_one_piece_or_two),
    PROMISE(what_is_private_to_cpus_is_not_in_the_distributor),
    { 0 },
};
