/* SPDX-License-Identifier: Apache-2.0 */
/* What the vectors call with the context that ran. */
#ifndef NUCLEUS_ENTRY_EXIT_H
#define NUCLEUS_ENTRY_EXIT_H

#include <stdint.h>

struct context;
struct cpu;

/* Of a CPU that is not traced: by cpu->exits. */
void exit_sync(struct context *c, uint64_t esr, struct cpu *cpu);
void exit_irq(struct cpu *cpu, struct context *c);

void exit_serror(struct context *c, uint64_t esr);

/* The way out, for who has seen to all that resume_current looks at (vectors.S). */
_Noreturn void resume_now(struct cpu *cpu);
#endif
