/* SPDX-License-Identifier: Apache-2.0 */
#include "core/domain.h"

#include "base/assert.h"
#include "core/context.h"
#include "core/cpu.h"
#include "core/machine.h"
#include "core/mem.h"
#include "core/portal.h"
#include "core/sched.h"
#include "core/trace.h"

/* VMIDs are 8 bits wide on every CPU (Arm ARM, D8.9.2); 0 stays the boot's. */
#define VMIDS 256
static uint16_t last_vmid;

static void name(struct domain *d, uint64_t tag)
{
    for (unsigned i = 0; i < sizeof d->tag - 1; i++, tag >>= 8) {
        char c = (char)(tag & 0xff);
        d->tag[i] = c == 0 || (c >= ' ' && c <= '~') ? c : '?';
    }
}

struct domain *domain_create(struct mem *pool, size_t bytes, enum belay_domain kind, uint32_t handles, uint64_t tag)
{
    assert(bytes >= sizeof(struct domain) && pool->pool_of == NULL && pool->mappings == 0);

    if (last_vmid == VMIDS - 1)
        return NULL;
    struct pool p;
    pool_init(&p, pa_to_ptr(pool->base), pool->size);
    struct domain *d = pool_object(&p, bytes);
    struct handle *slots = pool_object(&p, handles * sizeof *slots);
    if (d == NULL || slots == NULL)
        return NULL;
    d->pool = p;
    if (!stage2_init(&d->space, &d->pool, last_vmid + 1))
        return NULL;
    last_vmid++;
    d->kind = kind;
    d->handles = (struct handle_table){ slots, handles };
    list_init(&d->contexts);
    list_init(&d->mappings);
    list_init(&d->spare_mappings);
    list_init(&d->callers);
    name(d, tag);
    d->pool_mem = pool;
    pool->pool_of = d;
    return d;
}

int domain_start(struct domain *d)
{
    if (d->state != BELAY_STATE_STOPPED)
        return BELAY_ESTATE;
    d->state = BELAY_STATE_RUNNING;
    d->reason = BELAY_REASON_NONE;
    d->culprit = NULL;
    trace(TRACE_START, d, 0, 0);
    for (struct list *l = d->contexts.next; l != &d->contexts; l = l->next) {   /* bound: CONTEXTS_MAX */
        struct context *c = container_of(l, struct context, siblings);
        if (c->state == CONTEXT_READY)
            sched_ready(c->sched);
    }
    portal_wake_callers(d);
    return BELAY_OK;
}

static void stop_contexts(struct domain *d)
{
    for (struct list *l = d->contexts.next; l != &d->contexts; l = l->next)     /* bound: CONTEXTS_MAX */
        context_stop(container_of(l, struct context, siblings));
}

void domain_stop(struct domain *d)
{
    d->state = BELAY_STATE_STOPPED;
    stop_contexts(d);
    if (d->class && d->class->reset)
        d->class->reset(d);
    trace(TRACE_STOP, d, 0, 0);
}

/* Nobody watches it, as is so for the steward: the nucleus says it. */
static void say_end(const struct domain *d)
{
    machine_puts("\nbelay: domain ");
    machine_puts(d->tag);
    machine_puts(" ended: PC ");
    machine_hex(d->culprit->frame.pc);
    machine_puts(" ESR ");
    machine_hex(d->esr);
    machine_puts(" FAR ");
    machine_hex(d->far);
    machine_puts("; it is not restarted\n");
}

void domain_end(struct domain *d, struct context *culprit, enum belay_reason reason, uint64_t esr, uint64_t far)
{
    assert(d->state == BELAY_STATE_RUNNING);

    d->state = BELAY_STATE_ENDED;
    d->reason = reason;
    d->culprit = culprit;
    d->esr = esr;
    d->far = far;
    stop_contexts(d);
    trace(TRACE_END, d, culprit->index, reason);
    if (d->watcher)
        notification_signal(d->watcher, d->watcher_bits);
    else
        say_end(d);
}
