/* SPDX-License-Identifier: Apache-2.0 */
/* The manager service: who may ask for what, what reaches the steward, whose bytes go where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "manager/client.h"
#include "manager/link.h"
#include "manager_world.h"

#define PHONE_STREAM (MANAGER_STREAM(MANAGE_CONSOLE, 0) + 1)

static int setup(void **state)
{
    (void)state;
    world_start();
    return 0;
}

static uint32_t status(const struct frame *f)
{
    uint32_t error;

    assert_non_null(f);
    assert_true(f->header.length >= sizeof(error));
    memcpy(&error, f->payload, sizeof(error));
    return error;
}

static uint32_t ask(enum manage_type type, uint16_t channel, uint16_t stream, const void *payload, size_t length)
{
    world_send(type, channel, stream, payload, length);
    const struct frame *f = world_read();
    uint32_t error = status(f);
    assert_int_equal(f->header.type, type | MANAGE_ANSWER);
    assert_int_equal(f->header.channel, channel);
    assert_int_equal(f->header.sequence, 100 + channel);
    assert_null(world_read());
    return error;
}

static uint32_t hello(uint16_t channel)
{
    return ask(MANAGE_HELLO, channel, 0, &(struct manage_hello){ 1, 1 }, sizeof(struct manage_hello));
}

static uint32_t open_console(uint16_t channel, uint16_t vm, uint32_t credit)
{
    return ask(MANAGE_OPEN, channel, 0, &(struct manage_open){ MANAGE_CONSOLE, vm, credit }, sizeof(struct manage_open));
}

static void a_manager_that_begins_says_goodbye_to_all(void **state)
{
    (void)state;
    client_init(&world_config, world_slots);
    world_work();
    const struct frame *f = world_read();
    assert_non_null(f);
    assert_int_equal(f->header.type, MANAGE_GOODBYE);
    assert_int_equal(f->header.channel, 0);
}

static void hello_comes_first(void **state)
{
    (void)state;
    assert_int_equal(ask(MANAGE_MACHINE, 1, 0, NULL, 0), MANAGE_EHELLO);
    assert_int_equal(open_console(1, 0, 0), MANAGE_EHELLO);
    assert_int_equal(hello(1), MANAGE_OK);
    assert_int_equal(open_console(1, 0, 0), MANAGE_OK);
}

static void versions_have_to_meet(void **state)
{
    const struct manage_hello newer = { 2, 9 }, older = { 0, 0 }, both = { 0, 9 };

    (void)state;
    assert_int_equal(ask(MANAGE_HELLO, 1, 0, &newer, sizeof(newer)), MANAGE_EVERSION);
    assert_int_equal(ask(MANAGE_HELLO, 1, 0, &older, sizeof(older)), MANAGE_EVERSION);
    assert_int_equal(ask(MANAGE_MACHINE, 1, 0, NULL, 0), MANAGE_EHELLO);
    assert_int_equal(ask(MANAGE_HELLO, 1, 0, &both, sizeof(both)), MANAGE_OK);
}

static void a_frame_of_another_version_is_refused(void **state)
{
    uint8_t wire[MANAGE_WIRE];
    const struct manage_header h = { .version = 2, .type = MANAGE_MACHINE, .channel = 1 };

    (void)state;
    hello(1);
    world_hear(wire, frame_put(wire, h, NULL, 0));
    assert_int_equal(status(world_read()), MANAGE_EVERSION);
}

static void a_request_reaches_the_steward_as_it_is_and_its_answer_the_client(void **state)
{
    const struct manage_which which = { 1, 0 };

    (void)state;
    hello(5);
    world_send(MANAGE_VM, 5, 0, &which, sizeof(which));
    assert_int_equal(world_requests, 1);
    assert_int_equal(world_slots[0].state, SLOT_ASKED);
    assert_int_equal(world_slots[0].type, MANAGE_VM);
    assert_int_equal(world_slots[0].length, sizeof(which));
    assert_memory_equal(world_slots[0].payload, &which, sizeof(which));
    assert_null(world_read());
    world_slots[0].length = 4;
    memset(world_slots[0].payload, 0, 4);
    world_slots[0].state = SLOT_ANSWERED;
    world_work();
    const struct frame *f = world_read();
    assert_int_equal(status(f), MANAGE_OK);
    assert_int_equal(f->header.type, MANAGE_VM | MANAGE_ANSWER);
    assert_int_equal(f->header.channel, 5);
}

static void an_answer_of_no_length_that_can_be_is_cut(void **state)
{
    (void)state;
    hello(1);
    world_send(MANAGE_MACHINE, 1, 0, NULL, 0);
    world_slots[0].length = UINT32_MAX;
    world_slots[0].state = SLOT_ANSWERED;
    world_work();
    assert_int_equal(world_read()->header.length, MANAGE_PAYLOAD);
}

static void who_has_a_request_under_way_makes_no_other_and_others_do(void **state)
{
    (void)state;
    hello(1);
    hello(2);
    world_send(MANAGE_MACHINE, 1, 0, NULL, 0);
    assert_int_equal(ask(MANAGE_MACHINE, 1, 0, NULL, 0), MANAGE_EBUSY);
    world_send(MANAGE_MACHINE, 2, 0, NULL, 0);
    assert_int_equal(world_requests, 2);
}

static void a_client_that_leaves_with_a_request_under_way_leaves_its_slot_to_the_steward(void **state)
{
    (void)state;
    hello(1);
    world_send(MANAGE_MACHINE, 1, 0, NULL, 0);
    world_send(MANAGE_GOODBYE, 1, 0, NULL, 0);
    assert_int_equal(hello(1), MANAGE_OK);
    world_send(MANAGE_MACHINE, 1, 0, NULL, 0);
    assert_int_equal(world_slots[0].state, SLOT_ASKED);
    assert_int_equal(world_slots[1].state, SLOT_ASKED);
    world_slots[0].state = SLOT_ANSWERED;       /* for nobody */
    world_work();
    assert_null(world_read());
    for (uint16_t channel = 2; channel < MANAGE_CHANNELS; channel++)
        assert_int_equal(hello(channel), MANAGE_OK);
}

static void payloads_have_the_length_of_their_type(void **state)
{
    static const uint8_t zeros[MANAGE_PAYLOAD];

    (void)state;
    hello(1);
    for (unsigned type = MANAGE_HELLO; type <= MANAGE_CLOSE; type++)
        for (size_t length = 9; length <= MANAGE_PAYLOAD; length++)
            assert_int_equal(ask((enum manage_type)type, 1, 0, zeros, length), MANAGE_EPAYLOAD);
    assert_int_equal(world_requests, 0);
}

static void types_that_there_are_not_are_refused(void **state)
{
    (void)state;
    hello(1);
    assert_int_equal(ask((enum manage_type)0, 1, 0, NULL, 0), MANAGE_ETYPE);
    for (unsigned type = MANAGE_GOODBYE + 1; type < MANAGE_ANSWER; type++)
        assert_int_equal(ask((enum manage_type)type, 1, 0, NULL, 0), MANAGE_ETYPE);
}

static void answers_and_channels_that_there_are_not_are_not_answered(void **state)
{
    (void)state;
    for (unsigned type = MANAGE_ANSWER; type < 256; type++)
        world_send((enum manage_type)type, 1, 0, NULL, 0);
    world_send(MANAGE_HELLO, 0, 0, &(struct manage_hello){ 1, 1 }, sizeof(struct manage_hello));
    world_send(MANAGE_HELLO, MANAGE_CHANNELS, 0, &(struct manage_hello){ 1, 1 }, sizeof(struct manage_hello));
    world_send(MANAGE_HELLO, 65535, 0, &(struct manage_hello){ 1, 1 }, sizeof(struct manage_hello));
    assert_null(world_read());
}

/* Which types need which right is said once, in belay/manage.h. */
static void a_link_without_the_right_is_refused_and_the_steward_not_asked(void **state)
{
    static const struct { enum manage_type type; uint32_t length; uint32_t right; } needs[] = {
        { MANAGE_MACHINE, 0, MANAGE_RIGHT_LIST }, { MANAGE_VM, 4, MANAGE_RIGHT_LIST },
        { MANAGE_VCPU, 4, MANAGE_RIGHT_LIST }, { MANAGE_LOG, 8, MANAGE_RIGHT_LIST },
        { MANAGE_CONTROL, 4, MANAGE_RIGHT_CONTROL },
    };
    static const uint8_t zeros[8];

    (void)state;
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        world_config.rights[MANAGER_LINK_UART] = MANAGE_RIGHTS & ~needs[i].right;
        memset(world_slots, 0, sizeof(world_slots));
        client_init(&world_config, world_slots);
        world_work();
        while (world_read())
            continue;
        hello(1);
        assert_int_equal(ask(needs[i].type, 1, 0, zeros, needs[i].length), MANAGE_ERIGHT);
    }
    assert_int_equal(world_requests, 0);
    world_config.rights[MANAGER_LINK_UART] = MANAGE_RIGHTS & ~MANAGE_RIGHT_CONSOLE;
    client_init(&world_config, world_slots);
    world_work();
    while (world_read())
        continue;
    hello(1);
    assert_int_equal(open_console(1, 0, 0), MANAGE_ERIGHT);
}

static void welcome_tells_the_rights_of_the_link(void **state)
{
    struct manage_welcome w;

    (void)state;
    world_config.rights[MANAGER_LINK_UART] = MANAGE_RIGHT_LIST;
    client_init(&world_config, world_slots);
    world_work();
    while (world_read())
        continue;
    world_send(MANAGE_HELLO, 1, 0, &(struct manage_hello){ 1, 1 }, sizeof(struct manage_hello));
    memcpy(&w, world_read()->payload, sizeof(w));
    assert_int_equal(w.rights, MANAGE_RIGHT_LIST);
    assert_int_equal(w.version, 1);
    assert_int_equal(w.payload, MANAGE_PAYLOAD);
}

static void only_streams_that_there_are_can_be_opened_and_by_one_at_a_time(void **state)
{
    (void)state;
    hello(1);
    hello(2);
    assert_int_equal(open_console(1, 2, 0), MANAGE_ESTREAM);
    assert_int_equal(open_console(1, BELAY_VMS_MAX, 0), MANAGE_ESTREAM);    /* which would be the next kind's */
    assert_int_equal(open_console(1, 65535, 0), MANAGE_ESTREAM);
    assert_int_equal(ask(MANAGE_OPEN, 1, 0, &(struct manage_open){ MANAGE_STREAMS, 0, 0 }, 8), MANAGE_EPAYLOAD);
    assert_int_equal(ask(MANAGE_OPEN, 1, 0, &(struct manage_open){ 65535, 0, 0 }, 8), MANAGE_EPAYLOAD);
    assert_int_equal(ask(MANAGE_OPEN, 1, 0, &(struct manage_open){ MANAGE_GDB, 0, 0 }, 8), MANAGE_ESTREAM);
    assert_int_equal(open_console(1, 0, 0), MANAGE_OK);
    assert_true(stream_is_open(&world_streams[0]));
    assert_int_equal(open_console(2, 0, 0), MANAGE_EBUSY);
    assert_int_equal(ask(MANAGE_CLOSE, 2, PHONE_STREAM, NULL, 0), MANAGE_ESTREAM);
    assert_int_equal(ask(MANAGE_CLOSE, 1, PHONE_STREAM, NULL, 0), MANAGE_OK);
    assert_false(stream_is_open(&world_streams[0]));
    assert_int_equal(open_console(2, 0, 0), MANAGE_OK);
}

static void a_client_that_is_gone_has_its_streams_closed(void **state)
{
    (void)state;
    hello(1);
    open_console(1, 0, 0);
    world_send(MANAGE_GOODBYE, 1, 0, NULL, 0);
    assert_false(stream_is_open(&world_streams[0]));
    hello(1);
    open_console(1, 0, 0);
    hello(1);                                   /* begins again: another one behind the same channel */
    assert_false(stream_is_open(&world_streams[0]));
}

static void a_client_that_its_service_cannot_go_on_with_is_told_so(void **state)
{
    (void)state;
    hello(1);
    open_console(1, 0, 0);
    world_streams[0].ended = world_streams[0].turns;
    world_work();
    const struct frame *f = world_read();
    assert_int_equal(f->header.type, MANAGE_CLOSE);
    assert_int_equal(f->header.stream, PHONE_STREAM);
    assert_false(stream_is_open(&world_streams[0]));
    assert_int_equal(open_console(1, 0, 0), MANAGE_OK);         /* the next is another matter */
    world_work();
    assert_null(world_read());
    assert_true(stream_is_open(&world_streams[0]));
}

static void a_stream_sends_no_more_than_its_client_has_room_for(void **state)
{
    const struct frame *f;
    size_t bytes = 0;

    (void)state;
    hello(1);
    open_console(1, 0, 600);
    while (ring_push(&world_streams[0].up, 'x'))
        continue;
    world_work();
    while ((f = world_read()) != NULL) {
        assert_int_equal(f->header.type, MANAGE_DATA);
        assert_int_equal(f->header.stream, PHONE_STREAM);
        bytes += f->header.length;
    }
    assert_int_equal(bytes, 600);
    world_send(MANAGE_CREDIT, 1, PHONE_STREAM, &(struct manage_credit){ 7 }, sizeof(struct manage_credit));
    f = world_read();
    assert_non_null(f);
    assert_int_equal(f->header.length, 7);
}

static void credit_can_be_given_without_end(void **state)
{
    (void)state;
    hello(1);
    open_console(1, 0, UINT32_MAX);
    for (int i = 0; i < 3; i++)
        world_send(MANAGE_CREDIT, 1, PHONE_STREAM, &(struct manage_credit){ UINT32_MAX }, sizeof(struct manage_credit));
    ring_push(&world_streams[0].up, 'x');
    world_work();
    assert_int_equal(world_read()->header.length, 1);
}

static void what_is_typed_arrives_up_to_the_room_that_was_told_and_reading_makes_more(void **state)
{
    struct manage_opened opened;
    uint8_t keys[MANAGE_PAYLOAD], byte;

    (void)state;
    memset(keys, 'k', sizeof(keys));
    hello(1);
    world_send(MANAGE_OPEN, 1, 0, &(struct manage_open){ MANAGE_CONSOLE, 0, 0 }, sizeof(struct manage_open));
    memcpy(&opened, world_read()->payload, sizeof(opened));
    assert_int_equal(opened.credit, RING_SIZE);
    for (unsigned i = 0; i < 10; i++)
        world_send(MANAGE_DATA, 1, PHONE_STREAM, keys, sizeof(keys));
    assert_int_equal(ring_fill(&world_streams[0].down), RING_SIZE);
    assert_null(world_read());
    while (ring_pop(&world_streams[0].down, &byte))
        assert_int_equal(byte, 'k');
    world_work();
    const struct frame *f = world_read();
    assert_int_equal(f->header.type, MANAGE_CREDIT);
    memcpy(&opened.credit, f->payload, sizeof(opened.credit));
    assert_int_equal(opened.credit, RING_SIZE);
}

static void bytes_for_anothers_stream_go_nowhere(void **state)
{
    (void)state;
    hello(1);
    hello(2);
    open_console(1, 0, 0);
    world_send(MANAGE_DATA, 2, PHONE_STREAM, "rm", 2);
    world_send(MANAGE_DATA, 3, PHONE_STREAM, "rm", 2);
    world_send(MANAGE_DATA, 1, PHONE_STREAM + 1, "rm", 2);
    world_send(MANAGE_DATA, 1, 0, "rm", 2);
    world_send(MANAGE_DATA, 1, 65535, "rm", 2);
    assert_int_equal(ring_fill(&world_streams[0].down) + ring_fill(&world_streams[1].down), 0);
    assert_null(world_read());
}

static void who_lost_bytes_is_told_how_many(void **state)
{
    struct manage_credit lost;

    (void)state;
    world_streams[0].lost = 5;                  /* of another client's time */
    hello(1);
    open_console(1, 0, 1000);
    world_streams[0].lost = 12;
    world_work();
    const struct frame *f = world_read();
    assert_int_equal(f->header.type, MANAGE_LOST);
    memcpy(&lost, f->payload, sizeof(lost));
    assert_int_equal(lost.bytes, 7);
}

static void a_wire_that_is_not_read_is_not_listened_to_and_goes_on_later(void **state)
{
    unsigned answers = 0;

    (void)state;
    hello(1);
    world_room = 0;
    for (unsigned i = 0; i < 100; i++)
        world_send(MANAGE_CLOSE, 1, 99, NULL, 0);
    world_room = SIZE_MAX;
    world_work();
    while (world_read())
        answers++;
    assert_in_range(answers, 1, 99);
    assert_int_equal(hello(1), MANAGE_OK);
}

static void a_stream_whose_counters_are_spoilt_does_no_harm(void **state)
{
    (void)state;
    hello(1);
    open_console(1, 0, UINT32_MAX);
    srand(1);
    for (unsigned i = 0; i < 200; i++) {
        world_streams[0].up.head = (uint32_t)rand();
        world_streams[0].up.tail = (uint32_t)rand();
        world_streams[0].down.head = (uint32_t)rand();
        world_streams[0].down.tail = (uint32_t)rand();
        world_room = 2000;
        world_send(MANAGE_DATA, 1, PHONE_STREAM, "hello", 5);
        while (world_read())
            continue;
        world_streams[0].up.head = world_streams[0].up.tail;
    }
    world_room = SIZE_MAX;
    world_work();
    while (world_read())
        continue;
    world_send(MANAGE_GOODBYE, 1, 0, NULL, 0);
    while (world_read())
        continue;
    assert_int_equal(hello(2), MANAGE_OK);
}

/* It waits, and is not told of room by an answer: noise has none. */
static void the_uart_of_the_vm_that_manages_is_told_of_room_when_it_waits_though_there_is_no_answer(void **state)
{
    struct stream *s = &world_streams[MANAGER_STREAM_VM];

    (void)state;
    world_start_link();
    assert_true(ring_push(&s->up, 'x'));
    assert_false(stream_wait(s));
    world_work();
    assert_int_equal(world_moved[MANAGER_STREAM_VM], 0);
    while (ring_push(&s->up, 'x'))
        continue;
    assert_true(stream_wait(s));
    world_work();
    assert_int_equal(ring_fill(&s->up), 0);
    assert_int_not_equal(world_moved[MANAGER_STREAM_VM], 0);
    assert_int_equal(ring_fill(&s->down), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(a_manager_that_begins_says_goodbye_to_all), TEST(hello_comes_first), TEST(versions_have_to_meet),
        TEST(a_frame_of_another_version_is_refused),
        TEST(a_request_reaches_the_steward_as_it_is_and_its_answer_the_client),
        TEST(an_answer_of_no_length_that_can_be_is_cut),
        TEST(who_has_a_request_under_way_makes_no_other_and_others_do),
        TEST(a_client_that_leaves_with_a_request_under_way_leaves_its_slot_to_the_steward),
        TEST(payloads_have_the_length_of_their_type), TEST(types_that_there_are_not_are_refused),
        TEST(answers_and_channels_that_there_are_not_are_not_answered),
        TEST(a_link_without_the_right_is_refused_and_the_steward_not_asked), TEST(welcome_tells_the_rights_of_the_link),
        TEST(only_streams_that_there_are_can_be_opened_and_by_one_at_a_time),
        TEST(a_client_that_is_gone_has_its_streams_closed), TEST(a_client_that_its_service_cannot_go_on_with_is_told_so),
        TEST(a_stream_sends_no_more_than_its_client_has_room_for),
        TEST(credit_can_be_given_without_end),
        TEST(what_is_typed_arrives_up_to_the_room_that_was_told_and_reading_makes_more),
        TEST(bytes_for_anothers_stream_go_nowhere), TEST(who_lost_bytes_is_told_how_many),
        TEST(a_wire_that_is_not_read_is_not_listened_to_and_goes_on_later),
        TEST(a_stream_whose_counters_are_spoilt_does_no_harm),
        TEST(the_uart_of_the_vm_that_manages_is_told_of_room_when_it_waits_though_there_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
