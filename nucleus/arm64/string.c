/* SPDX-License-Identifier: Apache-2.0 */
#include "base/string.h"

#include <stdint.h>

#include "arm64/sysreg.h"

#ifndef BELAY_HOST_TEST
#define DCZID_64_BYTES 4        /* log2 of words, and DC ZVA is not prohibited (Arm ARM, D17.2.39) */

static uint8_t *clear_8(uint8_t *p)
{
    __asm__ volatile("str xzr, [%0]" : : "r"(p) : "memory");
    return p + 8;
}

/* Clears what it can of aligned memory, a cache line at a time. Not for before the MMU is on. */
static uint8_t *clear(uint8_t *p, uint8_t *end)
{
    while (((uintptr_t)p & 63) != 0 && end - p >= 8)
        p = clear_8(p);
    if (sysreg_read(dczid_el0) == DCZID_64_BYTES) {
        while (end - p >= 16 * 64)
            __asm__ volatile(".rept 16\n dc zva, %0\n add %0, %0, #64\n .endr" : "+r"(p) : : "memory");
        while (end - p >= 64)
            __asm__ volatile("dc zva, %0\n add %0, %0, #64" : "+r"(p) : : "memory");
    }
    while (end - p >= 8)
        p = clear_8(p);
    return p;
}

void clear_pages_by_stores(void *from, const void *end)
{
    for (uint8_t *p = from; p != end;)
        __asm__ volatile(".rept 16\n stp xzr, xzr, [%0], #16\n .endr" : "+r"(p) : : "memory");
}

void *memset(void *to, int byte, size_t bytes)
{
    uint8_t *p = to, *end = p + bytes;

    if (byte == 0 && ((uintptr_t)p & 7) == 0)
        p = clear(p, end);
    for (; p != end; p++) {
        *p = (uint8_t)byte;
        __asm__ volatile("" : "+r"(p));     /* or the compiler makes this loop a call of memset */
    }
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
    uint8_t *t = to;
    const uint8_t *f = from;

    for (; bytes; bytes--) {
        *t++ = *f++;
        __asm__ volatile("" : "+r"(t));
    }
    return to;
}
#endif
