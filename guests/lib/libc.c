/* SPDX-License-Identifier: Apache-2.0 */
/* The few functions of the C library that the compiler, libfdt and libgsm call. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

/* Eight bytes at a time where both sides are aligned. */
void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    if ((((uintptr_t)t | (uintptr_t)f) & 7) == 0) {
        for (; size >= 8; size -= 8, t += 8, f += 8) {
            *(uint64_t *)(void *)t = *(const uint64_t *)(const void *)f;
        }
    }
    while (size--) {
        *t++ = *f++;
    }
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    if (t <= f || t >= f + size) {
        return memcpy(to, from, size);
    }
    while (size--) {
        t[size] = f[size];
    }
    return to;
}

void *memset(void *to, int value, size_t size)
{
    uint8_t *t = to;
    uint64_t word = (uint8_t)value * 0x0101010101010101ull;
    if (((uintptr_t)t & 7) == 0) {
        for (; size >= 8; size -= 8, t += 8) {
            *(uint64_t *)(void *)t = word;
        }
    }
    while (size--) {
        *t++ = (uint8_t)value;
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const uint8_t *p = a, *q = b;
    for (; size; size--, p++, q++) {
        if (*p != *q) {
            return *p - *q;
        }
    }
    return 0;
}

int strcmp(const char *a, const char *b) { return strncmp(a, b, SIZE_MAX); }

int strncmp(const char *a, const char *b, size_t most)
{
    for (; most; most--, a++, b++) {
        if (*a != *b || !*a) {
            return (uint8_t)*a - (uint8_t)*b;
        }
    }
    return 0;
}

void *memchr(const void *at, int value, size_t size)
{
    for (const uint8_t *p = at; size; size--, p++) {
        if (*p == (uint8_t)value) {
            return (void *)(uintptr_t)p;
        }
    }
    return NULL;
}

size_t strnlen(const char *s, size_t most);      /* not in C17's string.h */
size_t strnlen(const char *s, size_t most)
{
    size_t n = 0;
    while (n < most && s[n]) {
        n++;
    }
    return n;
}

size_t strlen(const char *s) { return strnlen(s, SIZE_MAX); }

char *strchr(const char *s, int c) { return memchr(s, c, strlen(s) + 1); }

char *strrchr(const char *s, int c)
{
    for (size_t n = strlen(s) + 1; n; n--) {
        if (s[n - 1] == (char)c) {
            return (char *)(uintptr_t)(s + n - 1);
        }
    }
    return NULL;
}

static unsigned digit(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    c |= 'a' - 'A';
    return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 99;
}

unsigned long strtoul(const char *restrict s, char **restrict end, int base)
{
    if (base == 0) {
        base = s[0] == '0' && (s[1] | 0x20) == 'x' ? 16 : 10;
    }
    if (base == 16 && s[0] == '0' && (s[1] | 0x20) == 'x') {
        s += 2;
    }
    unsigned long value = 0;
    for (; digit(*s) < (unsigned)base; s++) {
        value = value * (unsigned)base + digit(*s);
    }
    if (end) {
        *end = (char *)(uintptr_t)s;
    }
    return value;
}

/* The packages' archives are built with the stack protector. */
uintptr_t __stack_chk_guard = 0x42656c617900ull;
_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void)
{
    print("stack smashed\n");
    system_off();
}

_Noreturn void __assert_fail(const char *what, const char *file, unsigned line, const char *function);
_Noreturn void __assert_fail(const char *what, const char *file, unsigned line, const char *function)
{
    print("%s:%u: %s: %s is not so\n", file, line, function, what);
    system_off();
}
