/* SPDX-License-Identifier: Apache-2.0 */
#include "units.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit sizes[] = {
    { "K", KIB }, { "KiB", KIB }, { "M", MIB }, { "MiB", MIB }, { "G", GIB }, { "GiB", GIB }, { NULL, 0 },
};

static const struct unit times[] = {
    { "ns", 1 }, { "us", USEC }, { "ms", MSEC }, { "s", SEC }, { NULL, 0 },
};

static bool parse_digits(const char *text, int base, uint64_t *value, const char **end)
{
    /* strtoull also takes spaces and signs. */
    if (!isxdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    char *stop;
    *value = strtoull(text, &stop, base);
    *end = stop;
    return stop != text && errno == 0;
}

static bool parse_quantity(const char *text, const struct unit *units, uint64_t *out)
{
    uint64_t value;
    const char *name;
    if (!parse_digits(text, 10, &value, &name))
        return false;
    for (; units->name; units++) {
        if (strcmp(name, units->name) == 0)
            return !__builtin_mul_overflow(value, units->factor, out);
    }
    return false;
}

bool parse_size(const char *text, uint64_t *bytes)
{
    return parse_quantity(text, sizes, bytes);
}

bool parse_time(const char *text, uint64_t *ns)
{
    return parse_quantity(text, times, ns);
}

bool parse_number(const char *text, uint64_t *value)
{
    const char *end;
    bool hex = text[0] == '0' && text[1] == 'x';
    if (!hex && text[0] == '0' && text[1] != '\0')
        return false;
    return parse_digits(hex ? text + 2 : text, hex ? 16 : 10, value, &end) && *end == '\0';
}

struct units_text show_size(uint64_t bytes)
{
    static const struct unit large_first[] = { { "G", GIB }, { "M", MIB }, { "K", KIB }, { "", 1 } };
    const struct unit *u = large_first;
    while (bytes % u->factor)
        u++;
    struct units_text t;
    snprintf(t.text, sizeof(t.text), "%llu%s", (unsigned long long)(bytes / u->factor), bytes ? u->name : "");
    return t;
}

struct units_text show_time(uint64_t ns)
{
    static const struct unit large_first[] = { { "s", SEC }, { "ms", MSEC }, { "us", USEC }, { "ns", 1 } };
    const struct unit *u = large_first;
    while (u->factor > 1 && ns < u->factor)
        u++;
    uint64_t thousandth = u->factor / 1000;
    uint64_t whole = ns / u->factor, rest = 0;
    if (thousandth)
        rest = (ns % u->factor + thousandth - 1) / thousandth;
    if (rest == 1000) {
        rest = 0;
        whole++;
    }
    char fraction[8] = "";
    if (rest) {
        snprintf(fraction, sizeof(fraction), ".%03u", (unsigned)rest);
        for (char *last = fraction + 3; *last == '0'; last--)
            *last = '\0';
    }
    struct units_text t;
    snprintf(t.text, sizeof(t.text), "%llu%s%s", (unsigned long long)whole, fraction, u->name);
    return t;
}
