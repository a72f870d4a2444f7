/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <limits.h>

#include <cmocka.h>

#include "lib/text.h"

static char to[64];

static void numbers_are_written_as_printf_writes_them(void **state)
{
    (void)state;
    text_format(to, sizeof to, "%d %u %x %016lx %lu %c%%", -5, 7u, 0xabcu, 0x123456789abcdef0ul, ULONG_MAX, '!');
    assert_string_equal(to, "-5 7 abc 123456789abcdef0 18446744073709551615 !%");
    text_format(to, sizeof to, "%d %ld", INT_MIN, LONG_MIN);
    assert_string_equal(to, "-2147483648 -9223372036854775808");
}

static void widths_are_filled_up(void **state)
{
    (void)state;
    text_format(to, sizeof to, "[%4d][%04x][%6s][%2u]", -1, 0x2au, "abc", 12345u);
    assert_string_equal(to, "[  -1][002a][   abc][12345]");
}

static void what_does_not_fit_is_cut(void **state)
{
    (void)state;
    to[4] = '#';
    assert_int_equal(text_format(to, 4, "%s", "abcdef"), 3);
    assert_string_equal(to, "abc");
    assert_int_equal(to[4], '#');
    assert_int_equal(text_format(to, 0, "%u", 1u), 0);
    assert_int_equal(to[0], 'a');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_as_printf_writes_them),
        cmocka_unit_test(widths_are_filled_up),
        cmocka_unit_test(what_does_not_fit_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
