/* SPDX-License-Identifier: Apache-2.0 */
/* The measurements. Each answers in ticks of the counter: instructions, on a machine as docs/bench.md has it. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#define MANY 10000u
#define FEW  1000u

/* The loops below, without and with the thing that they measure: MANY times. */
uint64_t loop_empty(void);
uint64_t loop_read(uintptr_t address);
uint64_t loop_call_empty(uint32_t function);
uint64_t loop_call(uint32_t function);

/* From the write of ICC_SGI1R_EL1 to the handler's first instruction, and on to after its EOI. */
struct sgi_sample { uint32_t taken, ended; };
struct sgi_sample sample_sgi(void);

/* From `deadline` to the handler's first instruction. The guest spins, or waits in WFI. */
uint64_t sample_timer(uint64_t deadline, bool wfi);

/* Lets the SGI and the virtual timer in, when IRQs are unmasked. */
void measure_init(void);
#endif
