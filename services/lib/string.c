/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <string.h>

int memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *x = a, *y = b;

    for (; bytes; x++, y++, bytes--)
        if (*x != *y)
            return *x - *y;
    return 0;
}

void *memchr(const void *at, int byte, size_t bytes)
{
    for (const uint8_t *p = at; bytes; p++, bytes--)
        if (*p == (uint8_t)byte)
            return (void *)(uintptr_t)p;
    return NULL;
}

size_t strlen(const char *s)
{
    const char *end = s;

    while (*end)
        end++;
    return (size_t)(end - s);
}

size_t strnlen(const char *s, size_t limit)
{
    size_t n = 0;

    while (n < limit && s[n])
        n++;
    return n;
}

int strncmp(const char *a, const char *b, size_t limit)
{
    for (; limit; a++, b++, limit--)
        if (*a != *b || *a == '\0')
            return (uint8_t)*a - (uint8_t)*b;
    return 0;
}

int strcmp(const char *a, const char *b)
{
    for (; *a == *b && *a; a++, b++)
        continue;
    return (uint8_t)*a - (uint8_t)*b;
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c)
            return (char *)(uintptr_t)s;
        if (*s == '\0')
            return NULL;
    }
}

char *strrchr(const char *s, int c)
{
    const char *found = NULL;

    do {
        if (*s == (char)c)
            found = s;
    } while (*s++);
    return (char *)(uintptr_t)found;
}

size_t strcspn(const char *s, const char *reject)
{
    size_t n = 0;

    while (s[n] && strchr(reject, s[n]) == NULL)
        n++;
    return n;
}
