/* SPDX-License-Identifier: Apache-2.0 */
#include "host_uart.h"

#include "belay/console.h"
#include "pl011_regs.h"

#define BAUD          115200u
#define DRAIN_READS   200000u   /* of FR: more than a full FIFO takes at BAUD */

#define DR_ERRORS     0x700u    /* framing, parity, break: no character */

#ifdef BELAY_HOST_TEST
uint32_t host_register_read(uint32_t offset);
void host_register_write(uint32_t offset, uint32_t value);
#else
static uint32_t host_register_read(uint32_t offset)
{
    return *(volatile uint32_t *)(uintptr_t)(CONSOLE_UART_IPA + offset);
}

static void host_register_write(uint32_t offset, uint32_t value)
{
    *(volatile uint32_t *)(uintptr_t)(CONSOLE_UART_IPA + offset) = value;
}
#endif

/* The divisor is in 64ths of 16 bit times (DDI 0183, 3.3.6). Firmware's stays where the clock is not known. */
static void set_baud(uint32_t clock_hz)
{
    uint32_t divisor = (uint32_t)(((uint64_t)clock_hz * 4 + BAUD / 2) / BAUD);

    if (divisor < 64 || divisor > 0xffff * 64u)
        return;
    host_register_write(PL011_IBRD, divisor / 64);
    host_register_write(PL011_FBRD, divisor % 64);
}

/* In the order of DDI 0183, 3.3.8: nothing is set while the transmitter works. Bound: DRAIN_READS. */
void host_uart_init(uint32_t clock_hz)
{
    host_register_write(PL011_IMSC, 0);
    for (uint32_t reads = 0; host_uart_busy() && reads < DRAIN_READS; )
        reads++;
    host_register_write(PL011_CR, 0);
    set_baud(clock_hz);
    host_register_write(PL011_LCR_H, PL011_LCR_H_8N1 | PL011_LCR_H_FEN);
    host_register_write(PL011_IFLS, 0);     /* room: at 1/8 left; input: at 1/8, or at its timeout */
    host_register_write(PL011_ICR, PL011_INT_ALL);
    host_register_write(PL011_CR, PL011_CR_UARTEN | PL011_CR_TXE | PL011_CR_RXE);
    host_register_write(PL011_IMSC, PL011_INT_RX | PL011_INT_RT);
}

/* Bound: the FIFO's depth, since this loop is faster than the line. */
bool host_uart_get(uint8_t *byte)
{
    uint32_t data;

    do {
        if (host_register_read(PL011_FR) & PL011_FR_RXFE)
            return false;
        data = host_register_read(PL011_DR);
    } while (data & DR_ERRORS);
    *byte = (uint8_t)data;
    return true;
}

bool host_uart_has_room(void)
{
    return (host_register_read(PL011_FR) & PL011_FR_TXFF) == 0;
}

void host_uart_put(uint8_t byte)
{
    host_register_write(PL011_DR, byte);
}

bool host_uart_busy(void)
{
    return (host_register_read(PL011_FR) & PL011_FR_BUSY) != 0;
}

void host_uart_want(bool input, bool room)
{
    host_register_write(PL011_IMSC, (input ? PL011_INT_RX | PL011_INT_RT : 0) | (room ? PL011_INT_TX : 0));
}

void host_uart_interrupt(void)
{
    host_register_write(PL011_ICR, PL011_INT_RX | PL011_INT_RT | PL011_INT_TX);
}
