/* SPDX-License-Identifier: Apache-2.0 */
#include "core/timerq.h"

#include "base/assert.h"

static unsigned rank_of(const struct event *e)
{
    return e ? e->rank : 0;
}

/* The shorter way down goes to the right. */
static void lean_left(struct event *e)
{
    if (rank_of(e->left) < rank_of(e->right)) {
        struct event *left = e->left;
        e->left = e->right;
        e->right = left;
    }
    e->rank = (uint8_t)(rank_of(e->right) + 1);
}

/* Two heaps become one, whose first has no parent. Bound: the way down to the right is log2 of a heap's events. */
static struct event *meld(struct event *a, struct event *b)
{
    struct event *first = NULL, *last = NULL, **link = &first;

    while (a && b) {
        struct event *earlier = b->deadline < a->deadline ? b : a;
        b = earlier == a ? b : a;
        *link = earlier;
        earlier->parent = last;
        last = earlier;
        link = &earlier->right;
        a = earlier->right;
    }
    *link = a ? a : b;
    if (*link)
        (*link)->parent = last;
    for (; last; last = last->parent)
        lean_left(last);
    return first;
}

void timerq_add(struct timerq *q, struct event *e)
{
    assert(e->fire != NULL && q->first[e->priority] != NULL);

    q->first[e->priority] = meld(q->first[e->priority], e);
}

static void replace_below(struct event *parent, const struct event *e, struct event *rest)
{
    *(parent->left == e ? &parent->left : &parent->right) = rest;
    if (rest)
        rest->parent = parent;
    for (unsigned before; parent; parent = parent->parent) {    /* bound: ranks grow on the way, up to log2 of the events */
        before = parent->rank;
        lean_left(parent);
        if (parent->rank == before)
            break;
    }
}

void timerq_remove(struct timerq *q, struct event *e)
{
    struct event *rest = e->left ? meld(e->left, e->right) : NULL;

    e->rank = 0;
    if (e->parent) {
        replace_below(e->parent, e, rest);
        return;
    }
    assert(q->first[e->priority] == e);
    q->first[e->priority] = rest;
    if (rest == NULL)
        q->used[e->priority / 64] &= ~(UINT64_C(1) << e->priority % 64);
}

struct event *timerq_highest_due(struct timerq *q, uint64_t now)
{
#pragma GCC unroll 4
    for (int w = TIMERQ_WORDS - 1; w >= 0; w--)
        for (uint64_t used = q->used[w], bit; used; used &= ~bit) {
            unsigned n = 63 - (unsigned)__builtin_clzll(used);
            struct event *e = q->first[w * 64 + (int)n];
            bit = UINT64_C(1) << n;
            if (e->deadline <= now)
                return e;
        }
    q->earliest = timerq_next(q, 0);
    return NULL;
}
