/* SPDX-License-Identifier: Apache-2.0 */
#include "error.h"
#include "trace.h"

struct run *trace_runs(const struct recording *c, unsigned cpu, size_t *count)
{
    const struct recording_cpu *p = &c->cpu[cpu];
    struct run *runs = allocate(p->count * sizeof *runs);
    struct run *open = NULL;
    *count = 0;
    for (size_t n = 0; n < p->count; n++) {
        const struct belay_trace_record *r = &p->record[n];
        if (open && recording_lost_before(p, n)) {
            open->end = p->record[n - 1].ticks;
            open = NULL;
        }
        if (r->kind != BELAY_TRACE_SWITCH)
            continue;
        if (open)
            open->end = r->ticks;
        open = &runs[(*count)++];
        *open = (struct run){ .begin = r->ticks, .domain = r->domain, .context = r->context, .priority = (uint8_t)r->a };
    }
    if (open)
        open->end = c->last;
    return runs;
}
