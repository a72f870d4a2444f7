/* SPDX-License-Identifier: Apache-2.0 */
/* With -Dassert=true each exit from a domain looks at what must be true then; else there is nothing of it. */
#ifndef NUCLEUS_ENTRY_AUDIT_H
#define NUCLEUS_ENTRY_AUDIT_H

struct cpu;
struct context;

#ifdef BELAY_ASSERT
void audit(const struct cpu *cpu, struct context *c);
#else
static inline void audit(const struct cpu *cpu, struct context *c) { (void)cpu, (void)c; }
#endif
#endif
