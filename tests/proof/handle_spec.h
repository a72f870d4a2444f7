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

#endif
