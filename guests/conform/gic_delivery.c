/* SPDX-License-Identifier: Apache-2.0 */
/* How interrupts come to one CPU (IHI 0069, 4): priorities, groups, states, ends. */
#include "conform.h"

#include "gic.h"
#include "guest.h"
#include "registers.h"
#include "trap.h"

static void dir(uint32_t intid) { sysreg_set(ICC_DIR, intid); }
static void set_eoimode(unsigned mode) { sysreg_set(ICC_CTLR, mode ? ICC_EOIMODE : 0); }
static void set_pmr(uint8_t priority) { sysreg_set(ICC_PMR, priority); }

static void an_sgi_to_oneself_comes_each_time(void)
{
    gic_enable(3, 0xa0);
    for (int i = 0; i < 100; i++) {
        gic_sgi_self(3);
        SAME(ack(), 3);
        gic_eoi(3);
        SAME(ack(), NONE);
    }
}

static void an_sgi_while_it_is_active_comes_afterwards(void)
{
    gic_enable(3, 0xa0);
    gic_sgi_self(3);
    SAME(ack(), 3);
    gic_sgi_self(3);
    SAME(ack(), NONE);
    SAME(bit(3, ISPENDR), 1);
    SAME(bit(3, ISACTIVER), 1);
    gic_eoi(3);
    SAME(ack(), 3);
    gic_eoi(3);
    SAME(ack(), NONE);
}

static void forty_interrupts_come_by_priority(void)
{
    for (uint32_t i = 0; i < 30; i++) {
        gic_enable(SPI_FIRST + i, (uint8_t)(8 + i * 7 % 30 * 8));
        set(SPI_FIRST + i, ISPENDR);
    }
    for (uint32_t i = 0; i < 10; i++) {
        gic_enable(i, 0);
        gic_sgi_self(i);
    }
    uint32_t sgis = 0;
    for (uint32_t i = 0; i < 10; i++) {
        uint32_t intid = ack();
        sgis |= 1u << intid % 32;
        gic_eoi(intid);
    }
    SAME(sgis, 0x3ff);
    for (uint32_t rank = 0; rank < 30; rank++) {
        uint32_t intid = ack();
        SAME((intid - SPI_FIRST) * 7 % 30, rank);
        SAME(bit(intid, ISACTIVER), 1);
        SAME(bit(intid, ISPENDR), 0);
        gic_eoi(intid);
        SAME(bit(intid, ISACTIVER), 0);
    }
    SAME(ack(), NONE);
}

static void twenty_handlers_preempt_one_another(void)
{
    for (uint32_t i = 0; i < 20; i++) {
        gic_enable(SPI_FIRST + i, (uint8_t)(0xe0 - i * 8));
        set(SPI_FIRST + i, ISPENDR);
        SAME(ack(), SPI_FIRST + i);
        gic_enable(3, 0xf0);
        gic_sgi_self(3);                        /* lower than all of them */
        SAME(ack(), NONE);
    }
    SAME(read32(bits_of(SPI_FIRST, ISACTIVER)), 0xfffff);
    for (uint32_t i = 20; i-- > 0;) {
        gic_eoi(SPI_FIRST + i);
        SAME(read32(bits_of(SPI_FIRST, ISACTIVER)), (1u << i) - 1);
    }
    SAME(ack(), 3);
    gic_eoi(3);
}

static void interrupts_are_deactivated_in_any_order(void)
{
    set_eoimode(1);
    for (uint32_t i = 0; i < 20; i++) {
        gic_enable(SPI_FIRST + i, 0xa0);
        set(SPI_FIRST + i, ISPENDR);
        SAME(ack(), SPI_FIRST + i);
        gic_eoi(SPI_FIRST + i);                 /* the priority drops, and no more */
    }
    uint32_t active = 0xfffff;
    for (uint32_t i = 0; i < 20; i++) {
        SAME(read32(bits_of(SPI_FIRST, ISACTIVER)), active);
        dir(SPI_FIRST + i * 7 % 20);
        active &= ~(1u << i * 7 % 20);
    }
    SAME(read32(bits_of(SPI_FIRST, ISACTIVER)), 0);
}

static void the_priority_mask_holds_back(void)
{
    gic_enable(3, 0xa0);
    set_pmr(0xa0);
    gic_sgi_self(3);
    SAME(ack(), NONE);
    set_pmr(0xa8);
    SAME(ack(), 3);
    gic_eoi(3);
}

static void a_disabled_interrupt_waits(void)
{
    gic_enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ICENABLER);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), NONE);
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    set(SPI_FIRST, ISENABLER);
    SAME(ack(), SPI_FIRST);
    gic_eoi(SPI_FIRST);
}

static void a_pending_interrupt_can_be_taken_back(void)
{
    gic_enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    set(SPI_FIRST, ICPENDR);
    SAME(bit(SPI_FIRST, ISPENDR), 0);
    SAME(ack(), NONE);
}

static void a_router_to_nobody_keeps_an_interrupt(void)
{
    gic_enable(SPI_FIRST, 0xa0);
    write64(GICD_BASE + IROUTER + SPI_FIRST * 8, 0x7f);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), NONE);
    write64(GICD_BASE + IROUTER + SPI_FIRST * 8, sysreg_read(mpidr_el1) & 0xff00ffffff);
    SAME(ack(), SPI_FIRST);
    gic_eoi(SPI_FIRST);
}

static void made_pending_and_active_it_is_both(void)
{
    gic_enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISACTIVER);
    set(SPI_FIRST, ISPENDR);
    SAME(bit(SPI_FIRST, ISACTIVER), 1);
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    SAME(ack(), NONE);                          /* not while it is active */
    set(SPI_FIRST, ICACTIVER);
    SAME(ack(), SPI_FIRST);
    gic_eoi(SPI_FIRST);
    SAME(bit(SPI_FIRST, ISACTIVER), 0);
}

static void an_sgi_made_active_is_not_taken_till_it_is_not(void)
{
    gic_enable(5, 0xa0);
    set(5, ISACTIVER);
    gic_sgi_self(5);
    SAME(ack(), NONE);
    set(5, ICACTIVER);
    SAME(ack(), 5);
    gic_eoi(5);
}

static void each_sgi_comes_as_itself(void)
{
    for (uint32_t intid = 0; intid < 16; intid++) {
        gic_enable(intid, 0x80);
        gic_sgi_self(intid);
        SAME(ack(), intid);
        gic_eoi(intid);
    }
}

static void an_sgi_is_made_by_its_pending_register_too(void)
{
    gic_enable(7, 0xa0);
    set(7, ISPENDR);
    SAME(bit(7, ISPENDR), 1);
    SAME(ack(), 7);
    SAME(bit(7, ISPENDR), 0);
    gic_eoi(7);
    set(7, ISPENDR);
    set(7, ICPENDR);
    SAME(ack(), NONE);
}

static void an_sgi_to_all_others_is_not_for_oneself(void)
{
    gic_enable(3, 0xa0);
    sysreg_set(ICC_SGI1R, 1ul << 40 | 3ul << 24 | 0xffff);
    SAME(ack(), NONE);
}

static void an_sgi_to_cpus_that_there_are_not_is_lost(void)
{
    gic_enable(3, 0xa0);
    sysreg_set(ICC_SGI1R, 3ul << 24 | 0xff00);                  /* Aff0 8 to 15 */
    sysreg_set(ICC_SGI1R, 1ul << 16 | 3ul << 24 | 1);           /* Aff1 1 */
    sysreg_set(ICC_SGI1R, 1ul << 32 | 3ul << 24 | 1);           /* Aff2 1 */
    sysreg_set(ICC_SGI1R, 1ul << 48 | 3ul << 24 | 1);           /* Aff3 1 */
    sysreg_set(ICC_SGI1R, 3ul << 24);                           /* nobody */
    SAME(ack(), NONE);
}

static void an_sgi_of_the_other_group_is_not_sent(void)
{
    gic_enable(3, 0xa0);
    sysreg_set(ICC_SGI0R, 3ul << 24 | 1);
    sysreg_set(ICC_ASGI1R, 3ul << 24 | 1);
    SAME(bit(3, ISPENDR), 0);
    set_group(3, 0);
    gic_sgi_self(3);
    SAME(bit(3, ISPENDR), 0);
}

static void open_group0(void)
{
    write32(GICD_BASE + GICD_CTLR, CTLR_GROUP0 | CTLR_GROUP1);
    sysreg_set(ICC_IGRPEN0, 1);
}

static uint32_t ack0(void)
{
    uint32_t intid = NONE;
    for (int looks = 0; looks < 20 && intid == NONE; looks++) {
        intid = (uint32_t)sysreg_read(ICC_IAR0);
        dsb();
    }
    return intid;
}

static void group_0_is_acknowledged_by_its_own_register(void)
{
    open_group0();
    set_group(SPI_FIRST, 0);
    gic_enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), NONE);
    SAME(ack0(), SPI_FIRST);
    SAME(sysreg_read(ICC_AP0R0), 1u << (0xa0 >> 3));
    SAME(sysreg_read(ICC_AP1R0), 0);
    sysreg_set(ICC_EOIR0, SPI_FIRST);
    SAME(bit(SPI_FIRST, ISACTIVER), 0);
    SAME(sysreg_read(ICC_RPR), 0xff);
}

static void an_sgi_of_group_0_comes_by_its_own_register(void)
{
    open_group0();
    set_group(3, 0);
    gic_enable(3, 0xa0);
    sysreg_set(ICC_SGI0R, 3ul << 24 | 1);
    SAME(ack0(), 3);
    sysreg_set(ICC_EOIR0, 3);
    SAME(ack0(), NONE);
}

static unsigned vector_taken;

static void take_any(unsigned vector)
{
    vector_taken = vector;
    if (vector == VECTOR_IRQ) {
        gic_eoi(gic_ack());
    } else {
        sysreg_set(ICC_EOIR0, sysreg_read(ICC_IAR0));
    }
    interrupts_taken++;
}

static void let_in(uint32_t intid)
{
    on_interrupt = take_any;
    vector_taken = 0;
    gic_enable(intid, 0xa0);
    set(intid, ISPENDR);
    __asm__ volatile("msr daifclr, #3\n\tnop\n\tnop\n\tisb\n\tmsr daifset, #3" : : : "memory");
}

static void group_1_is_an_irq_and_group_0_a_fiq(void)
{
    open_group0();
    let_in(SPI_FIRST);
    SAME(vector_taken, VECTOR_IRQ);
    set_group(SPI_FIRST, 0);
    let_in(SPI_FIRST);
    SAME(vector_taken, VECTOR_FIQ);
    SAME(interrupts_taken, 2);
}

static void isr_el1_shows_what_is_masked(void)
{
    open_group0();
    SAME(sysreg_read(isr_el1), 0);
    gic_enable(3, 0xa0);
    gic_sgi_self(3);
    SAME(sysreg_read(isr_el1), 0x80);
    set_group(SPI_FIRST, 0);
    gic_enable(SPI_FIRST, 0x90);
    set(SPI_FIRST, ISPENDR);
    SAME(sysreg_read(isr_el1), 0x40);           /* what comes first alone is signalled */
    sysreg_set(ICC_EOIR0, ack0());
    gic_eoi(ack());
    SAME(sysreg_read(isr_el1), 0);
}

static void a_group_that_is_off_in_the_distributor_waits(void)
{
    gic_enable(SPI_FIRST, 0xa0);
    write32(GICD_BASE + GICD_CTLR, 0);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), NONE);
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    write32(GICD_BASE + GICD_CTLR, CTLR_GROUP1);
    SAME(ack(), SPI_FIRST);
    gic_eoi(SPI_FIRST);
}

static void a_group_that_is_off_in_the_cpu_interface_waits(void)
{
    gic_enable(SPI_FIRST, 0xa0);
    sysreg_set(ICC_IGRPEN1, 0);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), NONE);
    SAME(sysreg_read(isr_el1), 0);
    sysreg_set(ICC_IGRPEN1, 1);
    SAME(ack(), SPI_FIRST);
    gic_eoi(SPI_FIRST);
}

static void one_that_changes_its_group_while_pending_comes_as_the_other(void)
{
    open_group0();
    gic_enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    set_group(SPI_FIRST, 0);
    SAME(ack(), NONE);
    SAME(ack0(), SPI_FIRST);
    sysreg_set(ICC_EOIR0, SPI_FIRST);
}

static void a_new_priority_counts_for_what_is_pending(void)
{
    gic_enable(SPI_FIRST, 0x80);
    gic_enable(SPI_FIRST + 1, 0x90);
    set(SPI_FIRST, ISPENDR);
    set(SPI_FIRST + 1, ISPENDR);
    gic_enable(SPI_FIRST, 0xa0);
    SAME(ack(), SPI_FIRST + 1);
    gic_eoi(SPI_FIRST + 1);
    SAME(ack(), SPI_FIRST);
    gic_eoi(SPI_FIRST);
}

static void of_one_priority_the_lowest_number_comes_first(void)
{
    for (uint32_t i = 6; i-- > 0;) {
        gic_enable(SPI_FIRST + i, 0xa0);
        set(SPI_FIRST + i, ISPENDR);
    }
    for (uint32_t i = 0; i < 6; i++) {
        SAME(ack(), SPI_FIRST + i);
        gic_eoi(SPI_FIRST + i);
    }
}

static void the_binary_point_says_who_preempts(void)
{
    sysreg_set(ICC_BPR1, 5);                    /* of Group 1, bits 7 to 5 are the group's */
    gic_enable(SPI_FIRST, 0x50);
    gic_enable(SPI_FIRST + 1, 0x40);
    gic_enable(SPI_FIRST + 2, 0x38);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), SPI_FIRST);
    SAME(sysreg_read(ICC_RPR), 0x40);
    set(SPI_FIRST + 1, ISPENDR);
    SAME(ack(), NONE);
    set(SPI_FIRST + 2, ISPENDR);
    SAME(ack(), SPI_FIRST + 2);
    gic_eoi(SPI_FIRST + 2);
    SAME(ack(), NONE);
    gic_eoi(SPI_FIRST);
    SAME(ack(), SPI_FIRST + 1);
    gic_eoi(SPI_FIRST + 1);
}

static void one_binary_point_counts_for_both_groups_with_cbpr(void)
{
    sysreg_set(ICC_BPR0, 6);                    /* one bit */
    sysreg_set(ICC_CTLR, 1);
    gic_enable(SPI_FIRST, 0x70);
    gic_enable(SPI_FIRST + 1, 0x00);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), SPI_FIRST);
    SAME(sysreg_read(ICC_RPR), 0);
    set(SPI_FIRST + 1, ISPENDR);
    SAME(ack(), NONE);
    gic_eoi(SPI_FIRST);
    SAME(ack(), SPI_FIRST + 1);
    gic_eoi(SPI_FIRST + 1);
}

static void an_edge_that_comes_while_active_comes_again(void)
{
    set_edge(SPI_FIRST, true);
    gic_enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), SPI_FIRST);
    set(SPI_FIRST, ISPENDR);
    gic_eoi(SPI_FIRST);
    SAME(ack(), SPI_FIRST);
    gic_eoi(SPI_FIRST);
    SAME(ack(), NONE);
    set_edge(SPI_FIRST, false);
}

static void made_pending_by_software_a_level_comes_once(void)
{
    gic_enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), SPI_FIRST);
    gic_eoi(SPI_FIRST);
    SAME(ack(), NONE);
    SAME(bit(SPI_FIRST, ISPENDR), 0);
}

static void with_eoimode_an_sgi_is_active_till_it_is_deactivated(void)
{
    set_eoimode(1);
    gic_enable(3, 0xa0);
    gic_sgi_self(3);
    SAME(ack(), 3);
    gic_eoi(3);
    SAME(sysreg_read(ICC_RPR), 0xff);
    SAME(bit(3, ISACTIVER), 1);
    gic_sgi_self(3);
    SAME(ack(), NONE);
    dir(3);
    SAME(bit(3, ISACTIVER), 0);
    SAME(ack(), 3);
    gic_eoi(3);
    dir(3);
}

static void without_eoimode_nothing_is_left_to_deactivate(void)
{
    gic_enable(3, 0xa0);
    gic_sgi_self(3);
    SAME(ack(), 3);
    gic_eoi(3);
    SAME(bit(3, ISACTIVER), 0);
    SAME(sysreg_read(ICC_RPR), 0xff);
}

static void disabled_while_active_it_can_be_ended(void)
{
    gic_enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), SPI_FIRST);
    set(SPI_FIRST, ICENABLER);
    SAME(bit(SPI_FIRST, ISACTIVER), 1);
    gic_eoi(SPI_FIRST);
    SAME(bit(SPI_FIRST, ISACTIVER), 0);
    SAME(sysreg_read(ICC_RPR), 0xff);
}

static void every_spi_can_be_taken(void)
{
    for (uint32_t intid = 32; intid < intids(); intid++) {
        gic_enable(intid, 0xa0);
        set(intid, ISPENDR);
        SAME(ack(), intid);
        gic_eoi(intid);
        SAME(ack(), NONE);
        set(intid, ICENABLER);
    }
}

static void wfi_ends_for_what_is_masked_in_pstate_and_not_for_what_is_disabled(void)
{
    gic_enable(TIMER_PPI, 0xa0);
    set(SPI_FIRST, ICENABLER);
    set(SPI_FIRST, ISPENDR);                    /* pending, and nobody's */
    uint64_t due = counter() + counter_hz() / 10000;
    timer_set(due);
    while (sysreg_read(isr_el1) == 0) {
        wfi();
    }
    SAME(counter() >= due, true);
    SAME(ack(), TIMER_PPI);
    timer_stop();
    gic_eoi(TIMER_PPI);
}

const struct promise gic_delivery[] = {
    PROMISE(an_sgi_to_oneself_comes_each_time),
    PROMISE(an_sgi_while_it_is_active_comes_afterwards),
    PROMISE(forty_interrupts_come_by_priority),
    PROMISE(twenty_handlers_preempt_one_another),
    PROMISE(interrupts_are_deactivated_in_any_order),
    PROMISE(the_priority_mask_holds_back),
    PROMISE(a_disabled_interrupt_waits),
    PROMISE(a_pending_interrupt_can_be_taken_back),
    PROMISE(a_router_to_nobody_keeps_an_interrupt),
    PROMISE(made_pending_and_active_it_is_both),
    PROMISE(an_sgi_made_active_is_not_taken_till_it_is_not),
    PROMISE(each_sgi_comes_as_itself),
    PROMISE(an_sgi_is_made_by_its_pending_register_too),
    PROMISE(an_sgi_to_all_others_is_not_for_oneself),
    PROMISE(an_sgi_to_cpus_that_there_are_not_is_lost),
    PROMISE(an_sgi_of_the_other_group_is_not_sent),
    PROMISE(group_0_is_acknowledged_by_its_own_register),
    PROMISE(an_sgi_of_group_0_comes_by_its_own_register),
    PROMISE(group_1_is_an_irq_and_group_0_a_fiq),
    PROMISE(isr_el1_shows_what_is_masked),
    PROMISE(a_group_that_is_off_in_the_distributor_waits),
    PROMISE(a_group_that_is_off_in_the_cpu_interface_waits),
    PROMISE(one_that_changes_its_group_while_pending_comes_as_the_other),
    PROMISE(a_new_priority_counts_for_what_is_pending),
    PROMISE(of_one_priority_the_lowest_number_comes_first),
    PROMISE(the_binary_point_says_who_preempts),
    PROMISE(one_binary_point_counts_for_both_groups_with_cbpr),
    PROMISE(an_edge_that_comes_while_active_comes_again),
    PROMISE(made_pending_by_software_a_level_comes_once),
    PROMISE(with_eoimode_an_sgi_is_active_till_it_is_deactivated),
    PROMISE(without_eoimode_nothing_is_left_to_deactivate),
    PROMISE(disabled_while_active_it_can_be_ended),
    PROMISE(every_spi_can_be_taken),
    PROMISE(wfi_ends_for_what_is_masked_in_pstate_and_not_for_what_is_disabled),
    { 0 },
};
