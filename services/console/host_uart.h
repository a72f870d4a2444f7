/* SPDX-License-Identifier: Apache-2.0 */
/* The host's PL011 (DDI 0183), whose registers the steward mapped at CONSOLE_UART_IPA. */
#ifndef CONSOLE_HOST_UART_H
#define CONSOLE_HOST_UART_H

#include <stdbool.h>
#include <stdint.h>

void host_uart_init(uint32_t clock_hz);

/* False when there is none. */
bool host_uart_get(uint8_t *byte);

/* A byte that is sent without room for it is lost. */
bool host_uart_has_room(void);
void host_uart_put(uint8_t byte);

/* Its transmitter still has bytes. */
bool host_uart_busy(void);

/* Whether to interrupt for input, and for room in a transmit FIFO that was full. */
void host_uart_want(bool input, bool room);

/* Its interrupt came: it no longer asserts it for what was there till now. */
void host_uart_interrupt(void);
#endif
