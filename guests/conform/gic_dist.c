/* SPDX-License-Identifier: Apache-2.0 */
/* The distributor's registers (IHI 0069, 12.9), with one Security state and affinity routing always on. */
#include "conform.h"
#include "registers.h"
#include "sweep.h"

#define PIDR2         0xffe8ul
#define BOARD_INTIDS  288       /* QEMU's board has registers for that many, and tells of 256 */

static struct frame frame(void)
{
    static const struct reg regs[] = {
        { GICD_CTLR, .bytes = 12, .sizes = 4 },     /* GICD_TYPER, GICD_IIDR */
        { IGROUPR, .bits = 1, .sizes = 4 },
        { ISENABLER, .bits = 1, .sizes = 4 },
        { ICENABLER, .bits = 1, .sizes = 4 },
        { ISPENDR, .bits = 1, .sizes = 4 },
        { ICPENDR, .bits = 1, .sizes = 4 },
        { ISACTIVER, .bits = 1, .sizes = 4 },
        { ICACTIVER, .bits = 1, .sizes = 4 },
        { IPRIORITYR, .bits = 8, .sizes = 1 | 4 },
        { ICFGR, .bits = 2, .sizes = 4 },
        { IROUTER, .bits = 64, .sizes = 4 | 8 },
        { 0xffd0, .bytes = 48, .sizes = 4 },        /* identification */
        { 0 },
    };
    return (struct frame){ GICD_BASE, 32, BOARD_INTIDS, regs };
}

static void zero_is_read_where_no_register_is(void)
{
    struct frame f = frame();
    reads_as_zero_elsewhere(&f);
}

static void writes_change_nothing_where_no_register_is(void)
{
    struct frame f = frame();
    ignores_writes_elsewhere(&f);
}

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

static void each_spi_has_a_group(void)
{
    for (uint32_t n = 1; n < intids() / 32; n++) {
        uintptr_t at = GICD_BASE + IGROUPR + 4 * n;
        write32(at, 0);
        SAME(read32(at), 0);
        write32(at, 0x12345678);
        SAME(read32(at), 0x12345678);
        write32(at, ~0u);
        SAME(read32(at), ~0u);
    }
}

/* Of a pair of registers: ones in the first set bits, ones in the second clear them, both read them, zeros do nothing. */
static void keep_bits(uintptr_t sets, uintptr_t clears)
{
    for (uint32_t n = 1; n < intids() / 32; n++) {
        uintptr_t s = GICD_BASE + sets + 4 * n, c = GICD_BASE + clears + 4 * n;
        SAME(read32(s), 0);
        write32(s, 0x80000001);
        write32(s, 0x00ff0000);
        write32(s, 0);
        write32(c, 0);
        SAME(read32(s), 0x80ff0001);
        SAME(read32(c), 0x80ff0001);
        write32(c, 0x800f0002);
        SAME(read32(s), 0x00f00001);
        SAME(read32(c), 0x00f00001);
        write32(s, ~0u);
        SAME(read32(c), ~0u);
        write32(c, ~0u);
        SAME(read32(s), 0);
    }
}

static void each_spi_is_enabled_and_disabled(void) { keep_bits(ISENABLER, ICENABLER); }
static void each_spi_is_made_pending_and_not(void) { keep_bits(ISPENDR, ICPENDR); }
static void each_spi_is_made_active_and_not(void) { keep_bits(ISACTIVER, ICACTIVER); }

static void each_spi_has_a_priority_of_a_byte(void)
{
    for (uint32_t intid = 32; intid < intids(); intid++) {
        volatile uint8_t *at = (volatile uint8_t *)(GICD_BASE + IPRIORITYR + intid);
        *at = (uint8_t)(intid * 8);
        SAME(*at & 0xf8, intid * 8 & 0xf8);
    }
    for (uint32_t intid = 32; intid < intids(); intid += 4) {
        uint32_t first = intid * 8 & 0xf8;
        SAME(read32(GICD_BASE + IPRIORITYR + intid) & 0xf8f8f8f8,
             first | ((first + 8) & 0xf8) << 8 | ((first + 16) & 0xf8) << 16 | ((first + 24) & 0xf8) << 24);
        write32(GICD_BASE + IPRIORITYR + intid, 0xa0b0c0d0);
        SAME(*(volatile uint8_t *)(GICD_BASE + IPRIORITYR + intid) & 0xf8, 0xd0);
        SAME(*(volatile uint8_t *)(GICD_BASE + IPRIORITYR + intid + 3) & 0xf8, 0xa0);
    }
}

static void each_spi_is_edge_or_level_and_no_more(void)
{
    for (uint32_t n = 2; n < intids() / 16; n++) {
        uintptr_t at = GICD_BASE + ICFGR + 4 * n;
        write32(at, ~0u);
        SAME(read32(at) & 0xaaaaaaaa, 0xaaaaaaaa);
        write32(at, 0x88888888);
        SAME(read32(at) & 0xaaaaaaaa, 0x88888888);
        write32(at, 0);
        SAME(read32(at), 0);
    }
}

static void each_spi_has_a_router_in_one_piece_or_two(void)
{
    for (uint32_t intid = 32; intid < intids(); intid++) {
        uintptr_t at = GICD_BASE + IROUTER + 8 * intid;
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
    static const uintptr_t bits[] = { IGROUPR, ISENABLER, ISPENDR, ISACTIVER, ICFGR, ICFGR + 4, IPRIORITYR, IROUTER };
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
