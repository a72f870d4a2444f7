/* SPDX-License-Identifier: Apache-2.0 */
#include "filter.h"

/* States of an escape sequence (ECMA-48, 5.3 to 5.6). */
enum { TEXT, ESCAPE, CONTROL, STRING };

enum { BEL = 0x07, BS = 0x08, TAB = 0x09, ESC = 0x1b, DEL = 0x7f };

void filter_reset(struct filter *f)
{
    f->state = TEXT;
}

static void collect(struct filter *f, uint8_t byte)
{
    if (f->bytes < FILTER_ESCAPE)
        f->escape[f->bytes] = byte;
    if (f->bytes <= FILTER_ESCAPE)
        f->bytes++;
}

static void begin_escape(struct filter *f)
{
    f->state = ESCAPE;
    f->last = 0;
    f->bytes = 0;
    collect(f, ESC);
}

static bool opens_string(uint8_t byte)
{
    return byte == ']' || byte == 'P' || byte == 'X' || byte == '^' || byte == '_';
}

/* The state after one more byte of a sequence; TEXT when it was the last. */
static uint8_t next_state(const struct filter *f, uint8_t byte)
{
    bool second = f->state == ESCAPE && f->bytes == 1;

    if (f->state == STRING)
        return byte == BEL ? TEXT : STRING;
    if (second && byte == '[')
        return CONTROL;
    if (second && opens_string(byte))
        return STRING;
    return byte < (f->state == CONTROL ? 0x40 : 0x30) ? f->state : TEXT;
}

/* A string does not pass, nor does its terminator: BEL or ESC and a backslash. */
static uint32_t take_escape(struct filter *f, bool controls, uint8_t byte, const uint8_t **pass)
{
    bool string = f->state == STRING || (f->bytes == 1 && byte == '\\');

    f->state = next_state(f, byte);
    collect(f, byte);
    *pass = f->escape;
    return f->state == TEXT && !string && controls && f->bytes <= FILTER_ESCAPE ? f->bytes : 0;
}

/* The controls of ISO 8859 in their UTF-8 form become a space that does not break. */
static uint32_t take_text(struct filter *f, bool controls, uint8_t byte, const uint8_t **pass)
{
    bool c1 = f->last == 0xc2 && byte >= 0x80 && byte < 0xa0;

    f->last = byte;
    f->escape[0] = c1 ? 0xa0 : byte;
    *pass = f->escape;
    return (byte >= ' ' && byte != DEL) || byte == TAB || byte == BS || (byte == BEL && controls);
}

/* Inside a sequence, whatever can be no part of it ends it; a string may hold anything. */
uint32_t filter_take(struct filter *f, bool controls, uint8_t byte, const uint8_t **pass)
{
    if (byte == ESC) {
        begin_escape(f);
        return 0;
    }
    if (f->state != TEXT && f->state != STRING && (byte < ' ' || byte >= DEL))
        f->state = TEXT;
    return f->state == TEXT ? take_text(f, controls, byte, pass) : take_escape(f, controls, byte, pass);
}
