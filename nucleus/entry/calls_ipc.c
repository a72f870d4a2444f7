/* SPDX-License-Identifier: Apache-2.0 */
/* Portals and notifications. */
#include "core/domain.h"
#include "core/portal.h"
#include "core/sched.h"
#include "core/thread.h"
#include "entry/hypercall.h"
#include "virt/vcpu.h"

/* hypercall_service knows a handler's; this is one of a thread that serves no call. */
int call_reply(struct context *c, uint64_t *x)
{
    (void)c, (void)x;
    return BELAY_EINVAL;
}

/* The PC goes back to the call, for the case that it has to be made again; the reply takes it past. */
int call_call(struct context *c, uint64_t *x)
{
    struct portal *p = object(c, x[0], OBJECT_PORTAL, BELAY_RIGHT_USE);
    if (p == NULL)
        return BELAY_EHANDLE;
    bool vcpu = context_is_vcpu(c);
    c->frame.pc -= 4;
    int result = portal_call(p, c, vcpu ? c->index : 0, x[1], x[2], x[3], x[4]);
    if (result != BELAY_OK) {
        c->frame.pc += 4;
        return result;
    }
    if (vcpu)
        context_vcpu(c)->pending = PENDING_HYPERCALL;
    return CALL_SWITCHED;
}

int call_wait(struct context *c, uint64_t *x)
{
    struct notification *n = object(c, x[0], OBJECT_NOTIFICATION, BELAY_RIGHT_MANAGE);
    if (n == NULL)
        return BELAY_EHANDLE;
    if (c->caller)
        return BELAY_EINVAL;
    uint64_t bits;
    int result = notification_wait(n, c, x[1], &bits);
    x[1] = bits;
    return result;
}

int call_notify(struct context *c, uint64_t *x)
{
    struct notification *n = object(c, x[0], OBJECT_NOTIFICATION, BELAY_RIGHT_USE);
    if (n == NULL)
        return BELAY_EHANDLE;
    notification_signal(n, x[1]);
    return BELAY_OK;
}

int call_yield(struct context *c, uint64_t *x)
{
    (void)x;
    sched_rotate(c->sched);
    return BELAY_OK;
}

int call_portal_create(struct context *c, uint64_t *x)
{
    struct domain *d = object(c, x[0], OBJECT_DOMAIN, BELAY_RIGHT_MANAGE);
    if (d == NULL || d->kind != BELAY_DOMAIN_SERVICE)
        return BELAY_EHANDLE;
    struct portal *p = pool_object(&d->pool, sizeof *p);
    if (p == NULL)
        return BELAY_ENOMEM;
    *p = (struct portal){ .service = d, .entry = x[1], .badge = x[2] };
    return new_handle(c, OBJECT_PORTAL, p, 0, &x[1]);
}

int call_portal_bind(struct context *c, uint64_t *x)
{
    struct portal *p = object(c, x[0], OBJECT_PORTAL, BELAY_RIGHT_MANAGE);
    struct context *handler = object(c, x[2], OBJECT_CONTEXT, BELAY_RIGHT_MANAGE);
    if (p == NULL || handler == NULL)
        return BELAY_EHANDLE;
    if (x[1] >= BELAY_VCPUS_MAX || handler->domain != p->service || handler->own_sched.priority)
        return BELAY_EINVAL;
    if (p->handler[x[1]])
        return BELAY_EBUSY;
    context_thread(handler)->serves = true;
    p->handler[x[1]] = handler;
    return BELAY_OK;
}

int call_notification_create(struct context *c, uint64_t *x)
{
    struct domain *d = object(c, x[0], OBJECT_DOMAIN, BELAY_RIGHT_MANAGE);
    if (d == NULL)
        return BELAY_EHANDLE;
    struct notification *n = notification_create(d);
    return n ? new_handle(c, OBJECT_NOTIFICATION, n, 0, &x[1]) : BELAY_ENOMEM;
}
