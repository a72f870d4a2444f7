/* SPDX-License-Identifier: Apache-2.0 */
/* The steward's rings of the trace: they are what the manager wants, also when a CPU takes its time or memory is out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/hypercall.h"
#include "steward/manager.h"
#include "steward/memory.h"
#include "steward/supervise.h"
#include "steward/tracing.c"    /* its memory is new in each test */

static struct manager_page page;
static const struct belay_boot_info info = { .cpus = 2 };
static const struct machine machine = { .info = &info };
static uint32_t traced[2];      /* as the nucleus sees them */
static bool ending[2];          /* a stop has begun: nothing is written any more */
static bool slow, poor;         /* the CPUs answer later; there is no memory */
static unsigned taken, mapped, said;

struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    int error = BELAY_OK;

    (void)a4, (void)a5;
    assert_int_equal(a0, BELAY_H_MACHINE);
    assert_true(a1 < 2);
    if (number == BELAY_HC_TRACE_START) {
        assert_int_equal(a2, 100 + a1);
        assert_int_equal(traced[a1], 0);
        traced[a1] = (uint32_t)a3;
    } else {
        assert_int_equal(number, BELAY_HC_TRACE_STOP);
        assert_int_not_equal(traced[a1], 0);
        error = slow ? BELAY_EAGAIN : BELAY_OK;
        traced[a1] = slow ? traced[a1] : 0;
        ending[a1] = slow;
    }
    return (struct hypercall_result){ error, { 0 } };
}

struct manager_trace *manager_traces(void) { return page.trace; }
const struct machine *supervise_machine(void) { return &machine; }
void say(const char *format, ...) { (void)format; said++; }

int manager_map_trace(unsigned cpu, const struct extent *e)
{
    assert_int_equal(e->bytes, MANAGER_TRACE_BYTES);
    (void)cpu;
    mapped++;
    return BELAY_OK;
}

static unsigned next_cpu;

bool memory_take(uint64_t bytes, uint64_t align, struct extent *e)
{
    (void)align;
    *e = (struct extent){ .handle = 100 + next_cpu, .bytes = bytes };
    taken += !poor;
    return !poor;
}

static int setup(void **state)
{
    (void)state;
    memset(&page, 0, sizeof page);
    memset(tracing, 0, sizeof tracing);
    memset(traced, 0, sizeof traced);
    memset(ending, 0, sizeof ending);
    slow = poor = false;
    taken = mapped = said = next_cpu = 0;
    return 0;
}

static void a_cpu_is_traced_as_is_wanted_in_memory_that_is_taken_once(void **state)
{
    (void)state;
    tracing_look();
    assert_int_equal(taken, 0);
    for (uint32_t kinds = 2; kinds < 40; kinds += 2) {
        next_cpu = 1;
        page.trace[1].wanted = kinds;
        tracing_look();
        assert_int_equal(traced[1], kinds);
        assert_int_equal(page.trace[1].got, kinds);
    }
    page.trace[1].wanted = 0;
    tracing_look();
    assert_int_equal(traced[1], 0);
    assert_int_equal(page.trace[1].got, 0);
    assert_int_equal(traced[0], 0);
    assert_int_equal(taken, 1);
    assert_int_equal(mapped, 1);
}

static void a_cpu_that_takes_its_time_is_looked_at_again(void **state)
{
    (void)state;
    page.trace[0].wanted = 6;
    tracing_look();
    slow = true;
    page.trace[0].wanted = 8;
    tracing_look();
    assert_int_equal(page.trace[0].got, 0);
    slow = false;
    tracing_look();
    assert_int_equal(page.trace[0].got, 8);
    assert_int_equal(traced[0], 8);
}

static void what_is_wanted_again_while_it_ends_begins_anew(void **state)
{
    (void)state;
    page.trace[0].wanted = 6;
    tracing_look();
    slow = true;
    page.trace[0].wanted = 0;
    tracing_look();
    page.trace[0].wanted = 6;
    tracing_look();
    assert_true(ending[0]);
    assert_int_equal(page.trace[0].got, 0);
    slow = false;
    tracing_look();
    assert_false(ending[0]);
    assert_int_equal(traced[0], 6);
    assert_int_equal(page.trace[0].got, 6);
}

static void without_memory_it_fails_once_and_says_so_once(void **state)
{
    (void)state;
    poor = true;
    page.trace[0].wanted = 6;
    for (unsigned i = 0; i < 5; i++) {
        tracing_look();
        assert_int_equal(page.trace[0].got, MANAGER_TRACE_FAILED);
    }
    assert_int_equal(said, 1);
    page.trace[0].wanted = 0;
    tracing_look();
    assert_int_equal(page.trace[0].got, 0);
    poor = false;
    page.trace[0].wanted = 6;
    tracing_look();
    assert_int_equal(page.trace[0].got, 6);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(a_cpu_is_traced_as_is_wanted_in_memory_that_is_taken_once), TEST(a_cpu_that_takes_its_time_is_looked_at_again),
        TEST(what_is_wanted_again_while_it_ends_begins_anew),
        TEST(without_memory_it_fails_once_and_says_so_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
