/* SPDX-License-Identifier: Apache-2.0 */
/* What core/handle.c promises (handle.c proves it) and who calls it relies on. */
#ifndef TESTS_PROOF_HANDLE_SPEC_H
#define TESTS_PROOF_HANDLE_SPEC_H

#include "sequential.h"

#include "core/handle.h"
#include "core/mem.h"

/*@ predicate is_table(struct handle_table *t) = \valid_read(t) && \valid(t->slot + (0 .. t->slots - 1));

    predicate names(struct handle *slot, integer type, integer rights) =
        slot->type == type && (slot->rights & rights) == rights;

    predicate is(struct handle *slot, struct handle *h) =
        slot->object == h->object && slot->type == h->type && slot->rights == h->rights && slot->value == h->value;

    predicate counted(struct handle *h, struct handle *slot) = h->type == OBJECT_MEM ==>
        \valid((struct mem *)h->object) && \separated(slot, (struct mem *)h->object);
*/

/*@ requires is_table(t);
    assigns \nothing;
    ensures \result == \null || (0 <= h < t->slots && \result == t->slot + h && names(\result, type, rights));
    ensures h < t->slots && names(t->slot + h, type, rights) ==> \result == t->slot + h;
*/
struct handle *handle_find(const struct handle_table *t, uint64_t h, enum object_type type, uint32_t rights);

/*@ requires \valid(slot) && \valid_read(h) && \separated(slot, h);
    requires counted(h, slot);
    requires h->type == OBJECT_MEM ==> \separated(h, (struct mem *)h->object);
    requires was <= OBJECT_MOVING;
    assigns *slot, ((struct mem *)h->object)->handles;
    ensures \result <==> \old(slot->type) == was;
    ensures \result ==> is(slot, h);
    ensures !\result ==> *slot == \old(*slot);
    behavior memory:
        assumes h->type == OBJECT_MEM;
        requires ((struct mem *)h->object)->handles < UINT32_MAX;
        ensures ((struct mem *)h->object)->handles == \old(((struct mem *)h->object)->handles) + (\result ? 1 : 0);
    behavior other:
        assumes h->type != OBJECT_MEM;
        assigns *slot;
    complete behaviors;
    disjoint behaviors;
*/
bool handle_put(struct handle *slot, enum object_type was, const struct handle *h);

/*@ requires \valid(slot) && counted(slot, slot);
    assigns slot->type, ((struct mem *)slot->object)->handles;
    ensures \result <==> \old(slot->type) != OBJECT_NONE && \old(slot->type) != OBJECT_MOVING;
    ensures slot->type == (\result ? OBJECT_NONE : \old(slot->type));
    behavior memory:
        assumes slot->type == OBJECT_MEM;
        requires ((struct mem *)slot->object)->handles > 0;
        ensures ((struct mem *)slot->object)->handles == \old(((struct mem *)slot->object)->handles) - 1;
    behavior other:
        assumes slot->type != OBJECT_MEM;
        assigns slot->type;
    complete behaviors;
    disjoint behaviors;
*/
bool handle_close(struct handle *slot);

/*@ requires is_table(t) && type != OBJECT_NONE && from != 0 && type <= OBJECT_LEAVING && rights <= BELAY_RIGHT_ALL;
    requires type == OBJECT_MEM ==> \valid((struct mem *)object) && ((struct mem *)object)->handles < UINT32_MAX;
    requires \separated((struct mem *)object, t, t->slot + (0 .. t->slots - 1));
    ensures \result == BELAY_ENOMEM || from <= \result < t->slots;
    ensures \result == BELAY_ENOMEM ==> \forall integer i; from <= i < t->slots ==> t->slot[i].type != OBJECT_NONE;
    ensures \result == BELAY_ENOMEM ==> \forall integer i; 0 <= i < t->slots ==> t->slot[i] == \old(t->slot[i]);
    ensures \result >= 0 ==> \old(t->slot[\result].type) == OBJECT_NONE;
    ensures \result >= 0 ==> t->slot[\result].object == object && t->slot[\result].type == type &&
            t->slot[\result].rights == rights && t->slot[\result].value == value;
    ensures \forall integer i; 0 <= i < t->slots && i != \result ==> t->slot[i] == \old(t->slot[i]);
*/
int64_t handle_add(struct handle_table *t, uint32_t from, enum object_type type, void *object, uint32_t rights,
                   uint32_t value);

#endif
