/* SPDX-License-Identifier: Apache-2.0 */
#include "recording.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

#define RECORD sizeof(struct belay_trace_record)
#define HZ_MAX UINT64_C(100000000000)

_Static_assert(sizeof(struct belay_trace_record) == 32, "a record has 32 bytes");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a recording is read as it is");

/* The bytes, a record at a time: they need not be aligned. */
struct source {
    const unsigned char *bytes;
    size_t count, next;
};

static bool take(struct source *s, struct belay_trace_record *r)
{
    if (s->next == s->count)
        return false;
    memcpy(r, s->bytes + s->next++ * RECORD, RECORD);
    return true;
}

static char *read_head(struct recording *c, struct source *s)
{
    struct belay_trace_record r;
    if (!take(s, &r) || r.kind != BELAY_TRACE_HEAD || r.a != BELAY_TRACE_MAGIC)
        return text_format("is no recording of a trace; `belay trace --save FILE` makes one");
    if (r.context == 0 || r.b == 0 || r.b > HZ_MAX)
        return text_format("%u CPUs and %" PRIu64 " ticks a second are no machine", r.context, r.b);
    c->cpus = r.context;
    c->hz = r.b;
    return NULL;
}

/* What a terminal, JSON and XML can all show as it is. */
static void copy_name(char *to, const void *from, size_t max)
{
    const char *name = from;
    size_t i = 0;
    for (; i < max && name[i]; i++) {
        bool plain = (name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z') ||
                     (name[i] >= '0' && name[i] <= '9') || name[i] == '-' || name[i] == '_' || name[i] == '.';
        to[i] = plain ? name[i] : '?';
    }
    to[i] = '\0';
}

static void read_name(struct recording *c, const struct belay_trace_record *r)
{
    char name[24];
    memcpy(name, &r->ticks, 8);
    memcpy(name + 8, &r->a, 8);
    memcpy(name + 16, &r->b, 8);
    copy_name(c->domain[r->domain].name, name, sizeof name);
    c->domain[r->domain].vcpus = r->context;
}

static char *add(struct recording *c, unsigned cpu, const struct belay_trace_record *r, size_t place)
{
    struct recording_cpu *p = &c->cpu[cpu];
    if (r->kind == 0 || r->kind >= BELAY_TRACE_KINDS_END)
        return text_format("record %zu is of a kind that is not known: %u", place, r->kind);
    if (r->domain >= RECORDING_DOMAINS)
        return text_format("record %zu is of a domain that can't be: %u", place, r->domain);
    if (p->count && r->ticks < p->record[p->count - 1].ticks)
        return text_format("record %zu is older than the one before it on CPU %u", place, cpu);
    p->record[p->count++] = *r;
    p->lost += recording_lost_before(p, p->count - 1);
    if (r->kind == BELAY_TRACE_SWITCH && r->domain && c->domain[r->domain].name[0] == '\0')
        copy_name(c->domain[r->domain].name, &r->b, sizeof r->b);
    return NULL;
}

static char *read_piece(struct recording *c, struct source *s, const struct belay_trace_record *piece)
{
    if (piece->context >= c->cpus)
        return text_format("record %zu is of CPU %u of %u", s->next - 1, piece->context, c->cpus);
    struct belay_trace_record r;
    for (uint32_t n = 0; n < piece->sequence; n++) {
        if (!take(s, &r)) {
            c->cut_short = true;
            return NULL;
        }
        char *wrong = add(c, piece->context, &r, s->next - 1);
        if (wrong)
            return wrong;
    }
    return NULL;
}

static char *read_all(struct recording *c, struct source *s)
{
    char *wrong = read_head(c, s);
    struct belay_trace_record r;
    while (!wrong && take(s, &r)) {
        if (r.kind == BELAY_TRACE_NAME && r.domain > 0 && r.domain < RECORDING_DOMAINS)
            read_name(c, &r);
        else if (r.kind == BELAY_TRACE_PIECE)
            wrong = read_piece(c, s, &r);
        else
            wrong = text_format("record %zu is neither a piece nor a name: %u", s->next - 1, r.kind);
    }
    return wrong;
}

/* Room for what each CPU has at most: the records that pieces announce, as far as they are there. */
static void make_room(struct recording *c, struct source s)
{
    size_t counts[RECORDING_CPUS] = { 0 };
    struct belay_trace_record r;
    while (take(&s, &r)) {
        if (r.kind != BELAY_TRACE_PIECE)
            continue;
        size_t count = r.sequence < s.count - s.next ? r.sequence : s.count - s.next;
        counts[r.context] += count;
        s.next += count;
    }
    for (unsigned i = 0; i < RECORDING_CPUS; i++)
        c->cpu[i].record = counts[i] ? allocate(counts[i] * RECORD) : NULL;
}

static void find_ends(struct recording *c)
{
    bool any = false;
    for (unsigned i = 0; i < c->cpus; i++) {
        const struct recording_cpu *p = &c->cpu[i];
        if (p->count == 0)
            continue;
        uint64_t first = p->record[0].ticks, last = p->record[p->count - 1].ticks;
        c->first = any && c->first < first ? c->first : first;
        c->last = any && c->last > last ? c->last : last;
        any = true;
    }
}

char *recording_read(struct recording *c, const void *bytes, size_t size)
{
    struct source s = { .bytes = bytes, .count = size / RECORD };
    memset(c, 0, sizeof *c);
    make_room(c, s);
    char *wrong = read_all(c, &s);
    c->cut_short |= size % RECORD != 0;
    if (wrong)
        recording_free(c);
    else
        find_ends(c);
    return wrong;
}

void recording_free(struct recording *c)
{
    for (unsigned i = 0; i < RECORDING_CPUS; i++)
        free(c->cpu[i].record);
}

uint32_t recording_lost_before(const struct recording_cpu *p, size_t n)
{
    return n == 0 ? 0 : p->record[n].sequence - p->record[n - 1].sequence - 1;
}

struct recording_label recording_label(const struct recording *c, unsigned domain, unsigned context)
{
    struct recording_label l;
    char unnamed[RECORDING_NAME];
    snprintf(unnamed, sizeof unnamed, "domain-%u", domain);
    const char *name = c->domain[domain].name[0] ? c->domain[domain].name : unnamed;
    if (domain == 0)
        snprintf(l.text, sizeof l.text, "idle");
    else if (context == BELAY_TRACE_DOMAIN)
        snprintf(l.text, sizeof l.text, "%s", name);
    else
        snprintf(l.text, sizeof l.text, "%s/%u", name, context);
    return l;
}

int recording_find(const struct recording *c, const char *name)
{
    for (int i = 1; i < RECORDING_DOMAINS; i++) {
        if (name[0] && strcmp(c->domain[i].name, name) == 0)
            return i;
    }
    return -1;
}

double recording_seconds(const struct recording *c, uint64_t ticks)
{
    return (double)ticks / (double)c->hz;
}

const struct belay_trace_record *recording_next(const struct recording *c, struct recording_place *place, unsigned *cpu)
{
    const struct belay_trace_record *first = NULL;
    for (unsigned i = 0; i < c->cpus; i++) {
        const struct recording_cpu *p = &c->cpu[i];
        if (place->next[i] < p->count && (!first || p->record[place->next[i]].ticks < first->ticks)) {
            first = &p->record[place->next[i]];
            *cpu = i;
        }
    }
    if (first)
        place->next[*cpu]++;
    return first;
}
