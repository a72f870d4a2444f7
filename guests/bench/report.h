/* SPDX-License-Identifier: Apache-2.0 */
/* What bench says of a row, in lines of at most about 80 characters. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdint.h>

/* "bench: <row> calls <n> ticks <of all> empty <of the same loop without the call>" */
void report_loop(const char *row, unsigned calls, uint64_t ticks, uint64_t empty);

/*
 * "bench: <row> samples <value>:<count> ...", as many lines as it takes, then
 * "bench: <row> total <n>". Sorts the samples; none is lost.
 */
void report_samples(const char *row, uint32_t *samples, unsigned count);
#endif
