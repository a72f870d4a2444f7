/* SPDX-License-Identifier: Apache-2.0 */
/* The console's driver of the host's PL011 (services/console/host_uart.c), on the PL011 that guests get. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "console/host_uart.h"
#include "console/pl011.h"
#include "console/pl011_regs.h"

static struct pl011 uart;
static bool set_while_busy;
static uint32_t stuck;      /* bits of FR that never clear */

uint32_t host_register_read(uint32_t offset);
void host_register_write(uint32_t offset, uint32_t value);

static uint32_t get(uint32_t offset)
{
    return (uint32_t)pl011_read(&uart, offset, 4);
}

uint32_t host_register_read(uint32_t offset)
{
    uint32_t value = get(offset);

    return offset == PL011_FR ? value | stuck : value;
}

void host_register_write(uint32_t offset, uint32_t value)
{
    bool setting = offset == PL011_LCR_H || offset == PL011_IBRD || offset == PL011_FBRD;

    set_while_busy |= setting && (get(PL011_CR) & PL011_CR_UARTEN) != 0;
    pl011_write(&uart, offset, 4, value);
}

static int setup(void **state)
{
    (void)state;
    memset(&uart, 0, sizeof(uart));
    pl011_write(&uart, PL011_CR, 4, PL011_CR_UARTEN | PL011_CR_TXE | PL011_CR_RXE);     /* as firmware left it */
    set_while_busy = false;
    stuck = 0;
    host_uart_init(24000000);
    return 0;
}

static void the_line_is_set_while_the_uart_is_disabled(void **state)
{
    (void)state;
    assert_false(set_while_busy);
    assert_int_equal(uart.ibrd, 13);        /* 24 MHz / (16 * 115200) = 13.02 */
    assert_int_equal(uart.fbrd, 1);
    assert_int_equal(uart.lcr_h, PL011_LCR_H_8N1 | PL011_LCR_H_FEN);
    assert_int_equal(get(PL011_CR), PL011_CR_UARTEN | PL011_CR_TXE | PL011_CR_RXE);
}

static void an_unknown_clock_leaves_the_firmwares_speed(void **state)
{
    (void)state;
    uart.ibrd = 7;
    uart.fbrd = 5;
    host_uart_init(0);
    assert_int_equal(uart.ibrd, 7);
    assert_int_equal(uart.fbrd, 5);
}

static void a_transmitter_that_never_ends_does_not_hold_it_up(void **state)
{
    (void)state;
    stuck = PL011_FR_BUSY;
    host_uart_init(24000000);
    assert_int_equal(get(PL011_CR), PL011_CR_UARTEN | PL011_CR_TXE | PL011_CR_RXE);
}

static void bytes_go_both_ways(void **state)
{
    uint8_t byte;

    (void)state;
    assert_false(host_uart_get(&byte));
    ring_push(&uart.rx, 'a');
    assert_true(host_uart_get(&byte));
    assert_int_equal(byte, 'a');
    host_uart_put('b');
    assert_true(ring_pop(&uart.tx, &byte));
    assert_int_equal(byte, 'b');
}

static void input_interrupts_until_it_is_seen_to(void **state)
{
    uint8_t byte;

    (void)state;
    assert_false(pl011_interrupt(&uart));
    ring_push(&uart.rx, 'a');
    assert_true(pl011_interrupt(&uart));
    host_uart_interrupt();
    assert_false(pl011_interrupt(&uart));
    assert_true(host_uart_get(&byte));
}

static void input_that_is_not_wanted_waits_without_an_interrupt(void **state)
{
    (void)state;
    host_uart_want(false, false);
    ring_push(&uart.rx, 'a');
    assert_false(pl011_interrupt(&uart));
    host_uart_want(true, false);
    assert_true(pl011_interrupt(&uart));
}

static void a_full_fifo_interrupts_once_it_has_drained_and_only_if_wanted(void **state)
{
    uint8_t byte;

    (void)state;
    while (host_uart_has_room())
        host_uart_put('x');
    assert_true(host_uart_busy());
    host_uart_interrupt();
    host_uart_want(true, true);
    assert_false(pl011_interrupt(&uart));
    for (int i = 0; i < 28; i++)
        ring_pop(&uart.tx, &byte);
    assert_true(pl011_interrupt(&uart));
    host_uart_want(true, false);
    assert_false(pl011_interrupt(&uart));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_line_is_set_while_the_uart_is_disabled, setup),
        cmocka_unit_test_setup(an_unknown_clock_leaves_the_firmwares_speed, setup),
        cmocka_unit_test_setup(a_transmitter_that_never_ends_does_not_hold_it_up, setup),
        cmocka_unit_test_setup(bytes_go_both_ways, setup),
        cmocka_unit_test_setup(input_interrupts_until_it_is_seen_to, setup),
        cmocka_unit_test_setup(input_that_is_not_wanted_waits_without_an_interrupt, setup),
        cmocka_unit_test_setup(a_full_fifo_interrupts_once_it_has_drained_and_only_if_wanted, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
