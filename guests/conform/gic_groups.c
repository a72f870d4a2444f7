/* SPDX-License-Identifier: Apache-2.0 */
/* Group 0, which is FIQs, and Group 1; groups that are off (IHI 0069, 4.6). */
#include "conform.h"
#include "gicv3.h"
#include "registers.h"
#include "trap.h"

static void an_sgi_of_the_other_group_is_not_sent(void)
{
    enable(3, 0xa0);
    sysreg_set(ICC_SGI0R, 3ul << 24 | 1);
    sysreg_set(ICC_ASGI1R, 3ul << 24 | 1);
    SAME(bit(3, ISPENDR), 0);
    set_group(3, 0);
    sgi_self(3);
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
    enable(SPI_FIRST, 0xa0);
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
    enable(3, 0xa0);
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
        gic->eoi(gic->ack());
    } else {
        sysreg_set(ICC_EOIR0, sysreg_read(ICC_IAR0));
    }
    interrupts_taken++;
}

static void let_in(uint32_t intid)
{
    on_interrupt = take_any;
    vector_taken = 0;
    enable(intid, 0xa0);
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
    enable(3, 0xa0);
    sgi_self(3);
    SAME(sysreg_read(isr_el1), 0x80);
    set_group(SPI_FIRST, 0);
    enable(SPI_FIRST, 0x90);
    set(SPI_FIRST, ISPENDR);
    SAME(sysreg_read(isr_el1), 0x40);           /* what comes first alone is signalled */
    sysreg_set(ICC_EOIR0, ack0());
    gic->eoi(ack());
    SAME(sysreg_read(isr_el1), 0);
}

static void a_group_that_is_off_in_the_distributor_waits(void)
{
    enable(SPI_FIRST, 0xa0);
    write32(GICD_BASE + GICD_CTLR, 0);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), NONE);
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    write32(GICD_BASE + GICD_CTLR, CTLR_GROUP1);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
}

static void a_group_that_is_off_in_the_cpu_interface_waits(void)
{
    enable(SPI_FIRST, 0xa0);
    sysreg_set(ICC_IGRPEN1, 0);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), NONE);
    SAME(sysreg_read(isr_el1), 0);
    sysreg_set(ICC_IGRPEN1, 1);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
}

static void one_that_changes_its_group_while_pending_comes_as_the_other(void)
{
    open_group0();
    enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    set_group(SPI_FIRST, 0);
    SAME(ack(), NONE);
    SAME(ack0(), SPI_FIRST);
    sysreg_set(ICC_EOIR0, SPI_FIRST);
}

const struct promise gic_groups[] = {
    PROMISE(an_sgi_of_the_other_group_is_not_sent),
    PROMISE(group_0_is_acknowledged_by_its_own_register),
    PROMISE(an_sgi_of_group_0_comes_by_its_own_register),
    PROMISE(group_1_is_an_irq_and_group_0_a_fiq),
    PROMISE(isr_el1_shows_what_is_masked),
    PROMISE(a_group_that_is_off_in_the_distributor_waits),
    PROMISE(a_group_that_is_off_in_the_cpu_interface_waits),
    PROMISE(one_that_changes_its_group_while_pending_comes_as_the_other),
    { 0 },
};
