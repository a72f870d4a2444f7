/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How an access falls on a PrimeCell's registers, which are 32 bits wide and at multiples of 4: one of a part of a
 * register reads that part and writes from lane 0 on only, one of 8 bytes is two. Any other is RAZ/WI.
 */
#ifndef HANDSET_LANES_H
#define HANDSET_LANES_H

#include <stdbool.h>
#include <stdint.h>

static inline bool lanes_in_one(uint64_t offset, unsigned size)
{
    return (size == 1 || size == 2 || size == 4) && offset % 4 + size <= 4;
}

static inline bool lanes_in_two(uint64_t offset, unsigned size)
{
    return size == 8 && offset % 8 == 0;
}

static inline uint32_t lanes_mask(unsigned size)
{
    return size < 4 ? (1u << size * 8) - 1 : UINT32_MAX;
}
#endif
