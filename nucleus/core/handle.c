/* SPDX-License-Identifier: Apache-2.0 */
#include "core/handle.h"

#include <stddef.h>

#include "base/assert.h"
#include "base/section.h"
#include "core/mem.h"

#define INLINE static inline __attribute__((always_inline))
#define TURN UINT64_C(0x10000)

static inline bool is_there(uint64_t tag)
{
    return handle_type(tag) != OBJECT_NONE && handle_type(tag) != OBJECT_MOVING;
}

/* A slot's object and tag of one moment; while they change, those of OBJECT_NONE or OBJECT_MOVING. */
INLINE struct handle look(const struct handle *slot)
{
    uint64_t tag = __atomic_load_n(&slot->tag, __ATOMIC_ACQUIRE);
    void *object = __atomic_load_n(&slot->object, __ATOMIC_ACQUIRE);
    bool stays = __atomic_load_n(&slot->tag, __ATOMIC_RELAXED) == tag;

    return (struct handle){ stays ? tag : OBJECT_NONE, object };
}

SELDOM struct handle handle_at(const struct handle_table *t, uint64_t h)
{
    if (h >= t->slots)
        return (struct handle){ 0 };
    const struct handle found = look(&t->slot[h]);
    return is_there(found.tag) ? found : (struct handle){ 0 };
}

INLINE struct handle find(const struct handle_table *t, uint64_t h, enum object_type type, uint32_t rights)
{
    if (h >= t->slots)
        return (struct handle){ 0 };
    const struct handle found = look(&t->slot[h]);
    bool is = handle_type(found.tag) == type && (handle_rights(found.tag) & rights) == rights;
    return (struct handle){ is ? found.tag : OBJECT_NONE, is ? found.object : NULL };
}

struct handle handle_find(const struct handle_table *t, uint64_t h, enum object_type type, uint32_t rights)
{
    return find(t, h, type, rights);
}

/* Most want no more, which takes half of the instructions. */
void *handle_object(const struct handle_table *t, uint64_t h, enum object_type type, uint32_t rights)
{
    return find(t, h, type, rights).object;
}

/* Between the two changes of its tag the slot is this CPU's alone. */
SELDOM bool handle_replace(struct handle *slot, uint64_t was, const struct handle *h)
{
    const uint64_t turn = (was / TURN + 1) % 0x10000 * TURN;
    uint64_t found = was;

    if (!__atomic_compare_exchange_n(&slot->tag, &found, OBJECT_MOVING + turn, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return false;
    if (handle_type(was) == OBJECT_MEM)
        (void)__atomic_fetch_sub(&((struct mem *)slot->object)->handles, 1, __ATOMIC_RELAXED);
    if (handle_type(h->tag) == OBJECT_MEM)
        (void)__atomic_fetch_add(&((struct mem *)h->object)->handles, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&slot->object, h->object, __ATOMIC_RELEASE);
    __atomic_store_n(&slot->tag, h->tag + turn, __ATOMIC_RELEASE);
    return true;
}

bool handle_put(struct handle *slot, const struct handle *h)
{
    uint64_t tag = __atomic_load_n(&slot->tag, __ATOMIC_RELAXED);

    return handle_type(tag) == OBJECT_NONE && handle_replace(slot, tag, h);
}

bool handle_close(struct handle *slot)
{
    uint64_t tag = __atomic_load_n(&slot->tag, __ATOMIC_RELAXED);

    return is_there(tag) && handle_replace(slot, tag, &(struct handle){ 0 });
}

int64_t handle_add(struct handle_table *t, uint32_t from, enum object_type type, void *object, uint32_t rights,
                   uint32_t value)
{
    const struct handle h = handle_of(type, object, rights, value);
    assert(type != OBJECT_NONE && from != 0);

    const struct handle *end = t->slot + t->slots;
    for (struct handle *slot = t->slot + from; slot < end; slot++)  /* bound: the table, HANDLES_MAX */
        if (handle_put(slot, &h))
            return slot - t->slot;
    return BELAY_ENOMEM;
}
