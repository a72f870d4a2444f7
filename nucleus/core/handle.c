/* SPDX-License-Identifier: Apache-2.0 */
#include "core/handle.h"

#include <stddef.h>

#include "base/assert.h"
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

void handle_put(struct handle *slot, const struct handle *h)
{
    slot->object = h->object;
    slot->rights = h->rights;
    slot->value = h->value;
    if (h->type == OBJECT_MEM)
        (void)__atomic_fetch_add(&((struct mem *)h->object)->handles, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->type, h->type, __ATOMIC_RELEASE);
}

/* Nobody puts another handle there, and nobody else closes this one, before it is empty. */
bool handle_close(struct handle *slot)
{
    uint8_t type = __atomic_exchange_n(&slot->type, OBJECT_LEAVING, __ATOMIC_ACQ_REL);

    if (type == OBJECT_MEM)
        (void)__atomic_fetch_sub(&((struct mem *)slot->object)->handles, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->type, OBJECT_NONE, __ATOMIC_RELEASE);
    return type != OBJECT_NONE;
}

int64_t handle_add(struct handle_table *t, uint32_t from, enum object_type type, void *object, uint32_t rights,
                   uint32_t value)
{
    assert(type != OBJECT_NONE && from != 0);

    /*@ loop invariant from <= i && (\forall integer j; from <= j < i && j < t->slots ==> t->slot[j].type != OBJECT_NONE);
        loop assigns i;
        loop variant t->slots - i; */
    for (uint32_t i = from; i < t->slots; i++)     /* bound: the table, HANDLES_MAX */
        if (t->slot[i].type == OBJECT_NONE) {
            handle_put(&t->slot[i], &(struct handle){ object, (uint8_t)type, (uint8_t)rights, value });
            return i;
        }
    return BELAY_ENOMEM;
}
