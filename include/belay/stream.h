/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream: bytes both ways between a client of the management protocol and a
 * service. The steward maps the same two pages into the manager and into that
 * service, and gives each the other's notification; the bytes are nobody
 * else's business.
 *
 * Each side notifies the other after it has written to its ring or read from
 * the other's; of a read from `up` the UART of the VM that manages is only told when it waits.
 * Neither trusts the other: a ring is safe whatever its counters hold.
 */
#ifndef BELAY_STREAM_H
#define BELAY_STREAM_H

#include "belay/ring.h"

#define STREAM_BYTES 8192u      /* of a stream in memory: whole pages */
#define STREAM_BIT   4u         /* by which each side notifies the other, besides what else it is told */

struct stream {
    _Atomic uint32_t turns;     /* the manager's: counts openings and closings; odd while a client is there */
    _Atomic uint32_t began;     /* the manager's: head of `down` at the last of these */
    _Atomic uint32_t lost;      /* the service's: bytes ever that had no room in `up` */
    _Atomic uint32_t ended;     /* the service's: the odd `turns` of a client that it can't go on with; it is told so */
    _Atomic uint32_t waits;     /* the service's: 1 while it has more for `up` than there is room (stream_wait) */
    struct ring up;             /* the service writes, the manager reads */
    struct ring down;           /* the manager writes, the service reads */
};

_Static_assert(sizeof(struct stream) <= STREAM_BYTES, "a stream fits its pages");

/*
 * For the service. A new odd value of `turns` is a new client: what is in `down`
 * from before `began` was the last one's. The manager empties `up` when one comes.
 */
static inline bool stream_is_open(const struct stream *s)
{
    return atomic_load_explicit(&s->turns, memory_order_acquire) & 1;
}

/*
 * For a service that can wait for room: does it have to? The fence stands between saying so and looking at the ring;
 * stream_is_waited_for has its twin, after the manager has read, so one of the two sees the other.
 */
static inline bool stream_wait(struct stream *s)
{
    bool full = ring_fill(&s->up) == RING_SIZE;

    atomic_store_explicit(&s->waits, full, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    return full && ring_fill(&s->up) == RING_SIZE;
}

static inline bool stream_is_waited_for(const struct stream *s)
{
    atomic_thread_fence(memory_order_seq_cst);
    return atomic_load_explicit(&s->waits, memory_order_relaxed) != 0;
}

/* For who can't wait for room: what has none is counted. Not for two at a time. */
static inline void stream_push(struct stream *s, uint8_t byte)
{
    if (!ring_push(&s->up, byte))
        atomic_store_explicit(&s->lost, s->lost + 1, memory_order_relaxed);
}
#endif
