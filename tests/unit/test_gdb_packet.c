/* SPDX-License-Identifier: Apache-2.0 */
/* The lowest layer of the debugger's protocol: packets, sums, acknowledgements. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "gdb/packet.h"

static struct packet p;
static char out[2 * PACKET_MAX];

static int begin(void **state)
{
    (void)state;
    packet_init(&p);
    return 0;
}

static enum packet_event take(const char *bytes)
{
    enum packet_event last = PACKET_NOTHING;

    for (; *bytes; bytes++)
        last = packet_take(&p, (uint8_t)*bytes);
    return last;
}

static const char *sent(void)
{
    uint8_t byte;
    size_t n = 0;

    while (packet_next(&p, &byte))
        out[n++] = (char)byte;
    out[n] = 0;
    return out;
}

static void answer(const char *words)
{
    packet_begin(&p);
    packet_puts(&p, words);
    packet_end(&p);
}

static void assert_command(const char *data)
{
    assert_int_equal(p.bytes, strlen(data));
    assert_memory_equal(p.data, data, p.bytes);
}

static void a_packet_is_a_command_and_is_acknowledged(void **state)
{
    (void)state;
    assert_int_equal(take("$g#67"), PACKET_COMMAND);
    assert_command("g");
    answer("ok");
    assert_string_equal(sent(), "+$ok#da");
}

static void a_wrong_sum_is_no_command_and_wanted_again(void **state)
{
    (void)state;
    assert_int_equal(take("$g#68"), PACKET_NOTHING);
    assert_string_equal(sent(), "-");
    assert_int_equal(take("$g#6x"), PACKET_NOTHING);
    assert_int_equal(take("$g#x7"), PACKET_NOTHING);
    assert_int_equal(take("$g#67"), PACKET_COMMAND);
}

static void escaped_bytes_are_what_they_stand_for(void **state)
{
    (void)state;
    assert_int_equal(take("$X}\x03}]#b2"), PACKET_COMMAND);
    assert_command("X#}");
}

static void a_reply_escapes_what_would_end_it(void **state)
{
    (void)state;
    answer("a#$*}b");
    assert_string_equal(sent(), "$a}\x03}\x04}\x0a}]b#25");
    packet_init(&p);
    assert_int_equal(take(out), PACKET_COMMAND);
    assert_command("a#$*}b");
}

static void a_packet_that_begins_anew_forgets_the_one_before(void **state)
{
    (void)state;
    assert_int_equal(take("$m4000"), PACKET_NOTHING);
    assert_int_equal(take("$g#67"), PACKET_COMMAND);
    assert_command("g");
}

static void a_reply_that_is_not_acknowledged_is_said_again(void **state)
{
    (void)state;
    take("$g#67");
    answer("ok");
    (void)sent();
    take("-");
    assert_string_equal(sent(), "$ok#da");
    take("+-");
    assert_string_equal(sent(), "$ok#da");
}

static void nothing_is_acknowledged_once_that_is_agreed(void **state)
{
    (void)state;
    p.no_ack = true;
    assert_int_equal(take("$g#67"), PACKET_COMMAND);
    answer("ok");
    assert_string_equal(sent(), "$ok#da");
    take("-");
    assert_string_equal(sent(), "");
}

static void an_interrupt_is_one_outside_of_a_packet_alone(void **state)
{
    (void)state;
    assert_int_equal(take("\x03"), PACKET_INTERRUPT);
    assert_int_equal(take("$X\x03"), PACKET_NOTHING);
    assert_int_equal(take("#5b"), PACKET_COMMAND);
    assert_command("X\x03");
}

static void a_command_of_any_length_is_kept_or_refused(void **state)
{
    (void)state;
    for (size_t n = PACKET_MAX - 1; n <= PACKET_MAX + 1; n++) {
        char end[4];
        take("$");
        for (size_t i = 0; i < n; i++)
            packet_take(&p, 'a');
        snprintf(end, sizeof end, "#%02x", (unsigned)(n * 'a') & 0xff);
        assert_int_equal(take(end), n <= PACKET_MAX ? PACKET_COMMAND : PACKET_NOTHING);
        assert_string_equal(sent(), n <= PACKET_MAX ? "+" : "+$E22#a9");
    }
}

static void a_reply_of_any_length_ends_with_its_sum(void **state)
{
    (void)state;
    packet_begin(&p);
    for (unsigned i = 0; i < PACKET_MAX; i++)
        packet_put_hex(&p, "\xa5\x5a", 2);
    assert_in_range(packet_room(&p), 0, 1);
    packet_put(&p, '#');
    packet_end(&p);
    size_t n = strlen(sent());
    assert_in_range(n, PACKET_MAX - 1, PACKET_MAX);
    packet_init(&p);
    p.no_ack = true;
    assert_int_equal(take(out), PACKET_COMMAND);
}

static void a_reply_may_be_replaced_before_it_ends(void **state)
{
    (void)state;
    take("$g#67");
    packet_begin(&p);
    packet_puts(&p, "half");
    packet_begin_again(&p, "E01");
    packet_end(&p);
    assert_string_equal(sent(), "+$E01#a6");
}

static void numbers_have_no_zeros_before_them(void **state)
{
    (void)state;
    packet_begin(&p);
    packet_put_number(&p, 0);
    packet_put(&p, ' ');
    packet_put_number(&p, 0x10f);
    packet_put(&p, ' ');
    packet_put_number(&p, UINT64_MAX);
    packet_end(&p);
    assert_memory_equal(sent(), "$0 10f ffffffffffffffff#", 24);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_packet_is_a_command_and_is_acknowledged), T(a_wrong_sum_is_no_command_and_wanted_again),
        T(escaped_bytes_are_what_they_stand_for), T(a_reply_escapes_what_would_end_it),
        T(a_packet_that_begins_anew_forgets_the_one_before), T(a_reply_that_is_not_acknowledged_is_said_again),
        T(nothing_is_acknowledged_once_that_is_agreed), T(an_interrupt_is_one_outside_of_a_packet_alone),
        T(a_command_of_any_length_is_kept_or_refused), T(a_reply_of_any_length_ends_with_its_sum),
        T(a_reply_may_be_replaced_before_it_ends), T(numbers_have_no_zeros_before_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
