/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "steward/ticks.h"

static void a_budget_is_rounded_down(void **state)
{
    (void)state;
    assert_int_equal(ticks_down(300000, 62500000), 18750);
    assert_int_equal(ticks_down(999, 24000000), 23);
    assert_int_equal(ticks_down(1000000000, 62500000), 62500000);
}

static void a_budget_is_never_rounded_to_none(void **state)
{
    (void)state;
    assert_int_equal(ticks_down(1, 1000), 1);       /* 0 would mean unlimited */
    assert_int_equal(ticks_down(0, 1000), 0);
}

static void a_period_is_rounded_up(void **state)
{
    (void)state;
    assert_int_equal(ticks_up(999, 24000000), 24);
    assert_int_equal(ticks_up(1, 1000), 1);
    assert_int_equal(ticks_up(0, 24000000), 0);
    assert_int_equal(ticks_up(1000000, 62500000), 62500);
}

static void the_largest_times_and_clocks_do_not_wrap_round(void **state)
{
    (void)state;
    assert_true(ticks_down(UINT64_MAX, 4000000000u) == UINT64_MAX);
    assert_true(ticks_up(UINT64_MAX, 4000000000u) == UINT64_MAX);
    assert_true(ticks_down(UINT64_MAX, 1000000000u) == UINT64_MAX);
    assert_true(ticks_down(UINT64_MAX - 1, 1000000000u) == UINT64_MAX - 1);
    assert_true(ticks_up(4000000000000000000u, 1000000000u) == 4000000000000000000u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_budget_is_rounded_down),
        cmocka_unit_test(a_budget_is_never_rounded_to_none),
        cmocka_unit_test(a_period_is_rounded_up),
        cmocka_unit_test(the_largest_times_and_clocks_do_not_wrap_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
