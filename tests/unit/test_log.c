/* SPDX-License-Identifier: Apache-2.0 */
/* What the steward has said, kept for who asks later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "steward/log.h"

static uint64_t at;     /* where the next read goes on: the log has no begin of its own for each test */

/* All from `at` on, in pieces of `max`. */
static const char *read_all(uint32_t max)
{
    static char text[2 * LOG_BYTES];
    size_t length = 0;
    uint32_t bytes;

    while ((bytes = log_read(&at, (uint8_t *)text + length, max)) != 0) {
        length += bytes;
        at += bytes;
    }
    text[length] = 0;
    return text;
}

static void lines_have_their_time_in_hex(void **state)
{
    (void)state;
    log_add(0x1234, "phone: stopped");
    log_add(0, "");
    assert_string_equal(read_all(4096), "1234 phone: stopped\n0 \n");
    assert_string_equal(read_all(4096), "");
}

static void a_reader_in_small_pieces_reads_the_same(void **state)
{
    (void)state;
    log_add(1, "one");
    log_add(2, "two");
    assert_string_equal(read_all(1), "1 one\n2 two\n");
}

static void what_is_forgotten_are_whole_lines(void **state)
{
    char line[64];
    uint64_t from = at;
    const char *text;

    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(line, sizeof(line), "line %u of many", i);
        log_add(i, line);
    }
    text = read_all(480);
    assert_true(at - strlen(text) > from);
    assert_in_range(strlen(text), LOG_BYTES - 64, LOG_BYTES);
    snprintf(line, sizeof(line), "%x line %u of many\n", 1999, 1999);
    assert_string_equal(text + strlen(text) - strlen(line), line);
    unsigned ticks, number;
    assert_int_equal(sscanf(text, "%x line %u of many\n", &ticks, &number), 2);
    assert_int_equal(ticks, number);
}

static void a_position_that_is_still_to_come_is_the_end(void **state)
{
    uint64_t end = at;
    uint8_t byte;

    (void)state;
    at = UINT64_MAX;
    assert_int_equal(log_read(&at, &byte, 1), 0);
    assert_int_equal(at, end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_have_their_time_in_hex), cmocka_unit_test(a_reader_in_small_pieces_reads_the_same),
        cmocka_unit_test(what_is_forgotten_are_whole_lines), cmocka_unit_test(a_position_that_is_still_to_come_is_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
