/* SPDX-License-Identifier: Apache-2.0 */
#include "core/portal.h"

#include "base/assert.h"
#include "core/cpu.h"
#include "core/domain.h"
#include "core/sched.h"
#include "core/thread.h"

#define DEPTH_MAX 4     /* calls in one chain: the bound of unwinding */

/* The caller has to wait until the service runs again; it will make its call anew. */
static void wait_for_service(struct context *caller, struct domain *service)
{
    caller->state = CONTEXT_DOWN;
    list_append(&service->callers[this_cpu()->index], &caller->waiting);
    sched_block(caller->sched);
}

int portal_call(struct portal *p, struct context *caller, unsigned client,
                uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
    struct context *handler = client < BELAY_VCPUS_MAX ? p->handler[client] : NULL;
    struct sched *s = caller->sched;

    assert(caller->state == CONTEXT_READY && s->running == caller);
    if (handler == NULL || s->depth == DEPTH_MAX)
        return BELAY_EINVAL;
    if (unlikely(__atomic_load_n(&p->service->state, __ATOMIC_RELAXED) != BELAY_STATE_RUNNING)) {
        wait_for_service(caller, p->service);
        return BELAY_OK;
    }
    if (handler->state != CONTEXT_DORMANT)
        return BELAY_EBUSY;

    caller->state = CONTEXT_CALLING;
    handler->caller = caller;
    handler->state = CONTEXT_READY;
    handler->sched = s;
    s->running = handler;
    s->depth++;
    uint64_t *x = handler->frame.x;
    x[0] = p->badge;
    x[1] = w0;
    x[2] = w1;
    x[3] = w2;
    x[4] = w3;
    x[5] = client;
    thread_enter_at(context_thread(handler), p->entry);
    switch_to(this_cpu(), handler);
    return BELAY_OK;
}

/* The handler's call ends: it is free for the next, and its caller is the end of the chain. */
static struct context *release(struct context *handler)
{
    struct context *caller = handler->caller;
    struct sched *s = handler->sched;

    assert(s->running == handler && caller->state == CONTEXT_CALLING && s->depth > 0);
    s->running = caller;
    s->depth--;
    handler->caller = NULL;
    handler->sched = NULL;
    handler->state = CONTEXT_DORMANT;
    return caller;
}

void portal_reply(struct context *handler)
{
    struct context *caller = release(handler);

    context_thread(handler)->stale = true;  /* its stack is empty again */
    caller->state = CONTEXT_READY;
    caller->class->reply(caller, handler->frame.x);
    if (caller->state == CONTEXT_READY && !this_cpu()->reschedule)      /* a reply can lead to the next call */
        switch_to(this_cpu(), caller);
}

void portal_abandon(struct context *c)
{
    struct sched *s = c->sched;

    if (s == NULL)
        return;
    while (s->running != c) {               /* bound: DEPTH_MAX */
        list_remove(&s->running->waiting);  /* where it waits for a service itself */
        release(s->running);
    }
    if (c->caller) {
        list_remove(&c->waiting);
        struct context *caller = release(c);
        caller->state = CONTEXT_READY;
        wait_for_service(caller, c->domain);
    }
}

void portal_wake_callers(struct domain *service)
{
    const struct list *callers = &service->callers[this_cpu()->index];

    while (!list_empty(callers)) {      /* bound: those that the service has handlers for, CONTEXTS_MAX */
        struct context *c = container_of(callers->next, struct context, waiting);
        list_remove(&c->waiting);
        context_wake(c);
    }
}
