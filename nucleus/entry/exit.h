/* SPDX-License-Identifier: Apache-2.0 */
/* What the vectors call with the context that ran. */
#ifndef NUCLEUS_ENTRY_EXIT_H
#define NUCLEUS_ENTRY_EXIT_H

#include <stdint.h>

struct context;

void exit_sync(struct context *c, uint64_t esr);
void exit_irq(struct context *c);
void exit_serror(struct context *c, uint64_t esr);
#endif
