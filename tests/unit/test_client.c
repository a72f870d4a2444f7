/* SPDX-License-Identifier: Apache-2.0 */
/* What a VM, the console's worker and a restart of either do to a client (services/console/client.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>

#include "console/client.c"
#include "console/pl011_regs.h"
#include "hook.h"

#define VM 3
#define MANY 5000u

/* The nucleus, as far as the console calls it. */
static _Atomic uint32_t line_level;
static _Atomic uint32_t lines_set, notified, yielded;
static void (*in_line_set)(void), (*in_yield)(void);

struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    (void)a2, (void)a3, (void)a4, (void)a5;
    switch (number) {
    case BELAY_HC_LINE_SET:
        assert_int_equal(a0, CONSOLE_H_LINE + VM);
        once(&in_line_set);     /* what another party does between this one's looking and setting */
        line_level = (uint32_t)a1;
        lines_set++;
        break;
    case BELAY_HC_NOTIFY:
        assert_int_equal(a0, CONSOLE_H_WAKE);
        notified++;
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

static uint32_t get(uint32_t offset)
{
    return (uint32_t)client_access(VM, offset, 4, 0);
}

static void set(uint32_t offset, uint32_t value)
{
    client_access(VM, offset, 4 | BELAY_ACCESS_WRITE, value);
}

static uint32_t fill(void)
{
    uint32_t count = 0;

    for (; (get(PL011_FR) & PL011_FR_TXFF) == 0; count++)
        set(PL011_DR, 'x');
    return count;
}

static uint32_t take_all(unsigned client)
{
    uint8_t byte;
    uint32_t count = 0;

    while (client_take(client, &byte))
        count++;
    return count;
}

/* The console starts: anew, or after a fault with what is kept. */
static void restart(void)
{
    memset(live, 0, sizeof(live));
    resting = CLIENT_AWAKE;
    client_start_worker();
    assert_false(client_update_line(VM));
}

static int setup(void **state)
{
    (void)state;
    memset(uarts, 0, sizeof(uarts));
    restart();
    line_level = lines_set = notified = yielded = 0;
    in_line_set = in_yield = NULL;
    return 0;
}

static void the_first_access_finds_reset_values(void **state)
{
    (void)state;
    assert_int_equal(get(PL011_CR), 0x300);
    assert_int_equal(get(PL011_FR), PL011_FR_TXFE | PL011_FR_RXFE);
}

static void a_byte_wakes_a_sleeping_worker_and_the_next_do_not(void **state)
{
    (void)state;
    assert_true(client_rest(CLIENT_ASLEEP));
    for (int i = 0; i < 100; i++)
        set(PL011_DR, 'x');
    assert_int_equal(notified, 1);
}

static void a_napping_worker_is_left_alone_until_the_ring_is_half_full(void **state)
{
    (void)state;
    assert_true(client_rest(CLIENT_NAP));
    for (unsigned i = 0; i < RING_SIZE / 2 - 1; i++)
        set(PL011_DR, 'x');
    assert_int_equal(notified, 0);
    set(PL011_DR, 'x');
    assert_int_equal(notified, 1);
}

static void a_worker_does_not_sleep_on_bytes_that_it_has_not_taken(void **state)
{
    (void)state;
    set(PL011_DR, 'x');
    assert_int_equal(notified, 0);
    assert_false(client_rest(CLIENT_ASLEEP));
}

static void reads_and_settings_do_not_wake_the_worker(void **state)
{
    (void)state;
    assert_true(client_rest(CLIENT_ASLEEP));
    get(PL011_FR);
    get(PL011_DR);
    set(PL011_CR, 0x301);
    assert_int_equal(notified, 0);
}

static void a_flood_is_paced_by_the_guests_own_ring(void **state)
{
    (void)state;
    assert_int_equal(fill(), RING_SIZE);
    set(PL011_DR, 'y');
    assert_int_equal(client_waiting(VM), RING_SIZE);
    for (unsigned i = 0; i < CLIENTS; i++)
        assert_true(i == VM || client_waiting(i) == 0);
}

static void typing_raises_the_line_and_reading_lowers_it(void **state)
{
    (void)state;
    set(PL011_IMSC, PL011_INT_RX);
    assert_true(client_give(VM, 'a'));
    assert_false(client_update_line(VM));
    assert_int_equal(line_level, 1);
    assert_int_equal(get(PL011_DR), 'a');
    assert_int_equal(line_level, 0);
}

static void the_line_is_set_only_when_it_changes(void **state)
{
    (void)state;
    set(PL011_IMSC, PL011_INT_RX);
    lines_set = 0;
    for (int i = 0; i < 10; i++) {
        set(PL011_DR, 'x');
        assert_true(client_give(VM, 'a'));
        client_update_line(VM);
    }
    assert_int_equal(lines_set, 1);
}

static void a_driver_without_interrupts_costs_no_hypercall(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        set(PL011_DR, 'x');
        get(PL011_DR);
    }
    assert_int_equal(lines_set + notified + yielded, 0);
}

static void draining_raises_the_transmit_interrupt(void **state)
{
    uint8_t byte;

    (void)state;
    set(PL011_LCR_H, PL011_LCR_H_FEN);
    fill();
    set(PL011_IMSC, PL011_INT_TX);
    assert_int_equal(line_level, 0);
    for (int i = 0; i < 16; i++)
        assert_true(client_take(VM, &byte));
    client_update_line(VM);
    assert_int_equal(line_level, 1);
}

static void read_the_byte(void)
{
    assert_int_equal(get(PL011_DR), 'a');
}

static void a_guest_that_reads_while_the_worker_raises_the_line_ends_with_it_low(void **state)
{
    (void)state;
    set(PL011_IMSC, PL011_INT_RX);
    assert_true(client_give(VM, 'a'));
    in_line_set = read_the_byte;
    assert_true(client_update_line(VM));    /* has to come again */
    assert_false(client_update_line(VM));
    assert_int_equal(line_level, 0);
}

static void type_another(void)
{
    assert_true(client_give(VM, 'b'));
    assert_false(client_update_line(VM));
}

static void a_byte_that_comes_while_the_guest_lowers_the_line_ends_with_it_high(void **state)
{
    (void)state;
    set(PL011_IMSC, PL011_INT_RX);
    assert_true(client_give(VM, 'a'));
    client_update_line(VM);
    in_line_set = type_another;
    read_the_byte();
    assert_int_equal(line_level, 1);
    assert_int_equal(get(PL011_DR), 'b');
}

static void other_vcpu_leaves(void)
{
    live[VM].locked = 0;
}

static void vcpus_of_one_vm_wait_for_each_other_by_yielding(void **state)
{
    (void)state;
    live[VM].locked = 1;
    in_yield = other_vcpu_leaves;
    set(PL011_IBRD, 13);
    assert_int_equal(yielded, 1);
    assert_int_equal(get(PL011_IBRD), 13);
}

static void status_is_read_without_waiting(void **state)
{
    (void)state;
    set(PL011_IBRD, 13);
    live[VM].locked = 1;
    assert_int_equal(get(PL011_FR), PL011_FR_TXFE | PL011_FR_RXFE);
    assert_int_equal(get(PL011_RIS), 0);
    assert_int_equal(yielded, 0);
}

static void a_reset_frees_what_an_abandoned_handler_held(void **state)
{
    (void)state;
    set(PL011_IMSC, PL011_INT_RX);
    assert_true(client_give(VM, 'a'));
    client_update_line(VM);
    live[VM].locked = 1;
    live[VM].line_owner = LINE_GUEST | LINE_AGAIN;
    client_reset(VM);
    assert_int_equal(line_level, 0);
    assert_int_equal(get(PL011_IMSC), 0);
    set(PL011_IMSC, PL011_INT_RX);
    assert_true(client_give(VM, 'b'));
    assert_false(client_update_line(VM));
    assert_int_equal(line_level, 1);
    assert_int_equal(get(PL011_DR), 'b');
    assert_int_equal(yielded, 0);
}

static void a_reset_keeps_the_last_words_and_wakes_the_worker_for_them(void **state)
{
    (void)state;
    set(PL011_DR, 'x');
    resting = CLIENT_ASLEEP;    /* the handler ended between its byte and the wake-up */
    client_reset(VM);
    assert_int_equal(notified, 1);
    assert_int_equal(take_all(VM), 2);      /* and an end of line */
}

static void a_reset_after_a_complete_line_adds_nothing(void **state)
{
    (void)state;
    client_reset(VM);
    assert_int_equal(take_all(VM), 0);
    set(PL011_DR, 'x');
    set(PL011_DR, '\n');
    client_reset(VM);
    assert_int_equal(take_all(VM), 2);
}

static void a_restart_keeps_registers_and_bytes_and_sets_the_line_anew(void **state)
{
    (void)state;
    set(PL011_IBRD, 13);
    set(PL011_IMSC, PL011_INT_RX);
    set(PL011_DR, 'x');
    assert_true(client_give(VM, 'a'));
    client_update_line(VM);
    live[VM].line_owner = LINE_WORKER;      /* where the fault was */
    line_level = 0;
    restart();
    assert_int_equal(line_level, 1);
    assert_int_equal(get(PL011_IBRD), 13);
    assert_int_equal(get(PL011_DR), 'a');
    assert_int_equal(take_all(VM), 1);
}

static void a_restart_mends_counters_that_make_no_sense(void **state)
{
    (void)state;
    set(PL011_DR, 'x');
    uarts[VM].tx.tail = 77777;
    uarts[VM].rx.head = 99999;
    restart();
    assert_int_equal(get(PL011_FR), PL011_FR_TXFE | PL011_FR_RXFE);
    assert_true(client_give(VM, 'a'));
    assert_int_equal(get(PL011_DR), 'a');
    set(PL011_DR, 'y');
    assert_int_equal(take_all(VM), 1);
}

static void the_log_takes_packed_characters(void **state)
{
    const uint64_t words[3] = { 0x6867666564636261, 0x706f6e6d6c6b6a69, 0x7877767574737271 };
    uint8_t byte;

    (void)state;
    assert_true(client_rest(CLIENT_ASLEEP));
    assert_int_equal(client_log(24, words), 24);
    assert_int_equal(notified, 1);
    for (char c = 'a'; c <= 'x'; c++) {
        assert_true(client_take(CLIENT_LOG, &byte));
        assert_int_equal(byte, c);
    }
    assert_int_equal(client_log(UINT64_MAX, words), 24);
    assert_int_equal(client_log(0, words), 0);
}

static void a_full_log_tells_how_much_it_took(void **state)
{
    const uint64_t words[3] = { 0 };

    (void)state;
    for (unsigned taken = 0; taken + 24 <= RING_SIZE; taken += 24)
        assert_int_equal(client_log(24, words), 24);
    assert_int_equal(client_log(24, words), RING_SIZE % 24);
    assert_int_equal(client_log(24, words), 0);
}

static void *guest(void *unused)
{
    uint32_t read = 0;

    (void)unused;
    for (uint32_t written = 0; read < MANY || written < MANY; ) {
        if ((get(PL011_FR) & PL011_FR_TXFF) == 0 && written < MANY) {
            set(PL011_DR, 'x');
            written++;
        }
        if ((get(PL011_FR) & PL011_FR_RXFE) == 0) {
            assert_int_equal(get(PL011_DR), (uint8_t)read);
            read++;
        }
        set(PL011_ICR, PL011_INT_TX);
    }
    return NULL;
}

static void a_guest_and_the_worker_at_once_lose_nothing_and_agree_on_the_line(void **state)
{
    uint32_t given = 0, taken = 0;
    pthread_t vcpu;
    uint8_t byte;

    (void)state;
    set(PL011_LCR_H, PL011_LCR_H_FEN);
    set(PL011_IMSC, PL011_INT_RX | PL011_INT_RT | PL011_INT_TX);
    assert_int_equal(pthread_create(&vcpu, NULL, guest, NULL), 0);
    while (given < MANY || taken < MANY) {
        given += given < MANY && client_give(VM, (uint8_t)given);
        taken += client_take(VM, &byte);
        client_update_line(VM);
        sched_yield();
    }
    assert_int_equal(pthread_join(vcpu, NULL), 0);
    assert_false(client_update_line(VM));
    assert_int_equal(line_level, pl011_interrupt(&uarts[VM]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_first_access_finds_reset_values, setup),
        cmocka_unit_test_setup(a_byte_wakes_a_sleeping_worker_and_the_next_do_not, setup),
        cmocka_unit_test_setup(a_napping_worker_is_left_alone_until_the_ring_is_half_full, setup),
        cmocka_unit_test_setup(a_worker_does_not_sleep_on_bytes_that_it_has_not_taken, setup),
        cmocka_unit_test_setup(reads_and_settings_do_not_wake_the_worker, setup),
        cmocka_unit_test_setup(a_flood_is_paced_by_the_guests_own_ring, setup),
        cmocka_unit_test_setup(typing_raises_the_line_and_reading_lowers_it, setup),
        cmocka_unit_test_setup(the_line_is_set_only_when_it_changes, setup),
        cmocka_unit_test_setup(a_driver_without_interrupts_costs_no_hypercall, setup),
        cmocka_unit_test_setup(draining_raises_the_transmit_interrupt, setup),
        cmocka_unit_test_setup(a_guest_that_reads_while_the_worker_raises_the_line_ends_with_it_low, setup),
        cmocka_unit_test_setup(a_byte_that_comes_while_the_guest_lowers_the_line_ends_with_it_high, setup),
        cmocka_unit_test_setup(vcpus_of_one_vm_wait_for_each_other_by_yielding, setup),
        cmocka_unit_test_setup(status_is_read_without_waiting, setup),
        cmocka_unit_test_setup(a_reset_frees_what_an_abandoned_handler_held, setup),
        cmocka_unit_test_setup(a_reset_keeps_the_last_words_and_wakes_the_worker_for_them, setup),
        cmocka_unit_test_setup(a_reset_after_a_complete_line_adds_nothing, setup),
        cmocka_unit_test_setup(a_restart_keeps_registers_and_bytes_and_sets_the_line_anew, setup),
        cmocka_unit_test_setup(a_restart_mends_counters_that_make_no_sense, setup),
        cmocka_unit_test_setup(the_log_takes_packed_characters, setup),
        cmocka_unit_test_setup(a_full_log_tells_how_much_it_took, setup),
        cmocka_unit_test_setup(a_guest_and_the_worker_at_once_lose_nothing_and_agree_on_the_line, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
