/* SPDX-License-Identifier: Apache-2.0 */
/* The manager's streams of traces: what its clients want reaches the steward, what the nucleus wrote reaches them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/pack.h"
#include "lib/service.h"
#include "manager/client.h"
#include "manager/trace.h"
#include "manager_world.h"

#define TRACE(cpu)  (MANAGER_STREAM(MANAGE_TRACE, cpu) + 1)
#define KINDS       BELAY_TRACE_BIT(BELAY_TRACE_SWITCH)

static uint64_t seen;           /* records of CPU 0 that came */

static struct belay_trace_ring *ring(unsigned cpu)
{
    return (void *)world_ring[cpu];
}

static int setup(void **state)
{
    static const struct manage_hello hello = { 1, 1 };

    (void)state;
    world_start();
    seen = 0;
    for (uint16_t channel = 1; channel < 3; channel++) {
        world_send(MANAGE_HELLO, channel, 0, &hello, sizeof hello);
        assert_non_null(world_read());
    }
    for (unsigned cpu = 0; cpu < WORLD_CPUS; cpu++)
        ring(cpu)->capacity = WORLD_RECORDS;
    return 0;
}

static uint32_t status(void)
{
    const struct frame *f = world_read();
    uint32_t error;

    assert_non_null(f);
    memcpy(&error, f->payload, sizeof error);
    return error;
}

static uint32_t open_trace(uint16_t channel, uint16_t cpu, uint32_t credit)
{
    const struct manage_open open = { MANAGE_TRACE, cpu, credit };

    world_send(MANAGE_OPEN, channel, 0, &open, sizeof open);
    return status();
}

static void say_kinds(uint16_t channel, uint16_t cpu, uint32_t kinds)
{
    world_send(MANAGE_DATA, channel, TRACE(cpu), &kinds, sizeof kinds);
}

/* The steward does what is wanted. */
static void steward(void)
{
    for (unsigned cpu = 0; cpu < WORLD_CPUS; cpu++)
        world_page.trace[cpu].got = world_page.trace[cpu].wanted;
}

static void begin(uint32_t credit)
{
    assert_int_equal(open_trace(1, 0, credit), MANAGE_OK);
    say_kinds(1, 0, KINDS);
    steward();
    world_work();
}

static void write_records(unsigned cpu, unsigned count)
{
    while (count--) {
        struct belay_trace_ring *r = ring(cpu);
        r->record[r->written % WORLD_RECORDS] = (struct belay_trace_record){
            .kind = BELAY_TRACE_SWITCH, .sequence = (uint32_t)r->written, .a = ~r->written,
        };
        r->written++;
    }
}

/* All frames of CPU 0 are packs; each record follows the last. */
static unsigned read_records(void)
{
    static struct belay_trace_record records[PACK_RECORDS];
    unsigned count = 0;
    const struct frame *f;

    world_work();
    while ((f = world_read())) {
        assert_int_equal(f->header.type, MANAGE_DATA);
        assert_int_equal(f->header.stream, TRACE(0));
        int n = pack_open(f->payload, f->header.length, records);
        assert_in_range(n, 1, PACK_RECORDS);
        for (int i = 0; i < n; i++, count++) {
            assert_in_range(records[i].sequence, seen, UINT32_MAX);
            assert_int_equal(records[i].a, ~(uint64_t)records[i].sequence);
            seen = records[i].sequence + 1;
        }
    }
    return count;
}

static void a_trace_is_wanted_once_its_client_has_said_of_which_kinds(void **state)
{
    const uint32_t kinds = KINDS;

    (void)state;
    assert_int_equal(open_trace(1, 1, 0), MANAGE_OK);
    world_send(MANAGE_DATA, 1, TRACE(1), &kinds, 3);
    assert_int_equal(world_page.trace[1].wanted, 0);
    assert_int_equal(world_requests, 0);
    world_send(MANAGE_DATA, 1, TRACE(1), (const uint8_t *)&kinds + 3, 1);
    assert_int_equal(world_page.trace[1].wanted, KINDS);
    assert_int_equal(world_page.trace[0].wanted, 0);
    assert_int_equal(world_requests, 1);
}

static void records_come_in_order_as_they_are_written(void **state)
{
    (void)state;
    begin(100000);
    for (unsigned i = 0; i < 10; i++) {
        write_records(0, i % WORLD_RECORDS);
        assert_int_equal(read_records(), i % WORLD_RECORDS);
    }
    assert_int_equal(seen, ring(0)->written);
}

static void nothing_comes_before_there_is_a_ring(void **state)
{
    (void)state;
    write_records(0, 3);
    assert_int_equal(open_trace(1, 0, 1000), MANAGE_OK);
    say_kinds(1, 0, KINDS);
    assert_int_equal(read_records(), 0);
    steward();
    assert_int_equal(read_records(), 3);
}

static void no_more_comes_than_there_is_room_for(void **state)
{
    const uint32_t least = PACK_HEAD + PACK_RECORD_MAX;
    const struct manage_credit more = { least };

    (void)state;
    begin(least);
    write_records(0, 5);
    assert_in_range(read_records(), 1, 4);
    assert_int_equal(read_records(), 0);
    world_send(MANAGE_CREDIT, 1, TRACE(0), &more, sizeof more);
    read_records();
    world_send(MANAGE_CREDIT, 1, TRACE(0), &more, sizeof more);
    read_records();
    assert_int_equal(seen, 5);
}

static void what_was_overwritten_is_skipped(void **state)
{
    (void)state;
    begin(100000);
    write_records(0, 3 * WORLD_RECORDS);
    assert_int_equal(read_records(), WORLD_RECORDS - 1);        /* the oldest may be being overwritten */
    assert_int_equal(seen, 3 * WORLD_RECORDS);
}

static void a_ring_that_can_not_be_is_not_read(void **state)
{
    (void)state;
    begin(100000);
    write_records(0, 3);
    ring(0)->capacity = 0;
    assert_int_equal(read_records(), 0);
    ring(0)->capacity = MANAGER_TRACE_BYTES / sizeof(struct belay_trace_record);
    assert_int_equal(read_records(), 0);
    ring(0)->capacity = WORLD_RECORDS;
    assert_int_equal(read_records(), 3);
}

/* The steward may have begun to end the last client's as the next found it. */
static void a_ring_that_begins_anew_is_read_from_its_beginning(void **state)
{
    (void)state;
    begin(100000);
    write_records(0, 3);
    assert_int_equal(read_records(), 3);
    ring(0)->written = seen = 0;
    write_records(0, 2);
    assert_int_equal(read_records(), 2);
}

static void who_leaves_ends_the_trace_and_the_next_sees_none_of_it(void **state)
{
    (void)state;
    begin(100000);
    write_records(0, 3);
    world_send(MANAGE_GOODBYE, 1, 0, NULL, 0);
    assert_int_equal(world_page.trace[0].wanted, 0);
    while (world_read())
        continue;
    assert_int_equal(open_trace(2, 0, 100000), MANAGE_OK);
    say_kinds(2, 0, KINDS);                     /* before the steward has ended the first */
    assert_int_equal(read_records(), 0);
    write_records(0, 2);
    assert_int_equal(read_records(), 2);
}

static void a_trace_is_one_clients_at_a_time(void **state)
{
    (void)state;
    assert_int_equal(open_trace(1, 0, 0), MANAGE_OK);
    assert_int_equal(open_trace(2, 0, 0), MANAGE_EBUSY);
    assert_int_equal(open_trace(2, 1, 0), MANAGE_OK);
    assert_int_equal(open_trace(2, WORLD_CPUS, 0), MANAGE_ESTREAM);
    assert_int_equal(open_trace(2, BELAY_VMS_MAX - 1, 0), MANAGE_ESTREAM);
    say_kinds(2, 0, KINDS);
    assert_int_equal(world_page.trace[0].wanted, 0);
}

static void a_link_without_the_right_traces_nothing(void **state)
{
    static const struct manage_hello hello = { 1, 1 };

    (void)state;
    world_config.rights[MANAGER_LINK_UART] = MANAGE_RIGHTS & ~MANAGE_RIGHT_TRACE;
    client_init(&world_config, world_slots);
    world_work();
    while (world_read())
        continue;
    world_send(MANAGE_HELLO, 1, 0, &hello, sizeof hello);
    assert_non_null(world_read());
    assert_int_equal(open_trace(1, 0, 0), MANAGE_ERIGHT);
}

static void check_closed(void)
{
    world_work();
    const struct frame *f = world_read();
    assert_non_null(f);
    assert_int_equal(f->header.type, MANAGE_CLOSE);
    assert_int_equal(f->header.stream, TRACE(0));
    assert_int_equal(world_page.trace[0].wanted, 0);
    assert_int_equal(open_trace(2, 0, 0), MANAGE_OK);
    world_send(MANAGE_CLOSE, 2, TRACE(0), NULL, 0);
    assert_int_equal(status(), MANAGE_OK);
}

static void what_can_not_be_traced_closes_the_stream(void **state)
{
    static const uint32_t wrong[] = { 0, 1, BELAY_TRACE_BIT(BELAY_TRACE_KINDS_END), UINT32_MAX };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(open_trace(1, 0, 0), MANAGE_OK);
        say_kinds(1, 0, wrong[i]);
        check_closed();
    }
    assert_int_equal(open_trace(1, 0, 0), MANAGE_OK);
    say_kinds(1, 0, KINDS);
    world_page.trace[0].got = MANAGER_TRACE_FAILED;
    check_closed();
}

static void what_a_client_says_beyond_the_kinds_is_dropped(void **state)
{
    static const uint8_t bytes[MANAGE_PAYLOAD] = { KINDS };

    (void)state;
    assert_int_equal(open_trace(1, 0, 0), MANAGE_OK);
    for (unsigned i = 0; i < 4; i++)
        world_send(MANAGE_DATA, 1, TRACE(0), bytes, sizeof bytes);
    assert_int_equal(world_page.trace[0].wanted, KINDS);
    assert_null(world_read());
}

static void a_manager_that_begins_anew_wants_none(void **state)
{
    (void)state;
    begin(1000);
    client_init(&world_config, world_slots);
    assert_int_equal(world_page.trace[0].wanted, 0);
}

static void it_looks_again_while_a_trace_is_on_or_changes(void **state)
{
    (void)state;
    assert_int_equal(trace_rest(), 0);
    assert_int_equal(open_trace(1, 0, 1000), MANAGE_OK);
    assert_int_equal(trace_rest(), 0);
    say_kinds(1, 0, KINDS);
    unsigned before = world_requests;
    assert_int_not_equal(trace_rest(), 0);
    assert_int_equal(world_requests, before + 1);       /* the steward is told again */
    steward();
    world_work();
    assert_int_not_equal(trace_rest(), 0);
    assert_int_equal(world_requests, before + 1);
    world_send(MANAGE_CLOSE, 1, TRACE(0), NULL, 0);
    assert_int_not_equal(trace_rest(), 0);
    steward();
    assert_int_equal(trace_rest(), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(a_trace_is_wanted_once_its_client_has_said_of_which_kinds), TEST(records_come_in_order_as_they_are_written),
        TEST(nothing_comes_before_there_is_a_ring), TEST(no_more_comes_than_there_is_room_for),
        TEST(what_was_overwritten_is_skipped), TEST(a_ring_that_can_not_be_is_not_read),
        TEST(a_ring_that_begins_anew_is_read_from_its_beginning),
        TEST(who_leaves_ends_the_trace_and_the_next_sees_none_of_it), TEST(a_trace_is_one_clients_at_a_time),
        TEST(a_link_without_the_right_traces_nothing), TEST(what_can_not_be_traced_closes_the_stream),
        TEST(what_a_client_says_beyond_the_kinds_is_dropped), TEST(a_manager_that_begins_anew_wants_none),
        TEST(it_looks_again_while_a_trace_is_on_or_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
