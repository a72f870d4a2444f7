/* SPDX-License-Identifier: Apache-2.0 */
/* A CPU writes what happens on it into the extent that it was given, whatever is in there, and nowhere else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/assert.h"
#include "core/mem.h"
#include "core_world.h"

#define CAPACITY  126       /* of a page */

static _Alignas(BELAY_PAGE_SIZE) uint8_t page[3][BELAY_PAGE_SIZE];
static struct belay_trace_ring *const ring = (void *)page[1];
static struct mem extent, another;

static int begin(void **state)
{
    world_begin(state);
    cpus_running = 2;
    memset(page, 0xa5, sizeof page);
    extent = (struct mem){ .base = pa((uintptr_t)ring), .size = BELAY_PAGE_SIZE, .kind = BELAY_MEM_RAM };
    another = (struct mem){ .base = pa((uintptr_t)page[2]), .size = BELAY_PAGE_SIZE, .kind = BELAY_MEM_RAM };
    trace_init_cpu(&world_cpu);
    trace_init_cpu(&world_other);
    return 0;
}

static void start(uint32_t kinds)
{
    assert_int_equal(trace_start(&world_cpu, &extent, kinds), BELAY_OK);
    assert_true(world_takes_messages());
}

static void wake(unsigned times)
{
    while (times--)
        trace(&world_cpu, WAKE, world_context(1), times, 0);
}

static void a_record_says_when_what_and_who(void **state)
{
    (void)state;
    start(BELAY_TRACE_BIT(BELAY_TRACE_TIMER));
    world_domain[2].space.vttbr = UINT64_C(7) << 48;
    world_context(2)->index = 3;
    world_context(2)->trace_name = TRACE_NAME(3, 7);
    trace(&world_cpu, TIMER, world_context(2), 0x1234, 27);
    trace_of_domain(&world_cpu, TIMER, &world_domain[2], 1, 2);
    assert_int_equal(ring->written, 2);
    assert_int_equal(ring->capacity, CAPACITY);
    const struct belay_trace_record *r = ring->record;
    assert_int_equal(r->ticks, WORLD_EPOCH);
    assert_int_equal(r->kind, BELAY_TRACE_TIMER);
    assert_int_equal(r->context, 3);
    assert_int_equal(r->domain, 7);
    assert_int_equal(r->sequence, 0);
    assert_int_equal(r->a, 0x1234);
    assert_int_equal(r->b, 27);
    assert_int_equal(r[1].context, BELAY_TRACE_DOMAIN);
    assert_int_equal(r[1].domain, 7);
    assert_int_equal(r[1].sequence, 1);
}

static void the_first_record_says_who_runs(void **state)
{
    (void)state;
    world_start(0, 10, 0, 0);
    world_run_to(0);
    start(BELAY_TRACE_ALL);
    assert_int_equal(ring->record[0].kind, BELAY_TRACE_SWITCH);
    assert_int_equal(ring->record[0].context, world_context(0)->index);
    assert_int_equal(ring->record[0].a, 10);
}

static void switches_and_budgets_alternate_as_they_ran(void **state)
{
    enum { SWITCH = BELAY_TRACE_SWITCH, OUT = BELAY_TRACE_DEPLETED, IN = BELAY_TRACE_REPLENISHED };
    static const struct { unsigned at, kind, domain; } want[] = {
        { 0, SWITCH, 0 }, { 0, SWITCH, 1 }, { 10, OUT, 1 }, { 10, SWITCH, 0 }, { 100, IN, 1 }, { 100, SWITCH, 1 },
        { 110, OUT, 1 }, { 110, SWITCH, 0 },
    };

    (void)state;
    for (unsigned i = 0; i < 2; i++)
        world_context(i)->trace_name = TRACE_NAME(0, i);
    start(BELAY_TRACE_BIT(SWITCH) | BELAY_TRACE_BIT(OUT) | BELAY_TRACE_BIT(IN));
    world_start(1, 10, 10, 100);
    world_run_to(150);
    assert_int_equal(ring->written, sizeof want / sizeof want[0]);
    for (unsigned i = 0; i < ring->written; i++) {
        assert_int_equal(ring->record[i].ticks, WORLD_EPOCH + want[i].at);
        assert_int_equal(ring->record[i].kind, want[i].kind);
        assert_int_equal(ring->record[i].domain, want[i].domain);
    }
}

static void a_full_ring_overwrites_the_oldest(void **state)
{
    (void)state;
    start(BELAY_TRACE_BIT(BELAY_TRACE_WAKE));
    wake(CAPACITY);
    assert_int_equal(ring->record[0].sequence, 0);
    wake(2);
    assert_int_equal(ring->written, CAPACITY + 2);
    assert_int_equal(ring->record[0].sequence, CAPACITY);
    assert_int_equal(ring->record[1].sequence, CAPACITY + 1);
    assert_int_equal(ring->record[2].sequence, 2);
}

static void of_more_memory_than_a_count_has_bits_for_the_rest_is_left(void **state)
{
    (void)state;
    extent.size = (UINT64_C(1) << 32) * sizeof(struct belay_trace_record) + 2 * BELAY_PAGE_SIZE;
    start(BELAY_TRACE_BIT(BELAY_TRACE_WAKE));
    assert_int_equal(ring->capacity, UINT32_MAX);
    wake(1);
    assert_int_equal(ring->written, 1);
}

static void nothing_that_is_in_the_extent_is_believed(void **state)
{
    (void)state;
    start(BELAY_TRACE_BIT(BELAY_TRACE_WAKE));
    for (unsigned n = 1; n < 3 * CAPACITY; n++) {
        memset(ring, (int)n, BELAY_PAGE_SIZE);
        wake(1);
        assert_int_equal(ring->written, n);
        assert_int_equal(ring->record[(n - 1) % CAPACITY].sequence, n - 1);
    }
    for (unsigned i = 0; i < BELAY_PAGE_SIZE; i++)
        assert_true(page[0][i] == 0xa5 && page[2][i] == 0xa5);
}

static void kinds_that_are_off_are_not_written(void **state)
{
    (void)state;
    wake(1);
    start(BELAY_TRACE_ALL & ~BELAY_TRACE_BIT(BELAY_TRACE_WAKE) & ~BELAY_TRACE_BIT(BELAY_TRACE_SWITCH));
    wake(5);
    assert_int_equal(ring->written, 0);
}

static void a_ring_is_nothing_else(void **state)
{
    (void)state;
    extent.size *= 2;
    assert_int_equal(mem_may_split(&extent, BELAY_PAGE_SIZE), BELAY_OK);
    start(BELAY_TRACE_ALL);
    assert_int_equal(mem_may_split(&extent, BELAY_PAGE_SIZE), BELAY_EBUSY);
    assert_int_not_equal(extent.mappings, 0);           /* nor a pool: DOMAIN_CREATE asks for that */
    assert_int_equal(trace_stop(&world_cpu), BELAY_EAGAIN);
    assert_int_equal(mem_may_split(&extent, BELAY_PAGE_SIZE), BELAY_EBUSY);
    assert_true(world_takes_messages());
    wake(1);
    assert_int_equal(trace_stop(&world_cpu), BELAY_OK);
    assert_int_equal(mem_may_split(&extent, BELAY_PAGE_SIZE), BELAY_OK);
    assert_int_equal(trace_stop(&world_cpu), BELAY_ESTATE);
}

static void another_cpu_begins_and_ends_when_it_hears_of_it(void **state)
{
    (void)state;
    assert_int_equal(trace_stop(&world_other), BELAY_ESTATE);
    assert_int_equal(trace_start(&world_other, &extent, BELAY_TRACE_ALL), BELAY_OK);
    assert_int_equal(trace_start(&world_other, &another, BELAY_TRACE_ALL), BELAY_EBUSY);
    assert_int_equal(world_other.trace.kinds, 0);
    world_on(&world_other);
    assert_true(world_takes_messages());
    assert_int_equal(world_other.trace.kinds, BELAY_TRACE_ALL);
    assert_int_equal(world_cpu.trace.kinds, 0);
    world_on(&world_cpu);
    assert_int_equal(trace_stop(&world_other), BELAY_EAGAIN);
    assert_int_equal(trace_stop(&world_other), BELAY_EAGAIN);
    assert_int_equal(trace_start(&world_other, &another, BELAY_TRACE_ALL), BELAY_EBUSY);
    world_on(&world_other);
    assert_true(world_takes_messages());
    assert_int_equal(world_other.trace.kinds, 0);
    world_on(&world_cpu);
    assert_int_equal(trace_stop(&world_other), BELAY_OK);
    assert_int_equal(trace_start(&world_other, &extent, BELAY_TRACE_ALL), BELAY_OK);
}

/* Stopped before the CPU has heard of the start: the one message says the newest. */
static void a_stop_overtakes_a_start(void **state)
{
    (void)state;
    assert_int_equal(trace_start(&world_other, &extent, BELAY_TRACE_ALL), BELAY_OK);
    assert_int_equal(trace_stop(&world_other), BELAY_EAGAIN);
    world_on(&world_other);
    while (world_takes_messages())
        ;
    world_on(&world_cpu);
    assert_int_equal(ring->written, 0);
    assert_int_equal(trace_stop(&world_other), BELAY_OK);
}

#define TEST(f) cmocka_unit_test_setup(f, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_record_says_when_what_and_who),
        TEST(the_first_record_says_who_runs),
        TEST(switches_and_budgets_alternate_as_they_ran),
        TEST(a_full_ring_overwrites_the_oldest),
        TEST(of_more_memory_than_a_count_has_bits_for_the_rest_is_left),
        TEST(nothing_that_is_in_the_extent_is_believed),
        TEST(kinds_that_are_off_are_not_written),
        TEST(a_ring_is_nothing_else),
        TEST(another_cpu_begins_and_ends_when_it_hears_of_it),
        TEST(a_stop_overtakes_a_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
