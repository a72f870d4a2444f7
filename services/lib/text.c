/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct text {
    char *to;
    size_t size, length;
};

struct field {          /* one % of the format */
    char pad;
    unsigned width;
    bool wide;          /* 64 bits: l, ll or z */
};

static void put(struct text *t, char c)
{
    if (t->length + 1 < t->size)
        t->to[t->length++] = c;
}

static void put_padded(struct text *t, const char *s, size_t n, const struct field *f)
{
    for (size_t i = n; i < f->width; i++)
        put(t, f->pad);
    while (n--)
        put(t, *s++);
}

static void put_number(struct text *t, uint64_t value, unsigned base, bool minus, const struct field *f)
{
    char digits[21];
    size_t at = sizeof digits;

    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    if (minus)
        digits[--at] = '-';
    put_padded(t, digits + at, sizeof digits - at, f);
}

static const char *read_field(const char *s, struct field *f)
{
    *f = (struct field){ .pad = ' ' };
    if (*s == '0')
        f->pad = *s++;
    while (*s >= '0' && *s <= '9')
        f->width = f->width * 10 + (unsigned)(*s++ - '0');
    for (; *s == 'l' || *s == 'z'; s++)
        f->wide = true;
    return s;
}

size_t text_format_args(char *to, size_t size, const char *format, va_list args)
{
    struct text t = { to, size, 0 };

    for (const char *s = format; *s; s++) {
        struct field f;
        if (*s != '%') {
            put(&t, *s);
            continue;
        }
        s = read_field(s + 1, &f);
        if (*s == 'c') {
            put(&t, (char)va_arg(args, int));
        } else if (*s == 's') {
            const char *string = va_arg(args, const char *);
            put_padded(&t, string, strlen(string), &f);
        } else if (*s == 'd') {
            int64_t v = f.wide ? va_arg(args, int64_t) : va_arg(args, int);
            put_number(&t, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, v < 0, &f);
        } else if (*s == 'u' || *s == 'x') {
            uint64_t v = f.wide ? va_arg(args, uint64_t) : va_arg(args, unsigned);
            put_number(&t, v, *s == 'x' ? 16 : 10, false, &f);
        } else if (*s == '\0') {
            break;
        } else {
            put(&t, *s);
        }
    }
    if (size)
        to[t.length] = '\0';
    return t.length;
}

size_t text_format(char *to, size_t size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    size_t n = text_format_args(to, size, format, args);
    va_end(args);
    return n;
}
