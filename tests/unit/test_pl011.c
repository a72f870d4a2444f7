/* SPDX-License-Identifier: Apache-2.0 */
/* The PL011 that a guest sees (services/console/pl011.c), used as drivers use it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "console/pl011.h"
#include "console/pl011_regs.h"

static struct pl011 uart;

static uint32_t get(uint32_t offset)
{
    return (uint32_t)pl011_read(&uart, offset, 4);
}

static void set(uint32_t offset, uint32_t value)
{
    pl011_write(&uart, offset, 4, value);
}

static void type(const char *text)
{
    while (*text)
        assert_true(ring_push(&uart.rx, (uint8_t)*text++));
}

/* Takes so many bytes off the wire. */
static void drain(uint32_t count)
{
    uint8_t byte;

    while (count--)
        assert_true(ring_pop(&uart.tx, &byte));
}

static void sent(const char *text)
{
    uint8_t byte;

    for (; *text; text++) {
        assert_true(ring_pop(&uart.tx, &byte));
        assert_int_equal(byte, *text);
    }
    assert_false(ring_pop(&uart.tx, &byte));
}

/* Sends as a driver does that looks at TXFF; tells how many went. */
static uint32_t fill(void)
{
    uint32_t count = 0;

    for (; (get(PL011_FR) & PL011_FR_TXFF) == 0; count++)
        set(PL011_DR, 'x');
    return count;
}

static int reset(void **state)
{
    (void)state;
    memset(&uart, 0, sizeof(uart));
    return 0;
}

static void registers_have_their_reset_values(void **state)
{
    (void)state;
    assert_int_equal(get(PL011_FR), PL011_FR_TXFE | PL011_FR_RXFE);
    assert_int_equal(get(PL011_CR), 0x300);
    assert_int_equal(get(PL011_IFLS), 0x12);
    for (uint32_t offset = 0; offset < PL011_PERIPH_ID0; offset += 4) {
        if (offset != PL011_FR && offset != PL011_CR && offset != PL011_IFLS)
            assert_int_equal(get(offset), 0);
    }
}

static uint32_t id_at(uint32_t offset)
{
    uint32_t id = 0;

    for (uint32_t i = 0; i < 4; i++)
        id |= (get(offset + i * 4) & 0xff) << i * 8;
    return id;
}

/* drivers/amba/bus.c reads the PCell ID, then the peripheral ID; amba-pl011.c matches 0x00041011 under 0x000fffff. */
static void linux_finds_an_r1p5_primecell(void **state)
{
    (void)state;
    assert_int_equal(id_at(0xff0), 0xb105f00d);
    assert_int_equal(id_at(PL011_PERIPH_ID0) & 0x000fffff, 0x00041011);
    assert_true(id_at(PL011_PERIPH_ID0) >> 20 >= 3);    /* the revision from which Linux counts on 32 bytes of FIFO */
}

/* pl011_probe, pl011_startup and pl011_set_termios, by the order of their accesses, 16 bits each. */
static void linux_start_up(void)
{
    pl011_write(&uart, PL011_IMSC, 2, 0);
    pl011_write(&uart, PL011_ICR, 2, 0xffff);
    pl011_write(&uart, PL011_ICR, 2, PL011_INT_RT | PL011_INT_RX | 0x780);
    pl011_write(&uart, PL011_IFLS, 2, 2 << 3 | 2);
    pl011_write(&uart, PL011_CR, 2, PL011_CR_UARTEN | PL011_CR_RXE | PL011_CR_TXE);
    pl011_write(&uart, PL011_IMSC, 2, PL011_INT_RT | PL011_INT_RX);
    pl011_write(&uart, PL011_FBRD, 2, 1);
    pl011_write(&uart, PL011_IBRD, 2, 13);
    pl011_write(&uart, PL011_LCR_H, 2, PL011_LCR_H_8N1 | PL011_LCR_H_FEN);
}

static void linux_start_up_raises_nothing(void **state)
{
    (void)state;
    linux_start_up();
    assert_false(pl011_interrupt(&uart));
    assert_int_equal(pl011_read(&uart, PL011_LCR_H, 2), 0x70);
    assert_int_equal(pl011_read(&uart, PL011_IBRD, 2), 13);
}

static void one_typed_character_reaches_linux_by_the_timeout_interrupt(void **state)
{
    (void)state;
    linux_start_up();
    type("a");
    assert_true(pl011_interrupt(&uart));
    assert_int_equal(get(PL011_MIS), PL011_INT_RT);
    assert_int_equal(pl011_read(&uart, PL011_DR, 2), 'a');
    assert_true(get(PL011_FR) & PL011_FR_RXFE);
    assert_false(pl011_interrupt(&uart));
}

static void sixteen_characters_reach_the_trigger_level(void **state)
{
    (void)state;
    linux_start_up();
    type("123456789012345");
    assert_int_equal(get(PL011_MIS), PL011_INT_RT);
    type("6");
    assert_int_equal(get(PL011_MIS), PL011_INT_RT | PL011_INT_RX);
    get(PL011_DR);
    assert_int_equal(get(PL011_MIS), PL011_INT_RT);
}

static void receive_levels_follow_ifls(void **state)
{
    static const uint32_t level[5] = { 4, 8, 16, 24, 28 };

    (void)state;
    for (uint32_t select = 0; select < 5; select++) {
        reset(NULL);
        linux_start_up();
        set(PL011_IFLS, select << 3);
        for (uint32_t n = 1; n <= 32; n++) {
            type("x");
            assert_int_equal((get(PL011_RIS) & PL011_INT_RX) != 0, n >= level[select]);
        }
    }
}

/* Most small drivers for QEMU's virt do this. */
static void a_driver_that_masks_the_timeout_gets_each_character(void **state)
{
    (void)state;
    set(PL011_LCR_H, PL011_LCR_H_8N1 | PL011_LCR_H_FEN);
    set(PL011_IMSC, PL011_INT_RX);
    type("a");
    assert_int_equal(get(PL011_MIS), PL011_INT_RX);
    set(PL011_ICR, PL011_INT_RX);
    assert_int_equal(get(PL011_DR), 'a');
    type("b");
    assert_int_equal(get(PL011_MIS), PL011_INT_RX);
}

static void a_cleared_receive_interrupt_comes_back_with_the_next_character(void **state)
{
    (void)state;
    linux_start_up();
    type("a");
    set(PL011_ICR, PL011_INT_RT | PL011_INT_RX);
    assert_false(pl011_interrupt(&uart));
    type("b");
    assert_true(pl011_interrupt(&uart));
    assert_int_equal(get(PL011_DR), 'a');
    assert_int_equal(get(PL011_DR), 'b');
    assert_false(pl011_interrupt(&uart));
}

static void without_fifos_one_character_is_full(void **state)
{
    (void)state;
    set(PL011_IMSC, PL011_INT_RX | PL011_INT_RT);
    assert_true(get(PL011_FR) & PL011_FR_RXFE);
    type("a");
    assert_int_equal(get(PL011_FR) & (PL011_FR_RXFE | PL011_FR_RXFF), PL011_FR_RXFF);
    assert_int_equal(get(PL011_MIS), PL011_INT_RX);
}

static void an_empty_fifo_reads_as_zero(void **state)
{
    (void)state;
    assert_int_equal(get(PL011_DR), 0);
    assert_int_equal(get(PL011_FR), PL011_FR_TXFE | PL011_FR_RXFE);
}

static void a_polling_rtos_sends_with_everything_disabled(void **state)
{
    (void)state;
    set(PL011_CR, 0);
    for (const char *c = "hello"; *c; c++) {
        assert_false(get(PL011_FR) & PL011_FR_TXFF);
        pl011_write(&uart, PL011_DR, 1, (uint8_t)*c);
        assert_false(get(PL011_FR) & PL011_FR_BUSY);
    }
    sent("hello");
    assert_false(pl011_interrupt(&uart));
}

/* pl011_start_tx_pio and pl011_int: write until TXFF, unmask, then half a FIFO at each interrupt, blindly. */
static void linux_sends_by_interrupt_and_loses_nothing(void **state)
{
    uint32_t written;

    (void)state;
    linux_start_up();
    written = fill();
    assert_int_equal(written, RING_SIZE);
    set(PL011_IMSC, get(PL011_IMSC) | PL011_INT_TX);
    for (int turn = 0; turn < 100; turn++) {
        assert_false(pl011_interrupt(&uart));
        drain(15);
        assert_false(pl011_interrupt(&uart));
        drain(1);
        assert_int_equal(get(PL011_MIS), PL011_INT_TX);
        for (int i = 0; i < 16; i++) {
            assert_false(get(PL011_FR) & PL011_FR_TXFF);
            set(PL011_DR, 'x');
        }
    }
    assert_int_equal(ring_fill(&uart.tx), RING_SIZE);
}

static void masking_the_transmit_interrupt_takes_the_line_down(void **state)
{
    (void)state;
    linux_start_up();
    set(PL011_DR, 'x');
    set(PL011_IMSC, PL011_INT_TX);
    assert_true(pl011_interrupt(&uart));
    set(PL011_IMSC, 0);
    assert_false(pl011_interrupt(&uart));
}

static void transmit_levels_follow_ifls(void **state)
{
    static const uint32_t level[5] = { 4, 8, 16, 24, 28 };

    (void)state;
    for (uint32_t select = 0; select < 5; select++) {
        reset(NULL);
        linux_start_up();
        set(PL011_IFLS, select);
        fill();
        for (uint32_t left = 31; left + 1 > 0; left--) {
            drain(1);
            assert_int_equal((get(PL011_RIS) & PL011_INT_TX) != 0, left <= level[select]);
        }
    }
}

static void a_cleared_transmit_interrupt_comes_back_with_the_next_write(void **state)
{
    (void)state;
    linux_start_up();
    set(PL011_IMSC, PL011_INT_TX);
    set(PL011_DR, 'x');
    assert_true(pl011_interrupt(&uart));
    set(PL011_ICR, PL011_INT_TX);
    assert_false(pl011_interrupt(&uart));
    set(PL011_DR, 'y');
    assert_true(pl011_interrupt(&uart));
}

static void clearing_before_the_fifo_has_drained_does_not_lose_the_interrupt(void **state)
{
    (void)state;
    linux_start_up();
    set(PL011_IMSC, PL011_INT_TX);
    fill();
    set(PL011_ICR, PL011_INT_TX);
    drain(16);
    assert_true(pl011_interrupt(&uart));
}

static void a_flood_finds_the_fifo_full_until_it_drains(void **state)
{
    (void)state;
    linux_start_up();
    fill();
    assert_int_equal(get(PL011_FR) & (PL011_FR_TXFF | PL011_FR_TXFE | PL011_FR_BUSY), PL011_FR_TXFF | PL011_FR_BUSY);
    set(PL011_DR, 'y');     /* lost, as on the real part */
    drain(1);
    assert_int_equal(get(PL011_FR) & (PL011_FR_TXFF | PL011_FR_BUSY), PL011_FR_BUSY);
    drain(31);
    assert_int_equal(get(PL011_FR) & (PL011_FR_TXFE | PL011_FR_BUSY), PL011_FR_TXFE);
}

static void loopback_keeps_characters_off_the_wire(void **state)
{
    (void)state;
    set(PL011_CR, PL011_CR_UARTEN | PL011_CR_TXE | PL011_CR_LBE);
    set(PL011_DR, 'x');
    assert_true(get(PL011_RIS) & PL011_INT_TX);
    sent("");
}

static void reserved_bits_read_as_zero(void **state)
{
    static const struct { uint32_t offset, mask; } reg[] = {
        { PL011_ILPR, 0xff }, { PL011_IBRD, 0xffff }, { PL011_FBRD, 0x3f }, { PL011_LCR_H, 0xff },
        { PL011_CR, 0xff87 }, { PL011_IFLS, 0x3f }, { PL011_IMSC, 0x7ff }, { PL011_DMACR, 7 },
        { PL011_RSR, 0 }, { PL011_FR, PL011_FR_TXFE | PL011_FR_RXFE }, { PL011_ICR, 0 }, { PL011_MIS, 0 },
        { PL011_PERIPH_ID0, 0x11 }, { PL011_PCELL_ID3, 0xb1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(reg) / sizeof(reg[0]); i++) {
        set(reg[i].offset, 0xffffffff);
        assert_int_equal(get(reg[i].offset), reg[i].mask);
    }
}

static void bytes_and_halfwords_are_lanes_of_the_register(void **state)
{
    (void)state;
    set(PL011_IBRD, 0x1234);
    assert_int_equal(pl011_read(&uart, PL011_IBRD, 1), 0x34);
    assert_int_equal(pl011_read(&uart, PL011_IBRD + 1, 1), 0x12);
    assert_int_equal(pl011_read(&uart, PL011_IBRD + 1, 2), 0x12);
    assert_int_equal(pl011_read(&uart, PL011_IBRD + 3, 1), 0);
    pl011_write(&uart, PL011_IBRD, 1, 0xff56);
    assert_int_equal(get(PL011_IBRD), 0x56);
    pl011_write(&uart, PL011_IBRD + 1, 1, 0xff);
    assert_int_equal(get(PL011_IBRD), 0x56);
}

static void eight_bytes_are_two_registers(void **state)
{
    (void)state;
    pl011_write(&uart, PL011_FBRD, 8, UINT64_C(0x7000000011));
    assert_int_equal(get(PL011_FBRD), 0x11);
    assert_int_equal(get(PL011_LCR_H), 0x70);
    assert_true(pl011_read(&uart, PL011_FBRD, 8) == UINT64_C(0x7000000011));
}

static void only_lane_zero_takes_from_the_fifo(void **state)
{
    (void)state;
    type("a");
    assert_int_equal(pl011_read(&uart, PL011_DR + 1, 1), 0);
    assert_int_equal(pl011_read(&uart, PL011_DR + 2, 2), 0);
    assert_int_equal(pl011_read(&uart, PL011_DR, 1), 'a');
}

static void all_else_reads_as_zero_and_ignores_writes(void **state)
{
    struct pl011 before;

    (void)state;
    memcpy(&before, &uart, sizeof(before));
    for (uint64_t offset = 0; offset < 0x1100; offset++) {
        for (unsigned size = 0; size < 20; size++) {
            bool answered = (size == 1 || size == 2 || size == 4) && offset % 4 + size <= 4;

            if (offset < 0x1000 && (answered || (size == 8 && offset % 8 == 0) || (offset == PL011_FR && size < 4)))
                continue;
            pl011_write(&uart, offset, size, UINT64_MAX);
            assert_int_equal(pl011_read(&uart, offset, size), 0);
        }
    }
    assert_memory_equal(&before, &uart, sizeof(before));
    assert_int_equal(pl011_read(&uart, UINT64_MAX, 4), 0);
}

static void a_reset_empties_the_input_and_keeps_what_was_sent(void **state)
{
    (void)state;
    linux_start_up();
    type("left over");
    set(PL011_DR, 'x');
    pl011_reset(&uart);
    assert_true(get(PL011_FR) & PL011_FR_RXFE);
    assert_int_equal(get(PL011_RIS), 0);
    sent("x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(registers_have_their_reset_values, reset),
        cmocka_unit_test_setup(linux_finds_an_r1p5_primecell, reset),
        cmocka_unit_test_setup(linux_start_up_raises_nothing, reset),
        cmocka_unit_test_setup(one_typed_character_reaches_linux_by_the_timeout_interrupt, reset),
        cmocka_unit_test_setup(sixteen_characters_reach_the_trigger_level, reset),
        cmocka_unit_test_setup(receive_levels_follow_ifls, reset),
        cmocka_unit_test_setup(a_driver_that_masks_the_timeout_gets_each_character, reset),
        cmocka_unit_test_setup(a_cleared_receive_interrupt_comes_back_with_the_next_character, reset),
        cmocka_unit_test_setup(without_fifos_one_character_is_full, reset),
        cmocka_unit_test_setup(an_empty_fifo_reads_as_zero, reset),
        cmocka_unit_test_setup(a_polling_rtos_sends_with_everything_disabled, reset),
        cmocka_unit_test_setup(linux_sends_by_interrupt_and_loses_nothing, reset),
        cmocka_unit_test_setup(masking_the_transmit_interrupt_takes_the_line_down, reset),
        cmocka_unit_test_setup(transmit_levels_follow_ifls, reset),
        cmocka_unit_test_setup(a_cleared_transmit_interrupt_comes_back_with_the_next_write, reset),
        cmocka_unit_test_setup(clearing_before_the_fifo_has_drained_does_not_lose_the_interrupt, reset),
        cmocka_unit_test_setup(a_flood_finds_the_fifo_full_until_it_drains, reset),
        cmocka_unit_test_setup(loopback_keeps_characters_off_the_wire, reset),
        cmocka_unit_test_setup(reserved_bits_read_as_zero, reset),
        cmocka_unit_test_setup(bytes_and_halfwords_are_lanes_of_the_register, reset),
        cmocka_unit_test_setup(eight_bytes_are_two_registers, reset),
        cmocka_unit_test_setup(only_lane_zero_takes_from_the_fifo, reset),
        cmocka_unit_test_setup(all_else_reads_as_zero_and_ignores_writes, reset),
        cmocka_unit_test_setup(a_reset_empties_the_input_and_keeps_what_was_sent, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
