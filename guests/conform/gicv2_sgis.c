/* SPDX-License-Identifier: Apache-2.0 */
/* SGIs of GICv2, which are pending for each CPU that sent them (IHI 0048, 3.2.4 and 4.3.15 to 4.3.17). */
#include "conform.h"
#include "gicv2.h"
#include "registers.h"
#include "second.h"

static uintptr_t pends(uint32_t sgi) { return GICD_BASE + SPENDSGIR + sgi; }
static uintptr_t clears(uint32_t sgi) { return GICD_BASE + CPENDSGIR + sgi; }
static void sgir(uint32_t value) { write32(GICD_BASE + GICD_SGIR, value); }

static void comes_once(uint32_t acknowledged)
{
    SAME(ack(), acknowledged);
    gic->eoi(acknowledged);
    SAME(ack(), NONE);
}

static void an_sgi_comes_by_its_list_and_by_the_filter_of_oneself(void)
{
    enable(3, 0xa0);
    sgir(SGIR_LIST(1u) | 3);
    comes_once(3);
    sgir(SGIR_SELF | 3);
    comes_once(3);
    sgir(SGIR_SELF | SGIR_LIST(0xffu) | 3);     /* of which the list does not count */
    comes_once(3);
}

static void an_sgi_to_all_others_or_to_nobody_is_not_for_oneself(void)
{
    enable(9, 0xa0);
    sgir(SGIR_OTHERS | 9);
    sgir(SGIR_OTHERS | SGIR_LIST(0xffu) | 9);
    sgir(SGIR_LIST(0u) | 9);
    sgir(SGIR_LIST(0xfcu) | 9);                 /* CPUs that there are not */
    SAME(bit(9, ISPENDR), 0);
    SAME(ack(), NONE);
}

static void an_sgi_that_was_sent_twice_comes_once(void)
{
    enable(3, 0xa0);
    sgi_self(3);
    sgi_self(3);
    comes_once(3);
}

static void the_lower_of_two_sgis_comes_first(void)
{
    enable(9, 0xa0);
    enable(4, 0xa0);
    sgi_self(9);
    sgi_self(4);
    SAME(ack(), 4);
    gic->eoi(4);
    comes_once(9);
}

static void an_sgi_is_made_pending_by_its_byte(void)
{
    for (uint32_t sgi = 0; sgi < 16; sgi++) {
        enable(sgi, 0xa0);
        write8(pends(sgi), 1);
        SAME(read8(pends(sgi)), 1);
        SAME(read8(clears(sgi)), 1);
        SAME(bit(sgi, ISPENDR), 1);
        comes_once(sgi);
        SAME(read8(pends(sgi)), 0);
        SAME(bit(sgi, ISPENDR), 0);
    }
}

static void a_pending_sgi_is_taken_back_by_its_byte(void)
{
    enable(3, 0xa0);
    sgi_self(3);
    SAME(read8(pends(3)), 1);
    write8(clears(3), 0);
    SAME(read8(clears(3)), 1);
    write8(clears(3), 1);
    SAME(read8(pends(3)), 0);
    SAME(bit(3, ISPENDR), 0);
    SAME(ack(), NONE);
}

static void four_sgis_are_made_pending_and_not_by_a_word(void)
{
    write32(pends(4), 0x01010101);
    SAME(read32(pends(4)), 0x01010101);
    SAME(read32(clears(4)), 0x01010101);
    SAME(read32(GICD_BASE + ISPENDR) & 0xffff, 0x00f0);
    write32(clears(4), 0x01000100);
    SAME(read32(pends(4)), 0x00010001);
    write32(clears(4), ~0u);
    SAME(read32(pends(4)), 0);
    SAME(ack(), NONE);
}

static void a_pending_sgi_while_it_is_active_is_told_by_its_byte(void)
{
    enable(3, 0xa0);
    sgi_self(3);
    SAME(ack(), 3);
    SAME(read8(pends(3)), 0);
    sgi_self(3);
    SAME(read8(pends(3)), 1);
    gic->eoi(3);
    comes_once(3);
}

/* Of the second CPU, as if it had sent it. */
static void an_sgi_names_the_cpu_that_sent_it(void)
{
    if (!second_is_there()) {
        return;
    }
    enable(3, 0xa0);
    write8(pends(3), 1u << SECOND);
    comes_once(SOURCE(SECOND) | 3);
}

static void an_sgi_comes_for_each_cpu_that_sent_it(void)
{
    if (!second_is_there()) {
        return;
    }
    enable(3, 0xa0);
    write8(pends(3), 1u << SECOND);
    sgi_self(3);
    SAME(read8(pends(3)), 3);
    for (uint32_t sources = 3, n = 0; n < 2; n++) {
        uint32_t acknowledged = ack();
        SAME(INTID_OF(acknowledged), 3);
        sources &= ~(1u << (acknowledged >> 10));
        SAME(read8(pends(3)), sources);
        SAME(bit(3, ISPENDR), sources != 0);
        gic->eoi(acknowledged);
    }
    SAME(ack(), NONE);
}

static void with_eoimode_an_sgi_is_deactivated_with_its_sender(void)
{
    if (!second_is_there()) {
        return;
    }
    gic->set_eoimode(true);
    enable(3, 0xa0);
    write8(pends(3), 1u << SECOND);
    SAME(ack(), SOURCE(SECOND) | 3);
    gic->eoi(SOURCE(SECOND) | 3);
    SAME(bit(3, ISACTIVER), 1);
    gic->deactivate(SOURCE(SECOND) | 3);
    SAME(bit(3, ISACTIVER), 0);
    SAME(gic->running(), 0xff);
}

/* The second CPU sends SGI 6 to both and SGI 7 to all others, and pends one for itself that it takes back. */
static void send_all(void)
{
    sgir(SGIR_LIST(3u) | 6);
    sgir(SGIR_OTHERS | 7);
    second.result = read8(pends(6));
    write8(clears(6), 1u << SECOND);
    second.result |= (uint64_t)read8(pends(6)) << 8 | (uint64_t)read8(pends(7)) << 16;
}

static void each_cpu_has_pending_sgis_of_its_own(void)
{
    if (!second_is_there()) {
        return;
    }
    second_listen();
    SAME(second_on(), true);
    set_priority(6, ANSWERS_ONLY);
    set_priority(7, ANSWERS_ONLY);
    gic->set_mask(ANSWERS_ONLY);
    second_does(send_all);
    SAME(second.result, 1u << SECOND);
    SAME(read8(pends(6)), 1u << SECOND);
    SAME(read8(pends(7)), 1u << SECOND);
    second_off();
    gic->set_mask(0xff);
    enable(6, 0xa0);
    enable(7, 0xa0);
    SAME(ack(), SOURCE(SECOND) | 6);
    gic->eoi(SOURCE(SECOND) | 6);
    comes_once(SOURCE(SECOND) | 7);
}

const struct promise gicv2_sgis[] = {
    PROMISE(an_sgi_comes_by_its_list_and_by_the_filter_of_oneself),
    PROMISE(an_sgi_to_all_others_or_to_nobody_is_not_for_oneself),
    PROMISE(an_sgi_that_was_sent_twice_comes_once),
    PROMISE(the_lower_of_two_sgis_comes_first),
    PROMISE(an_sgi_is_made_pending_by_its_byte),
    PROMISE(a_pending_sgi_is_taken_back_by_its_byte),
    PROMISE(four_sgis_are_made_pending_and_not_by_a_word),
    PROMISE(a_pending_sgi_while_it_is_active_is_told_by_its_byte),
    PROMISE(an_sgi_names_the_cpu_that_sent_it),
    PROMISE(an_sgi_comes_for_each_cpu_that_sent_it),
    PROMISE(with_eoimode_an_sgi_is_deactivated_with_its_sender),
    PROMISE(each_cpu_has_pending_sgis_of_its_own),
    { 0 },
};
