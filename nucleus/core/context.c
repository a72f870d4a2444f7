/* SPDX-License-Identifier: Apache-2.0 */
#include "core/context.h"

#include "base/assert.h"
#include "base/section.h"
#include "core/cpu.h"
#include "core/domain.h"
#include "core/notification.h"
#include "core/portal.h"
#include "core/sched.h"

int context_init(struct context *c, const struct context_class *class, struct domain *d)
{
    if (d->context_count == CONTEXTS_MAX)
        return BELAY_ENOMEM;
    c->class = class;
    c->domain = d;
    c->index = (uint8_t)d->context_count++;
    c->trace_name = TRACE_NAME(c->index, d->space.vttbr >> 48);
    c->state = CONTEXT_DORMANT;
    list_init(&c->waiting);
    list_init(&c->siblings);
    list_append(&d->contexts, &c->siblings);
    return BELAY_OK;
}

void context_wake(struct context *c)
{
    assert(c->state == CONTEXT_WAITING || c->state == CONTEXT_DOWN || c->state == CONTEXT_DORMANT);

    trace(this_cpu(), WAKE, c, 0, 0);
    c->state = CONTEXT_READY;
    if (sched_may_run(c->sched))
        sched_ready(c->sched);
}

void context_block(struct context *c, enum context_state state)
{
    assert(c->state == CONTEXT_READY && state != CONTEXT_READY);

    c->state = state;
    sched_block(c->sched);
}

/* How late it ran after its last wait is counted here: where it came to run, that was late enough. */
void context_wait(struct context *c)
{
    struct sched *s = c->sched;
    assert(s->due == 0);

    if (s->late > 0) {
        s->wakes++;
        s->late_total += (uint64_t)s->late;
        s->late_worst = (uint64_t)s->late > s->late_worst ? (uint64_t)s->late : s->late_worst;
    }
    s->late = 0;
    context_block(c, CONTEXT_WAITING);
}

/* Out of line, where all that wait are woken by it. */
__attribute__((noinline)) void context_release(struct context *c)
{
    uint64_t t = now();

    if (c->sched->due - 1 >= t)         /* later, or 0 */
        c->sched->due = t;
    context_wake(c);
}

SELDOM void context_stop(struct context *c)
{
    portal_abandon(c);
    if (c->notification)
        notification_abandon(c);
    if (c->stopping) {
        c->stopping->stopper = NULL;
        c->stopping = NULL;
    }
    list_remove(&c->waiting);
    if (c->sched)
        sched_block(c->sched);
    c->state = CONTEXT_DORMANT;
    c->own_sched.due = 0;
    struct cpu *cpu = this_cpu();
    if (cpu->fp_owner == c)
        cpu->fp_owner = NULL;
    if (cpu->current == c)
        cpu->reschedule = true;
    if (c->class->stopped)
        c->class->stopped(c);
}

void context_unload(struct context *c)
{
    struct cpu *cpu = this_cpu();

    if (cpu->loaded == c)
        c->class->leave(c);
    if (cpu->fp_owner != c)
        return;
    sysreg_write(cptr_el2, CPTR_FP_OPEN);
    isb();
    fp_save(&c->fp);
    sysreg_write(cptr_el2, CPTR_FP_TRAP);
    cpu->fp_open = false;
    cpu->fp_owner = NULL;
}

void context_take_fp(struct context *c)
{
    struct cpu *cpu = this_cpu();
    assert(cpu->fp_owner != c);

    sysreg_write(cptr_el2, CPTR_FP_OPEN);
    isb();
    cpu->fp_open = true;
    if (cpu->fp_owner)
        fp_save(&cpu->fp_owner->fp);
    fp_restore(&c->fp);
    cpu->fp_owner = c;
}

uint32_t context_exits(const struct context *c)
{
    uint32_t exits = 0;

    for (unsigned i = 0; i < BELAY_EXIT_CAUSES; i++)    /* bound: the causes */
        exits += c->exits[i];
    return exits;
}

uint64_t context_ticks(const struct context *c)
{
    const struct sched *s = &c->own_sched;
    const struct cpu *cpu = cpus[s->cpu];
    uint64_t ticks = __atomic_load_n(&s->ticks, __ATOMIC_ACQUIRE);      /* first: else it might be too much */

    if (__atomic_load_n(&cpu->sched, __ATOMIC_ACQUIRE) != s)
        return ticks;
    uint64_t since = __atomic_load_n(&cpu->since, __ATOMIC_ACQUIRE), t = now();
    return since < t ? ticks + t - since : ticks;
}

const struct domain *context_spends_in(const struct context *c)
{
    const struct context *end = __atomic_load_n(&c->own_sched.running, __ATOMIC_ACQUIRE);

    return (end ? end : c)->domain;
}
