/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU interface's registers (IHI 0048, 4.4), of 32 levels of preemption at least. */
#include "conform.h"
#include "gicv2.h"
#include "registers.h"
#include "sweep.h"

#define GICC_BYTES  0x2000u

/* QEMU's board has not those from 0x20 to GICC_AHPPIR, others may. By other sizes than words nothing is said. */
static const struct reg regs[] = {
    { 0x00, .bytes = 0x2c, .sizes = EVERY_SIZE },       /* to GICC_AHPPIR */
    { 0xd0, .bytes = 0x20, .sizes = EVERY_SIZE },       /* GICC_APR, GICC_NSAPR */
    { 0xfc, .bytes = 4, .sizes = EVERY_SIZE },          /* GICC_IIDR */
    { 0x1000, .bytes = 4, .sizes = EVERY_SIZE },        /* GICC_DIR */
    { 0 },
};
static const struct frame interface = { GICC_BASE, GICC_BYTES, 0, 0, regs };

static void zero_is_read_where_no_register_is(void) { reads_as_zero_elsewhere(&interface); }

/* Reading it all acknowledges nothing: nothing is pending. */
static void writes_change_nothing_where_no_register_is(void) { ignores_writes_elsewhere(&interface); }

static void what_is_read_only_ignores_writes(void)
{
    ignores_writes_to(GICC_IAR, 4);
    ignores_writes_to(GICC_RPR, 8);                     /* GICC_HPPIR */
    ignores_writes_to(GICC_IIDR, 4);
}

static void iidr_tells_of_gicv2(void)
{
    SAME(read32(GICC_IIDR) >> 16 & 0xf, 2);
}

static void ctlr_keeps_enables_acknowledge_control_fiqs_binary_point_and_eoimode(void)
{
    static const uint32_t bits[] = { GICC_GROUP0, GICC_GROUP1, GICC_ACKCTL, GICC_FIQEN, GICC_CBPR, GICC_EOIMODE };
    uint32_t all = 0;
    for (unsigned i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        write32(GICC_CTLR, bits[i]);
        SAME(read32(GICC_CTLR), bits[i]);
        all |= bits[i];
    }
    write32(GICC_CTLR, all);
    SAME(read32(GICC_CTLR), all);
    write32(GICC_CTLR, 0);
    SAME(read32(GICC_CTLR), 0);
}

static void pmr_has_the_upper_bits_of_a_byte(void)
{
    write32(GICC_PMR, 0xff);
    uint32_t all = read32(GICC_PMR);
    SAME(all & 0xf8, 0xf8);
    SAME(all >> 8, 0);
    SAME((~all & 0xff) & ((~all & 0xff) + 1), 0);       /* in one piece */
    write32(GICC_PMR, 0x57);
    SAME(read32(GICC_PMR), 0x57 & all);
    write32(GICC_PMR, 0);
    SAME(read32(GICC_PMR), 0);
}

static uint32_t least(uintptr_t binary_point)
{
    write32(binary_point, 0);
    return read32(binary_point);
}

static void binary_points_have_a_least_value(void)
{
    uint32_t bpr = least(GICC_BPR), abpr = least(GICC_ABPR);
    SAME(bpr <= 3, true);
    SAME(abpr >= 1 && abpr <= 4, true);
    for (uint32_t n = bpr; n < 8; n++) {
        write32(GICC_BPR, n);
        SAME(read32(GICC_BPR), n);
    }
    for (uint32_t n = abpr; n < 8; n++) {
        write32(GICC_ABPR, n);
        SAME(read32(GICC_ABPR), n);
    }
    SAME(read32(GICC_BPR), 7);
}

static void the_aliased_binary_point_is_one_more_at_the_least(void)
{
    SAME(least(GICC_ABPR), least(GICC_BPR) + 1);
}

/* The place of a priority among the active ones of Group 0: its level of preemption. */
static unsigned level_of(uint8_t priority) { return priority >> (least(GICC_BPR) + 1); }
static uintptr_t apr_of(uint8_t priority) { return GICC_APR + level_of(priority) / 32 * 4; }
static uint32_t active_at(uint8_t priority) { return read32(apr_of(priority)) >> level_of(priority) % 32 & 1; }

static bool none_is_active(void)
{
    uint32_t any = 0;
    for (unsigned n = 0; n < 4; n++) {
        any |= read32(GICC_APR + 4 * n) | read32(GICC_NSAPR + 4 * n);
    }
    return any == 0;
}

static void with_nothing_pending_all_say_so(void)
{
    SAME(read32(GICC_IAR), NONE);
    SAME(read32(GICC_HPPIR), NONE);
    SAME(read32(GICC_RPR), 0xff);
    SAME(none_is_active(), true);
}

static void the_end_of_no_interrupt_changes_nothing(void)
{
    write32(GICC_EOIR, NONE);
    with_nothing_pending_all_say_so();
}

static void rpr_and_apr_follow_what_is_handled(void)
{
    enable(SPI_FIRST, 0xa0);
    enable(3, 0x40);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), SPI_FIRST);
    SAME(read32(GICC_RPR), 0xa0);
    SAME(active_at(0xa0), 1);
    SAME(active_at(0x40), 0);
    sgi_self(3);
    SAME(ack(), 3);
    SAME(read32(GICC_RPR), 0x40);
    SAME(active_at(0xa0), 1);
    SAME(active_at(0x40), 1);
    gic->eoi(3);
    SAME(read32(GICC_RPR), 0xa0);
    SAME(active_at(0x40), 0);
    gic->eoi(SPI_FIRST);
    SAME(read32(GICC_RPR), 0xff);
    SAME(none_is_active(), true);
}

static void active_priorities_can_be_taken_away(void)
{
    write32(apr_of(0x80), 1u << level_of(0x80) % 32);
    SAME(read32(GICC_RPR), 0x80);
    enable(3, 0xa0);
    sgi_self(3);
    SAME(ack(), NONE);                                  /* of lower priority than that */
    write32(apr_of(0x80), 0);
    SAME(read32(GICC_RPR), 0xff);
    SAME(ack(), 3);
    gic->eoi(3);
}

static void a_spurious_acknowledge_changes_nothing(void)
{
    enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    gic->set_mask(0xa0);
    for (int i = 0; i < 10; i++) {
        SAME(read32(GICC_IAR), NONE);
    }
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    SAME(bit(SPI_FIRST, ISACTIVER), 0);
    SAME(read32(GICC_RPR), 0xff);
    gic->set_mask(0xff);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
}

static void hppir_shows_what_comes_and_leaves_it(void)
{
    enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    for (int looks = 0; looks < 20 && read32(GICC_HPPIR) != SPI_FIRST; looks++) {
    }
    SAME(read32(GICC_HPPIR), SPI_FIRST);
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    SAME(bit(SPI_FIRST, ISACTIVER), 0);
    SAME(ack(), SPI_FIRST);
    SAME(read32(GICC_HPPIR), NONE);
    gic->eoi(SPI_FIRST);
}

static void an_interrupt_waits_for_an_interface_that_is_off(void)
{
    enable(SPI_FIRST, 0xa0);
    write32(GICC_CTLR, 0);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), NONE);
    SAME(sysreg_read(isr_el1), 0);
    write32(GICC_CTLR, GICC_GROUP0);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
}

static void an_interrupt_waits_for_a_distributor_that_is_off(void)
{
    enable(SPI_FIRST, 0xa0);
    write32(GICD_BASE + GICD_CTLR, 0);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), NONE);
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    write32(GICD_BASE + GICD_CTLR, CTLR_GROUP0);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
}

const struct promise gicv2_cpuif[] = {
    PROMISE(zero_is_read_where_no_register_is),
    PROMISE(writes_change_nothing_where_no_register_is),
    PROMISE(what_is_read_only_ignores_writes),
    PROMISE(iidr_tells_of_gicv2),
    PROMISE(ctlr_keeps_enables_acknowledge_control_fiqs_binary_point_and_eoimode),
    PROMISE(pmr_has_the_upper_bits_of_a_byte),
    PROMISE(binary_points_have_a_least_value),
    PROMISE(the_aliased_binary_point_is_one_more_at_the_least),
    PROMISE(with_nothing_pending_all_say_so),
    PROMISE(the_end_of_no_interrupt_changes_nothing),
    PROMISE(rpr_and_apr_follow_what_is_handled),
    PROMISE(active_priorities_can_be_taken_away),
    PROMISE(a_spurious_acknowledge_changes_nothing),
    PROMISE(hppir_shows_what_comes_and_leaves_it),
    PROMISE(an_interrupt_waits_for_an_interface_that_is_off),
    PROMISE(an_interrupt_waits_for_a_distributor_that_is_off),
    { 0 },
};
