/* SPDX-License-Identifier: Apache-2.0 */
#include "core/timerq.h"

#include <stddef.h>

#include "base/assert.h"

static void place(struct timerq *q, uint32_t i, struct event *e)
{
    q->heap[i] = e;
    e->position = i;
}

/* Both: the bound is the height of the heap, log2(TIMERQ_MAX). */
static void sift_up(struct timerq *q, uint32_t i, struct event *e)
{
    for (; i > 1 && q->heap[i / 2]->deadline > e->deadline; i /= 2)
        place(q, i, q->heap[i / 2]);
    place(q, i, e);
}

static void sift_down(struct timerq *q, uint32_t i, struct event *e)
{
    for (uint32_t child; (child = 2 * i) <= q->count; i = child) {
        if (child < q->count && q->heap[child + 1]->deadline < q->heap[child]->deadline)
            child++;
        if (e->deadline <= q->heap[child]->deadline)
            break;
        place(q, i, q->heap[child]);
    }
    place(q, i, e);
}

static void settle(struct timerq *q, uint32_t i, struct event *e)
{
    if (i > 1 && q->heap[i / 2]->deadline > e->deadline)
        sift_up(q, i, e);
    else
        sift_down(q, i, e);
}

void timerq_set(struct timerq *q, struct event *e, uint64_t deadline)
{
    assert(q->count < TIMERQ_MAX || event_queued(e));
    assert(e->fire != NULL);

    e->deadline = deadline;
    if (event_queued(e))
        settle(q, e->position, e);
    else
        sift_up(q, ++q->count, e);
}

static inline void remove_at(struct timerq *q, uint32_t i, struct event *e)
{
    assert(i == e->position && i <= q->count && q->heap[i] == e);

    struct event *last = q->heap[q->count--];
    e->position = 0;
    if (last != e)
        settle(q, i, last);
}

void timerq_cancel(struct timerq *q, struct event *e)
{
    if (event_queued(e))
        remove_at(q, e->position, e);
}

uint64_t timerq_second(const struct timerq *q)
{
    uint64_t second = q->count > 1 ? q->heap[2]->deadline : UINT64_MAX;

    return q->count > 2 && q->heap[3]->deadline < second ? q->heap[3]->deadline : second;
}

struct event *timerq_pop_due(struct timerq *q, uint64_t now)
{
    if (q->count == 0 || q->heap[1]->deadline > now)
        return NULL;
    struct event *e = q->heap[1];
    remove_at(q, 1, e);
    return e;
}
