/* SPDX-License-Identifier: Apache-2.0 */
/* The registers as GDB numbers them, which target.xml tells it. */
#ifndef GDB_REGISTERS_H
#define GDB_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>

#include "hex.h"
#include "packet.h"

/* Puts one into the reply; false: there is no such one, or it can't be read now. */
bool register_put(struct packet *p, unsigned vcpu, unsigned number);

/* Sets one from its bytes. */
bool register_take(struct text *t, unsigned vcpu, unsigned number);

/* All of `g` and `G`: those of org.gnu.gdb.aarch64.core and .fpu. */
bool registers_put(struct packet *p, unsigned vcpu);
bool registers_take(struct text *t, unsigned vcpu);

/* The description: its length, and a piece of it. */
const char *registers_xml(size_t *bytes);
#endif
