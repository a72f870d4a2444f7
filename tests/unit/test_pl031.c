/* SPDX-License-Identifier: Apache-2.0 */
/* The real-time clock that a guest sees (services/handset/pl031.c), against DDI 0224, used as Linux's rtc-pl031.c uses it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "handset/pl031.h"

#define START UINT64_C(1795877653)  /* the machine's time when the VM starts */

static struct pl031 rtc;
static uint64_t now;

static int setup(void **state)
{
    (void)state;
    memset(&rtc, 0, sizeof rtc);
    now = START;
    return 0;
}

static uint32_t get(uint32_t offset)
{
    return (uint32_t)pl031_read(&rtc, now, offset, 4);
}

static void set(uint32_t offset, uint32_t value)
{
    pl031_write(&rtc, now, offset, 4, value);
}

static void it_counts_the_machines_seconds_from_its_start_on(void **state)
{
    (void)state;
    assert_int_equal(get(PL031_DR), START);
    assert_int_equal(get(PL031_CR), 1);
    now += 60;
    assert_int_equal(get(PL031_DR), START + 60);
    set(PL031_CR, 0);           /* once enabled it can't be disabled (3.3.4) */
    assert_int_equal(get(PL031_CR), 1);
    set(PL031_DR, 5);           /* read-only */
    assert_int_equal(get(PL031_DR), START + 60);
}

static void it_can_be_set_and_goes_on_from_there(void **state)
{
    (void)state;
    set(PL031_LR, 1000);
    assert_int_equal(get(PL031_DR), 1000);
    assert_int_equal(get(PL031_LR), 1000);
    now += 7;
    assert_int_equal(get(PL031_DR), 1007);
    assert_int_equal(get(PL031_LR), 1000);
    set(PL031_LR, UINT32_MAX);
    now += 2;
    assert_int_equal(get(PL031_DR), 1);
}

static void nothing_is_raised_after_reset(void **state)
{
    (void)state;
    set(PL031_IMSC, 1);
    assert_int_equal(get(PL031_RIS), 0);
    assert_int_equal(get(PL031_MIS), 0);
    assert_true(pl031_interrupt_at(&rtc, now) > now + 1000000);
}

static void the_alarm_is_raised_in_its_second_and_stays_till_it_is_cleared(void **state)
{
    (void)state;
    set(PL031_IMSC, 1);
    set(PL031_MR, (uint32_t)START + 10);
    assert_int_equal(pl031_interrupt_at(&rtc, now), START + 10);
    now = START + 9;
    assert_int_equal(get(PL031_RIS), 0);
    now = START + 10;
    assert_int_equal(get(PL031_RIS), 1);
    assert_int_equal(get(PL031_MIS), 1);
    now = START + 15;
    assert_int_equal(get(PL031_RIS), 1);
    set(PL031_ICR, 0);
    assert_int_equal(get(PL031_RIS), 1);
    set(PL031_ICR, 1);
    assert_int_equal(get(PL031_RIS), 0);
    assert_int_equal(get(PL031_ICR), 0);                /* write-only */
    assert_true(pl031_interrupt_at(&rtc, now) > now + 1000000);
}

static void one_that_is_cleared_in_its_second_does_not_come_again_in_it(void **state)
{
    (void)state;
    set(PL031_IMSC, 1);
    set(PL031_MR, (uint32_t)START + 10);
    now = START + 10;
    set(PL031_ICR, 1);
    assert_int_equal(get(PL031_RIS), 0);
    now++;
    assert_int_equal(get(PL031_RIS), 0);
}

static void an_alarm_for_this_second_is_raised_at_once_and_one_for_the_past_is_not(void **state)
{
    (void)state;
    set(PL031_IMSC, 1);
    set(PL031_MR, (uint32_t)START);
    assert_int_equal(get(PL031_RIS), 1);
    assert_int_equal(pl031_interrupt_at(&rtc, now), now);
    set(PL031_ICR, 1);
    set(PL031_MR, (uint32_t)START - 1);
    assert_int_equal(get(PL031_RIS), 0);
    assert_true(pl031_interrupt_at(&rtc, now) > now + 1000000);
}

static void one_that_was_raised_outlives_another_alarm_and_another_time(void **state)
{
    (void)state;
    set(PL031_MR, (uint32_t)START + 1);
    now += 2;
    set(PL031_MR, (uint32_t)START + 100);
    assert_int_equal(get(PL031_RIS), 1);
    set(PL031_LR, 3);
    assert_int_equal(get(PL031_RIS), 1);
    set(PL031_ICR, 1);
    assert_int_equal(get(PL031_RIS), 0);
}

static void setting_the_clock_moves_the_alarm(void **state)
{
    (void)state;
    set(PL031_IMSC, 1);
    set(PL031_MR, 1010);
    set(PL031_LR, 1000);
    assert_int_equal(pl031_interrupt_at(&rtc, now), START + 10);
    set(PL031_LR, 1010);
    assert_int_equal(get(PL031_RIS), 1);
}

static void a_mask_hides_it_and_keeps_it(void **state)
{
    (void)state;
    set(PL031_MR, (uint32_t)START + 1);
    now += 5;
    assert_int_equal(get(PL031_RIS), 1);
    assert_int_equal(get(PL031_MIS), 0);
    assert_int_equal(pl031_interrupt_at(&rtc, now), PL031_NEVER);
    set(PL031_IMSC, UINT32_MAX);
    assert_int_equal(get(PL031_IMSC), 1);
    assert_int_equal(get(PL031_MIS), 1);
    assert_true(pl031_interrupt_at(&rtc, now) <= now);
}

static void it_says_that_it_is_a_pl031(void **state)
{
    static const uint8_t expected[8] = { 0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

    (void)state;
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(get(PL031_PERIPH_ID0 + 4 * i), expected[i]);
    assert_int_equal(get(0x20), 0);
    assert_int_equal(get(0xfdc), 0);
}

static void parts_of_a_register_and_two_at_once_can_be_read(void **state)
{
    (void)state;
    set(PL031_LR, 0x12345678);
    assert_int_equal(pl031_read(&rtc, now, PL031_LR, 1), 0x78);
    assert_int_equal(pl031_read(&rtc, now, PL031_LR + 2, 2), 0x1234);
    assert_int_equal(pl031_read(&rtc, now, PL031_LR, 8), UINT64_C(0x112345678));
    assert_int_equal(pl031_read(&rtc, now, PL031_LR + 3, 2), 0);
    assert_int_equal(pl031_read(&rtc, now, PL031_MR, 8), 0);
    pl031_write(&rtc, now, PL031_LR + 1, 1, 0xff);
    assert_int_equal(get(PL031_LR), 0x12345678);
    pl031_write(&rtc, now, PL031_DR, 8, UINT64_C(0x5500000000));
    assert_int_equal(get(PL031_MR), 0x55);
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(it_counts_the_machines_seconds_from_its_start_on), T(it_can_be_set_and_goes_on_from_there),
        T(nothing_is_raised_after_reset), T(the_alarm_is_raised_in_its_second_and_stays_till_it_is_cleared),
        T(one_that_is_cleared_in_its_second_does_not_come_again_in_it),
        T(an_alarm_for_this_second_is_raised_at_once_and_one_for_the_past_is_not),
        T(one_that_was_raised_outlives_another_alarm_and_another_time), T(setting_the_clock_moves_the_alarm),
        T(a_mask_hides_it_and_keeps_it), T(it_says_that_it_is_a_pl031),
        T(parts_of_a_register_and_two_at_once_can_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
