/* SPDX-License-Identifier: Apache-2.0 */
/* Which interrupt comes first, and which preempts another (IHI 0069, 4.8). */
#include "conform.h"
#include "registers.h"

static void set_pmr(uint8_t priority) { sysreg_set(ICC_PMR, priority); }

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

const struct promise gic_priority[] = {
    PROMISE(forty_interrupts_come_by_priority),
    PROMISE(twenty_handlers_preempt_one_another),
    PROMISE(the_priority_mask_holds_back),
    PROMISE(a_new_priority_counts_for_what_is_pending),
    PROMISE(of_one_priority_the_lowest_number_comes_first),
    PROMISE(the_binary_point_says_who_preempts),
    PROMISE(one_binary_point_counts_for_both_groups_with_cbpr),
    { 0 },
};
