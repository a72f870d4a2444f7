/* SPDX-License-Identifier: Apache-2.0 */
#include "ticks.h"

#define NS 1000000000ull

/* By whole seconds and the rest, so that no step needs more than 64 bits. */
static uint64_t convert(uint64_t ns, uint64_t hz, uint64_t round)
{
    uint64_t whole, sum;

    if (__builtin_mul_overflow(ns / NS, hz, &whole) ||
        __builtin_add_overflow(whole, (ns % NS * hz + round) / NS, &sum))
        return UINT64_MAX;
    return sum;
}

uint64_t ticks_down(uint64_t ns, uint64_t hz)
{
    uint64_t ticks = convert(ns, hz, 0);

    return ticks == 0 && ns != 0 ? 1 : ticks;
}

uint64_t ticks_up(uint64_t ns, uint64_t hz)
{
    return convert(ns, hz, NS - 1);
}
