/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>

#include "error.h"
#include "trace.h"

struct share {
    uint16_t domain;
    uint8_t context, priority;
    uint64_t ticks, runs;
};

static int by_context(const void *a, const void *b)
{
    const struct run *one = a, *two = b;
    if (one->domain != two->domain)
        return one->domain - two->domain;
    return one->context - two->context;
}

static int by_ticks(const void *a, const void *b)
{
    const struct share *one = a, *two = b;
    return one->ticks == two->ticks ? 0 : one->ticks < two->ticks ? 1 : -1;
}

/* To free. */
static struct share *add_up(struct run *runs, size_t runs_count, size_t *count)
{
    struct share *shares = allocate(runs_count * sizeof *shares);
    qsort(runs, runs_count, sizeof runs[0], by_context);
    *count = 0;
    for (size_t n = 0; n < runs_count; n++) {
        if (n == 0 || by_context(&runs[n], &runs[n - 1]) != 0)
            shares[(*count)++] = (struct share){ .domain = runs[n].domain, .context = runs[n].context };
        struct share *s = &shares[*count - 1];
        s->ticks += runs[n].end - runs[n].begin;
        s->runs++;
        s->priority = runs[n].priority > s->priority ? runs[n].priority : s->priority;
    }
    qsort(shares, *count, sizeof shares[0], by_ticks);
    return shares;
}

static void print_share(const struct recording *c, const struct share *s, FILE *out)
{
    double percent = c->last > c->first ? 100.0 * (double)s->ticks / (double)(c->last - c->first) : 0;
    char priority[8] = "-";
    if (s->domain)
        snprintf(priority, sizeof priority, "%u", s->priority);
    fprintf(out, "  %-20s %8s %14.6f ms %8.3f %% %9" PRIu64 "\n", recording_label(c, s->domain, s->context).text, priority,
            recording_seconds(c, s->ticks) * 1e3, percent, s->runs);
}

static void print_cpu(const struct recording *c, unsigned cpu, FILE *out)
{
    const struct recording_cpu *p = &c->cpu[cpu];
    size_t runs_count, count;
    struct run *runs = trace_runs(c, cpu, &runs_count);
    struct share *shares = add_up(runs, runs_count, &count);
    fprintf(out, "CPU %u: %zu records, %" PRIu64 " lost\n", cpu, p->count, p->lost);
    if (count)
        fprintf(out, "  %-20s %8s %17s %10s %9s\n", "", "priority", "ran", "", "times");
    for (size_t n = 0; n < count; n++)
        print_share(c, &shares[n], out);
    free(shares);
    free(runs);
}

void trace_print_summary(const struct recording *c, FILE *out)
{
    fprintf(out, "%.6f s of %u CPU%s\n", recording_seconds(c, c->last - c->first), c->cpus, c->cpus == 1 ? "" : "s");
    for (unsigned cpu = 0; cpu < c->cpus; cpu++)
        print_cpu(c, cpu, out);
    if (c->cut_short)
        fprintf(out, "the end of the recording is missing\n");
}
