/* SPDX-License-Identifier: Apache-2.0 */
/* What core/handle.c promises (handle.c proves it) and who calls it relies on. */
#ifndef TESTS_PROOF_HANDLE_SPEC_H
#define TESTS_PROOF_HANDLE_SPEC_H

#include "sequential.h"

#include "core/handle.h"
#include "core/mem.h"

/*@ logic integer type_of(integer tag) = tag % 0x100;
    logic integer rights_of(integer tag) = tag / 0x100 % 0x100;
    logic integer turn_of(integer tag) = tag / 0x10000 % 0x10000;
    logic integer value_of(integer tag) = tag / 0x100000000;

    // As handle_of() makes it.
    predicate fresh(integer tag) = tag % 0x100000000 < 0x10000;

    predicate is_table(struct handle_table *t) = \valid_read(t) && \valid(t->slot + (0 .. t->slots - 1));

    predicate holds(struct handle_table *t, integer h) = 0 <= h < t->slots &&
        type_of(t->slot[h].tag) != OBJECT_NONE && type_of(t->slot[h].tag) != OBJECT_MOVING;

    predicate names(struct handle_table *t, integer h, integer type, integer rights) = 0 <= h < t->slots &&
        type_of(t->slot[h].tag) == type && (rights_of(t->slot[h].tag) & rights) == rights;

    predicate same(struct handle a, struct handle b) = a.tag == b.tag && a.object == b.object;

    predicate nothing(struct handle h) = h.tag == 0 && h.object == \null;

    // An extent's structure is none of the tables'.
    predicate counted(integer tag, void *object, struct handle *slot) = type_of(tag) == OBJECT_MEM ==>
        \valid((struct mem *)object) && \separated(slot, (struct mem *)object);
*/

/*@ requires 0 <= type < 0x100;
    assigns \nothing;
    ensures type_of(\result.tag) == type && rights_of(\result.tag) == rights % 0x100 && value_of(\result.tag) == value;
    ensures fresh(\result.tag) && \result.object == object;
*/
static inline struct handle handle_of(enum object_type type, void *object, uint32_t rights, uint32_t value);

/*@ requires is_table(t);
    assigns \nothing;
    ensures holds(t, h) ==> same(\result, t->slot[h]);
    ensures !holds(t, h) ==> nothing(\result);
*/
struct handle handle_at(const struct handle_table *t, uint64_t h);

/*@ requires is_table(t) && type != OBJECT_NONE;
    assigns \nothing;
    ensures names(t, h, type, rights) ==> same(\result, t->slot[h]);
    ensures !names(t, h, type, rights) ==> nothing(\result);
*/
struct handle handle_find(const struct handle_table *t, uint64_t h, enum object_type type, uint32_t rights);

/*@ requires is_table(t) && type != OBJECT_NONE;
    assigns \nothing;
    ensures names(t, h, type, rights) ==> \result == t->slot[h].object;
    ensures !names(t, h, type, rights) ==> \result == \null;
*/
void *handle_object(const struct handle_table *t, uint64_t h, enum object_type type, uint32_t rights);

/*@ requires \valid(slot) && \valid_read(h) && \separated(slot, h);
    requires fresh(h->tag) && !(type_of(h->tag) == OBJECT_MEM && type_of(slot->tag) == OBJECT_MEM);
    requires counted(h->tag, h->object, slot) && counted(slot->tag, slot->object, slot);
    requires type_of(h->tag) == OBJECT_MEM ==> \separated(h, (struct mem *)h->object);
    requires type_of(slot->tag) == OBJECT_MEM ==> \separated(h, (struct mem *)slot->object);
    assigns *slot, ((struct mem *)h->object)->handles, ((struct mem *)slot->object)->handles;
    ensures \result <==> \old(slot->tag) == was;
    ensures \result ==> slot->object == \old(h->object) && type_of(slot->tag) == type_of(\old(h->tag)) &&
            rights_of(slot->tag) == rights_of(\old(h->tag)) && value_of(slot->tag) == value_of(\old(h->tag));
    ensures \result ==> turn_of(slot->tag) == (turn_of(was) + 1) % 0x10000;
    ensures !\result ==> same(*slot, \old(*slot));
    behavior comes:
        assumes type_of(h->tag) == OBJECT_MEM && type_of(slot->tag) != OBJECT_MEM;
        requires ((struct mem *)h->object)->handles < UINT32_MAX;
        assigns *slot, ((struct mem *)h->object)->handles;
        ensures ((struct mem *)\old(h->object))->handles == \old(((struct mem *)h->object)->handles) + (\result ? 1 : 0);
    behavior goes:
        assumes type_of(h->tag) != OBJECT_MEM && type_of(slot->tag) == OBJECT_MEM;
        requires ((struct mem *)slot->object)->handles > 0;
        assigns *slot, ((struct mem *)slot->object)->handles;
        ensures ((struct mem *)\old(slot->object))->handles == \old(((struct mem *)slot->object)->handles) - (\result ? 1 : 0);
    behavior other:
        assumes type_of(h->tag) != OBJECT_MEM && type_of(slot->tag) != OBJECT_MEM;
        assigns *slot;
*/
bool handle_replace(struct handle *slot, uint64_t was, const struct handle *h);

/*@ requires \valid(slot) && \valid_read(h) && \separated(slot, h);
    requires fresh(h->tag) && counted(h->tag, h->object, slot);
    requires type_of(h->tag) == OBJECT_MEM ==> \separated(h, (struct mem *)h->object);
    assigns *slot, ((struct mem *)h->object)->handles;
    ensures \result <==> type_of(\old(slot->tag)) == OBJECT_NONE;
    ensures \result ==> slot->object == \old(h->object) && type_of(slot->tag) == type_of(\old(h->tag)) &&
            rights_of(slot->tag) == rights_of(\old(h->tag)) && value_of(slot->tag) == value_of(\old(h->tag));
    ensures !\result ==> same(*slot, \old(*slot));
    behavior memory:
        assumes type_of(h->tag) == OBJECT_MEM;
        requires ((struct mem *)h->object)->handles < UINT32_MAX;
        ensures ((struct mem *)\old(h->object))->handles == \old(((struct mem *)h->object)->handles) + (\result ? 1 : 0);
    behavior other:
        assumes type_of(h->tag) != OBJECT_MEM;
        assigns *slot;
*/
bool handle_put(struct handle *slot, const struct handle *h);

/*@ requires \valid(slot) && counted(slot->tag, slot->object, slot);
    assigns *slot, ((struct mem *)slot->object)->handles;
    ensures \result <==> type_of(\old(slot->tag)) != OBJECT_NONE && type_of(\old(slot->tag)) != OBJECT_MOVING;
    ensures \result ==> type_of(slot->tag) == OBJECT_NONE && slot->object == \null;
    ensures !\result ==> same(*slot, \old(*slot));
    behavior memory:
        assumes type_of(slot->tag) == OBJECT_MEM;
        requires ((struct mem *)slot->object)->handles > 0;
        ensures ((struct mem *)\old(slot->object))->handles == \old(((struct mem *)slot->object)->handles) - 1;
    behavior other:
        assumes type_of(slot->tag) != OBJECT_MEM;
        assigns *slot;
*/
bool handle_close(struct handle *slot);

#endif
