/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What runs, at each exit; and in turns the run queue, the firsts of the timer queue, the list registers, and of the
 * handles and mappings of the domain that ran one each. What is wrong there stays so.
 */
#include "entry/audit.h"

#include "arm64/stage2.h"
#include "base/assert.h"
#include "core/cpu.h"
#include "core/domain.h"
#include "core/mem.h"
#include "virt/vgic_state.h"

static unsigned ones(uint32_t bits)
{
    unsigned count = 0;

    for (; bits; bits &= bits - 1)
        count++;
    return count;
}

/* What is queued is what may run: at its level, once, and counted. */
static unsigned audit_level(const struct cpu *cpu, unsigned level)
{
    const struct list *head = &cpu->ready[level];
    unsigned count = 0;

    for (const struct list *l = head->next; l != head; l = l->next, count++) {     /* bound: contexts of this CPU */
        const struct sched *s = container_of(l, struct sched, ready);
        assert(l->next->prev == l && s->queued && s->level == level && s->cpu == cpu->index);
        assert(s->running->sched == s && s->running->state == CONTEXT_READY);
        assert(level == (s->depleted ? 0 : s->priority));
    }
    return count;
}

static void audit_ready(const struct cpu *cpu, unsigned turn)
{
    unsigned level = turn % PRIORITIES, count = 0;

    assert(list_empty(&cpu->ready[level]) == !(cpu->ready_bits[level / 64] >> level % 64 & 1));
    for (unsigned w = 0; w < PRIORITIES / 64; w++)
        for (uint64_t used = cpu->ready_bits[w]; used; used &= used - 1)
            count += audit_level(cpu, w * 64 + (unsigned)__builtin_ctzll(used));
    assert(count == cpu->ready_count);
}

/* Each priority's first event has no parent, and comes before its children. */
static void audit_timers(const struct cpu *cpu)
{
    for (unsigned w = 0; w < TIMERQ_WORDS; w++)
        for (uint64_t used = cpu->timers.used[w]; used; used &= used - 1) {
            unsigned priority = w * 64 + (unsigned)__builtin_ctzll(used);
            const struct event *e = cpu->timers.first[priority];
            assert(e && e->fire && e->rank && e->parent == NULL && e->priority == priority);
            assert(e->left == NULL || (e->left->parent == e && e->left->deadline >= e->deadline));
            assert(e->right == NULL || (e->right->parent == e && e->right->deadline >= e->deadline && e->left));
            assert(cpu->timers.earliest <= e->deadline);
        }
}

/* No interrupt is in two list registers, or in one and in the bitmaps too, and none is lost between them. */
static void audit_list_registers(struct vcpu *v)
{
    struct vm *vm = vcpu_vm(v);
    uint32_t slots = v->ich.used | v->ich.ended;
    unsigned held = 0;

    assert((v->ich.used & v->ich.ended) == 0 && slots >> ich_lrs() == 0);
    for (uint32_t left = slots; left; left &= left - 1) {
        unsigned n = (unsigned)__builtin_ctz(left);
        uint32_t intid = LR_GET_VINTID(v->ich.lr[n]);
        assert(vgic_word(vm, v, intid)->in_lr & intid_bit(intid));
        for (uint32_t others = left & (left - 1); others; others &= others - 1)
            assert(LR_GET_VINTID(v->ich.lr[__builtin_ctz(others)]) != intid);
    }
    for (unsigned index = 0; index < VGIC_WORDS; index++) {
        const struct vgic_word *w = vgic_word(vm, v, index * 32);
        assert(vm->spread || (w->in_lr & w->active) == 0);
        held += ones(w->in_lr & (index ? v->gic.owner[index] : UINT32_MAX));
    }
    assert(vm->spread || held == ones(slots));
}

/* A mapping is of memory that may be mapped, inside of it, and leads to just that. */
static void audit_mapping(struct domain *d, const struct mapping *m)
{
    unsigned attributes;
    pa_t to;

    assert(m->mem && m->mem->mappings && m->mem->pool_of == NULL && m->done <= m->size);
    assert(range_ok(m->offset, m->size, m->mem->size));
    uint64_t step = m->done > PAGE_SIZE ? m->done - PAGE_SIZE : PAGE_SIZE;
    for (uint64_t at = 0; at < m->done; at += step) {       /* the first and the last page */
        assert(stage2_translate(&d->space, ipa(m->ipa + at), &to, &attributes));
        assert(to.v == m->mem->base.v + m->offset + at);
    }
}

/* Of tables that only a call of the domain itself, or of its manager on another CPU, changes. */
static void audit_domain(struct domain *d, unsigned turn)
{
    const struct handle_table *t = &d->handles;
    const struct handle h = handle_at(t, turn % t->slots);

    assert(t->slots <= HANDLES_MAX && handle_type(h.tag) < OBJECT_MOVING);
    assert(!h.object == (handle_type(h.tag) == OBJECT_NONE));
    assert(handle_type(t->slot[0].tag) == OBJECT_NONE);
    if (cpus_running > 1 || d->mapping_count == 0)
        return;
    turn %= d->mapping_count;
    for (struct list *l = d->mappings.next; l != &d->mappings; l = l->next)     /* bound: MAPPINGS_MAX */
        if (turn-- == 0)
            audit_mapping(d, container_of(l, struct mapping, link));
}

void audit(const struct cpu *cpu, struct context *c)
{
    static unsigned turn;

    assert(cpu == this_cpu() && c == cpu->current && c->state == CONTEXT_READY && c->sched == cpu->sched);
    assert(cpu->sched->running == c && cpu->sched->queued);
    if (cpu->fp_open)
        assert(cpu->fp_owner == c);
    switch (turn++ % 8) {
    case 0: audit_ready(cpu, turn / 8); break;
    case 2: audit_timers(cpu); break;
    case 4: audit_domain(c->domain, turn / 8); break;
    case 6: case 7:
        if (cpu->loaded)
            audit_list_registers(context_vcpu(cpu->loaded));
    }
}
