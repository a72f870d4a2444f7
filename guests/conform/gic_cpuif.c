/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU interface's registers (IHI 0069, 12.2): 5 bits of priority at least, 32 levels of preemption. */
#include "conform.h"
#include "gicv3.h"
#include "registers.h"
#include "trap.h"

static unsigned priority_bits(void) { return (sysreg_read(ICC_CTLR) >> 8 & 7) + 1; }

static void sre_is_on_and_stays(void)
{
    SAME(sysreg_read(ICC_SRE), 7);
    sysreg_set(ICC_SRE, 0);
    SAME(sysreg_read(ICC_SRE), 7);
}

static void ctlr_tells_of_priorities_and_affinities(void)
{
    uint64_t ctlr = sysreg_read(ICC_CTLR);
    SAME(priority_bits() >= 5, true);
    SAME(ctlr >> 11 & 7, 1);                        /* IDbits: 24 */
    SAME(ctlr >> 14 & 1, 0);                        /* SEIS */
    SAME(ctlr >> 15 & 1, 1);                        /* A3V */
}

static void ctlr_keeps_eoimode_and_cbpr_and_no_more(void)
{
    uint64_t was = sysreg_read(ICC_CTLR);
    sysreg_set(ICC_CTLR, ICC_EOIMODE);
    SAME(sysreg_read(ICC_CTLR), was | ICC_EOIMODE);
    sysreg_set(ICC_CTLR, 3);
    SAME(sysreg_read(ICC_CTLR) & 3, 3);
    sysreg_set(ICC_CTLR, ~0ul);
    SAME(sysreg_read(ICC_CTLR) & ~0x40ul, was | 3);     /* PMHE where it has that */
    sysreg_set(ICC_CTLR, 0);
    SAME(sysreg_read(ICC_CTLR), was & ~3ul);
}

static void pmr_has_the_bits_of_priorities(void)
{
    uint64_t all = 0xff & ~0ul << (8 - priority_bits());
    sysreg_set(ICC_PMR, 0xff);
    SAME(sysreg_read(ICC_PMR), all);
    sysreg_set(ICC_PMR, 0x57);
    SAME(sysreg_read(ICC_PMR), 0x57 & all);
    sysreg_set(ICC_PMR, 0);
    SAME(sysreg_read(ICC_PMR), 0);
}

static void binary_points_have_a_least_value(void)
{
    sysreg_set(ICC_BPR0, 0);
    SAME(sysreg_read(ICC_BPR0), 2);                 /* 5 bits of preemption */
    sysreg_set(ICC_BPR1, 0);
    SAME(sysreg_read(ICC_BPR1), 3);
    for (unsigned n = 3; n < 8; n++) {
        sysreg_set(ICC_BPR0, n);
        SAME(sysreg_read(ICC_BPR0), n);
        sysreg_set(ICC_BPR1, n);
        SAME(sysreg_read(ICC_BPR1), n);
    }
    sysreg_set(ICC_BPR0, 0);
    sysreg_set(ICC_BPR1, 0);
}

static void group_enables_keep_one_bit(void)
{
    sysreg_set(ICC_IGRPEN0, ~0ul);
    SAME(sysreg_read(ICC_IGRPEN0), 1);
    sysreg_set(ICC_IGRPEN0, 0);
    SAME(sysreg_read(ICC_IGRPEN0), 0);
    sysreg_set(ICC_IGRPEN1, ~0ul);
    SAME(sysreg_read(ICC_IGRPEN1), 1);
    sysreg_set(ICC_IGRPEN1, 0);
    SAME(sysreg_read(ICC_IGRPEN1), 0);
}

static void with_nothing_pending_all_say_so(void)
{
    SAME(sysreg_read(ICC_IAR0), NONE);
    SAME(sysreg_read(ICC_IAR1), NONE);
    SAME(sysreg_read(ICC_HPPIR0), NONE);
    SAME(sysreg_read(ICC_HPPIR1), NONE);
    SAME(sysreg_read(ICC_RPR), 0xff);
    SAME(sysreg_read(ICC_AP0R0), 0);
    SAME(sysreg_read(ICC_AP1R0), 0);
}

static void the_end_of_no_interrupt_changes_nothing(void)
{
    for (uint64_t intid = 1020; intid < 1024; intid++) {
        sysreg_set(ICC_EOIR0, intid);
        sysreg_set(ICC_EOIR1, intid);
    }
    with_nothing_pending_all_say_so();
}

static void rpr_follows_what_is_handled(void)
{
    enable(SPI_FIRST, 0xa0);
    enable(3, 0x40);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), SPI_FIRST);
    SAME(sysreg_read(ICC_RPR), 0xa0);
    SAME(sysreg_read(ICC_AP1R0), 1u << (0xa0 >> 3));
    sgi_self(3);
    SAME(ack(), 3);
    SAME(sysreg_read(ICC_RPR), 0x40);
    SAME(sysreg_read(ICC_AP1R0), 1u << (0xa0 >> 3) | 1u << (0x40 >> 3));
    gic->eoi(3);
    SAME(sysreg_read(ICC_RPR), 0xa0);
    gic->eoi(SPI_FIRST);
    SAME(sysreg_read(ICC_RPR), 0xff);
    SAME(sysreg_read(ICC_AP1R0), 0);
}

static void active_priorities_can_be_taken_away(void)
{
    sysreg_set(ICC_AP1R0, 1u << (0x80 >> 3));
    SAME(sysreg_read(ICC_RPR), 0x80);
    enable(3, 0xa0);
    sgi_self(3);
    SAME(ack(), NONE);                              /* of lower priority than that */
    sysreg_set(ICC_AP1R0, 0);
    SAME(sysreg_read(ICC_RPR), 0xff);
    SAME(ack(), 3);
    gic->eoi(3);
}

static void hppir_shows_what_comes_and_leaves_it(void)
{
    enable(3, 0xa0);
    sgi_self(3);
    for (int looks = 0; looks < 20 && sysreg_read(ICC_HPPIR1) != 3; looks++) {
    }
    SAME(sysreg_read(ICC_HPPIR1), 3);
    SAME(sysreg_read(ICC_HPPIR0), NONE);
    SAME(bit(3, ISPENDR), 1);
    SAME(bit(3, ISACTIVER), 0);
    SAME(ack(), 3);
    SAME(sysreg_read(ICC_HPPIR1), NONE);
    gic->eoi(3);
}

#define READ_ONLY(reg)   do { sysreg_write(reg, 0); if (!trap_undefined()) same(#reg " written", 0, 1); } while (0)
#define WRITE_ONLY(reg)  do { (void)sysreg_read(reg); if (!trap_undefined()) same(#reg " read", 0, 1); } while (0)

static void registers_of_one_direction_are_undefined_in_the_other(void)
{
    READ_ONLY(ICC_IAR0);
    READ_ONLY(ICC_IAR1);
    READ_ONLY(ICC_HPPIR0);
    READ_ONLY(ICC_HPPIR1);
    READ_ONLY(ICC_RPR);
    WRITE_ONLY(ICC_EOIR0);
    WRITE_ONLY(ICC_EOIR1);
    WRITE_ONLY(ICC_DIR);
    WRITE_ONLY(ICC_SGI0R);
    WRITE_ONLY(ICC_SGI1R);
    WRITE_ONLY(ICC_ASGI1R);
}

static void el2_and_el3_have_registers_of_their_own_that_are_undefined_here(void)
{
    WRITE_ONLY(S3_4_C12_C9_5);      /* ICC_SRE_EL2 */
    WRITE_ONLY(S3_6_C12_C12_5);     /* ICC_SRE_EL3 */
    WRITE_ONLY(S3_6_C12_C12_4);     /* ICC_CTLR_EL3 */
    WRITE_ONLY(S3_4_C12_C11_0);     /* ICH_HCR_EL2 */
    WRITE_ONLY(S3_4_C12_C12_0);     /* ICH_LR0_EL2 */
}

const struct promise gic_cpuif[] = {
    PROMISE(sre_is_on_and_stays),
    PROMISE(ctlr_tells_of_priorities_and_affinities),
    PROMISE(ctlr_keeps_eoimode_and_cbpr_and_no_more),
    PROMISE(pmr_has_the_bits_of_priorities),
    PROMISE(binary_points_have_a_least_value),
    PROMISE(group_enables_keep_one_bit),
    PROMISE(with_nothing_pending_all_say_so),
    PROMISE(the_end_of_no_interrupt_changes_nothing),
    PROMISE(rpr_follows_what_is_handled),
    PROMISE(active_priorities_can_be_taken_away),
    PROMISE(hppir_shows_what_comes_and_leaves_it),
    PROMISE(registers_of_one_direction_are_undefined_in_the_other),
    PROMISE(el2_and_el3_have_registers_of_their_own_that_are_undefined_here),
    { 0 },
};
