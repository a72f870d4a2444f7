/* SPDX-License-Identifier: Apache-2.0 */
/* What libfdt.a, as Debian builds it, needs of a C library (memset and memcpy: arm64/string.c). */
#include <stddef.h>
#include <stdint.h>

#include "boot/boot.h"
#include "core/machine.h"

uintptr_t __stack_chk_guard = 0x595e9fbd94fda766;

_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void)
{
    panic("stack smashed", "the boot room", 0);
}

void *memmove(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n)
{
    volatile uint8_t *t = to;
    const volatile uint8_t *f = from;

    if ((uintptr_t)to < (uintptr_t)from)
        for (size_t i = 0; i < n; i++)
            t[i] = f[i];
    else
        while (n--)
            t[n] = f[n];
    return to;
}

int memcmp(const void *a, const void *b, size_t n);
int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a, *y = b;

    for (; n; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

void *memchr(const void *s, int c, size_t n);
void *memchr(const void *s, int c, size_t n)
{
    for (const uint8_t *p = s, *end = p + n; p != end; p++)
        if (*p == (uint8_t)c)
            return (void *)(uintptr_t)p;
    return NULL;
}

size_t strnlen(const char *s, size_t n);
size_t strnlen(const char *s, size_t n)
{
    size_t i = 0;

    while (i < n && s[i])
        i++;
    return i;
}

size_t strlen(const char *s);
size_t strlen(const char *s)
{
    const char *p = s;

    while (*p)
        p++;
    return (size_t)(p - s);
}

int strncmp(const char *a, const char *b, size_t n);
int strncmp(const char *a, const char *b, size_t n)
{
    for (; n; n--, a++, b++)
        if (*a != *b || *a == 0)
            return (uint8_t)*a - (uint8_t)*b;
    return 0;
}

int strcmp(const char *a, const char *b);
int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c);
char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c)
            return (char *)(uintptr_t)s;
        if (*s == 0)
            return NULL;
    }
}

char *strrchr(const char *s, int c);
char *strrchr(const char *s, int c)
{
    const char *last = NULL;

    do {
        if (*s == (char)c)
            last = s;
    } while (*s++);
    return (char *)(uintptr_t)last;
}

unsigned long strtoul(const char *s, char **end, int base);
unsigned long strtoul(const char *s, char **end, int base)
{
    unsigned long v = 0;

    for (; *s >= '0' && *s <= '9'; s++)
        v = v * (unsigned)base + (unsigned)(*s - '0');
    if (end)
        *end = (char *)(uintptr_t)s;
    return v;
}
