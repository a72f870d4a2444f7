/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the management protocol: what one end sends the other has, whatever happens between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/frame.h"

#define END 0xc0

static struct frame_decoder decoder;
static uint8_t wire[MANAGE_WIRE];

static int setup(void **state)
{
    (void)state;
    memset(&decoder, 0, sizeof(decoder));
    return 0;
}

static const struct manage_header header = { .version = 1, .type = MANAGE_DATA, .channel = 3, .stream = 7, .sequence = 99 };

/* How many frames came of it. */
static unsigned feed(const uint8_t *bytes, size_t length)
{
    unsigned frames = 0;

    for (size_t i = 0; i < length; i++)
        frames += frame_take(&decoder, bytes[i]);
    return frames;
}

static void what_is_sent_arrives(void **state)
{
    uint8_t payload[MANAGE_PAYLOAD];

    (void)state;
    srand(1);
    for (size_t length = 0; length <= MANAGE_PAYLOAD; length++) {
        for (size_t i = 0; i < length; i++)
            payload[i] = (uint8_t)(rand() % 4 ? rand() : rand() % 2 ? END : 0xdb);
        size_t bytes = frame_put(wire, header, payload, length);
        assert_true(bytes <= sizeof(wire));
        assert_int_equal(feed(wire, bytes), 1);
        assert_int_equal(decoder.frame.header.length, length);
        assert_int_equal(decoder.frame.header.sequence, 99);
        assert_memory_equal(decoder.frame.payload, payload, length);
    }
    assert_int_equal(decoder.dropped, 0);
}

static void the_largest_frame_fits_the_wire(void **state)
{
    uint8_t payload[MANAGE_PAYLOAD];

    (void)state;
    memset(payload, END, sizeof(payload));
    assert_true(frame_put(wire, header, payload, sizeof(payload)) <= sizeof(wire));
}

static void any_flipped_bit_is_found(void **state)
{
    size_t bytes = frame_put(wire, header, "hello", 5);

    (void)state;
    for (size_t bit = 8; bit < (bytes - 1) * 8; bit++) {        /* between the ENDs */
        wire[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(feed(wire, bytes), 0);
        wire[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(feed(wire, bytes), 1);
    }
}

static void a_frame_that_is_cut_off_costs_no_other(void **state)
{
    size_t bytes = frame_put(wire, header, "hello", 5);

    (void)state;
    for (size_t cut = 1; cut < bytes - 1; cut++) {
        assert_int_equal(feed(wire, cut), 0);
        assert_int_equal(feed(wire, bytes), 1);
    }
}

static void a_megabyte_without_an_end_is_one_frame_that_is_dropped(void **state)
{
    size_t bytes = frame_put(wire, header, "hello", 5);
    static const uint8_t noise[4096];

    (void)state;
    for (unsigned i = 0; i < 256; i++)
        assert_int_equal(feed(noise, sizeof(noise)), 0);
    assert_int_equal(feed(wire, bytes), 1);
    assert_int_equal(decoder.dropped, 1);
}

static void a_length_that_is_not_that_of_the_frame_is_wrong_even_with_a_right_sum(void **state)
{
    struct manage_header longer = header;
    size_t bytes;

    (void)state;
    bytes = frame_put(wire, longer, "hello", 5);
    wire[bytes - 1] = 'x';                      /* one byte more before the END */
    assert_int_equal(feed(wire, bytes), 0);
    assert_int_equal(feed((const uint8_t[]){ END }, 1), 0);
    assert_int_equal(decoder.dropped, 1);
}

static void an_escape_of_nothing_is_wrong(void **state)
{
    static const uint8_t bad[] = { END, 0xdb, 'x', END, 0xdb, END, END };

    (void)state;
    assert_int_equal(feed(bad, sizeof(bad)), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_sent_arrives, setup),
        cmocka_unit_test_setup(the_largest_frame_fits_the_wire, setup),
        cmocka_unit_test_setup(any_flipped_bit_is_found, setup),
        cmocka_unit_test_setup(a_frame_that_is_cut_off_costs_no_other, setup),
        cmocka_unit_test_setup(a_megabyte_without_an_end_is_one_frame_that_is_dropped, setup),
        cmocka_unit_test_setup(a_length_that_is_not_that_of_the_frame_is_wrong_even_with_a_right_sum, setup),
        cmocka_unit_test_setup(an_escape_of_nothing_is_wrong, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
