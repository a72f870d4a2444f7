/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol's numbers: hexadecimal, registers and memory byte by byte. */
#ifndef GDB_HEX_H
#define GDB_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0 to 15, or -1. */
static inline int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static inline char hex_char(unsigned n)
{
    return "0123456789abcdef"[n & 15];
}

/* A command, or what is left of it to read. */
struct text {
    const char *at, *end;
};

static inline bool text_take(struct text *t, char c)
{
    if (t->at == t->end || *t->at != c)
        return false;
    t->at++;
    return true;
}

static inline bool text_take_word(struct text *t, const char *word)
{
    const char *at = t->at;

    for (; *word; word++, at++)
        if (at == t->end || *at != *word)
            return false;
    t->at = at;
    return true;
}

/* At least one digit, and no more than 64 bits. */
static inline bool text_number(struct text *t, uint64_t *value)
{
    const char *start = t->at;

    *value = 0;
    for (; t->at != t->end && hex_digit(*t->at) >= 0; t->at++) {
        if (*value >> 60)
            return false;
        *value = *value << 4 | (uint64_t)hex_digit(*t->at);
    }
    return t->at != start;
}

/* One byte of two digits. */
static inline bool text_byte(struct text *t, uint8_t *byte)
{
    if (t->end - t->at < 2 || hex_digit(t->at[0]) < 0 || hex_digit(t->at[1]) < 0)
        return false;
    *byte = (uint8_t)(hex_digit(t->at[0]) << 4 | hex_digit(t->at[1]));
    t->at += 2;
    return true;
}

/* `bytes` of them, the lowest first, at most 8. */
static inline bool text_little(struct text *t, unsigned bytes, uint64_t *value)
{
    uint8_t byte;

    *value = 0;
    for (unsigned i = 0; i < bytes; i++) {
        if (!text_byte(t, &byte))
            return false;
        *value |= (uint64_t)byte << 8 * i;
    }
    return true;
}
#endif
