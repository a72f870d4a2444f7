/* SPDX-License-Identifier: Apache-2.0 */
/* Registers as in the PC16550D's data sheet (National Semiconductor, 1995), table II. */
#include "uart.h"

#include "belay/manager.h"

enum { RBR_THR = 0, IER = 1, FCR = 2, LCR = 3, MCR = 4, LSR = 5, DLL = 0, DLM = 1 };

#define IER_RECEIVED    0x01u
#define IER_EMPTY       0x02u
#define FCR_ENABLE      0x01u
#define FCR_CLEAR       0x06u
#define FCR_AT_14       0xc0u       /* the receiver interrupts at 14 bytes, or when no more come */
#define LCR_8N1         0x03u
#define LCR_DIVISOR     0x80u
#define MCR_DTR_RTS     0x03u
#define MCR_OUT2        0x08u       /* lets interrupts out of the chip on PC boards */
#define LSR_RECEIVED    0x01u
#define LSR_EMPTY       0x20u

#ifdef BELAY_HOST_TEST
uint8_t port_read(uint32_t port);
void port_write(uint32_t port, uint8_t value);
#else
static uint8_t port_read(uint32_t port)
{
    return *(volatile uint8_t *)(uintptr_t)(MANAGER_PORTS_IPA + port);
}

static void port_write(uint32_t port, uint8_t value)
{
    *(volatile uint8_t *)(uintptr_t)(MANAGER_PORTS_IPA + port) = value;
}
#endif

/* As fast as it can: 115,200 baud by a PC's crystal. What came before stands in the way of nothing: it is no frame. */
void uart_init(void)
{
    port_write(IER, 0);
    port_write(LCR, LCR_8N1 | LCR_DIVISOR);
    port_write(DLL, 1);
    port_write(DLM, 0);
    port_write(LCR, LCR_8N1);
    port_write(FCR, FCR_ENABLE | FCR_CLEAR | FCR_AT_14);
    port_write(MCR, MCR_DTR_RTS | MCR_OUT2);
    port_write(IER, IER_RECEIVED);
}

bool uart_get(uint8_t *byte)
{
    if ((port_read(LSR) & LSR_RECEIVED) == 0)
        return false;
    *byte = port_read(RBR_THR);
    return true;
}

uint32_t uart_room(void)
{
    return port_read(LSR) & LSR_EMPTY ? UART_FIFO : 0;
}

void uart_put(uint8_t byte)
{
    port_write(RBR_THR, byte);
}

void uart_want(bool input, bool room)
{
    port_write(IER, (uint8_t)((input ? IER_RECEIVED : 0) | (room ? IER_EMPTY : 0)));
}
