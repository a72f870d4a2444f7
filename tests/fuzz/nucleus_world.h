/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole nucleus on one CPU, without hardware: all but its boot room, its vectors and the host's interrupt
 * controller. A steward has the machine, and memory that nobody else owns yet.
 */
#ifndef TESTS_FUZZ_NUCLEUS_WORLD_H
#define TESTS_FUZZ_NUCLEUS_WORLD_H

#include "core/context.h"
#include "core/cpu.h"
#include "core/domain.h"

#define WORLD_EXTENTS      8
#define WORLD_EXTENT_BYTES UINT64_C(0x10000)
#define WORLD_DEVICE       UINT64_C(0x09000000)
#define WORLD_DEVICE_BYTES UINT64_C(0x100000)

extern uint8_t world_ram[WORLD_EXTENTS][WORLD_EXTENT_BYTES];
extern struct cpu world_cpu;
extern uint64_t world_clock;            /* moves on by each look at it */
extern uint32_t world_insn;             /* what a guest's instruction is found to be; 0: it can't be read */

/* All is new, and the steward runs. */
void world_begin(void);

/* What ran has left; the nucleus goes on till it resumes somebody: false when nothing will ever run again. */
bool world_exit(struct context *c, uint64_t esr);
bool world_interrupt(uint32_t intid);   /* that one, where it can come; else the timers' */

/* Time passes, so much or till the nucleus's timer. */
void world_pass(uint64_t ticks);

/* Memory that becomes the nucleus's, and that was: at no other it looks (ASan). */
void world_lend(const struct mem *m);
void world_take_back(const struct mem *m);
#endif
