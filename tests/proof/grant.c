/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypercalls that give handles away and look them up, whatever their arguments: nobody
 * gets a right that the giver has not, and what is in use is not overwritten.
 */
#include "handle_spec.h"

#include "core/domain.h"
#include "entry/hypercall.h"

/*@ predicate is_caller(struct context *c) = \valid_read(c) && \valid_read(c->domain) && is_table(&c->domain->handles);

    // Slot h of the caller names a domain, with the right to manage it.
    predicate manages(struct context *c, integer h) = names(&c->domain->handles, h, OBJECT_DOMAIN, BELAY_RIGHT_MANAGE);

    predicate own(struct context *c, integer h) = holds(&c->domain->handles, h);

    logic struct domain *receiver(struct context *c, integer h) = (struct domain *)c->domain->handles.slot[h].object;
*/

/*@ requires is_caller(c) && \valid_read(x + (0 .. 3));
    requires manages(c, x[0]) ==> \valid_read(receiver(c, x[0])) && is_table(&receiver(c, x[0])->handles);
    requires manages(c, x[0]) && own(c, x[1]) && x[3] < receiver(c, x[0])->handles.slots ==>
             counted(c->domain->handles.slot[x[1]].tag, c->domain->handles.slot[x[1]].object,
                     receiver(c, x[0])->handles.slot + x[3]);
    requires own(c, x[1]) && type_of(c->domain->handles.slot[x[1]].tag) == OBJECT_MEM ==>
             ((struct mem *)c->domain->handles.slot[x[1]].object)->handles < UINT32_MAX;
    assigns receiver(c, x[0])->handles.slot[x[3]], ((struct mem *)c->domain->handles.slot[x[1]].object)->handles;
    ensures \result == BELAY_OK ==> \old(manages(c, x[0]) && own(c, x[1]) && 0 < x[3] < receiver(c, x[0])->handles.slots);
    ensures \result == BELAY_OK ==> (rights_of(\old(c->domain->handles.slot[x[1]].tag)) & BELAY_RIGHT_GRANT) != 0;
    ensures \result == BELAY_OK ==> type_of(\old(receiver(c, x[0])->handles.slot[x[3]].tag)) == OBJECT_NONE;
    ensures \result == BELAY_OK ==> rights_of(\old(receiver(c, x[0])->handles.slot + x[3])->tag) ==
            ((uint32_t)rights_of(\old(c->domain->handles.slot[x[1]].tag)) & \old(x[2]) & UINT32_MAX) % 0x100;
    ensures \result == BELAY_OK ==> \old(receiver(c, x[0])->handles.slot + x[3])->object ==
            \old(c->domain->handles.slot[x[1]].object);
    ensures \result == BELAY_OK ==> type_of(\old(receiver(c, x[0])->handles.slot + x[3])->tag) ==
            type_of(\old(c->domain->handles.slot[x[1]].tag));
    ensures \result == BELAY_OK ==> value_of(\old(receiver(c, x[0])->handles.slot + x[3])->tag) ==
            value_of(\old(c->domain->handles.slot[x[1]].tag));
    ensures \result != BELAY_OK && \old(manages(c, x[0]) && x[3] < receiver(c, x[0])->handles.slots) ==>
            same(*\old(receiver(c, x[0])->handles.slot + x[3]), \old(receiver(c, x[0])->handles.slot[x[3]]));
*/
int call_grant(struct context *c, uint64_t *x);

#include "core/handle.c"
#include "entry/calls_mem.c"
#include "entry/hypercall.c"
