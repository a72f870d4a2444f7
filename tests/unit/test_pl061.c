/* SPDX-License-Identifier: Apache-2.0 */
/* The GPIO that a guest sees (services/handset/pl061.c), against DDI 0190, used as Linux's gpio-pl061.c uses it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "handset/pl061.h"

#define KEY 8u                  /* line 3 */
#define ALL (PL061_DATA + 0x3fc)

static struct pl061 gpio;

static int setup(void **state)
{
    (void)state;
    memset(&gpio, 0, sizeof gpio);
    return 0;
}

static uint32_t get(uint32_t offset)
{
    return (uint32_t)pl061_read(&gpio, offset, 1);
}

static void set(uint32_t offset, uint32_t value)
{
    pl061_write(&gpio, offset, 1, value);
}

static void after_reset_all_lines_are_inputs_and_nothing_is_raised(void **state)
{
    static const uint32_t registers[] = { PL061_DIR, PL061_IS, PL061_IBE, PL061_IEV, PL061_IE, PL061_RIS, PL061_MIS,
                                          PL061_IC, PL061_AFSEL, ALL };

    (void)state;
    for (unsigned i = 0; i < sizeof registers / sizeof registers[0]; i++)
        assert_int_equal(get(registers[i]), 0);
}

static void an_input_reads_as_it_is_driven_and_can_not_be_written(void **state)
{
    (void)state;
    pl061_drive(&gpio, KEY);
    assert_int_equal(get(ALL), KEY);
    set(ALL, 0xff);
    assert_int_equal(get(ALL), KEY);
    set(PL061_DIR, 0xf0);
    assert_int_equal(get(ALL), KEY);    /* what was written to inputs is not kept */
}

static void an_address_chooses_lines(void **state)
{
    (void)state;
    set(PL061_DIR, 0xff);
    set(ALL, 0xa5);
    set(PL061_DATA + (0x0f << 2), 0xff);
    assert_int_equal(get(ALL), 0xaf);
    assert_int_equal(get(PL061_DATA + (0x81 << 2)), 0x81);
    assert_int_equal(get(PL061_DATA), 0);
    set(PL061_DATA, 0);
    assert_int_equal(get(ALL), 0xaf);
}

static void an_output_reads_as_it_was_written_whatever_drives_it(void **state)
{
    (void)state;
    set(PL061_DIR, KEY);
    pl061_drive(&gpio, KEY);
    assert_int_equal(get(ALL), 0);
    set(ALL, KEY);
    pl061_drive(&gpio, 0);
    assert_int_equal(get(ALL), KEY);
    assert_int_equal(get(PL061_RIS), 0);
}

static void press_and_release(void)
{
    pl061_drive(&gpio, KEY);
    pl061_drive(&gpio, 0);
}

static void a_rising_or_a_falling_edge_or_both_are_latched(void **state)
{
    (void)state;
    set(PL061_IEV, KEY);
    pl061_drive(&gpio, KEY);
    assert_int_equal(get(PL061_RIS), KEY);
    set(PL061_IC, KEY);
    pl061_drive(&gpio, 0);
    assert_int_equal(get(PL061_RIS), 0);
    set(PL061_IEV, 0);
    pl061_drive(&gpio, KEY);
    assert_int_equal(get(PL061_RIS), 0);
    pl061_drive(&gpio, 0);
    assert_int_equal(get(PL061_RIS), KEY);
    set(PL061_IC, KEY);
    set(PL061_IBE, KEY);                /* IEV does not count then */
    pl061_drive(&gpio, KEY);
    assert_int_equal(get(PL061_RIS), KEY);
    set(PL061_IC, KEY);
    pl061_drive(&gpio, KEY);            /* no edge */
    assert_int_equal(get(PL061_RIS), 0);
    pl061_drive(&gpio, 0);
    assert_int_equal(get(PL061_RIS), KEY);
}

static void an_edge_stays_till_it_is_cleared_and_lines_are_cleared_one_by_one(void **state)
{
    (void)state;
    set(PL061_IBE, 0xff);
    pl061_drive(&gpio, 0xff);
    pl061_drive(&gpio, 0);
    set(PL061_IC, 0xf0);
    assert_int_equal(get(PL061_RIS), 0x0f);
    set(PL061_IC, 0);
    assert_int_equal(get(PL061_RIS), 0x0f);
    pl061_drive(&gpio, 0x80);           /* another line's is one more */
    assert_int_equal(get(PL061_RIS), 0x8f);
}

static void a_level_is_raised_for_as_long_as_it_lasts(void **state)
{
    (void)state;
    set(PL061_IEV, KEY);
    set(PL061_IS, KEY);
    press_and_release();
    assert_int_equal(get(PL061_RIS), 0);
    pl061_drive(&gpio, KEY);
    set(PL061_IC, KEY);
    assert_int_equal(get(PL061_RIS), KEY);
    set(PL061_IEV, 0);                  /* low */
    assert_int_equal(get(PL061_RIS), 0);
    pl061_drive(&gpio, 0);
    assert_int_equal(get(PL061_RIS), KEY);
}

static void only_what_is_not_masked_interrupts(void **state)
{
    (void)state;
    set(PL061_IBE, KEY);
    press_and_release();
    assert_int_equal(get(PL061_MIS), 0);
    assert_int_equal(pl061_interrupts(&gpio), 0);
    set(PL061_IE, KEY);
    assert_int_equal(get(PL061_MIS), KEY);
    assert_int_equal(pl061_interrupts(&gpio), KEY);
    set(PL061_IE, (uint8_t)~KEY);
    assert_int_equal(pl061_interrupts(&gpio), 0);
}

static void it_says_that_it_is_a_pl061(void **state)
{
    static const uint8_t expected[8] = { 0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

    (void)state;
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(pl061_read(&gpio, PL061_PERIPH_ID0 + 4 * i, 4), expected[i]);
    assert_int_equal(pl061_read(&gpio, 0xfdc, 4), 0);
}

static void registers_are_eight_bits_wide_whatever_reads_them(void **state)
{
    (void)state;
    pl061_write(&gpio, PL061_IE, 4, 0xffffff5a);
    assert_int_equal(pl061_read(&gpio, PL061_IE, 4), 0x5a);
    assert_int_equal(pl061_read(&gpio, PL061_IE + 1, 1), 0);
    assert_int_equal(pl061_read(&gpio, PL061_IE, 8), 0x5a);
    pl061_write(&gpio, PL061_IE + 1, 1, 0xff);
    pl061_write(&gpio, PL061_IE, 16, 0xff);
    assert_int_equal(get(PL061_IE), 0x5a);
    pl061_write(&gpio, PL061_DIR, 8, UINT64_C(0x1200000034));
    assert_int_equal(get(PL061_DIR), 0x34);
    assert_int_equal(get(PL061_IS), 0x12);
    assert_int_equal(pl061_read(&gpio, PL061_DIR, 16), 0);
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(after_reset_all_lines_are_inputs_and_nothing_is_raised), T(an_input_reads_as_it_is_driven_and_can_not_be_written),
        T(an_address_chooses_lines), T(an_output_reads_as_it_was_written_whatever_drives_it),
        T(a_rising_or_a_falling_edge_or_both_are_latched),
        T(an_edge_stays_till_it_is_cleared_and_lines_are_cleared_one_by_one), T(a_level_is_raised_for_as_long_as_it_lasts),
        T(only_what_is_not_masked_interrupts), T(it_says_that_it_is_a_pl061),
        T(registers_are_eight_bits_wide_whatever_reads_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
