/* SPDX-License-Identifier: Apache-2.0 */
#include "tracing.h"

#include "belay/trace.h"
#include "lib/hypercall.h"
#include "manager.h"
#include "memory.h"
#include "supervise.h"
#include "voice.h"

/* A CPU's. Its memory stays when it is not traced any more. */
static struct tracing {
    struct extent memory;           /* bytes 0: none yet */
    uint32_t kinds;                 /* that are traced; 0: none, or it ends */
    bool ends;                      /* the CPU was told so, and has not answered */
} tracing[MANAGER_TRACES];

static int start(unsigned cpu, uint32_t kinds)
{
    struct tracing *t = &tracing[cpu];

    if (t->memory.bytes == 0) {
        struct extent e;
        if (!memory_take(MANAGER_TRACE_BYTES, BELAY_PAGE_SIZE, &e))
            return BELAY_ENOMEM;
        int error = manager_map_trace(cpu, &e);
        if (error)
            return error;
        t->memory = e;
    }
    return hc_trace_start(BELAY_H_MACHINE, cpu, t->memory.handle, kinds);
}

static void look(unsigned cpu, struct manager_trace *m)
{
    struct tracing *t = &tracing[cpu];
    uint32_t wanted = atomic_load_explicit(&m->wanted, memory_order_acquire);

    if (!t->ends && wanted == t->kinds && m->got == t->kinds)
        return;
    if (wanted && m->got == MANAGER_TRACE_FAILED)
        return;
    if (t->kinds && wanted != t->kinds) {
        atomic_store_explicit(&m->got, 0, memory_order_release);
        t->kinds = 0;
        t->ends = true;
    }
    if (t->ends && hc_trace_stop(BELAY_H_MACHINE, cpu) == BELAY_EAGAIN)
        return;
    t->ends = false;
    if (wanted && t->kinds == 0) {
        int error = start(cpu, wanted);
        if (error)
            say("belay: CPU %u can't be traced: %s: error %d", cpu,
                error == BELAY_ENOMEM ? "no memory is left" : "the nucleus does not", error);
        t->kinds = error ? 0 : wanted;
    }
    atomic_store_explicit(&m->got, wanted && t->kinds == 0 ? MANAGER_TRACE_FAILED : t->kinds, memory_order_release);
}

void tracing_look(void)
{
    struct manager_trace *traces = manager_traces();
    uint32_t cpus = supervise_machine()->info->cpus;

    for (unsigned cpu = 0; traces && cpu < cpus && cpu < MANAGER_TRACES; cpu++)
        look(cpu, &traces[cpu]);
}
