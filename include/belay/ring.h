/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring of bytes with one producer and one consumer, which need no lock:
 * only the producer writes `head`, only the consumer writes `tail`. Both run
 * on for ever and are reduced when they index, so that whatever they hold,
 * no access leaves the ring.
 */
#ifndef BELAY_RING_H
#define BELAY_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define RING_SIZE 2048u     /* a power of two */

struct ring {
    _Atomic uint32_t head;  /* bytes ever written */
    _Atomic uint32_t tail;  /* bytes ever read */
    uint8_t bytes[RING_SIZE];
};

/* Anyone may ask. `tail` is read first, so that it can't have passed `head`. */
static inline uint32_t ring_count(const struct ring *r)
{
    uint32_t tail = atomic_load_explicit(&r->tail, memory_order_acquire);

    return atomic_load_explicit(&r->head, memory_order_relaxed) - tail;
}

/* Do the counters make sense? */
static inline bool ring_sane(const struct ring *r)
{
    return ring_count(r) <= RING_SIZE;
}

/* How many bytes are there: never more than fit, whatever the counters hold. */
static inline uint32_t ring_fill(const struct ring *r)
{
    uint32_t count = ring_count(r);

    return count < RING_SIZE ? count : RING_SIZE;
}

/* The producer's; false when the ring is full. */
static inline bool ring_push(struct ring *r, uint8_t byte)
{
    uint32_t head = atomic_load_explicit(&r->head, memory_order_relaxed);

    if (head - atomic_load_explicit(&r->tail, memory_order_acquire) >= RING_SIZE)
        return false;
    r->bytes[head % RING_SIZE] = byte;
    atomic_store_explicit(&r->head, head + 1, memory_order_release);
    return true;
}

/* The consumer's; false when the ring is empty. */
static inline bool ring_pop(struct ring *r, uint8_t *byte)
{
    uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

    if (tail == atomic_load_explicit(&r->head, memory_order_acquire))
        return false;
    *byte = r->bytes[tail % RING_SIZE];
    atomic_store_explicit(&r->tail, tail + 1, memory_order_release);
    return true;
}

/* The consumer's: forgets what the producer wrote before its `head` was that. */
static inline void ring_skip(struct ring *r, uint32_t head)
{
    uint32_t tail = atomic_load_explicit(&r->tail, memory_order_relaxed);

    if (head - tail <= ring_fill(r))
        atomic_store_explicit(&r->tail, head, memory_order_release);
}

/* The consumer's: forgets what is there. */
static inline void ring_clear(struct ring *r)
{
    r->tail = atomic_load_explicit(&r->head, memory_order_acquire);
}
#endif
