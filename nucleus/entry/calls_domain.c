/* SPDX-License-Identifier: Apache-2.0 */
/* Domains and what runs in them. */
#include "base/string.h"
#include "core/destroy.h"
#include "core/domain.h"
#include "core/mem.h"
#include "core/sched.h"
#include "core/thread.h"
#include "entry/hypercall.h"
#include "virt/vcpu.h"

static struct domain *managed(const struct context *c, uint64_t handle)
{
    return object(c, handle, OBJECT_DOMAIN, BELAY_RIGHT_MANAGE);
}

static struct context *managed_context(const struct context *c, uint64_t handle)
{
    return object(c, handle, OBJECT_CONTEXT, BELAY_RIGHT_MANAGE);
}

int call_domain_create(struct context *c, uint64_t *x)
{
    struct handle_table *t = &c->domain->handles;
    const struct handle h = handle_find(t, x[0], OBJECT_MEM, BELAY_RIGHT_MANAGE | BELAY_RIGHT_WRITE);
    struct mem *pool = h.object;
    if (pool == NULL)
        return BELAY_EHANDLE;
    bool clock_stands = x[1] == (BELAY_DOMAIN_VM | BELAY_DOMAIN_CLOCK_STANDS);
    if ((x[1] > BELAY_DOMAIN_VM && !clock_stands) || x[2] < 2 || x[2] > HANDLES_MAX || pool->kind != BELAY_MEM_RAM)
        return BELAY_EINVAL;
    if (pool->mappings || pool->pool_of)
        return BELAY_EBUSY;
    int64_t place = handle_add(t, 1, OBJECT_LEAVING, pool, 0, 0);      /* a place */
    if (place < 0)
        return BELAY_ENOMEM;
    struct domain *d = x[1] != BELAY_DOMAIN_SERVICE
        ? (struct domain *)vm_create(pool, clock_stands, (uint32_t)x[2], x[3])
        : domain_create(pool, sizeof *d, BELAY_DOMAIN_SERVICE, (uint32_t)x[2], x[3]);
    if (d == NULL) {
        (void)handle_close(&t->slot[place]);
        return BELAY_ENOMEM;
    }
    d->pool_rights = (uint8_t)handle_rights(h.tag);
    x[2] = domain_vmid(d);
    const struct handle new = handle_of(OBJECT_DOMAIN, d, BELAY_RIGHT_ALL, 0);
    if (!handle_replace(&t->slot[place], handle_find(t, (uint64_t)place, OBJECT_LEAVING, 0).tag, &new))
        return new_handle(c, OBJECT_DOMAIN, d, 0, &x[1]);   /* another CPU has closed the place */
    x[1] = (uint64_t)place;
    return BELAY_OK;
}

/* The handle becomes one that only DOMAIN_DESTROY knows, unless another CPU has closed it meanwhile. */
static int begin_to_destroy(struct context *c, uint64_t handle, const struct handle *h)
{
    const struct handle leaving = handle_of(OBJECT_LEAVING, h->object, BELAY_RIGHT_MANAGE, 0);
    int result = destroy_begin(h->object, c);

    if (result == BELAY_OK)
        (void)handle_replace(&c->domain->handles.slot[handle], h->tag, &leaving);
    return result;
}

/* In the end the handle is the pool's. */
static int go_on_to_destroy(struct context *c, uint64_t handle, const struct handle *h)
{
    struct domain *d = h->object;
    const uint8_t rights = d->pool_rights;
    struct mem *pool;
    int result = destroy_go_on(d, c, &pool);

    if (result == BELAY_OK) {
        const struct handle whole = handle_of(OBJECT_MEM, pool, rights, 0);
        (void)handle_replace(&c->domain->handles.slot[handle], h->tag, &whole);
    }
    return result;
}

int call_domain_destroy(struct context *c, uint64_t *x)
{
    struct handle h = handle_find(&c->domain->handles, x[0], OBJECT_DOMAIN, BELAY_RIGHT_MANAGE);
    if (h.object == c->domain || c->caller)     /* a handler can't wait */
        return BELAY_EINVAL;
    int result = h.object ? begin_to_destroy(c, x[0], &h) : BELAY_OK;
    if (result != BELAY_OK)
        return result;
    h = handle_find(&c->domain->handles, x[0], OBJECT_LEAVING, BELAY_RIGHT_MANAGE);
    if (h.object == NULL)
        return BELAY_EHANDLE;
    result = go_on_to_destroy(c, x[0], &h);
    if (result == BELAY_OK)
        x[1] = x[0];
    return result;
}

int call_domain_watch(struct context *c, uint64_t *x)
{
    struct domain *d = managed(c, x[0]);
    struct notification *n = object(c, x[1], OBJECT_NOTIFICATION, BELAY_RIGHT_USE);
    if (d == NULL || n == NULL)
        return BELAY_EHANDLE;
    d->watcher = n;
    d->watcher_bits = x[2];
    return BELAY_OK;
}

int call_domain_start(struct context *c, uint64_t *x)
{
    struct domain *d = managed(c, x[0]);

    return d ? domain_start(d) : BELAY_EHANDLE;
}

int call_domain_stop(struct context *c, uint64_t *x)
{
    struct domain *d = managed(c, x[0]);
    if (d == NULL)
        return BELAY_EHANDLE;
    if (d == c->domain)
        return BELAY_EINVAL;
    if (c->caller)                          /* a handler can't wait */
        return BELAY_EINVAL;
    int result = domain_stop(d, c);
    return result == BELAY_EAGAIN ? CALL_SWITCHED : result;
}

int call_domain_status(struct context *c, uint64_t *x)
{
    const struct domain *d = managed(c, x[0]);
    if (d == NULL)
        return BELAY_EHANDLE;
    bool up = d->state == BELAY_STATE_RUNNING || d->state == BELAY_STATE_PAUSED;
    x[1] = d->state;
    x[2] = up ? d->holds | (d->debugger ? BELAY_DEBUGGED : 0) : (uint32_t)d->reason;
    x[3] = d->culprit ? d->culprit->index : 0;
    x[4] = d->culprit ? d->culprit->frame.pc : 0;
    x[5] = d->esr;
    x[6] = d->far;
    return BELAY_OK;
}

int call_vcpu_create(struct context *c, uint64_t *x)
{
    struct domain *d = managed(c, x[0]);
    if (d == NULL || d->kind != BELAY_DOMAIN_VM)
        return BELAY_EHANDLE;
    if (d->state != BELAY_STATE_STOPPED)
        return BELAY_ESTATE;
    if (x[1] & ~(uint64_t)BELAY_VCPU_AARCH32 || (x[1] && !el1_has_aarch32()))
        return BELAY_EINVAL;
    struct vcpu *v = vcpu_create((struct vm *)d, x[1]);
    return v ? new_handle(c, OBJECT_CONTEXT, &v->context, 0, &x[1]) : BELAY_ENOMEM;
}

int call_thread_create(struct context *c, uint64_t *x)
{
    struct domain *d = managed(c, x[0]);
    if (d == NULL || d->kind != BELAY_DOMAIN_SERVICE)
        return BELAY_EHANDLE;
    if (x[1] & 15)
        return BELAY_EINVAL;
    struct thread *t = thread_create(d, x[1]);
    return t ? new_handle(c, OBJECT_CONTEXT, &t->context, 0, &x[1]) : BELAY_ENOMEM;
}

static bool is_stopped(const struct domain *d)
{
    return d->state == BELAY_STATE_STOPPED && __atomic_load_n(&d->changing, __ATOMIC_ACQUIRE) == 0;
}

static int vcpu_sched(struct vcpu *v, unsigned cpu, unsigned priority, bool idle_time, uint64_t budget, uint64_t period)
{
    bool moves = v->context.own_sched.priority == 0 || v->context.own_sched.cpu != cpu;

    if (moves && !is_stopped(v->context.domain))
        return BELAY_ESTATE;
    int error = sched_set(&v->context, cpu, priority, idle_time, budget, period);
    if (error == BELAY_OK && moves)
        vm_place(vcpu_vm(v));
    return error;
}

int call_sched(struct context *c, uint64_t *x)
{
    struct context *of = managed_context(c, x[0]);
    if (of == NULL)
        return BELAY_EHANDLE;
    if (x[1] >> 24)
        return BELAY_EINVAL;
    unsigned flags = x[1] >> 16 & 0xff;
    if (flags & ~BELAY_SCHED_IDLE_TIME)
        return BELAY_EINVAL;
    unsigned cpu = x[1] & 0xff, priority = x[1] >> 8 & 0xff;
    bool idle_time = flags & BELAY_SCHED_IDLE_TIME;
    if (context_is_vcpu(of))
        return vcpu_sched(context_vcpu(of), cpu, priority, idle_time, x[2], x[3]);
    if (context_thread(of)->serves)
        return BELAY_EINVAL;
    return sched_set(of, cpu, priority, idle_time, x[2], x[3]);
}

int call_start(struct context *c, uint64_t *x)
{
    struct context *of = managed_context(c, x[0]);
    if (of == NULL)
        return BELAY_EHANDLE;
    bool vcpu = context_is_vcpu(of);
    bool elsewhere = of->own_sched.cpu != c->sched->cpu || (vcpu && vcpu_vm(context_vcpu(of))->spread);
    if (of->state != CONTEXT_DORMANT || of->own_sched.priority == 0 || of->caller ||
        (elsewhere && !is_stopped(of->domain)))
        return BELAY_ESTATE;
    if (vcpu) {
        vcpu_start(context_vcpu(of), &(struct vcpu_entry){ x[1], x[2], false });
        of->frame.x[1] = x[3];
        of->frame.x[2] = x[4];
    } else {
        thread_begin(context_thread(of), x[1], x[2], x[3]);
        context_wake(of);
    }
    return BELAY_OK;
}

int call_stats(struct context *c, uint64_t *x)
{
    const struct context *of = managed_context(c, x[0]);
    if (of == NULL)
        return BELAY_EHANDLE;
    x[1] = of->own_sched.ticks;
    x[2] = context_exits(of);
    x[3] = of->own_sched.exhausted;
    x[4] = of->interrupts;
    x[5] = of->own_sched.switches;
    return BELAY_OK;
}

int call_exits(struct context *c, uint64_t *x)
{
    const struct context *of = managed_context(c, x[0]);
    if (of == NULL)
        return BELAY_EHANDLE;
    if (x[1] > BELAY_EXIT_CAUSES - 8)
        return BELAY_EINVAL;
    const uint32_t *exits = &of->exits[x[1]];
    for (unsigned i = 0; i < 4; i++)                    /* bound: four words */
        x[1 + i] = exits[2 * i] | (uint64_t)exits[2 * i + 1] << 32;
    return BELAY_OK;
}

int call_lateness(struct context *c, uint64_t *x)
{
    const struct context *of = managed_context(c, x[0]);
    if (of == NULL)
        return BELAY_EHANDLE;
    const struct sched *s = &of->own_sched;
    x[1] = s->wakes;
    x[2] = s->late_total;
    x[3] = s->late_worst;
    x[4] = (uint64_t)s->late;
    x[5] = s->due && sched_may_run(s) ? s->due : 0;
    return BELAY_OK;
}

_Static_assert((int)CONTEXT_DORMANT == BELAY_ACTIVITY_DORMANT && (int)CONTEXT_DOWN == BELAY_ACTIVITY_DOWN, "numbered alike");

int call_activity(struct context *c, uint64_t *x)
{
    const struct context *of = managed_context(c, x[0]);
    if (of == NULL)
        return BELAY_EHANDLE;
    x[1] = __atomic_load_n(&of->state, __ATOMIC_RELAXED);
    x[2] = context_ticks(of);
    x[3] = context_exits(of);
    memcpy(&x[4], context_spends_in(of)->tag, sizeof x[4]);
    return BELAY_OK;
}
