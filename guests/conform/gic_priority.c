/* SPDX-License-Identifier: Apache-2.0 */
/* Which interrupt comes first, and which preempts another (IHI 0048, 3.3; IHI 0069, 4.8). */
#include "conform.h"
#include "gicv3.h"
#include "registers.h"

static void forty_interrupts_come_by_priority(void)
{
    for (uint32_t i = 0; i < 30; i++) {
        enable(SPI_FIRST + i, (uint8_t)(8 + i * 7 % 30 * 8));
        set(SPI_FIRST + i, ISPENDR);
    }
    for (uint32_t i = 0; i < 10; i++) {
        enable(i, 0);
        sgi_self(i);
    }
    uint32_t sgis = 0;
    for (uint32_t i = 0; i < 10; i++) {
        uint32_t intid = ack();
        sgis |= 1u << intid % 32;
        gic->eoi(intid);
    }
    SAME(sgis, 0x3ff);
    for (uint32_t rank = 0; rank < 30; rank++) {
        uint32_t intid = ack();
        SAME((intid - SPI_FIRST) * 7 % 30, rank);
        SAME(bit(intid, ISACTIVER), 1);
        SAME(bit(intid, ISPENDR), 0);
        gic->eoi(intid);
        SAME(bit(intid, ISACTIVER), 0);
    }
    SAME(ack(), NONE);
}

static void twenty_handlers_preempt_one_another(void)
{
    for (uint32_t i = 0; i < 20; i++) {
        enable(SPI_FIRST + i, (uint8_t)(0xe0 - i * 8));
        set(SPI_FIRST + i, ISPENDR);
        SAME(ack(), SPI_FIRST + i);
        enable(3, 0xf0);
        sgi_self(3);                        /* lower than all of them */
        SAME(ack(), NONE);
    }
    SAME(read32(bits_of(SPI_FIRST, ISACTIVER)), 0xfffff);
    for (uint32_t i = 20; i-- > 0;) {
        gic->eoi(SPI_FIRST + i);
        SAME(read32(bits_of(SPI_FIRST, ISACTIVER)), (1u << i) - 1);
    }
    SAME(ack(), 3);
    gic->eoi(3);
}

static void the_priority_mask_holds_back(void)
{
    enable(3, 0xa0);
    gic->set_mask(0xa0);
    sgi_self(3);
    SAME(ack(), NONE);
    gic->set_mask(0xa8);
    SAME(ack(), 3);
    gic->eoi(3);
}

static void a_new_priority_counts_for_what_is_pending(void)
{
    enable(SPI_FIRST, 0x80);
    enable(SPI_FIRST + 1, 0x90);
    set(SPI_FIRST, ISPENDR);
    set(SPI_FIRST + 1, ISPENDR);
    enable(SPI_FIRST, 0xa0);
    SAME(ack(), SPI_FIRST + 1);
    gic->eoi(SPI_FIRST + 1);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
}

static void of_one_priority_the_lowest_number_comes_first(void)
{
    for (uint32_t i = 6; i-- > 0;) {
        enable(SPI_FIRST + i, 0xa0);
        set(SPI_FIRST + i, ISPENDR);
    }
    for (uint32_t i = 0; i < 6; i++) {
        SAME(ack(), SPI_FIRST + i);
        gic->eoi(SPI_FIRST + i);
    }
}

static void the_binary_point_says_who_preempts(void)
{
    gic->set_preemption_bits(3);
    enable(SPI_FIRST, 0x50);
    enable(SPI_FIRST + 1, 0x40);
    enable(SPI_FIRST + 2, 0x38);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), SPI_FIRST);
    SAME(gic->running(), 0x40);
    set(SPI_FIRST + 1, ISPENDR);
    SAME(ack(), NONE);
    set(SPI_FIRST + 2, ISPENDR);
    SAME(ack(), SPI_FIRST + 2);
    gic->eoi(SPI_FIRST + 2);
    SAME(ack(), NONE);
    gic->eoi(SPI_FIRST);
    SAME(ack(), SPI_FIRST + 1);
    gic->eoi(SPI_FIRST + 1);
}

static void one_binary_point_counts_for_both_groups_with_cbpr(void)
{
    sysreg_set(ICC_BPR0, 6);                    /* one bit */
    sysreg_set(ICC_CTLR, 1);
    enable(SPI_FIRST, 0x70);
    enable(SPI_FIRST + 1, 0x00);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), SPI_FIRST);
    SAME(sysreg_read(ICC_RPR), 0);
    set(SPI_FIRST + 1, ISPENDR);
    SAME(ack(), NONE);
    gic->eoi(SPI_FIRST);
    SAME(ack(), SPI_FIRST + 1);
    gic->eoi(SPI_FIRST + 1);
}

const struct promise gic_priority[] = {
    PROMISE(forty_interrupts_come_by_priority),
    PROMISE(twenty_handlers_preempt_one_another),
    PROMISE(the_priority_mask_holds_back),
    PROMISE(a_new_priority_counts_for_what_is_pending),
    PROMISE(of_one_priority_the_lowest_number_comes_first),
    PROMISE(the_binary_point_says_who_preempts),
    PROMISE_OF(3, one_binary_point_counts_for_both_groups_with_cbpr),
    { 0 },
};
