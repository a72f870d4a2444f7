/* SPDX-License-Identifier: Apache-2.0 */
/* The UART that the outside is at: a 16550 with FIFOs, whose eight ports the steward mapped at MANAGER_PORTS_IPA. */
#ifndef MANAGER_UART_H
#define MANAGER_UART_H

#include <stdbool.h>
#include <stdint.h>

#define UART_FIFO 16u

void uart_init(void);

/* False when there is none. */
bool uart_get(uint8_t *byte);

/* How many bytes it takes now: none, or a FIFO full. */
uint32_t uart_room(void);
void uart_put(uint8_t byte);

/* Which interrupts are wanted: input is there, the transmitter is empty. */
void uart_want(bool input, bool room);
#endif
