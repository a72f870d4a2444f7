/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest gets of its CPU, as it sees it. */
#ifndef BENCH_SHARE_H
#define BENCH_SHARE_H

#include <stdint.h>

/*
 * Computes until the counter is at `end`: the ticks that it did so. Where the
 * counter has leapt by more than three microseconds from one look to the next,
 * others had the CPU. With each look it reads the device register at `touch`, if that is not 0.
 */
uint64_t share_until(uint64_t end, uintptr_t touch);

/* The same until others have the CPU for `ticks` at least: the counter after that. */
uint64_t share_until_a_leap_of(uint64_t ticks);
#endif
