/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include "lib/hypercall.h"
#include "trace.h"

#define CREDIT_STEP (RING_SIZE / 4)     /* credit that is worth a frame */

static struct opened {
    uint32_t client;        /* plus 1 */
    uint32_t credit;        /* bytes that the client has room for */
    uint32_t given;         /* credit of the client's: bytes that may still come from it */
    uint32_t lost;          /* as last told */
} opened[MANAGER_STREAMS];

static uint8_t there[MANAGER_STREAMS];

#ifndef BELAY_HOST_TEST     /* a test has them elsewhere */
struct stream *stream_at(unsigned number)
{
    return (struct stream *)((uintptr_t)MANAGER_STREAMS_IPA + (uintptr_t)number * STREAM_BYTES);
}
#endif

/* The trace of a CPU has no memory of a stream: its bytes are the nucleus's. */
static bool is_trace(unsigned number)
{
    return number >= MANAGER_STREAM(MANAGE_TRACE, 0) && number < MANAGER_STREAM_VM;
}

static unsigned cpu_of(unsigned number)
{
    return number - MANAGER_STREAM(MANAGE_TRACE, 0);
}

void stream_moved(unsigned number)
{
    (void)hc_notify(MANAGER_H_STREAM + number, STREAM_BIT);
}

static void turn(unsigned number, bool open)
{
    struct stream *s = stream_at(number);
    uint32_t turns = s->turns;

    if ((turns & 1) != open) {
        atomic_store_explicit(&s->began, s->down.head, memory_order_relaxed);
        atomic_store_explicit(&s->turns, turns + 1, memory_order_release);
    }
    stream_moved(number);
}

void stream_init(const struct manager_config *config)
{
    for (unsigned i = 0; i < MANAGER_STREAMS; i++) {
        opened[i] = (struct opened){ 0 };
        there[i] = config->stream[i];
        if (there[i])
            turn(i, i == MANAGER_STREAM_VM);
    }
    trace_init(config);
}

bool stream_is_there(unsigned number)
{
    return is_trace(number) ? trace_is_there(cpu_of(number)) : number < MANAGER_STREAMS && there[number];
}

uint32_t stream_owner(unsigned number)
{
    return number < MANAGER_STREAMS ? opened[number].client - 1 : STREAM_NOBODY;    /* 0 - 1 is nobody */
}

/* Credit is room in the ring that the client has not been told of. */
static uint32_t free_credit(unsigned number)
{
    uint32_t room = RING_SIZE - ring_fill(&stream_at(number)->down), given = opened[number].given;

    return room > given ? room - given : 0;
}

uint32_t stream_open(unsigned number, uint32_t client, uint32_t credit)
{
    if (is_trace(number)) {
        opened[number] = (struct opened){ .client = client + 1, .credit = credit, .given = TRACE_CREDIT };
        trace_open(cpu_of(number));
        return TRACE_CREDIT;
    }
    struct stream *s = stream_at(number);
    ring_clear(&s->up);
    opened[number] = (struct opened){ .client = client + 1, .credit = credit, .lost = s->lost };
    opened[number].given = free_credit(number);
    turn(number, true);
    return opened[number].given;
}

void stream_close(unsigned number)
{
    opened[number] = (struct opened){ 0 };
    if (is_trace(number))
        trace_close(cpu_of(number));
    else
        turn(number, false);
}

void stream_close_all(uint32_t client)
{
    for (unsigned i = 0; i < MANAGER_STREAMS; i++)
        if (stream_owner(i) == client)
            stream_close(i);
}

static void push(unsigned number, uint8_t byte)
{
    if (is_trace(number))
        trace_write(cpu_of(number), byte);
    else
        (void)ring_push(&stream_at(number)->down, byte);
}

void stream_write(unsigned number, const uint8_t *bytes, uint32_t count)
{
    struct opened *o = &opened[number];

    for (uint32_t i = 0; i < count && o->given; i++, o->given--)
        push(number, bytes[i]);
    if (!is_trace(number))
        stream_moved(number);
}

void stream_credit(unsigned number, uint32_t bytes)
{
    uint32_t *credit = &opened[number].credit;

    *credit = bytes < UINT32_MAX - *credit ? *credit + bytes : UINT32_MAX;
}

uint32_t stream_read(unsigned number, uint8_t *to, uint32_t max)
{
    struct opened *o = &opened[number];
    uint32_t count = 0;

    if (max > o->credit)
        max = o->credit;
    if (is_trace(number)) {
        count = trace_read(cpu_of(number), to, max);
        o->credit -= count;
        return count;
    }
    while (count < max && ring_pop(&stream_at(number)->up, &to[count]))
        count++;
    o->credit -= count;
    if (count)
        stream_moved(number);
    return count;
}

bool stream_failed(unsigned number)
{
    if (is_trace(number))
        return trace_failed(cpu_of(number));
    const struct stream *s = stream_at(number);
    return stream_is_open(s) && s->ended == s->turns;
}

uint32_t stream_take_lost(unsigned number)
{
    struct opened *o = &opened[number];

    if (is_trace(number))
        return 0;               /* the records' numbers tell */
    uint32_t lost = stream_at(number)->lost, more = lost - o->lost;

    o->lost = lost;
    return more;
}

uint32_t stream_take_credit(unsigned number)
{
    uint32_t more = is_trace(number) ? 0 : free_credit(number);

    if (more < CREDIT_STEP)
        return 0;
    opened[number].given += more;
    return more;
}
