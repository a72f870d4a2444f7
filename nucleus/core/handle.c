/* SPDX-License-Identifier: Apache-2.0 */
#include "core/handle.h"

#include <stddef.h>

#include "base/assert.h"
#include "base/section.h"
#include "core/mem.h"

struct handle *handle_find(const struct handle_table *t, uint64_t h, enum object_type type, uint32_t rights)
{
    if (h >= t->slots)
        return NULL;
    struct handle *slot = &t->slot[h];
    if (__atomic_load_n(&slot->type, __ATOMIC_ACQUIRE) != type || (slot->rights & rights) != rights)
        return NULL;
    return slot;
}

SELDOM bool handle_put(struct handle *slot, enum object_type was, const struct handle *h)
{
    uint8_t found = (uint8_t)was, type = h->type;

    if (!__atomic_compare_exchange_n(&slot->type, &found, OBJECT_MOVING, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return false;
    slot->object = h->object;
    slot->rights = h->rights;
    slot->value = h->value;
    if (type == OBJECT_MEM)
        (void)__atomic_fetch_add(&((struct mem *)h->object)->handles, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->type, type, __ATOMIC_RELEASE);
    return true;
}

/* Nobody puts another handle there, and nobody else closes this one, before it is empty. */
SELDOM bool handle_close(struct handle *slot)
{
    uint8_t type = __atomic_exchange_n(&slot->type, OBJECT_MOVING, __ATOMIC_ACQ_REL);

    if (type == OBJECT_MOVING)
        return false;
    if (type == OBJECT_MEM)
        (void)__atomic_fetch_sub(&((struct mem *)slot->object)->handles, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->type, OBJECT_NONE, __ATOMIC_RELEASE);
    return type != OBJECT_NONE;
}

int64_t handle_add(struct handle_table *t, uint32_t from, enum object_type type, void *object, uint32_t rights,
                   uint32_t value)
{
    const struct handle h = { object, (uint8_t)type, (uint8_t)rights, value };
    assert(type != OBJECT_NONE && from != 0);

    const struct handle *end = t->slot + t->slots;
    for (struct handle *slot = t->slot + from; slot < end; slot++)  /* bound: the table, HANDLES_MAX */
        if (__atomic_load_n(&slot->type, __ATOMIC_RELAXED) == OBJECT_NONE && handle_put(slot, OBJECT_NONE, &h))
            return slot - t->slot;
    return BELAY_ENOMEM;
}
