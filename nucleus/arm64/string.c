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
    if (sysreg_read(dczid_el0) == DCZID_64_BYTES)
        for (; end - p >= 256; p += 256)
            __asm__ volatile("dc zva, %0\n dc zva, %1\n dc zva, %2\n dc zva, %3"
                             : : "r"(p), "r"(p + 64), "r"(p + 128), "r"(p + 192) : "memory");
    while (end - p >= 8)
        p = clear_8(p);
    return p;
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
