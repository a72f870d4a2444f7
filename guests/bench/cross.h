/* SPDX-License-Identifier: Apache-2.0 */
/* SGIs between two CPUs that wait in WFI. */
#ifndef BENCH_CROSS_H
#define BENCH_CROSS_H

#include <stdbool.h>
#include <stdint.h>

/* Turns the second CPU on, and waits till it listens; false: there is none. */
bool cross_begin(void);

/* From the write of ICC_SGI1R_EL1 to the first instruction of the other CPU's handler, and to that of its answer's here. */
struct cross_sample { uint32_t one_way, round_trip; };
struct cross_sample sample_cross(void);
#endif
