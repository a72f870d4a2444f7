/* SPDX-License-Identifier: Apache-2.0 */
#include "core/notification.h"

#include "base/assert.h"
#include "belay/abi.h"
#include "core/context.h"
#include "core/cpu.h"
#include "core/sched.h"

static struct context *take_waiter(struct notification *n)
{
    struct context *c = n->waiter;

    timerq_cancel(&this_cpu()->timers, &n->timeout);
    n->waiter = NULL;
    c->notification = NULL;
    return c;
}

static void timed_out(struct event *e)
{
    struct context *c = take_waiter(container_of(e, struct notification, timeout));

    c->frame.x[0] = (uint64_t)BELAY_ETIMEDOUT;
    c->frame.x[1] = 0;
    context_wake(c);
}

void notification_init(struct notification *n)
{
    *n = (struct notification){ .timeout = { .fire = timed_out } };
}

void notification_signal(struct notification *n, uint64_t bits)
{
    n->bits |= bits;
    if (n->waiter == NULL || n->bits == 0)
        return;
    struct context *c = take_waiter(n);
    c->frame.x[0] = BELAY_OK;
    c->frame.x[1] = n->bits;
    n->bits = 0;
    context_wake(c);
}

int notification_wait(struct notification *n, struct context *c, uint64_t deadline, uint64_t *bits)
{
    *bits = n->bits;
    n->bits = 0;
    if (*bits)
        return BELAY_OK;
    if (n->waiter)
        return BELAY_EBUSY;
    n->waiter = c;
    c->notification = n;
    if (deadline)
        sched_set_event(c, &n->timeout, deadline);
    context_block(c, CONTEXT_WAITING);
    return BELAY_OK;
}

void notification_abandon(struct context *c)
{
    assert(c->notification && c->notification->waiter == c);

    take_waiter(c->notification);
}
