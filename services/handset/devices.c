/* SPDX-License-Identifier: Apache-2.0 */
#include "devices.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "belay/console.h"
#include "lib/cpu.h"
#include "pl031.h"

#define NEVER  UINT64_MAX
#define NOW    1u               /* has passed */
#define SOON   0x10000u         /* ticks after which the worker looks again at what was just being changed */

/* The registers, which only handlers that have the lock touch, and what others look at. Zeroed: after reset. */
struct device_state {
    struct pl031 rtc;
    _Atomic uint64_t alarm;     /* the counter from which on the RTC's line is high; 0: it stays low */
};

struct device_live {
    _Atomic uint32_t locked;                /* by a vCPU */
    _Atomic uint32_t line[HANDSET_LINES];   /* as last set, plus 1; 0: not known */
};

static PERSIST struct device_state states[BELAY_VMS_MAX];
static struct device_live live[BELAY_VMS_MAX];
static _Atomic uint64_t due;            /* when the worker looks next */

static uint64_t seconds_now(const struct handset_clock *c)
{
    return c->seconds + (counter_now() - c->ticks) / counter_hz();
}

static uint64_t ticks_at(const struct handset_clock *c, uint64_t seconds)
{
    if (seconds <= c->seconds)
        return NOW;
    return seconds - c->seconds < NEVER / 4 / counter_hz() ? c->ticks + (seconds - c->seconds) * counter_hz() : NEVER;
}

static uint32_t level_of(unsigned i, enum handset_line d, uint64_t now)
{
    uint64_t alarm = states[i].alarm;

    (void)d;
    return alarm != 0 && now >= alarm;
}

/*
 * Handlers and the worker set a line, and each looks again after it did: so who is last leaves it right. False: to be
 * called once more.
 */
static bool drive_line(unsigned i, enum handset_line d)
{
    uint32_t level = level_of(i, d, counter_now());

    if (live[i].line[d] == level + 1)
        return true;
    live[i].line[d] = level + 1;
    (void)hc_line_set(CONSOLE_H_DEVICES + i * HANDSET_LINES + d, level);    /* fails for a VM that is gone: nobody hears */
    if (level_of(i, d, counter_now()) == level)
        return true;
    live[i].line[d] = 0;
    return false;
}

/* When the line of a device changes by itself. */
static uint64_t next_change(unsigned i, uint64_t now)
{
    uint64_t alarm = states[i].alarm;

    return alarm > now ? alarm : NEVER;
}

/* The worker is to look then, if not earlier. True: it did not know. */
static bool want(uint64_t at)
{
    uint64_t old = due;

    while (at < old)
        if (atomic_compare_exchange_weak(&due, &old, at))
            return true;
    return false;
}

/* Only vCPUs of the same VM meet here: what one loses by waiting is the VM's own time. */
static void lock(unsigned i)
{
    while (atomic_exchange_explicit(&live[i].locked, 1, memory_order_acquire) != 0)
        (void)hc_yield();
}

static void unlock(unsigned i)
{
    atomic_store_explicit(&live[i].locked, 0, memory_order_release);
}

static uint64_t access_rtc(unsigned i, const struct handset_clock *c, uint64_t offset, uint64_t access, uint64_t value)
{
    struct pl031 *r = &states[i].rtc;
    uint64_t now = seconds_now(c);

    if ((access & BELAY_ACCESS_WRITE) == 0)
        return pl031_read(r, now, offset, BELAY_ACCESS_SIZE(access));
    pl031_write(r, now, offset, BELAY_ACCESS_SIZE(access), value);
    uint64_t at = pl031_interrupt_at(r, now);
    states[i].alarm = at == PL031_NEVER ? 0 : at <= now ? NOW : ticks_at(c, at);
    return 0;
}

/* Bound: each turn of the loop but the first is another change by the VM, or one that the worker makes at its time. */
struct portal_reply devices_access(unsigned vm, const struct handset_clock *clock, uint64_t offset, uint64_t access,
                                   uint64_t value)
{
    uint64_t result = 0;

    if (offset >= HANDSET_DEVICE_BYTES)
        return (struct portal_reply){ 0, BELAY_ACCESS_ABORT };
    lock(vm);
    result = access_rtc(vm, clock, offset, access, value);
    unlock(vm);
    if (access & BELAY_ACCESS_WRITE) {
        uint64_t now = counter_now();
        while (!drive_line(vm, HANDSET_LINE_RTC)) {}
        if (want(next_change(vm, now)))
            (void)hc_notify(SERVICE_H_WAKE, CONSOLE_BIT_DEVICES);
    }
    return (struct portal_reply){ result, 0 };
}

void devices_reset(unsigned vm)
{
    struct device_state *s = &states[vm];

    s->rtc = (struct pl031){ 0 };
    s->alarm = 0;
    live[vm].locked = 0;
    live[vm].line[HANDSET_LINE_RTC] = 0;
    if (want(NOW))
        (void)hc_notify(SERVICE_H_WAKE, CONSOLE_BIT_DEVICES);
}

static uint64_t look(unsigned i)
{
    uint64_t now = counter_now();
    bool settled = drive_line(i, HANDSET_LINE_RTC);

    return settled ? next_change(i, now) : now + SOON;
}

/* What is wanted while it looks, stays wanted. */
void devices_look(void)
{
    if (due > counter_now())
        return;
    due = NEVER;
    for (unsigned i = 0; i < BELAY_VMS_MAX; i++)
        (void)want(look(i));
}

uint64_t devices_due(void)
{
    return due;
}
