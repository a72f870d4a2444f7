/* SPDX-License-Identifier: Apache-2.0 */
/* The watchdog that a guest sees (services/watchdog/gwdt.c), used as Linux's sbsa_gwdt.c uses it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "watchdog/gwdt.h"

#define BASE  UINT64_C(0x100000000f)

static struct gwdt dog;
static uint64_t now, limit;

static int setup(void **state)
{
    (void)state;
    dog = gwdt_reset();
    now = 1000;
    limit = 0;
    return 0;
}

static uint32_t get(uint32_t offset)
{
    return (uint32_t)gwdt_read(&dog, limit, now, BASE, offset, 4);
}

static void set(uint32_t offset, uint32_t value)
{
    assert_true(gwdt_write(&dog, now, offset, 4, value));
}

static void after_reset_it_is_off_and_never_fires(void **state)
{
    (void)state;
    assert_int_equal(get(GWDT_WCS), 0);
    now = UINT64_C(1) << 62;
    assert_int_equal(get(GWDT_WCS), 0);
    assert_int_equal(gwdt_ws0_at(&dog, 0), GWDT_NEVER);
    assert_int_equal(gwdt_ws1_at(&dog, 0), GWDT_NEVER);
}

static void ws0_comes_after_one_offset_and_ws1_after_two(void **state)
{
    (void)state;
    set(GWDT_WOR, 500);
    set(GWDT_WOR + 4, 0);
    set(GWDT_WCS, GWDT_WCS_EN);
    now += 499;
    assert_int_equal(get(GWDT_WCS), GWDT_WCS_EN);
    now++;
    assert_int_equal(get(GWDT_WCS), GWDT_WCS_EN | GWDT_WCS_WS0);
    now += 499;
    assert_int_equal(get(GWDT_WCS), GWDT_WCS_EN | GWDT_WCS_WS0);
    now++;
    assert_int_equal(get(GWDT_WCS), GWDT_WCS_EN | GWDT_WCS_WS0 | GWDT_WCS_WS1);
    assert_int_equal(gwdt_ws0_at(&dog, 0), 1500);
    assert_int_equal(gwdt_ws1_at(&dog, 0), 2000);
}

static void each_of_the_three_refreshes_and_nothing_else_does(void **state)
{
    static const uint32_t others[] = { 4, 8, GWDT_W_IIDR, GWDT_WCS + 4, GWDT_WCV, GWDT_WCV + 4, 0x1fcc, 0x1ffc };

    (void)state;
    set(GWDT_WOR + 4, 0);
    for (unsigned i = 0; i < 3; i++) {
        set(GWDT_WOR, 500);
        set(GWDT_WCS, GWDT_WCS_EN);
        now += 700;
        assert_int_equal(get(GWDT_WCS), GWDT_WCS_EN | GWDT_WCS_WS0);
        set((const uint32_t[]){ GWDT_WRR, GWDT_WCS, GWDT_WOR }[i], i == 2 ? 500 : GWDT_WCS_EN);
        assert_int_equal(get(GWDT_WCS), GWDT_WCS_EN);
    }
    now += 700;
    for (unsigned i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(gwdt_write(&dog, now, others[i], 4, 0));
    assert_int_equal(get(GWDT_WCS), GWDT_WCS_EN | GWDT_WCS_WS0);
}

static void the_compare_value_is_of_the_guests_counter(void **state)
{
    (void)state;
    assert_true(gwdt_write(&dog, now, GWDT_WOR, 8, 500));
    set(GWDT_WCS, GWDT_WCS_EN);
    assert_int_equal(gwdt_read(&dog, 0, now, BASE, GWDT_WCV, 8), BASE + 1500);
    assert_int_equal(get(GWDT_WCV), (uint32_t)(BASE + 1500));
    assert_int_equal(get(GWDT_WCV + 4), (BASE + 1500) >> 32);
    now = 1600;
    assert_int_equal(gwdt_read(&dog, 0, now, BASE, GWDT_WCV, 8), BASE + 2000);
}

static void the_offset_has_48_bits(void **state)
{
    (void)state;
    assert_true(gwdt_write(&dog, now, GWDT_WOR, 8, UINT64_C(0xfedcba9876543210)));
    assert_int_equal(gwdt_read(&dog, 0, now, BASE, GWDT_WOR, 8), UINT64_C(0xba9876543210));
    assert_int_equal(get(GWDT_WOR + 4), 0xba98);
}

static void both_frames_say_that_it_is_version_1_of_arms(void **state)
{
    (void)state;
    assert_int_equal(get(GWDT_W_IIDR), 0x1043b);
    assert_int_equal(get(GWDT_WCS + GWDT_W_IIDR), 0x1043b);
    assert_int_equal(get(GWDT_WRR), 0);
}

static void accesses_of_other_sizes_do_nothing(void **state)
{
    static const struct { uint32_t offset; unsigned size; } bad[] = {
        { GWDT_WRR, 1 }, { GWDT_WCS, 2 }, { GWDT_WOR + 4, 8 }, { GWDT_WCS + 2, 4 }, { GWDT_WOR, 16 }, { GWDT_WRR, 0 },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(gwdt_write(&dog, now, bad[i].offset, bad[i].size, UINT64_MAX));
        assert_int_equal(gwdt_read(&dog, 0, now, BASE, bad[i].offset, bad[i].size), 0);
    }
}

static void with_a_limit_it_is_on_and_cannot_be_turned_off(void **state)
{
    (void)state;
    limit = 3000;
    now = 1499;
    assert_int_equal(get(GWDT_WCS), GWDT_WCS_EN);
    set(GWDT_WCS, 0);
    assert_int_equal(get(GWDT_WCS), GWDT_WCS_EN);
    assert_int_equal(gwdt_ws0_at(&dog, limit), 1499 + 1500);
    assert_int_equal(gwdt_ws1_at(&dog, limit), 1499 + 3000);
}

static void a_limit_cannot_be_made_longer_but_shorter(void **state)
{
    (void)state;
    limit = 3000;
    assert_true(gwdt_write(&dog, now, GWDT_WOR, 8, 1000000));
    assert_int_equal(gwdt_ws1_at(&dog, limit), now + 3000);
    assert_true(gwdt_write(&dog, now, GWDT_WOR, 8, 100));
    assert_int_equal(gwdt_ws1_at(&dog, limit), now + 200);
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(after_reset_it_is_off_and_never_fires), T(ws0_comes_after_one_offset_and_ws1_after_two),
        T(each_of_the_three_refreshes_and_nothing_else_does), T(the_compare_value_is_of_the_guests_counter),
        T(the_offset_has_48_bits), T(both_frames_say_that_it_is_version_1_of_arms),
        T(accesses_of_other_sizes_do_nothing), T(with_a_limit_it_is_on_and_cannot_be_turned_off),
        T(a_limit_cannot_be_made_longer_but_shorter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
