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

/*
 * What a handle is besides its object, in one word, so that it is read and changed as a whole: its type; its rights
 * (BELAY_RIGHT_*) from bit 8 on; from bit 16 on the turn of its slot, another after each change; from bit 32 on a LINE's INTID.
 */
struct handle {
    uint64_t tag;
    void *object;
};

struct handle_table {
    struct handle *slot;
    uint32_t slots;     /* slot 0 is never used */
};

/* One to be put into a slot. */
static inline struct handle handle_of(enum object_type type, void *object, uint32_t rights, uint32_t value)
{
    return (struct handle){ type + rights % 0x100 * UINT64_C(0x100) + value * UINT64_C(0x100000000), object };
}

static inline enum object_type handle_type(uint64_t tag)
{
    return (enum object_type)(tag % 0x100);
}

static inline uint32_t handle_rights(uint64_t tag)
{
    return tag / 0x100 % 0x100;
}

static inline uint32_t handle_value(uint64_t tag)
{
    return (uint32_t)(tag / 0x100000000);
}

/*
 * What slot `h` holds at one moment, whatever other CPUs do to it: of type OBJECT_NONE, with no object, when it is
 * empty, beyond the table, or changes just now.
 */
struct handle handle_at(const struct handle_table *t, uint64_t h);

/* The same if it has that type and all those rights, else one of type OBJECT_NONE with no object. */
struct handle handle_find(const struct handle_table *t, uint64_t h, enum object_type type, uint32_t rights);

/* The object of that, or NULL. */
void *handle_object(const struct handle_table *t, uint64_t h, enum object_type type, uint32_t rights);

/*
 * A slot that still holds what was found there with the tag `was` gets `h`, of handle_of(), or is empty if that is {0};
 * false, and nothing has changed, when it does not: of two CPUs that want it one has it.
 */
bool handle_replace(struct handle *slot, uint64_t was, const struct handle *h);

/* Into an empty slot; false when it is not, or another CPU is at it. */
bool handle_put(struct handle *slot, const struct handle *h);

/* Empties a slot; false when it is empty already, or another CPU is at it. */
bool handle_close(struct handle *slot);

/* Puts an object into the first free slot at or above `from`; returns its handle or BELAY_ENOMEM. */
int64_t handle_add(struct handle_table *t, uint32_t from, enum object_type type, void *object, uint32_t rights,
                   uint32_t value);
#endif
