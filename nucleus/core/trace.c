/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trace.h"

#include "base/section.h"
#include "core/cpu.h"
#include "core/domain.h"
#include "core/irq.h"
#include "core/mem.h"
#include "gic/gic.h"

/* What comes out of the vectors' own doors. */
#define BIT(KIND) BELAY_TRACE_BIT(BELAY_TRACE_##KIND)
#define OF_EXITS  (BIT(EXIT) | BIT(INTERRUPT) | BIT(TIMER) | BIT(ENTRY) | BIT(HYPERCALL) | BIT(CALL) | BIT(REPLY))

/*
 * A reader takes what lies before `written`, but for the one place that is being written anew (belay/trace.h): the
 * barrier keeps this record's stores behind the last one's count, the release before its own.
 */
void trace_put(struct cpu *cpu, uint64_t what, uint64_t a, uint64_t b)
{
    struct trace *t = &cpu->trace;
    struct belay_trace_record *r = t->next;
    const struct belay_trace_record *end = t->end;
    struct belay_trace_ring *ring = t->ring;
    uint64_t n = t->written;

    dmb_ishst();
    r->ticks = now();
    r->what = what | n << 32;
    r->a = a;
    r->b = b;
    if (unlikely(++r == end))
        r = ring->record;
    t->next = r;
    t->written = n + 1;
    __atomic_store_n(&ring->written, n + 1, __ATOMIC_RELEASE);
}

void trace_interrupt(struct cpu *cpu)
{
    uint32_t intid = gic_highest_pending();

    if (cpu->sched)
        trace(cpu, INTERRUPT, cpu->sched->running, intid, 0);
    else
        trace_of_cpu(cpu, INTERRUPT, intid);
    if (intid == IRQ_VIRTUAL_TIMER && cpu->loaded)
        trace(cpu, TIMER, cpu->loaded, sysreg_read(cntv_cval_el0) + sysreg_read(cntvoff_el2), intid);
}

void trace_switch(struct cpu *cpu, const struct context *c, unsigned priority)
{
    if (c)
        trace_put(cpu, BELAY_TRACE_SWITCH | c->trace_name, priority, c->domain->trace_tag);
    else
        trace_put(cpu, BELAY_TRACE_SWITCH | TRACE_NO_DOMAIN, 0, 0);
}

static void begin(struct cpu *cpu)
{
    const struct sched *s = cpu->sched;

    cpu->trace.kinds = cpu->trace.wanted;
    cpu->exits = cpu->trace.wanted & OF_EXITS ? exits_traced : exits_plain;
    if (traced(cpu, SWITCH))
        trace_switch(cpu, s ? s->running : NULL, s ? s->level : 0);
}

static void end(struct cpu *cpu)
{
    cpu->trace.kinds = 0;
    cpu->exits = exits_plain;
    __atomic_store_n(&cpu->trace.state, TRACE_STOPPED, __ATOMIC_RELEASE);
}

static void hear(struct message *m)
{
    struct cpu *cpu = this_cpu();
    uint32_t state = __atomic_load_n(&cpu->trace.state, __ATOMIC_ACQUIRE);

    (void)m;
    if (state == TRACE_ON)
        begin(cpu);
    else if (state == TRACE_STOPPING)
        end(cpu);
}

BOOT_ONLY void trace_init_cpu(struct cpu *cpu)
{
    cpu->exits = exits_plain;
    cpu->trace.change.deliver = hear;
}

static bool change_state(struct trace *t, uint32_t from, uint32_t to)
{
    return __atomic_compare_exchange_n(&t->state, &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* The ring counts as a mapping of its extent, which is neither split nor made a pool. */
int trace_start(struct cpu *cpu, struct mem *m, uint32_t kinds)
{
    struct trace *t = &cpu->trace;
    assert(m->pool_of == NULL && m->size >= BELAY_TRACE_MIN_BYTES && kinds);

    if (!change_state(t, TRACE_OFF, TRACE_CLAIMED))
        return BELAY_EBUSY;
    struct belay_trace_ring *ring = pa_to_ptr(m->base);
    uint64_t capacity = (m->size - sizeof *ring) / sizeof ring->record[0];
    if (capacity > UINT32_MAX)
        capacity = UINT32_MAX;
    *ring = (struct belay_trace_ring){ .magic = BELAY_TRACE_MAGIC, .cpu = cpu->index, .capacity = (uint32_t)capacity,
                                       .hz = sysreg_read(cntfrq_el0) };
    m->mappings++;
    t->mem = m;
    t->ring = ring;
    t->next = ring->record;
    t->end = ring->record + capacity;
    t->written = 0;
    t->wanted = kinds;
    __atomic_store_n(&t->state, TRACE_ON, __ATOMIC_RELEASE);
    message_send(cpu->index, &t->change);
    return BELAY_OK;
}

int trace_stop(struct cpu *cpu)
{
    struct trace *t = &cpu->trace;

    if (change_state(t, TRACE_ON, TRACE_STOPPING))
        message_send(cpu->index, &t->change);
    if (!change_state(t, TRACE_STOPPED, TRACE_CLAIMED))
        return __atomic_load_n(&t->state, __ATOMIC_RELAXED) == TRACE_OFF ? BELAY_ESTATE : BELAY_EAGAIN;
    t->mem->mappings--;
    __atomic_store_n(&t->state, TRACE_OFF, __ATOMIC_RELEASE);
    return BELAY_OK;
}
