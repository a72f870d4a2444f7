/* SPDX-License-Identifier: Apache-2.0 */
/* Group 0 and Group 1 without the Security Extensions, which has software see both (IHI 0048, 3.8 and 4.4.1). */
#include "conform.h"
#include "gicv2.h"
#include "guest.h"
#include "registers.h"
#include "trap.h"

#define OTHER_GROUP  1022u      /* of GICC_IAR and GICC_HPPIR */
#define BOTH         (GICC_GROUP0 | GICC_GROUP1)

static void open_both(uint32_t ctlr)
{
    write32(GICD_BASE + GICD_CTLR, CTLR_GROUP0 | CTLR_GROUP1);
    write32(GICC_CTLR, BOTH | ctlr);
}

/* Of Group 1, pending. */
static void pend_group1(uint32_t intid, uint8_t priority)
{
    set_group(intid, 1);
    enable(intid, priority);
    set(intid, ISPENDR);
}

static uint32_t look(uintptr_t reg)
{
    uint32_t value = NONE;
    for (int looks = 0; looks < 20 && value == NONE; looks++) {
        value = read32(reg);
    }
    return value;
}

static void group_1_is_told_of_and_not_acknowledged_without_ackctl(void)
{
    open_both(0);
    pend_group1(SPI_FIRST, 0xa0);
    SAME(look(GICC_HPPIR), OTHER_GROUP);
    SAME(look(GICC_IAR), OTHER_GROUP);
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    SAME(bit(SPI_FIRST, ISACTIVER), 0);
}

static void group_1_is_acknowledged_with_ackctl(void)
{
    open_both(GICC_ACKCTL);
    pend_group1(SPI_FIRST, 0xa0);
    SAME(look(GICC_HPPIR), SPI_FIRST);
    SAME(ack(), SPI_FIRST);
    SAME(gic->running(), 0xa0);
    SAME(bit(SPI_FIRST, ISACTIVER), 1);
    gic->eoi(SPI_FIRST);
    SAME(bit(SPI_FIRST, ISACTIVER), 0);
    SAME(gic->running(), 0xff);
}

static void an_sgi_of_either_group_is_sent(void)
{
    open_both(GICC_ACKCTL);
    set_group(3, 1);
    enable(3, 0xa0);
    enable(4, 0xb0);
    sgi_self(4);
    sgi_self(3);
    SAME(ack(), 3);
    gic->eoi(3);
    SAME(ack(), 4);
    gic->eoi(4);
}

/* IRQ: bit 7 of ISR_EL1; FIQ: bit 6. */
static void group_0_is_a_fiq_where_fiqen_says_so(void)
{
    open_both(0);
    enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    SAME(look(GICC_HPPIR), SPI_FIRST);
    SAME(sysreg_read(isr_el1), 0x80);
    write32(GICC_CTLR, BOTH | GICC_FIQEN);
    SAME(look(GICC_HPPIR), SPI_FIRST);
    SAME(sysreg_read(isr_el1), 0x40);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
    SAME(sysreg_read(isr_el1), 0);
}

static void group_1_is_an_irq_always(void)
{
    open_both(GICC_FIQEN);
    pend_group1(SPI_FIRST, 0xa0);
    SAME(look(GICC_HPPIR), OTHER_GROUP);
    SAME(sysreg_read(isr_el1), 0x80);
    write32(GICC_CTLR, BOTH);
    SAME(look(GICC_HPPIR), OTHER_GROUP);
    SAME(sysreg_read(isr_el1), 0x80);
}

static unsigned vector_taken;

static void take_any(unsigned vector)
{
    vector_taken = vector;
    gic->eoi(gic->ack());
    interrupts_taken++;
}

static void let_in(void)
{
    vector_taken = 0;
    set(SPI_FIRST, ISPENDR);
    __asm__ volatile("msr daifclr, #3\n\tnop\n\tnop\n\tisb\n\tmsr daifset, #3" : : : "memory");
}

static void each_comes_by_its_vector(void)
{
    on_interrupt = take_any;
    open_both(GICC_FIQEN | GICC_ACKCTL);
    enable(SPI_FIRST, 0xa0);
    let_in();
    SAME(vector_taken, VECTOR_FIQ);
    set_group(SPI_FIRST, 1);
    let_in();
    SAME(vector_taken, VECTOR_IRQ);
    SAME(interrupts_taken, 2);
}

static void a_group_that_is_off_in_the_distributor_is_not_signalled(void)
{
    open_both(GICC_ACKCTL);
    write32(GICD_BASE + GICD_CTLR, CTLR_GROUP0);
    pend_group1(SPI_FIRST, 0x80);
    SAME(sysreg_read(isr_el1), 0);
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    write32(GICD_BASE + GICD_CTLR, CTLR_GROUP0 | CTLR_GROUP1);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
}

static void a_group_that_is_off_in_the_cpu_interface_is_not_signalled(void)
{
    open_both(0);
    write32(GICC_CTLR, GICC_GROUP0 | GICC_ACKCTL);
    pend_group1(SPI_FIRST, 0xa0);
    SAME(sysreg_read(isr_el1), 0);
    write32(GICC_CTLR, BOTH | GICC_ACKCTL);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
}

static void one_that_changes_its_group_while_pending_comes_as_the_other(void)
{
    open_both(0);
    pend_group1(SPI_FIRST, 0xa0);
    SAME(look(GICC_IAR), OTHER_GROUP);
    set_group(SPI_FIRST, 0);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
}

/* One of Group 1 is running at 0x50: does another at 0x40 preempt it? */
static void preempts_group1(bool does)
{
    pend_group1(SPI_FIRST, 0x50);
    SAME(ack(), SPI_FIRST);
    pend_group1(SPI_FIRST + 1, 0x40);
    SAME(ack(), does ? SPI_FIRST + 1 : NONE);
    if (does) {
        gic->eoi(SPI_FIRST + 1);
    }
    gic->eoi(SPI_FIRST);
    if (!does) {
        SAME(ack(), SPI_FIRST + 1);
        gic->eoi(SPI_FIRST + 1);
    }
}

static void group_1_has_a_binary_point_of_its_own(void)
{
    open_both(GICC_ACKCTL);
    write32(GICC_BPR, 7);                       /* Group 0 is not preempted at all */
    write32(GICC_ABPR, 0);
    preempts_group1(true);
    write32(GICC_BPR, 0);
    write32(GICC_ABPR, 5);                      /* of Group 1, bits 7 to 5 count */
    preempts_group1(false);
}

static void one_binary_point_counts_for_both_groups_with_cbpr(void)
{
    open_both(GICC_ACKCTL | GICC_CBPR);
    write32(GICC_ABPR, 0);
    write32(GICC_BPR, 4);                       /* bits 7 to 5 */
    preempts_group1(false);
    write32(GICC_BPR, 0);
    write32(GICC_ABPR, 7);
    preempts_group1(true);
}

const struct promise gicv2_groups[] = {
    PROMISE(group_1_is_told_of_and_not_acknowledged_without_ackctl),
    PROMISE(group_1_is_acknowledged_with_ackctl),
    PROMISE(an_sgi_of_either_group_is_sent),
    PROMISE(group_0_is_a_fiq_where_fiqen_says_so),
    PROMISE(group_1_is_an_irq_always),
    PROMISE(each_comes_by_its_vector),
    PROMISE(a_group_that_is_off_in_the_distributor_is_not_signalled),
    PROMISE(a_group_that_is_off_in_the_cpu_interface_is_not_signalled),
    PROMISE(one_that_changes_its_group_while_pending_comes_as_the_other),
    PROMISE(group_1_has_a_binary_point_of_its_own),
    PROMISE(one_binary_point_counts_for_both_groups_with_cbpr),
    { 0 },
};
