/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trace event format (Google's "Trace Event Format" document): a track has a
 * process and a thread. Process 1 is the CPUs, each a thread; each domain is a process, its contexts its threads.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "error.h"
#include "trace.h"

enum { PROCESS_CPUS = 1, PROCESS_DOMAINS = 1000 };

struct track { int process, thread; };

struct writer {
    const struct recording *c;
    const struct trace_view *view;
    FILE *out;
    bool any;                                   /* an event is written */
    uint8_t (*named)[32];                       /* by domain and context, a bit each */
};

/* What has begun on a CPU, while one goes through its records, and has not ended; or NULL. */
struct open {
    const struct belay_trace_record *exit, *call;
};

static void put(struct writer *w, json_t *event)
{
    if (!event)
        die("out of memory");
    fputs(w->any ? ",\n" : "\n", w->out);
    json_dumpf(event, w->out, JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_decref(event);
    w->any = true;
}

static double microseconds(const struct writer *w, uint64_t ticks)
{
    return recording_seconds(w->c, ticks) * 1e6;
}

static void put_name(struct writer *w, const char *of, struct track t, const char *name)
{
    put(w, json_pack("{ss ss si si s{ss}}", "ph", "M", "name", of, "pid", t.process, "tid", t.thread, "args", "name", name));
}

static struct track cpu_track(unsigned cpu)
{
    return (struct track){ PROCESS_CPUS, (int)cpu };
}

static bool is_shown(const struct writer *w, unsigned domain)
{
    return domain && (!w->view->some || w->view->shown[domain]);
}

/* The track of a context, which is given its name when it is first asked for. */
static struct track context_track(struct writer *w, unsigned domain, unsigned context)
{
    struct track t = { PROCESS_DOMAINS + (int)domain, (int)context };
    uint8_t *named = &w->named[domain][context / 8], bit = (uint8_t)(1 << context % 8);
    if (!(*named & bit)) {
        *named |= bit;
        put_name(w, "process_name", t, recording_label(w->c, domain, BELAY_TRACE_DOMAIN).text);
        put_name(w, "thread_name", t, recording_label(w->c, domain, context).text);
    }
    return t;
}

/* A slice, as far as it is in view. */
static void put_slice(struct writer *w, struct track t, const char *kind, const char *name, uint64_t begin, uint64_t end)
{
    begin = begin > w->view->begin ? begin : w->view->begin;
    end = end < w->view->end ? end : w->view->end;
    if (begin > end)
        return;
    put(w, json_pack("{ss ss ss sf sf si si}", "ph", "X", "cat", kind, "name", name,
                     "ts", microseconds(w, begin - w->c->first), "dur", microseconds(w, end - begin),
                     "pid", t.process, "tid", t.thread));
}

static void put_instant(struct writer *w, struct track t, const char *kind, const char *name, uint64_t at)
{
    if (at >= w->view->begin && at <= w->view->end)
        put(w, json_pack("{ss ss ss ss sf si si}", "ph", "i", "s", "t", "cat", kind, "name", name,
                         "ts", microseconds(w, at - w->c->first), "pid", t.process, "tid", t.thread));
}

static void put_runs(struct writer *w, unsigned cpu)
{
    size_t count;
    struct run *runs = trace_runs(w->c, cpu, &count);
    char on[16];
    snprintf(on, sizeof on, "CPU %u", cpu);
    put_name(w, "thread_name", cpu_track(cpu), on);
    for (size_t n = 0; n < count; n++) {
        const struct run *r = &runs[n];
        if (r->domain == 0)
            continue;
        put_slice(w, cpu_track(cpu), "run", recording_label(w->c, r->domain, r->context).text, r->begin, r->end);
        if (is_shown(w, r->domain))
            put_slice(w, context_track(w, r->domain, r->context), "run", on, r->begin, r->end);
    }
    free(runs);
}

/* What lasts from one record to another. A switch ends a stay in the nucleus here: slices on one track lie in each other. */
static void follow(struct writer *w, unsigned cpu, const struct belay_trace_record *r, struct open *o)
{
    char name[48];
    bool leaves = r->kind == BELAY_TRACE_ENTRY || r->kind == BELAY_TRACE_SWITCH;
    if (o->exit && leaves) {
        if (o->exit->kind == BELAY_TRACE_EXIT)
            snprintf(name, sizeof name, "%s", trace_exception(o->exit->a));
        else
            snprintf(name, sizeof name, "interrupt %" PRIu64, o->exit->a);
        put_slice(w, cpu_track(cpu), "nucleus", name, o->exit->ticks, r->ticks);
        o->exit = NULL;
    }
    if ((r->kind == BELAY_TRACE_EXIT || r->kind == BELAY_TRACE_INTERRUPT) && !o->exit)
        o->exit = r;
    if (r->kind == BELAY_TRACE_REPLY && o->call && is_shown(w, o->call->domain)) {
        snprintf(name, sizeof name, "serves %s", recording_label(w->c, (uint8_t)o->call->a, (uint8_t)o->call->b).text);
        put_slice(w, context_track(w, o->call->domain, o->call->context), "portal", name, o->call->ticks, r->ticks);
    }
    if (r->kind == BELAY_TRACE_CALL)
        o->call = r;
    else if (r->kind == BELAY_TRACE_REPLY)
        o->call = NULL;
}

/* What happens at one time. */
static void tell(struct writer *w, unsigned cpu, const struct belay_trace_record *r)
{
    switch (r->kind) {
    case BELAY_TRACE_SWITCH: case BELAY_TRACE_EXIT: case BELAY_TRACE_INTERRUPT: case BELAY_TRACE_ENTRY:
    case BELAY_TRACE_CALL: case BELAY_TRACE_REPLY:
        return;                                 /* ends of slices */
    }
    struct trace_words words = trace_words(w->c, r);
    if (r->domain == 0)
        put_instant(w, cpu_track(cpu), trace_kind(r->kind), words.text, r->ticks);
    else if (is_shown(w, r->domain))
        put_instant(w, context_track(w, r->domain, r->context), trace_kind(r->kind), words.text, r->ticks);
}

static void put_records(struct writer *w, unsigned cpu)
{
    const struct recording_cpu *p = &w->c->cpu[cpu];
    struct open open = { 0 };
    for (size_t n = 0; n < p->count; n++) {
        uint32_t lost = recording_lost_before(p, n);
        if (lost) {
            char words[40];
            snprintf(words, sizeof words, "%u records lost", lost);
            put_instant(w, cpu_track(cpu), "lost", words, p->record[n].ticks);
            open = (struct open){ 0 };
        }
        follow(w, cpu, &p->record[n], &open);
        tell(w, cpu, &p->record[n]);
    }
}

void trace_write_json(const struct recording *c, const struct trace_view *view, FILE *out)
{
    struct writer w = { .c = c, .view = view, .out = out };
    w.named = allocate(RECORDING_DOMAINS * sizeof w.named[0]);
    fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", out);
    put_name(&w, "process_name", cpu_track(0), "CPUs");
    for (unsigned cpu = 0; cpu < c->cpus; cpu++) {
        put_runs(&w, cpu);
        put_records(&w, cpu);
    }
    fputs("\n]}\n", out);
    free(w.named);
}
