/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as people write them: 512M, 300us, 0x40000000. */
#ifndef TOOLS_UNITS_H
#define TOOLS_UNITS_H

#include <stdbool.h>
#include <stdint.h>

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define USEC UINT64_C(1000)
#define MSEC UINT64_C(1000000)
#define SEC  UINT64_C(1000000000)

/* A whole number and a unit without a space between: K, M, G (or KiB, MiB, GiB), in bytes. */
bool parse_size(const char *text, uint64_t *bytes);

/* ns, us, ms, s, in nanoseconds. */
bool parse_time(const char *text, uint64_t *ns);

/* Decimal, or hexadecimal after 0x, without a unit. A leading 0 is refused: it would read as octal elsewhere. */
bool parse_number(const char *text, uint64_t *value);

#define UNITS_TEXT 24
struct units_text {
    char text[UNITS_TEXT];
};

/* In the largest unit that is exact or leaves three digits: 512M, 300us, 1.25ms. Times are rounded up. */
struct units_text show_size(uint64_t bytes);
struct units_text show_time(uint64_t ns);
#endif
