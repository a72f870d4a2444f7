/* SPDX-License-Identifier: Apache-2.0 */
#include "trace.h"

#include <string.h>

#include "belay/trace.h"
#include "lib/cpu.h"
#include "lib/hypercall.h"
#include "lib/pack.h"

#define AT_ONCE  96u            /* records that are looked at for a pack */
#define LOOKS_HZ 500u           /* how often a second one looks for records: a ring holds thousands */

static struct traced {
    bool open, live;            /* a client is there; its records come */
    uint8_t said[TRACE_CREDIT];
    uint32_t said_bytes;
    uint32_t kinds;             /* what its client said */
    uint64_t next;              /* the record that is read next */
} traced[MANAGER_TRACES];

static uint32_t cpus;
static uint64_t pause;          /* between two looks, in ticks */

#ifdef BELAY_HOST_TEST
struct manager_trace *manager_trace(unsigned cpu);
const struct belay_trace_ring *manager_ring(unsigned cpu);
#else
static struct manager_trace *manager_trace(unsigned cpu)
{
    return &((struct manager_page *)(uintptr_t)MANAGER_SLOTS_IPA)->trace[cpu];
}

static const struct belay_trace_ring *manager_ring(unsigned cpu)
{
    return (const void *)((uintptr_t)MANAGER_TRACES_IPA + (uintptr_t)cpu * MANAGER_TRACE_BYTES);
}
#endif

static void want(unsigned cpu, uint32_t kinds)
{
    atomic_store_explicit(&manager_trace(cpu)->wanted, kinds, memory_order_release);
    (void)hc_notify(MANAGER_H_STEWARD, MANAGER_BIT_REQUEST);
}

static uint32_t got(unsigned cpu)
{
    return atomic_load_explicit(&manager_trace(cpu)->got, memory_order_acquire);
}

void trace_init(const struct manager_config *config)
{
    cpus = config->cpus < MANAGER_TRACES ? config->cpus : MANAGER_TRACES;
    pause = config->counter_hz / LOOKS_HZ;
    memset(traced, 0, sizeof traced);
    for (unsigned i = 0; i < cpus; i++)
        if (manager_trace(i)->wanted)
            want(i, 0);
}

bool trace_is_there(unsigned cpu)
{
    return cpu < cpus;
}

void trace_open(unsigned cpu)
{
    traced[cpu] = (struct traced){ .open = true };
}

void trace_close(unsigned cpu)
{
    traced[cpu] = (struct traced){ 0 };
    want(cpu, 0);
}

static uint64_t written(const struct belay_trace_ring *ring)
{
    return __atomic_load_n(&ring->written, __ATOMIC_ACQUIRE);
}

void trace_write(unsigned cpu, uint8_t byte)
{
    struct traced *t = &traced[cpu];

    if (t->said_bytes == sizeof t->said)
        return;
    t->said[t->said_bytes++] = byte;
    if (t->said_bytes < sizeof t->said)
        return;
    memcpy(&t->kinds, t->said, sizeof t->kinds);
    if (t->kinds == 0 || t->kinds & ~BELAY_TRACE_ALL)
        return;
    if (got(cpu) == t->kinds) {         /* the last client's: it goes on */
        t->live = true;
        t->next = written(manager_ring(cpu));
    }
    want(cpu, t->kinds);
}

bool trace_failed(unsigned cpu)
{
    const struct traced *t = &traced[cpu];
    bool wrong = t->kinds == 0 || t->kinds & ~BELAY_TRACE_ALL;

    return t->said_bytes == sizeof t->said && (wrong || (!t->live && got(cpu) == MANAGER_TRACE_FAILED));
}

/* The number of the oldest record that is whole, while the nucleus may be writing the next. */
static uint64_t oldest(uint64_t newest, uint32_t capacity)
{
    return newest < capacity ? 0 : newest - capacity + 1;
}

/* Copies the next records out of the ring; how many of them, at the start of `to`, are whole. */
static uint32_t copy(struct traced *t, const struct belay_trace_ring *ring, struct belay_trace_record *to)
{
    uint64_t newest = written(ring), first = oldest(newest, ring->capacity);

    if (newest < t->next)       /* another ring than the one that its client found: it begins anew */
        t->next = 0;
    first = first > t->next ? first : t->next;
    uint32_t count = newest - first < AT_ONCE ? (uint32_t)(newest - first) : AT_ONCE;
    for (uint32_t i = 0; i < count; i++)
        to[i] = ring->record[(first + i) % ring->capacity];
    atomic_thread_fence(memory_order_acquire);
    t->next = oldest(written(ring), ring->capacity);
    if (t->next <= first) {
        t->next = first;
        return count;
    }
    uint64_t spoilt = t->next - first;
    if (spoilt >= count)
        return 0;
    memmove(to, to + spoilt, (count - spoilt) * sizeof *to);
    return count - (uint32_t)spoilt;
}

uint32_t trace_read(unsigned cpu, uint8_t *to, uint32_t max)
{
    static struct belay_trace_record records[AT_ONCE];
    struct traced *t = &traced[cpu];
    const struct belay_trace_ring *ring = manager_ring(cpu);
    size_t packed;

    if (t->kinds == 0 || (!t->live && got(cpu) != t->kinds))
        return 0;
    t->live = true;
    if (ring->capacity == 0 || ring->capacity > (MANAGER_TRACE_BYTES - sizeof *ring) / sizeof *records)
        return 0;
    uint32_t count = copy(t, ring, records);
    uint32_t bytes = (uint32_t)pack_records(to, max, records, count, &packed);
    t->next += packed;
    return bytes;
}

uint64_t trace_rest(void)
{
    bool waits = false;

    for (unsigned i = 0; i < cpus; i++) {
        uint32_t wanted = manager_trace(i)->wanted, has = got(i);
        if (wanted != has && has != MANAGER_TRACE_FAILED)
            (void)hc_notify(MANAGER_H_STEWARD, MANAGER_BIT_REQUEST);
        waits |= wanted != has || traced[i].live;
    }
    return waits ? counter_now() + pause : 0;
}
