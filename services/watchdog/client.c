/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "gwdt.h"
#include "lib/cpu.h"
#include "lib/hypercall.h"
#include "lib/service.h"

#define SOON 0x10000u   /* ticks after which the worker looks again at what was just being changed */

/* As it was written last, and in which epoch of the VM. */
struct state {
    _Atomic uint64_t epoch, refreshed, offset, enabled;
};

struct client_live {
    _Atomic uint64_t writer;    /* the epoch of the handler that writes the state; 0: none */
    _Atomic uint32_t changes;
    _Atomic uint32_t line;      /* as last set, plus 1; 0: not known */
};

static PERSIST struct state states[BELAY_VMS_MAX];
static struct client_live live[BELAY_VMS_MAX];
static const struct watchdog_config *config;
static struct watchdog_shared *shared;
static _Atomic uint64_t up_since;           /* 0: the worker has not begun */
static _Atomic uint64_t planned;            /* when the worker looks next */

/*
 * What the steward says of a VM, read once. It is of one moment, or who looks will do so again: the steward writes in
 * the other order and then wakes the worker. The counter comes first: where the VM starts or goes on meanwhile, its
 * clock seems late, never early.
 */
struct view {
    uint64_t epoch, base, now;  /* now: of the VM's clock */
    bool held;
};

static struct view view_of(unsigned i)
{
    struct watchdog_client *c = &shared->client[i];
    uint64_t at = counter_now(), held = c->held;
    struct view v = { .held = held != 0, .epoch = c->epoch };

    v.base = c->base;
    at = held ? held : at;
    v.now = at > v.base ? at - v.base : 0;
    return v;
}

void client_init(const struct watchdog_config *c, struct watchdog_shared *s)
{
    config = c;
    shared = s;
}

void client_begin(uint64_t up)
{
    up_since = up;
}

static uint64_t limit_of(unsigned i)
{
    return config->limit[i];
}

/* In a handler that has the lock, or where it is made sure that nobody wrote meanwhile. */
static struct gwdt read_state(unsigned i, const struct view *v)
{
    struct gwdt w = gwdt_reset();
    uint64_t up = up_since > v->base ? up_since - v->base : 0;

    if (states[i].epoch == v->epoch)
        w = (struct gwdt){ states[i].refreshed, states[i].offset, states[i].enabled != 0 };
    if (w.refreshed < up)
        w.refreshed = up;
    return w;
}

/* In this order: where a fault of ours leaves only half of it written, time counts from now on at least. */
static void write_state(unsigned i, const struct view *v, const struct gwdt *w)
{
    states[i].refreshed = w->refreshed;
    states[i].offset = w->offset;
    states[i].enabled = w->enabled;
    states[i].epoch = v->epoch;
    live[i].changes++;
}

/*
 * Only vCPUs of one VM meet here: what one loses by waiting is the VM's own time. A lock that was taken in an earlier
 * epoch is nobody's: none of the handlers of then runs.
 */
static void lock(unsigned i, uint64_t epoch)
{
    uint64_t holder = 0;

    while (!atomic_compare_exchange_strong(&live[i].writer, &holder, epoch))
        if (holder == epoch) {
            (void)hc_yield();
            holder = 0;
        }
}

static void unlock(unsigned i)
{
    live[i].writer = 0;
}

/* The worker's: false when a handler writes the state, or has written it meanwhile. */
static bool see_state(unsigned i, const struct view *v, struct gwdt *w)
{
    uint32_t changes = live[i].changes;

    if (live[i].writer == v->epoch)
        return false;
    *w = read_state(i, v);
    return live[i].writer != v->epoch && live[i].changes == changes;
}

static void set_line(unsigned i, uint32_t level)
{
    live[i].line = level + 1;
    (void)hc_line_set(WATCHDOG_H_LINE + i, level);      /* fails for a VM that is gone: nobody is there to tell */
}

static uint32_t level_of(unsigned i, const struct gwdt *w, uint64_t now)
{
    return now >= gwdt_ws0_at(w, limit_of(i));
}

/*
 * Handlers and the worker set the line, and each looks again after it did: so who is last leaves it right.
 * Bound: each turn but the first is another refresh by the VM, or WS0 that comes after this one.
 */
static void update_line(unsigned i)
{
    uint32_t level;
    struct view v = view_of(i);
    struct gwdt w = read_state(i, &v);

    for (level = level_of(i, &w, v.now); live[i].line != level + 1; level = level_of(i, &w, v.now)) {
        set_line(i, level);
        v = view_of(i);
        w = read_state(i, &v);
        if (level_of(i, &w, v.now) != level)
            live[i].line = 0;
    }
}

/* The fence stands between writing the state and looking till when the worker waits; client_looking has its twin. */
static void wake_worker(unsigned i, const struct view *v, const struct gwdt *w)
{
    uint64_t ws0 = gwdt_ws0_at(w, limit_of(i));

    atomic_thread_fence(memory_order_seq_cst);
    if (ws0 != GWDT_NEVER && ws0 + v->base < planned)
        (void)hc_notify(SERVICE_H_WAKE, WATCHDOG_BIT_LOOK);
}

uint64_t client_access(unsigned i, uint64_t offset, uint64_t access, uint64_t value)
{
    struct view v = view_of(i);
    unsigned size = BELAY_ACCESS_SIZE(access);
    uint64_t result = 0;
    bool refreshed = false;

    lock(i, v.epoch);
    v = view_of(i);
    struct gwdt w = read_state(i, &v);
    if ((access & BELAY_ACCESS_WRITE) == 0)
        result = gwdt_read(&w, limit_of(i), v.now, v.base, offset, size);
    else if ((refreshed = gwdt_write(&w, v.now, offset, size, value)))
        write_state(i, &v, &w);
    unlock(i);
    if (refreshed) {
        update_line(i);
        wake_worker(i, &v, &w);
    }
    return result;
}

/*
 * The steward looks at `hung`: what was seen of an earlier epoch is of no interest to it. It is told at each look till
 * it has stopped the VM, since the service may have died between writing that and telling it.
 */
static void tell_steward(unsigned i, const struct view *v, uint64_t unfed)
{
    struct watchdog_client *c = &shared->client[i];

    c->unfed = unfed;
    c->hung = v->epoch;
    (void)hc_notify(WATCHDOG_H_STEWARD, UINT64_C(1) << (WATCHDOG_BIT_HUNG + i));
}

uint64_t client_look(unsigned i)
{
    struct view v = view_of(i);
    struct gwdt w, again;

    if (v.epoch == 0 || v.held)
        return UINT64_MAX;
    if (!see_state(i, &v, &w))
        return counter_now() + SOON;
    uint64_t ws0 = gwdt_ws0_at(&w, limit_of(i)), ws1 = gwdt_ws1_at(&w, limit_of(i));
    uint32_t level = level_of(i, &w, v.now);
    if (live[i].line != level + 1) {
        set_line(i, level);
        if (!see_state(i, &v, &again) || level_of(i, &again, v.now) != level) {     /* refreshed just now */
            live[i].line = 0;
            return counter_now() + SOON;
        }
    }
    if (v.now >= ws1)
        tell_steward(i, &v, v.now - w.refreshed);
    uint64_t next = v.now < ws0 ? ws0 : v.now < ws1 ? ws1 : GWDT_NEVER;
    return next == GWDT_NEVER ? UINT64_MAX : next + v.base;
}

void client_looking(void)
{
    planned = UINT64_MAX;       /* from here on everything wakes it */
    atomic_thread_fence(memory_order_seq_cst);
}

void client_waiting_until(uint64_t deadline)
{
    planned = deadline;
}
