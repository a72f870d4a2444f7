/* SPDX-License-Identifier: Apache-2.0 */
/* The console as a whole (services/console): VMs at its portals, a terminal at the host's PL011. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "console/pl011.h"
#include "console/pl011_regs.h"
#include "belay/stream.h"
#include "console/worker.c"

enum { PHONE, RADIO };

static struct pl011 host;           /* stands for the host's UART: its `tx` is what the person sees */
static uint32_t fifo_room;          /* bytes that the host's UART takes before it is full */
static unsigned notified, waits, acked;
static uint64_t wait_deadline, wait_bits, now = 1000000;

static const struct console_config config = {
    .version = 1, .clients = 2, .uart_clock_hz = 24000000, .first_focus = PHONE, .managed = 1,
    .client = { { "phone", 1 }, { "radio", 1 } },
};

static struct stream streams[2];    /* to the manager */
static unsigned told;               /* the manager, that they have moved */

struct stream *console_stream(unsigned number);

struct stream *console_stream(unsigned number)
{
    assert_in_range(number, 0, 1);
    return &streams[number];
}

struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    struct hypercall_result result = { 0, { 0 } };

    (void)a2, (void)a3, (void)a4, (void)a5;
    notified += number == BELAY_HC_NOTIFY && a0 == CONSOLE_H_WAKE;
    told += number == BELAY_HC_NOTIFY && a0 == CONSOLE_H_MANAGER && a1 == STREAM_BIT;
    acked += number == BELAY_HC_IRQ_ACK;
    if (number == BELAY_HC_WAIT) {
        assert_int_equal(a0, CONSOLE_H_WAKE);
        waits++;
        wait_deadline = a1;
        result.error = wait_bits ? BELAY_OK : BELAY_ETIMEDOUT;
        result.v[0] = wait_bits;
    }
    return result;
}

uint64_t counter_now(void)
{
    return now;
}

uint64_t counter_hz(void)
{
    return 1000000;
}

uint32_t host_register_read(uint32_t offset);
void host_register_write(uint32_t offset, uint32_t value);

uint32_t host_register_read(uint32_t offset)
{
    uint32_t value = (uint32_t)pl011_read(&host, offset, 4);

    return offset == PL011_FR && fifo_room == 0 ? value | PL011_FR_TXFF : value;
}

void host_register_write(uint32_t offset, uint32_t value)
{
    pl011_write(&host, offset, 4, value);
    fifo_room -= offset == PL011_DR;
}

static const char *terminal(void)
{
    static char seen[RING_SIZE + 1];
    uint8_t byte;
    size_t n = 0;

    while (n < RING_SIZE && ring_pop(&host.tx, &byte))
        seen[n++] = (char)byte;
    seen[n] = 0;
    return seen;
}

static void print(unsigned vm, const char *text)
{
    for (; *text; text++)
        portal_main(vm, PL011_DR, 1 | BELAY_ACCESS_WRITE, (uint8_t)*text, 0, 0);
}

static uint64_t get(unsigned vm, uint32_t offset)
{
    return portal_main(vm, offset, 4, 0, 0, 0).x0;
}

static void flood(unsigned vm)
{
    while ((get(vm, PL011_FR) & PL011_FR_TXFF) == 0)
        print(vm, "xxxxxxx\n");
}

static void work_until_done(void)
{
    while (work())
        continue;
}

/* Rests as long as it is told to, then works. */
static void become_quiet(void)
{
    rest(false);
    assert_int_not_equal(wait_deadline, 0);
    now = wait_deadline;
    work_until_done();
}

static uint64_t ask_flush(void)
{
    return portal_main(CONSOLE_BADGE_CONTROL, CONSOLE_FLUSH, 0, 0, 0, 0).x0;
}

/* A first start; the host's UART has room for anything. */
static int setup(void **state)
{
    (void)state;
    memset(&host, 0, sizeof(host));
    memset(&input, 0, sizeof(input));
    memset(streams, 0, sizeof(streams));
    pl011_reset(&host);
    for (unsigned vm = 0; vm < 2; vm++) {
        client_reset(vm);
        while (client_waiting(vm) != 0)
            client_take(vm, &(uint8_t){ 0 });
    }
    kept_focus = 0;
    fifo_room = UINT32_MAX;
    flushing = FLUSH_NO;
    client_awake();
    start(&config);
    notified = waits = acked = told = 0;
    wait_bits = 0;
    work_until_done();
    assert_string_equal(terminal(), "[belay] keyboard: phone\r\n");
    return 0;
}

static void what_vms_print_reaches_the_terminal(void **state)
{
    (void)state;
    print(PHONE, "hello\n");
    print(RADIO, "217 frames\n");
    work_until_done();
    assert_string_equal(terminal(), "[phone] hello\r\n[radio] 217 frames\r\n");
}

static void the_stewards_words_reach_the_terminal(void **state)
{
    (void)state;
    assert_int_equal(portal_main(CONSOLE_BADGE_LOG, 3, 0x0a6968, 0, 0, 0).x0, 3);
    work_until_done();
    assert_string_equal(terminal(), "[belay] hi\r\n");
}

static void the_log_tells_of_a_vm_after_the_vms_last_words(void **state)
{
    (void)state;
    print(RADIO, "bye\n");
    portal_main(CONSOLE_BADGE_LOG, 4, 0x0a646e65, 0, 0, 0);
    print(PHONE, "hm\n");
    rest(false);
    work_until_done();
    assert_string_equal(strstr(terminal(), "[belay]"), "[belay] end\r\n");
}

static void a_flood_of_all_vms_to_a_slow_uart_does_not_keep_the_log_out(void **state)
{
    const char *log = NULL;

    (void)state;
    portal_main(CONSOLE_BADGE_LOG, 4, 0x0a646e65, 0, 0, 0);
    for (unsigned rounds = 0; rounds < 200 && !log; rounds++) {
        flood(PHONE);
        flood(RADIO);
        fifo_room = 32;
        work_until_done();
        rest(true);
        log = strstr(terminal(), "[belay] end\r\n");
    }
    assert_non_null(log);
}

static void what_is_typed_reaches_the_vm_and_its_echo_the_terminal(void **state)
{
    (void)state;
    print(PHONE, "~ # ");
    ring_push(&host.rx, 'l');
    work_until_done();
    assert_int_equal(get(PHONE, PL011_DR), 'l');
    print(PHONE, "l");
    work_until_done();
    become_quiet();
    assert_string_equal(terminal(), "[phone] ~ # l");
    assert_int_equal(get(RADIO, PL011_FR) & PL011_FR_RXFE, PL011_FR_RXFE);
}

static void a_flood_does_not_keep_anothers_lines_out(void **state)
{
    const char *radio = NULL;

    (void)state;
    flood(PHONE);
    print(RADIO, "217 frames\n");
    for (unsigned rounds = 0; rounds < 4 && !radio; rounds++) {
        flood(PHONE);
        assert_true(work());
        radio = strstr(terminal(), "[radio] 217 frames\r\n");
    }
    assert_non_null(radio);
}

static void a_line_in_the_making_is_left_in_peace(void **state)
{
    (void)state;
    for (int part = 0; part < 10; part++) {
        print(PHONE, "word ");
        now += counter_hz() / QUIET_HZ - 1;
        work_until_done();
    }
    print(RADIO, "217 frames\n");
    work_until_done();
    assert_string_equal(terminal(), "[radio] 217 frames\r\n");
    become_quiet();
    assert_string_equal(terminal(), "[phone] word word word word word word word word word word ");
}

static void a_begun_line_is_shown_in_the_middle_of_anothers_flood(void **state)
{
    (void)state;
    print(PHONE, "~ # ");
    work_until_done();
    now += counter_hz() / QUIET_HZ;
    flood(RADIO);
    assert_true(work());
    assert_non_null(strstr(terminal(), "[phone] ~ # "));
}

static void a_uart_that_is_full_is_waited_for_and_nothing_is_lost(void **state)
{
    size_t count = 0;

    (void)state;
    fifo_room = 32;
    for (int i = 0; i < 100; i++)
        print(RADIO, "1234567\n");
    while (client_waiting(RADIO) + ring_fill(&mux.out) != 0) {
        work_until_done();
        waits = 0;
        wait_bits = CONSOLE_BIT_UART;
        rest(false);
        assert_int_equal(waits, 1);
        count += strlen(terminal());
        fifo_room = 32;
    }
    assert_int_equal(count, 100 * strlen("[radio] 1234567\r\n"));
}

static void the_uart_interrupts_for_room_only_while_output_waits(void **state)
{
    (void)state;
    fifo_room = 4;
    print(RADIO, "hello\n");
    work_until_done();
    rest(false);
    assert_true(host.imsc & PL011_INT_TX);
    assert_int_not_equal(wait_deadline, 0);     /* an interrupt that is lost costs a moment, not the console */
    fifo_room = UINT32_MAX;
    work_until_done();
    rest(false);
    assert_false(host.imsc & PL011_INT_TX);
}

static void a_flood_against_a_full_uart_does_not_keep_the_worker_spinning(void **state)
{
    (void)state;
    fifo_room = 0;
    flood(PHONE);
    work_until_done();
    flood(PHONE);
    assert_false(work());
    rest(true);
    assert_int_equal(waits, 1);
}

static void after_output_it_naps_and_then_sleeps_until_something_comes(void **state)
{
    (void)state;
    rest(true);
    assert_int_equal(wait_deadline, counter_now() + counter_hz() / NAP_HZ);
    rest(false);
    assert_int_equal(wait_deadline, 0);
    assert_int_equal(waits, 2);
}

static void the_uarts_interrupt_is_acknowledged_after_it_was_served(void **state)
{
    (void)state;
    ring_push(&host.rx, 'a');
    assert_true(pl011_interrupt(&host));
    wait_bits = CONSOLE_BIT_UART;
    rest(false);
    assert_int_equal(acked, 1);
    assert_false(pl011_interrupt(&host));
    assert_int_equal(get(PHONE, PL011_DR), 'a');
}

static void paste(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        assert_true(ring_push(&host.rx, 'a'));
    work_until_done();
}

static void a_paste_longer_than_the_vms_ring_arrives_whole(void **state)
{
    (void)state;
    paste(RING_SIZE);
    paste(RING_SIZE);
    for (unsigned i = 0; i < 2 * RING_SIZE; i++) {
        if (get(PHONE, PL011_FR) & PL011_FR_RXFE) {
            rest(false);
            assert_int_equal(wait_deadline, now + counter_hz() / NAP_HZ);   /* looks soon whether the VM has read */
            work_until_done();
        }
        assert_int_equal(get(PHONE, PL011_DR), 'a');
    }
    assert_string_equal(terminal(), "");
}

static void a_paste_that_fits_nowhere_waits_in_the_uart_without_interrupts(void **state)
{
    (void)state;
    paste(RING_SIZE);
    paste(RING_SIZE);
    paste(5);
    assert_int_equal(ring_fill(&host.rx), 5);
    wait_bits = CONSOLE_BIT_UART;
    rest(false);
    assert_false(pl011_interrupt(&host));
    get(PHONE, PL011_DR);
    work_until_done();
    rest(false);
    assert_int_equal(ring_fill(&host.rx), 4);
}

static void a_vm_that_reads_nothing_for_a_second_loses_what_is_typed_and_is_told_of(void **state)
{
    (void)state;
    paste(RING_SIZE);
    paste(2);
    assert_string_equal(terminal(), "");
    now += counter_hz() / PATIENCE_HZ;
    work_until_done();
    assert_string_equal(terminal(), "[belay] phone does not read its keyboard: what is typed is lost\r\n");
}

static void the_keyboard_can_be_taken_from_a_vm_that_does_not_read(void **state)
{
    (void)state;
    paste(RING_SIZE);
    paste(RING_SIZE);
    ring_push(&host.rx, MUX_KEY);
    ring_push(&host.rx, '2');
    now += counter_hz() / PATIENCE_HZ;
    work_until_done();
    assert_int_equal(mux.focus, RADIO);
}

static void flush_counts_down_to_zero_and_ends_all_lines(void **state)
{
    (void)state;
    print(RADIO, "hello\nlast words");
    print(PHONE, "~ # ");
    assert_in_range(ask_flush(), 20, 100);
    assert_int_equal(notified, 1);
    work_until_done();
    assert_string_equal(terminal(), "[radio] hello\r\n[phone] ~ # \r\n[radio] last words\r\n");
    assert_true(client_rest(CLIENT_ASLEEP));
    assert_int_equal(ask_flush(), 0);
    print(RADIO, "more");
    assert_int_not_equal(ask_flush(), 0);
}

static size_t read_up(unsigned vm, char *text, size_t max)
{
    uint8_t byte;
    size_t n = 0;

    while (n + 1 < max && ring_pop(&streams[vm].up, &byte))
        text[n++] = (char)byte;
    text[n] = 0;
    return n;
}

static void who_reads_a_vms_stream_has_its_words_as_they_are_and_so_has_the_terminal(void **state)
{
    char text[64];

    (void)state;
    streams[PHONE].turns = 1;
    print(PHONE, "\033[1mhello\n");
    print(RADIO, "217 frames\n");
    work_until_done();
    assert_int_not_equal(told, 0);
    read_up(PHONE, text, sizeof(text));
    assert_string_equal(text, "\033[1mhello\n");
    assert_int_equal(read_up(RADIO, text, sizeof(text)), 0);
    assert_non_null(strstr(terminal(), "[radio] 217 frames\r\n"));
}

static void without_a_reader_the_manager_is_left_in_peace(void **state)
{
    (void)state;
    print(PHONE, "hello\n");
    work_until_done();
    assert_int_equal(told, 0);
}

static void who_does_not_read_a_stream_loses_bytes_that_are_counted(void **state)
{
    (void)state;
    streams[PHONE].turns = 1;
    for (unsigned i = 0; i < RING_SIZE / 8 + 3; i++) {
        print(PHONE, "1234567\n");
        work_until_done();
        terminal();
    }
    assert_int_equal(ring_fill(&streams[PHONE].up), RING_SIZE);
    assert_int_equal(streams[PHONE].lost, 3 * 8);
}

static void what_comes_by_a_stream_is_typed_without_changing_the_keyboard(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RING_SIZE; i++)
        assert_true(ring_push(&streams[RADIO].down, i ? 'b' : MUX_KEY));
    work_until_done();
    assert_int_not_equal(told, 0);
    assert_int_equal(mux.focus, PHONE);
    assert_int_equal(get(RADIO, PL011_DR), MUX_KEY);
    for (unsigned i = 1; i < RING_SIZE; i++) {
        work_until_done();
        assert_int_equal(get(RADIO, PL011_DR), 'b');
    }
    assert_true(get(RADIO, PL011_FR) & PL011_FR_RXFE);
}

static void input_of_a_stream_that_its_vm_does_not_read_is_looked_at_again_soon(void **state)
{
    (void)state;
    for (unsigned part = 0; part < 2; part++) {
        while (ring_push(&streams[RADIO].down, 'b'))
            continue;
        work_until_done();
    }
    assert_int_equal(ring_fill(&streams[RADIO].down), RING_SIZE);
    rest(false);
    assert_int_equal(wait_deadline, now + counter_hz() / ROOM_HZ);
}

static void a_stream_whose_counters_are_spoilt_does_no_harm(void **state)
{
    (void)state;
    memset(streams, 0xa5, sizeof(streams));
    print(PHONE, "hello\n");
    for (unsigned i = 0; i < 100; i++)
        work();
    assert_non_null(strstr(terminal(), "[phone] hello\r\n"));
}

static void calls_that_make_no_sense_are_answered(void **state)
{
    (void)state;
    assert_int_equal(portal_main(CONSOLE_BADGE_CONTROL, 99, 0, 0, 0, 0).x0, (uint64_t)BELAY_EINVAL);
    assert_int_equal(portal_main(CONSOLE_BADGE_CONTROL, CONSOLE_RESET_CLIENT, 16, 0, 0, 0).x0, (uint64_t)BELAY_EINVAL);
    assert_int_equal(portal_main(77, 0, 0, 0, 0, 0).x0, (uint64_t)BELAY_EINVAL);
}

static void a_restart_leaves_the_keyboard_where_it_was(void **state)
{
    (void)state;
    ring_push(&host.rx, MUX_KEY);
    ring_push(&host.rx, '2');
    work_until_done();
    assert_string_equal(terminal(), "[belay] keyboard: radio\r\n");
    start(&config);
    work_until_done();
    assert_string_equal(terminal(), "[belay] keyboard: radio\r\n");
    assert_int_equal(mux.focus, RADIO);
}

static void a_vm_without_console_is_not_given_the_keyboard(void **state)
{
    struct console_config blind = config;

    (void)state;
    blind.client[PHONE].has_uart = 0;
    kept_focus = 0;
    start(&blind);
    assert_int_equal(mux.focus, RADIO);
    blind.first_focus = 12345;
    blind.client[RADIO].has_uart = 0;
    kept_focus = 0;
    start(&blind);
    assert_int_equal(mux.focus, MUX_NOBODY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_vms_print_reaches_the_terminal, setup),
        cmocka_unit_test_setup(the_stewards_words_reach_the_terminal, setup),
        cmocka_unit_test_setup(the_log_tells_of_a_vm_after_the_vms_last_words, setup),
        cmocka_unit_test_setup(a_flood_of_all_vms_to_a_slow_uart_does_not_keep_the_log_out, setup),
        cmocka_unit_test_setup(what_is_typed_reaches_the_vm_and_its_echo_the_terminal, setup),
        cmocka_unit_test_setup(a_flood_does_not_keep_anothers_lines_out, setup),
        cmocka_unit_test_setup(a_line_in_the_making_is_left_in_peace, setup),
        cmocka_unit_test_setup(a_begun_line_is_shown_in_the_middle_of_anothers_flood, setup),
        cmocka_unit_test_setup(a_uart_that_is_full_is_waited_for_and_nothing_is_lost, setup),
        cmocka_unit_test_setup(the_uart_interrupts_for_room_only_while_output_waits, setup),
        cmocka_unit_test_setup(a_flood_against_a_full_uart_does_not_keep_the_worker_spinning, setup),
        cmocka_unit_test_setup(after_output_it_naps_and_then_sleeps_until_something_comes, setup),
        cmocka_unit_test_setup(the_uarts_interrupt_is_acknowledged_after_it_was_served, setup),
        cmocka_unit_test_setup(a_paste_longer_than_the_vms_ring_arrives_whole, setup),
        cmocka_unit_test_setup(a_paste_that_fits_nowhere_waits_in_the_uart_without_interrupts, setup),
        cmocka_unit_test_setup(a_vm_that_reads_nothing_for_a_second_loses_what_is_typed_and_is_told_of, setup),
        cmocka_unit_test_setup(the_keyboard_can_be_taken_from_a_vm_that_does_not_read, setup),
        cmocka_unit_test_setup(flush_counts_down_to_zero_and_ends_all_lines, setup),
        cmocka_unit_test_setup(who_reads_a_vms_stream_has_its_words_as_they_are_and_so_has_the_terminal, setup),
        cmocka_unit_test_setup(without_a_reader_the_manager_is_left_in_peace, setup),
        cmocka_unit_test_setup(who_does_not_read_a_stream_loses_bytes_that_are_counted, setup),
        cmocka_unit_test_setup(what_comes_by_a_stream_is_typed_without_changing_the_keyboard, setup),
        cmocka_unit_test_setup(input_of_a_stream_that_its_vm_does_not_read_is_looked_at_again_soon, setup),
        cmocka_unit_test_setup(a_stream_whose_counters_are_spoilt_does_no_harm, setup),
        cmocka_unit_test_setup(calls_that_make_no_sense_are_answered, setup),
        cmocka_unit_test_setup(a_restart_leaves_the_keyboard_where_it_was, setup),
        cmocka_unit_test_setup(a_vm_without_console_is_not_given_the_keyboard, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
