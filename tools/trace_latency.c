/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From when a vCPU has something to do till it goes on: from the deadline of its
 * timer, or from when an interrupt was made pending for it. What is missing in
 * between may hold either end, so all that waits is forgotten there.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "error.h"
#include "trace.h"

#define NONE UINT64_MAX

struct waits {
    uint64_t since[256];            /* by context, and of the whole domain at BELAY_TRACE_DOMAIN; NONE: does not wait */
    uint64_t entered[256];          /* when it went on last */
};

struct worst {
    uint64_t begin, end;
    unsigned cpu;
    size_t record;                  /* of that CPU: the one that it ends with */
};

struct latency {
    const struct recording *c;
    unsigned domain;
    struct waits waits;
    uint64_t count, forgotten;
    double sum;
    struct worst worst;
};

static void forget(struct latency *l)
{
    for (int i = 0; i < 256; i++) {
        l->forgotten += l->waits.since[i] != NONE;
        l->waits.since[i] = NONE;
    }
}

/* A deadline that lies before the vCPU went on last was set when it was past: from now on it is late. */
static uint64_t due(const struct latency *l, const struct belay_trace_record *r)
{
    return r->a < r->ticks && r->a >= l->waits.entered[r->context] && r->a >= l->c->first ? r->a : r->ticks;
}

static void begins(struct latency *l, unsigned context, uint64_t at)
{
    if (l->waits.since[context] == NONE)
        l->waits.since[context] = at;
}

static void ends(struct latency *l, unsigned context, unsigned cpu, size_t n)
{
    uint64_t begin = l->waits.since[context], end = l->c->cpu[cpu].record[n].ticks;
    if (begin == NONE)
        return;
    l->waits.since[context] = NONE;
    l->count++;
    l->sum += (double)(end - begin);
    if (l->count == 1 || end - begin > l->worst.end - l->worst.begin)
        l->worst = (struct worst){ begin, end, cpu, n };
}

static void look(struct latency *l, const struct belay_trace_record *r, unsigned cpu, size_t n)
{
    if (recording_lost_before(&l->c->cpu[cpu], n))
        forget(l);
    if (r->domain != l->domain)
        return;
    if (r->kind == BELAY_TRACE_TIMER) {
        begins(l, r->context, due(l, r));
    } else if (r->kind == BELAY_TRACE_INJECT) {
        begins(l, r->context, r->ticks);
    } else if (r->kind == BELAY_TRACE_ENTRY) {
        ends(l, r->context, cpu, n);
        ends(l, BELAY_TRACE_DOMAIN, cpu, n);
        l->waits.entered[r->context] = r->ticks;
    } else if (r->kind == BELAY_TRACE_STOP) {
        forget(l);
    }
}

static void print_line(const struct recording *c, uint64_t begin, uint64_t ticks, const char *words, FILE *out)
{
    double ns = recording_seconds(c, ticks - begin) * 1e9;
    fprintf(out, "  %12" PRIu64 " %12.0f  %s\n", ticks - begin, ns, words);
}

/* What that CPU did from the beginning to the end, and who ran when it began. */
static void print_worst(const struct latency *l, FILE *out)
{
    const struct recording_cpu *p = &l->c->cpu[l->worst.cpu];
    size_t first = l->worst.record;
    while (first > 0 && p->record[first - 1].ticks >= l->worst.begin)
        first--;
    size_t ran = first;
    while (ran > 0 && p->record[ran].kind != BELAY_TRACE_SWITCH)
        ran--;
    fprintf(out, "  %12s %12s  CPU %u\n", "ticks", "ns", l->worst.cpu);
    if (ran < first && p->record[ran].kind == BELAY_TRACE_SWITCH) {
        struct trace_words w = trace_words(l->c, &p->record[ran]);
        print_line(l->c, l->worst.begin, l->worst.begin, w.text, out);
    }
    for (size_t n = first; n <= l->worst.record; n++)
        print_line(l->c, l->worst.begin, p->record[n].ticks, trace_words(l->c, &p->record[n]).text, out);
}

void trace_print_latency(const struct recording *c, unsigned domain, FILE *out)
{
    struct latency *l = allocate(sizeof *l);
    struct recording_place *place = allocate(sizeof *place);
    const struct belay_trace_record *r;
    unsigned cpu;
    struct recording_label label = recording_label(c, domain, BELAY_TRACE_DOMAIN);
    l->c = c;
    l->domain = domain;
    for (int i = 0; i < 256; i++)
        l->waits.since[i] = NONE;
    while ((r = recording_next(c, place, &cpu)))
        look(l, r, cpu, place->next[cpu] - 1);
    if (l->count == 0) {
        fprintf(out, "%s: no timer or interrupt of it is in the recording, or nothing of what came of it\n", label.text);
    } else {
        double worst = (double)(l->worst.end - l->worst.begin);
        fprintf(out, "%s had something to do %" PRIu64 " times; it went on after %.0f ns on average, at worst after %.0f ns, "
                "%.6f s from the beginning\n", label.text, l->count, l->sum / (double)l->count / (double)c->hz * 1e9,
                worst / (double)c->hz * 1e9, recording_seconds(c, l->worst.begin - c->first));
        print_worst(l, out);
    }
    if (l->forgotten)
        fprintf(out, "%" PRIu64 " more do not count: records are missing\n", l->forgotten);
    free(place);
    free(l);
}
