/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as people write them (tools/units.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "units.h"

static void reads_sizes(void **state)
{
    static const struct { const char *text; uint64_t bytes; } good[] = {
        { "512M", 512 * MIB }, { "512MiB", 512 * MIB }, { "4K", 4096 }, { "1KiB", 1024 }, { "2G", 2 * GIB },
        { "1GiB", GIB }, { "0M", 0 }, { "007K", 7 * KIB }, { "17179869183G", 17179869183 * GIB },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        uint64_t bytes = 1;
        assert_true(parse_size(good[i].text, &bytes));
        assert_int_equal(bytes, good[i].bytes);
    }
}

static void reads_times(void **state)
{
    static const struct { const char *text; uint64_t ns; } good[] = {
        { "300us", 300 * USEC }, { "1ms", MSEC }, { "4615us", 4615000 }, { "577ns", 577 }, { "2s", 2 * SEC },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        uint64_t ns = 1;
        assert_true(parse_time(good[i].text, &ns));
        assert_int_equal(ns, good[i].ns);
    }
}

static void refuses_what_is_no_quantity(void **state)
{
    static const char *const bad[] = {
        "", " ", "M", "512", "512 M", " 512M", "512M ", "512MB", "512m", "-1M", "+1M", "0x10M", "1.5M", "1,5M", "1e3M",
        "1MM", "M512", "17179869184G", "18446744073709551616K", "99999999999999999999999M", "abM", "\xc2\xb5s",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint64_t value;
        assert_false(parse_size(bad[i], &value));
        assert_false(parse_time(bad[i], &value));
    }
}

static void a_size_is_no_time_and_a_time_no_size(void **state)
{
    uint64_t value;
    (void)state;
    assert_false(parse_time("1M", &value));
    assert_false(parse_size("1ms", &value));
}

static void reads_plain_numbers(void **state)
{
    static const char *const bad[] = { "", "0x", "0xg", "010", "-1", "+1", " 1", "1 ", "1K", "0X10",
                                       "18446744073709551616" };
    uint64_t value;
    (void)state;
    assert_true(parse_number("0", &value) && value == 0);
    assert_true(parse_number("255", &value) && value == 255);
    assert_true(parse_number("0x40000000", &value) && value == 0x40000000);
    assert_true(parse_number("18446744073709551615", &value) && value == UINT64_MAX);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(parse_number(bad[i], &value));
}

static void shows_sizes_in_the_largest_exact_unit(void **state)
{
    (void)state;
    assert_string_equal(show_size(512 * MIB).text, "512M");
    assert_string_equal(show_size(2 * GIB).text, "2G");
    assert_string_equal(show_size(2049 * KIB).text, "2049K");
    assert_string_equal(show_size(1000).text, "1000");
    assert_string_equal(show_size(0).text, "0");
    assert_string_equal(show_size(UINT64_MAX).text, "18446744073709551615");
}

static void shows_times_rounded_up(void **state)
{
    (void)state;
    assert_string_equal(show_time(0).text, "0ns");
    assert_string_equal(show_time(999).text, "999ns");
    assert_string_equal(show_time(300 * USEC).text, "300us");
    assert_string_equal(show_time(1250 * USEC).text, "1.25ms");
    assert_string_equal(show_time(4615 * USEC + 1).text, "4.616ms");
    assert_string_equal(show_time(999999999).text, "1000ms");
    assert_string_equal(show_time(1999999).text, "2ms");
}

/* Every size shown is read again as the same, if it has a unit. */
static void what_is_shown_can_be_written(void **state)
{
    (void)state;
    for (uint64_t bytes = KIB; bytes < 1000 * MIB; bytes += 12345 * KIB) {
        uint64_t again;
        assert_true(parse_size(show_size(bytes).text, &again));
        assert_int_equal(again, bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_sizes),
        cmocka_unit_test(reads_times),
        cmocka_unit_test(refuses_what_is_no_quantity),
        cmocka_unit_test(a_size_is_no_time_and_a_time_no_size),
        cmocka_unit_test(reads_plain_numbers),
        cmocka_unit_test(shows_sizes_in_the_largest_exact_unit),
        cmocka_unit_test(shows_times_rounded_up),
        cmocka_unit_test(what_is_shown_can_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
