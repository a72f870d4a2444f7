/* SPDX-License-Identifier: Apache-2.0 */
/* Records of the trace, packed and opened again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/pack.h"

static struct belay_trace_record in[PACK_RECORDS], out[PACK_RECORDS];
static uint8_t bytes[PACK_HEAD + PACK_RECORDS * PACK_RECORD_MAX];

/* As a nucleus writes them, and some that it would not. */
static void make_records(uint64_t wild)
{
    uint64_t ticks = wild, seed = wild;

    for (uint32_t i = 0; i < PACK_RECORDS; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        ticks += seed >> 54;
        in[i] = (struct belay_trace_record){
            .ticks = ticks, .kind = (uint8_t)(1 + i % (BELAY_TRACE_KINDS_END - 1)), .context = (uint8_t)(seed >> 20 & 3),
            .domain = (uint16_t)(seed >> 30), .sequence = (uint32_t)(wild >> 8) + i,
            .a = seed >> (i % 64), .b = i % 5 ? 0xffff800008cda26c + i : UINT64_MAX,
        };
    }
}

static void what_was_packed_is_opened_as_it_was(void **state)
{
    size_t packed;

    (void)state;
    for (uint64_t wild = 0; wild < 200; wild++) {
        make_records(wild * 0x0123456789abcdefu);
        size_t length = pack_records(bytes, sizeof bytes, in, PACK_RECORDS, &packed);
        assert_int_equal(packed, PACK_RECORDS);
        assert_int_equal(pack_open(bytes, length, out), PACK_RECORDS);
        assert_memory_equal(in, out, sizeof in);
    }
}

static void a_pack_takes_what_fits_and_no_byte_more(void **state)
{
    size_t packed;

    (void)state;
    make_records(7);
    for (size_t max = 0; max < 600; max++) {
        uint8_t *exact = malloc(max ? max : 1);
        size_t length = pack_records(exact, max, in, PACK_RECORDS, &packed);
        assert_in_range(length, 0, max);
        assert_int_equal(length == 0, max < PACK_HEAD + PACK_RECORD_MAX);
        assert_int_equal(length ? pack_open(exact, length, out) : 0, packed);
        assert_memory_equal(in, out, packed * sizeof in[0]);
        free(exact);
    }
    assert_int_equal(pack_records(bytes, sizeof bytes, in, 0, &packed), 0);
}

static void usual_records_take_a_quarter_of_their_size(void **state)
{
    static const uint8_t kinds[] = { BELAY_TRACE_EXIT, BELAY_TRACE_HYPERCALL, BELAY_TRACE_ENTRY };
    size_t packed;

    (void)state;
    for (uint32_t i = 0; i < PACK_RECORDS; i++)
        in[i] = (struct belay_trace_record){ .ticks = 1000000000 + 300 * i, .kind = kinds[i % 3], .domain = 3,
                                             .a = 0xffff800008cd0000 + 4 * i, .b = i % 3 == 2 ? 0 : 0x84000000 };
    size_t length = pack_records(bytes, sizeof bytes, in, PACK_RECORDS, &packed);
    assert_in_range(length, 1, sizeof in / 4);
}

static void what_is_cut_or_too_long_is_no_pack(void **state)
{
    size_t packed;

    (void)state;
    make_records(3);
    size_t length = pack_records(bytes, sizeof bytes, in, PACK_RECORDS, &packed);
    assert_int_equal(pack_open(bytes, PACK_HEAD - 1, out), -1);
    assert_int_equal(pack_open(bytes, length - 1, out), -1);
    assert_int_equal(pack_open(bytes, PACK_HEAD, out), 0);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(pack_open(bytes, PACK_HEAD + 2 * PACK_RECORDS, out), PACK_RECORDS);
    assert_int_equal(pack_open(bytes, PACK_HEAD + 2 * PACK_RECORDS + 1, out), -1);
    memset(bytes + PACK_HEAD, 0x80, 12);                    /* a number without an end */
    assert_int_equal(pack_open(bytes, PACK_HEAD + 12, out), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_packed_is_opened_as_it_was), cmocka_unit_test(a_pack_takes_what_fits_and_no_byte_more),
        cmocka_unit_test(usual_records_take_a_quarter_of_their_size), cmocka_unit_test(what_is_cut_or_too_long_is_no_pack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
