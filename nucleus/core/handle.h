/* SPDX-License-Identifier: Apache-2.0 */
/* Handles: a domain's names for objects, each with the rights that the domain has on it. */
#ifndef NUCLEUS_CORE_HANDLE_H
#define NUCLEUS_CORE_HANDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "belay/abi.h"

#define HANDLES_MAX 512   /* slots of one table */

enum object_type {
    OBJECT_NONE = 0, OBJECT_MEM, OBJECT_DOMAIN, OBJECT_CONTEXT, OBJECT_PORTAL, OBJECT_NOTIFICATION, OBJECT_IRQ,
    OBJECT_LINE, OBJECT_MACHINE,
    OBJECT_LEAVING,     /* a domain that is being destroyed, for who does that */
    OBJECT_MOVING,      /* one CPU puts a handle there, or closes it, just now: nothing is found there */
};

struct handle {
    void *object;
    uint8_t type;       /* enum object_type */
    uint8_t rights;     /* BELAY_RIGHT_* */
    uint32_t value;     /* a LINE's INTID */
};

struct handle_table {
    struct handle *slot;
    uint32_t slots;     /* slot 0 is never used */
};

/* The slot that `h` names if it has that type and all those rights, else NULL. */
struct handle *handle_find(const struct handle_table *t, uint64_t h, enum object_type type, uint32_t rights);

/*
 * Into a slot that holds one of type `was`, OBJECT_NONE for an empty one; false when it does not: of two CPUs that want it
 * one has it. Its domain may look at it on another CPU: the type is what makes it a handle, and comes last.
 */
bool handle_put(struct handle *slot, enum object_type was, const struct handle *h);

/* Empties a slot; false when it is empty already, or another CPU is at it. */
bool handle_close(struct handle *slot);

/* Puts an object into the first free slot at or above `from`; returns its handle or BELAY_ENOMEM. */
int64_t handle_add(struct handle_table *t, uint32_t from, enum object_type type, void *object, uint32_t rights,
                   uint32_t value);
#endif
