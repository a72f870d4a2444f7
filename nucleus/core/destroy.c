/* SPDX-License-Identifier: Apache-2.0 */
#include "core/destroy.h"

#include "arm64/tlb.h"
#include "base/assert.h"
#include "core/context.h"
#include "core/cpu.h"
#include "core/irq.h"
#include "core/mem.h"
#include "core/notification.h"
#include "core/portal.h"

#define ROUNDS                2
#define NOTIFICATIONS_AT_ONCE 32
#define FOREVER               1     /* VMID of the steward, which has extents in its pool, and so is never destroyed */

static bool goes_with(const struct domain *d, const void *object)
{
    return (uintptr_t)object - d->pool_mem->base.v < d->pool_mem->size;
}

static bool irq_goes_with(const struct domain *d, const struct irq *irq)
{
    return goes_with(d, irq->vm) || goes_with(d, irq->notification);
}

/* What another domain has of it. */
static void cut_off(const struct domain *d, struct domain *from)
{
    const struct handle_table *t = &from->handles;

    for (uint32_t i = 1; i < t->slots; i++) {               /* bound: HANDLES_MAX */
        const struct handle h = handle_at(t, i);
        if (handle_type(h.tag) == OBJECT_NONE || handle_type(h.tag) == OBJECT_LEAVING)
            continue;
        if (goes_with(d, h.object) || (handle_type(h.tag) == OBJECT_IRQ && irq_goes_with(d, h.object)))
            (void)handle_replace(&t->slot[i], h.tag, &(struct handle){ 0 });
    }
    if (goes_with(d, from->watcher))
        from->watcher = NULL;
    if (goes_with(d, from->debugger))
        from->debugger = NULL;
}

/* One more domain; true when all have been looked at, and no handle went from one to another meanwhile. */
static bool cut_off_all(struct domain *d)
{
    struct removal *r = &d->removal;

    if (r->next == 0) {
        r->grants = __atomic_load_n(&grants_done, __ATOMIC_SEQ_CST);
        if (r->grants != __atomic_load_n(&grants_begun, __ATOMIC_SEQ_CST))
            return false;
    }
    while (r->next < VMIDS) {                               /* bound: VMIDS */
        struct domain *other = __atomic_load_n(&domains[r->next++], __ATOMIC_ACQUIRE);
        if (other) {
            cut_off(d, other);
            return false;
        }
    }
    r->next = 0;
    return r->grants == __atomic_load_n(&grants_begun, __ATOMIC_SEQ_CST);
}

static void silence_irqs(const struct domain *d)
{
    for (unsigned i = 0; i < IRQS_MAX; i++)                 /* bound: IRQS_MAX */
        if (irq_goes_with(d, &irqs[i]))
            irq_silence(&irqs[i]);
}

static void free_irqs(const struct domain *d)
{
    for (unsigned i = 0; i < IRQS_MAX; i++)                 /* bound: IRQS_MAX */
        if (irq_goes_with(d, &irqs[i]))
            irq_free(&irqs[i]);
}

static bool close_notifications(struct domain *d)
{
    for (unsigned n = 0; n < NOTIFICATIONS_AT_ONCE && d->notifications; n++) {
        struct notification *first = d->notifications;
        d->notifications = first->next;
        notification_close(first);
    }
    return d->notifications == NULL;
}

/* What this CPU still has of it though it is stopped: what ran last, what held EL0 last, budgets that wait for a period. */
static void forget_here(struct domain *d, struct cpu *cpu)
{
    for (struct list *l = d->contexts.next; l != &d->contexts; l = l->next) {   /* bound: CONTEXTS_MAX */
        struct context *c = container_of(l, struct context, siblings);
        assert(!c->own_sched.queued && cpu->loaded != c);
        if (c->own_sched.cpu == cpu->index)
            timerq_cancel(&cpu->timers, &c->own_sched.replenish);
    }
    if (goes_with(d, cpu->el0_thread)) {
        if (cpu->loaded)
            cpu->loaded->class->leave(cpu->loaded);         /* its view of EL0 has left already */
        cpu->el0_thread = NULL;
    }
    if (goes_with(d, cpu->sched))
        cpu->sched = NULL;
    if (goes_with(d, cpu->current))
        cpu->current = NULL;
    if (goes_with(d, cpu->fp_owner))
        cpu->fp_owner = NULL;
    portal_wake_callers(d);                                 /* they call anew, and have no handle */
}

/* No walk of its tables begins on this CPU from here on, not even a speculative one. */
static void leave_space(const struct domain *d)
{
    if (sysreg_read(vttbr_el2) == d->space.vttbr)
        sysreg_write(vttbr_el2, domains[FOREVER]->space.vttbr);
}

/* Who waits is on this CPU; or nobody does, because it was stopped itself. */
static void come_home(struct domain *d)
{
    struct context *c = __atomic_load_n(&d->stopper, __ATOMIC_ACQUIRE);

    if (c && c->stopping == d) {
        c->stopping = NULL;
        d->stopper = NULL;
        context_wake(c);
    }
    d->removal.round++;
    __atomic_store_n(&d->removal.visits, 0, __ATOMIC_RELEASE);  /* from here on the domain may be gone */
}

/*
 * The message has come to this CPU. It goes round twice: a CPU delivers its
 * newest messages first, but none that came after these before all of these; so
 * by its second visit all that were sent before its first are delivered.
 */
static void visit(struct message *m)
{
    struct domain *d = container_of(m, struct domain, removal.message);
    struct removal *r = &d->removal;
    struct cpu *cpu = this_cpu();

    if (r->round == ROUNDS && r->visits <= cpus_running) {
        forget_here(d, cpu);
        leave_space(d);
    }
    if (r->visits == 1) {
        come_home(d);
        return;
    }
    r->visits--;
    message_send((cpu->index + 1u) % cpus_running, m);
}

static void go_round(struct domain *d)
{
    struct removal *r = &d->removal;

    r->home = this_cpu()->index;
    r->visits = (uint8_t)(2 * cpus_running);
    r->message.deliver = visit;
    message_send((r->home + 1u) % cpus_running, &r->message);
}

/* Nothing points into its pool any more. */
static struct mem *finish(struct domain *d)
{
    struct mem *pool = d->pool_mem;
    unsigned vmid = domain_vmid(d);

    for (const struct list *l = d->mappings.next; l != &d->mappings; l = l->next)   /* bound: MAPPINGS_MAX */
        mem_forget(container_of(l, struct mapping, link));
    for (uint32_t i = 1; i < d->handles.slots; i++)                                 /* bound: HANDLES_MAX */
        (void)handle_close(&d->handles.slot[i]);
    if (d->class && d->class->forget)
        d->class->forget(d);
    free_irqs(d);
    tlb_forget_space(d->space.vttbr);
    pool->pool_of = NULL;
    domain_free_vmid(vmid);
    return pool;
}

static bool in_use(const struct domain *d)
{
    return __atomic_load_n(&d->users, __ATOMIC_SEQ_CST) || d->has_mems;
}

int destroy_begin(struct domain *d, struct context *c)
{
    if (in_use(d) || d->removal.round)
        return BELAY_EBUSY;
    if (!domain_freeze(d, 1u << BELAY_STATE_STOPPED))
        return d->state == BELAY_STATE_STOPPED ? BELAY_EAGAIN : BELAY_ESTATE;
    if (!domain_claim(d, c)) {
        domain_thaw(d);
        return BELAY_EBUSY;
    }
    d->removal.round = 1;
    __atomic_store_n(&domains[domain_vmid(d)], NULL, __ATOMIC_RELEASE);
    __atomic_store_n(&d->stopper, NULL, __ATOMIC_RELEASE);
    return BELAY_OK;
}

/* A piece of what each round has; true when its message goes round. */
static bool do_piece(struct domain *d)
{
    struct removal *r = &d->removal;

    if (r->next == 0)
        silence_irqs(d);
    if (!cut_off_all(d) || (r->round == ROUNDS && !close_notifications(d)))
        return false;
    go_round(d);
    return true;
}

int destroy_go_on(struct domain *d, struct context *c, struct mem **pool)
{
    struct removal *r = &d->removal;

    if (in_use(d) || !domain_claim(d, c))
        return BELAY_EBUSY;
    bool goes_round = __atomic_load_n(&r->visits, __ATOMIC_ACQUIRE) != 0;
    if (!goes_round && r->round > ROUNDS) {
        *pool = finish(d);
        return BELAY_OK;
    }
    if (goes_round ? r->home == this_cpu()->index : do_piece(d)) {
        c->stopping = d;
        context_block(c, CONTEXT_WAITING);
    } else {
        __atomic_store_n(&d->stopper, NULL, __ATOMIC_RELEASE);
    }
    return BELAY_EAGAIN;
}
