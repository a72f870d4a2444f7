/* SPDX-License-Identifier: Apache-2.0 */
#include "guest.h"

#include <stdarg.h>

#define UART_DR       (*(volatile uint32_t *)(GUEST_UART + 0x00))   /* DDI 0183, 3.2 */
#define UART_FR       (*(volatile uint32_t *)(GUEST_UART + 0x18))
#define UART_FR_TXFF  (1u << 5)

/* Where characters go: into `to`, or to the UART when there is none. */
struct sink {
    char *to;
    unsigned used, size;
};

void uart_putc(char c)
{
    if (c == '\n') {
        uart_putc('\r');
    }
    while (UART_FR & UART_FR_TXFF) {
    }
    UART_DR = (uint8_t)c;
}

static void put(struct sink *s, char c)
{
    if (!s->to) {
        uart_putc(c);
    } else if (s->used + 1 < s->size) {
        s->to[s->used++] = c;
    }
}

static void put_number(struct sink *s, uint64_t value, unsigned base, bool negative, int width, char pad)
{
    char digits[24];
    int n = 0;
    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    if (negative) {
        digits[n++] = '-';
    }
    for (; width > n; width--) {
        put(s, pad);
    }
    while (n) {
        put(s, digits[--n]);
    }
}

static void put_string(struct sink *s, const char *text, int width)
{
    for (; *text; text++, width--) {
        put(s, *text);
    }
    for (; width > 0; width--) {
        put(s, ' ');
    }
}

static void put_signed(struct sink *s, int64_t value, int width, char pad)
{
    put_number(s, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, value < 0, width, pad);
}

/* One conversion, `at` being after its '%'. Returns what is after it. */
static const char *convert(struct sink *s, const char *at, va_list *arguments)
{
    char pad = *at == '0' ? '0' : ' ';
    int width = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        width = width * 10 + (*at - '0');
    }
    bool wide = *at == 'l';
    while (*at == 'l') {
        at++;
    }
    switch (*at) {
    case 'd': put_signed(s, wide ? va_arg(*arguments, long) : va_arg(*arguments, int), width, pad); break;
    case 'u':
    case 'x': put_number(s, wide ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned),
                         *at == 'u' ? 10 : 16, false, width, pad); break;
    case 's': put_string(s, va_arg(*arguments, const char *), width); break;
    case 'c': put(s, (char)va_arg(*arguments, int)); break;
    default: put(s, *at); break;
    }
    return at + 1;
}

static void convert_all(struct sink *s, const char *format, va_list *arguments)
{
    while (*format) {
        if (*format == '%' && format[1]) {
            format = convert(s, format + 1, arguments);
        } else {
            put(s, *format++);
        }
    }
}

void print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    convert_all(&(struct sink){ 0 }, format, &arguments);
    va_end(arguments);
}

void print_to(char *to, unsigned size, const char *format, ...)
{
    struct sink sink = { .to = to, .size = size };
    va_list arguments;
    va_start(arguments, format);
    convert_all(&sink, format, &arguments);
    va_end(arguments);
    to[sink.used] = '\0';
}
