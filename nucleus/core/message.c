/* SPDX-License-Identifier: Apache-2.0 */
#include "core/message.h"

#include "base/assert.h"
#include "core/cpu.h"
#include "core/irq.h"
#include "gic/gic.h"

/* Bound: as often as another CPU sends between the load and the exchange. */
static void push(struct cpu *to, struct message *m)
{
    struct message *first = __atomic_load_n(&to->inbox, __ATOMIC_RELAXED);

    do {
        m->next = first;
    } while (!__atomic_compare_exchange_n(&to->inbox, &first, m, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
}

void message_send(unsigned cpu, struct message *m)
{
    assert(cpu < cpus_running && m->deliver);

    if (__atomic_exchange_n(&m->queued, true, __ATOMIC_ACQ_REL))
        return;
    trace_of_cpu(this_cpu(), SEND, cpu);
    push(cpus[cpu], m);
    gic_send_sgi(cpu, IRQ_MESSAGE);
}

static inline void deliver(struct message *m)
{
    (void)__atomic_exchange_n(&m->queued, false, __ATOMIC_ACQ_REL);     /* from here on it may be sent again */
    m->deliver(m);
}

static __attribute__((noinline)) void deliver_unread(struct cpu *cpu)
{
    struct message *m = cpu->unread;

    for (unsigned n = 0; m && n < MESSAGES_AT_ONCE; n++) {
        struct message *next = m->next;
        deliver(m);
        m = next;
    }
    cpu->unread = m;
    if (m || __atomic_load_n(&cpu->inbox, __ATOMIC_RELAXED))    /* whose interrupt may have been this one */
        gic_send_sgi(cpu->index, IRQ_MESSAGE);
}

void message_interrupt(struct cpu *cpu)
{
    trace_of_cpu(cpu, MESSAGES, 0);
    if (unlikely(cpu->unread)) {
        deliver_unread(cpu);
        return;
    }
    struct message *m = __atomic_exchange_n(&cpu->inbox, NULL, __ATOMIC_ACQUIRE);
    if (likely(m && m->next == NULL)) {
        deliver(m);
    } else {
        cpu->unread = m;
        deliver_unread(cpu);
    }
}
