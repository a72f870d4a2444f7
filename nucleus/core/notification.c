/* SPDX-License-Identifier: Apache-2.0 */
#include "core/notification.h"

#include "base/assert.h"
#include "base/list.h"
#include "belay/abi.h"
#include "core/context.h"
#include "core/cpu.h"
#include "core/domain.h"
#include "core/sched.h"

static struct context *take_waiter(struct notification *n)
{
    struct context *c = n->waiter;

    timerq_cancel(&this_cpu()->timers, &n->timeout);
    n->waiter = NULL;
    c->notification = NULL;
    return c;
}

/* It gets no bits. */
static void turn_away(struct notification *n, int64_t error)
{
    struct context *c = take_waiter(n);

    c->frame.x[0] = (uint64_t)error;
    c->frame.x[1] = 0;
    context_release(c);
}

static void timed_out(struct event *e)
{
    turn_away(container_of(e, struct notification, timeout), BELAY_ETIMEDOUT);
}

static uint64_t take_bits(struct notification *n)
{
    return __atomic_exchange_n(&n->bits, 0, __ATOMIC_SEQ_CST);
}

/* On the waiter's CPU. */
static void give_bits(struct notification *n)
{
    uint64_t bits;

    if (n->waiter == NULL || (bits = take_bits(n)) == 0)
        return;
    struct context *c = take_waiter(n);
    c->frame.x[0] = BELAY_OK;
    c->frame.x[1] = bits;
    context_release(c);
}

static void close_here(struct notification *n)
{
    if (n->waiter)
        turn_away(n, BELAY_EHANDLE);
}

static void arrived(struct message *m)
{
    struct notification *n = container_of(m, struct notification, arrived);

    if (unlikely(n->gone))
        close_here(n);
    else
        give_bits(n);
}

void notification_init(struct notification *n)
{
    *n = (struct notification){ .timeout = { .fire = timed_out }, .arrived = { .deliver = arrived } };
}

struct notification *notification_create(struct domain *d)
{
    struct notification *n = pool_object(&d->pool, sizeof *n);

    if (n == NULL)
        return NULL;
    notification_init(n);
    n->next = d->notifications;
    d->notifications = n;
    return n;
}

void notification_close(struct notification *n)
{
    n->gone = true;
    if (n->home == this_cpu()->index + 1u)
        close_here(n);
    else if (n->home)
        message_send(n->home - 1, &n->arrived);
}

/* Of the first wait and a signal on two CPUs one sees the other: each writes its word before it reads the other's. */
void notification_signal(struct notification *n, uint64_t bits)
{
    (void)__atomic_fetch_or(&n->bits, bits, __ATOMIC_SEQ_CST);
    uint32_t home = __atomic_load_n(&n->home, __ATOMIC_SEQ_CST);
    if (likely(home == this_cpu()->index + 1u))
        give_bits(n);
    else if (home)
        message_send(home - 1, &n->arrived);
}

int notification_wait(struct notification *n, struct context *c, uint64_t deadline, uint64_t *bits)
{
    uint32_t here = this_cpu()->index + 1u, home = 0;

    if (!__atomic_compare_exchange_n(&n->home, &home, here, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) && home != here)
        return BELAY_EBUSY;
    *bits = take_bits(n);
    if (*bits)
        return BELAY_OK;
    if (n->waiter)
        return BELAY_EBUSY;
    n->waiter = c;
    c->notification = n;
    context_wait(c);
    if (deadline) {
        sched_set_event(c, &n->timeout, deadline);
        c->sched->due = deadline;
    }
    return BELAY_OK;
}

void notification_abandon(struct context *c)
{
    assert(c->notification && c->notification->waiter == c);

    take_waiter(c->notification);
}
