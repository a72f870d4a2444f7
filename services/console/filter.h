/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a client's output may reach the terminal. Who controls the terminal
 * may send escape sequences, each whole or not at all, so that nothing of another's can become part of
 * one; but no strings (OSC, DCS and the like), which could change what the terminal
 * is. From all others pass tabs, backspaces and printable characters. The terminal is taken to speak UTF-8.
 */
#ifndef CONSOLE_FILTER_H
#define CONSOLE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#define FILTER_ESCAPE 32u   /* longer escape sequences are dropped */

struct filter {
    uint8_t state;
    uint8_t last;
    uint8_t bytes;          /* of the sequence that is coming in: FILTER_ESCAPE + 1 when it is too long */
    uint8_t escape[FILTER_ESCAPE];
};

/* Forgets the escape sequence that is coming in. */
void filter_reset(struct filter *f);

/* Takes one byte, of any but CR and LF; tells how many bytes pass now, and which. */
uint32_t filter_take(struct filter *f, bool controls, uint8_t byte, const uint8_t **pass);
#endif
