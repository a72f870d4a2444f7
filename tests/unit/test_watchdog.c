/* SPDX-License-Identifier: Apache-2.0 */
/* What VMs, the worker, the steward and a restart of the service do to a watchdog (services/watchdog/client.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "hook.h"
#include "watchdog/client.c"

#define VM    3
#define START UINT64_C(1000000)     /* the counter when the VM starts */

static struct watchdog_config page;
static struct watchdog_shared both;
static uint64_t counter;
static uint32_t line_level, lines_set, woken, yielded;
static uint64_t told;
static void (*in_line_set)(void), (*in_yield)(void), (*after_counter)(void);

uint64_t counter_now(void)
{
    uint64_t now = counter;

    once(&after_counter);       /* what the steward does before this is used */
    return now;
}

struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    (void)a2, (void)a3, (void)a4, (void)a5;
    switch (number) {
    case BELAY_HC_LINE_SET:
        assert_int_equal(a0, WATCHDOG_H_LINE + VM);
        once(&in_line_set);     /* what another party does between this one's looking and setting */
        line_level = (uint32_t)a1;
        lines_set++;
        break;
    case BELAY_HC_NOTIFY:
        if (a0 == WATCHDOG_H_STEWARD)
            told |= a1;
        else
            woken++;
        break;
    case BELAY_HC_YIELD:
        yielded++;
        once(&in_yield);
        break;
    default:
        fail_msg("hypercall %u", number);
    }
    return (struct hypercall_result){ 0, { 0 } };
}

/* The steward's part: see services/steward/watchdog.c. */
static void vm_stops(void)
{
    both.client[VM].held = counter;
}

static void vm_starts(void)
{
    both.client[VM].base = counter;
    both.client[VM].epoch++;
    both.client[VM].held = 0;
}

static void vm_goes_on(void)
{
    both.client[VM].base += counter - both.client[VM].held;
    both.client[VM].held = 0;
}

/* The service starts: anew, or after a fault with what is kept. */
static void restart(void)
{
    memset(live, 0, sizeof live);
    up_since = planned = 0;
    client_init(&page, &both);
    client_begin(counter);
}

static int setup(void **state)
{
    (void)state;
    memset(states, 0, sizeof states);
    memset(&page, 0, sizeof page);
    memset(&both, 0, sizeof both);
    page.clients = VM + 1;
    counter = START - 500;
    restart();
    both.client[VM].held = 1;
    counter = START;
    vm_starts();
    line_level = lines_set = woken = yielded = 0;
    told = 0;
    in_line_set = in_yield = after_counter = NULL;
    return 0;
}

static uint32_t get(uint32_t offset)
{
    return (uint32_t)client_access(VM, offset, 4, 0);
}

static void set(uint32_t offset, uint64_t value, unsigned size)
{
    client_access(VM, offset, size | BELAY_ACCESS_WRITE, value);
}

static void turn_on(uint64_t ticks)
{
    set(GWDT_WOR, ticks, 8);
    set(GWDT_WCS, GWDT_WCS_EN, 4);
}

static uint64_t look(void)
{
    client_looking();
    uint64_t next = client_look(VM);
    client_waiting_until(next);
    return next;
}

static void one_that_is_off_is_not_waited_for(void **state)
{
    (void)state;
    assert_int_equal(look(), UINT64_MAX);
    assert_int_equal(told, 0);
    assert_int_equal(line_level, 0);
}

static void the_line_rises_with_ws0_and_the_steward_is_told_of_ws1_until_it_stops_the_vm(void **state)
{
    (void)state;
    turn_on(100);
    assert_int_equal(look(), START + 100);
    counter = START + 100;
    assert_int_equal(look(), START + 200);
    assert_int_equal(line_level, 1);
    assert_int_equal(told, 0);
    counter = START + 207;
    assert_int_equal(look(), UINT64_MAX);
    assert_int_equal(told, UINT64_C(1) << (WATCHDOG_BIT_HUNG + VM));
    assert_int_equal(both.client[VM].unfed, 207);
    assert_int_equal(both.client[VM].hung, 1);
    told = 0;
    look();
    assert_int_not_equal(told, 0);
    told = 0;
    vm_stops();
    look();
    assert_int_equal(told, 0);
}

static void feeding_lowers_the_line_at_once(void **state)
{
    (void)state;
    turn_on(100);
    counter = START + 150;
    look();
    assert_int_equal(line_level, 1);
    set(GWDT_WRR, 1, 4);
    assert_int_equal(line_level, 0);
    assert_int_equal(look(), START + 250);
}

static void one_that_is_fed_never_hangs(void **state)
{
    (void)state;
    turn_on(100);
    for (unsigned i = 0; i < 1000; i++) {
        look();
        counter += 99;
        set(GWDT_WRR, 1, 4);
    }
    assert_int_equal(told, 0);
    assert_int_equal(line_level, 0);
}

static void only_what_comes_earlier_wakes_the_worker(void **state)
{
    (void)state;
    turn_on(100);
    look();
    woken = 0;
    counter += 50;
    set(GWDT_WRR, 1, 4);
    assert_int_equal(woken, 0);
    set(GWDT_WOR, 20, 8);
    assert_int_equal(woken, 1);
    look();
    woken = 0;
    set(GWDT_WCS, 0, 4);
    assert_int_equal(woken, 0);
}

static void what_changes_while_the_worker_looks_wakes_it(void **state)
{
    (void)state;
    look();
    client_looking();
    woken = 0;
    turn_on(100);
    assert_true(woken != 0);
}

static void feed(void)
{
    set(GWDT_WRR, 1, 4);
}

static void a_feed_between_the_workers_look_and_its_setting_the_line_leaves_that_low(void **state)
{
    (void)state;
    turn_on(100);
    look();
    counter = START + 150;
    in_line_set = feed;
    assert_true(look() <= counter + SOON);
    look();
    assert_int_equal(line_level, 0);
}

static void rise(void)
{
    counter = START + 300;
    client_look(VM);
}

static void ws0_between_a_handlers_look_and_its_setting_the_line_leaves_that_high(void **state)
{
    (void)state;
    turn_on(100);
    counter = START + 150;
    look();
    in_line_set = rise;
    set(GWDT_WRR, 1, 4);
    assert_int_equal(line_level, 1);
}

static void a_start_of_the_vm_leaves_nothing_of_the_one_before(void **state)
{
    (void)state;
    turn_on(100);
    counter = START + 150;
    look();
    live[VM].writer = 1;            /* it stopped in the middle of an access */
    vm_stops();
    counter = START + 10000;
    assert_int_equal(look(), UINT64_MAX);
    vm_starts();
    assert_int_equal(look(), UINT64_MAX);
    assert_int_equal(line_level, 0);
    assert_int_equal(told, 0);
    assert_int_equal(get(GWDT_WCS), 0);
    assert_int_equal(yielded, 0);
}

static void the_clock_of_a_vm_that_is_paused_stands_still(void **state)
{
    (void)state;
    turn_on(100);
    counter = START + 60;
    vm_stops();
    counter = START + 100000;
    assert_int_equal(look(), UINT64_MAX);
    vm_goes_on();
    assert_int_equal(look(), counter + 40);
    assert_int_equal(told, 0);
}

static void pause_and_go_on(void)
{
    vm_stops();
    counter += 1000000;
    vm_goes_on();
}

static void start_anew(void)
{
    counter += 1000000;
    vm_starts();
}

static void a_pause_or_a_start_while_the_worker_looks_makes_nobody_hang(void **state)
{
    (void)state;
    turn_on(100);
    counter = START + 60;
    after_counter = pause_and_go_on;
    look();
    assert_int_equal(told, 0);
    assert_int_equal(look(), counter + 40);
    after_counter = start_anew;
    look();
    assert_int_equal(told, 0);
}

static void after_a_restart_of_the_service_all_have_their_time_anew(void **state)
{
    (void)state;
    turn_on(100);
    counter = START + 5000;
    restart();
    assert_int_equal(look(), counter + 100);
    assert_int_equal(told, 0);
    assert_int_equal(get(GWDT_WCS), GWDT_WCS_EN);
    assert_int_equal(client_access(VM, GWDT_WOR, 8, 0), 100);
}

static void a_limit_holds_from_the_start_and_even_if_the_service_forgets_all(void **state)
{
    (void)state;
    page.limit[VM] = 1000;
    assert_int_equal(look(), START + 500);
    counter = START + 700;
    memset(states, 0, sizeof states);
    restart();
    assert_int_equal(look(), counter + 500);
    counter += 1000;
    look();
    assert_int_equal(told, UINT64_C(1) << (WATCHDOG_BIT_HUNG + VM));
}

static void a_state_that_is_being_written_is_looked_at_soon(void **state)
{
    (void)state;
    turn_on(100);
    counter = START + 5000;
    live[VM].writer = 1;
    assert_int_equal(look(), counter + SOON);
    assert_int_equal(told, 0);
}

static void finish(void)
{
    live[VM].writer = 0;
}

static void vcpus_of_one_vm_wait_for_each_other(void **state)
{
    (void)state;
    live[VM].writer = 1;
    in_yield = finish;
    turn_on(100);
    assert_int_equal(yielded, 1);
    assert_int_equal(get(GWDT_WCS), GWDT_WCS_EN);
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(one_that_is_off_is_not_waited_for),
        T(the_line_rises_with_ws0_and_the_steward_is_told_of_ws1_until_it_stops_the_vm),
        T(feeding_lowers_the_line_at_once), T(one_that_is_fed_never_hangs), T(only_what_comes_earlier_wakes_the_worker),
        T(what_changes_while_the_worker_looks_wakes_it),
        T(a_feed_between_the_workers_look_and_its_setting_the_line_leaves_that_low),
        T(ws0_between_a_handlers_look_and_its_setting_the_line_leaves_that_high),
        T(a_start_of_the_vm_leaves_nothing_of_the_one_before), T(the_clock_of_a_vm_that_is_paused_stands_still),
        T(a_pause_or_a_start_while_the_worker_looks_makes_nobody_hang),
        T(after_a_restart_of_the_service_all_have_their_time_anew),
        T(a_limit_holds_from_the_start_and_even_if_the_service_forgets_all),
        T(a_state_that_is_being_written_is_looked_at_soon), T(vcpus_of_one_vm_wait_for_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
