/* SPDX-License-Identifier: Apache-2.0 */
/* Text with numbers in it. */
#ifndef SERVICE_TEXT_H
#define SERVICE_TEXT_H

#include <stdarg.h>
#include <stddef.h>

/*
 * A part of snprintf: %c %s %u %d %x, with l, ll or z before the letter of a number, and a
 * width with or without leading zeros (%016lx). Always ends with a 0;
 * cuts what does not fit. Returns the characters written, the 0 not counted.
 */
size_t text_format(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t text_format_args(char *to, size_t size, const char *format, va_list args) __attribute__((format(printf, 3, 0)));
#endif
