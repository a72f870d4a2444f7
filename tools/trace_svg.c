/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The picture: for each CPU a band that shows who had it, and under it a row for
 * each context. Time is cut into columns of one unit of width; the more of a
 * column a context ran, the stronger its colour there. So the picture's size does not depend on the recording's.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "trace.h"

#define COLUMNS 860
#define LEFT    140
#define RIGHT   70
#define TOP     44
#define ROW     18
#define BAND    26
#define GAP     16
#define LEVELS  4
#define ROWS    40          /* of a CPU: the last is of those that have none */

static const char *const colours[] = {      /* tell apart for most eyes (Okabe and Ito), and some more */
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#8c6d31", "#b0b000", "#444444",
};
#define COLOURS (sizeof colours / sizeof colours[0])

struct row {
    uint16_t domain;
    uint8_t context, priority;
    bool others;
    uint64_t ticks;
    float share[COLUMNS];
};

struct picture {
    const struct recording *c;
    const struct trace_view *view;
    FILE *out;
    uint16_t coloured[COLOURS];     /* which domain has which colour, in the order of their first appearance */
    size_t colours;
    double y;
};

static const char *colour_of(struct picture *p, const struct row *r)
{
    size_t i = 0;
    if (r->others)
        return "#999999";
    while (i < p->colours && p->coloured[i] != r->domain)
        i++;
    if (i < COLOURS && i == p->colours)
        p->coloured[p->colours++] = r->domain;
    return colours[i < COLOURS ? i : r->domain % COLOURS];
}

/* The column of a time in view, with what of it is past. */
static double column(const struct picture *p, uint64_t ticks)
{
    return (double)(ticks - p->view->begin) * COLUMNS / (double)(p->view->end - p->view->begin);
}

static void rect(const struct picture *p, double x, double y, double width, double height, const char *colour, double opacity)
{
    fprintf(p->out, "<rect x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\" fill=\"%s\"", x, y, width, height, colour);
    if (opacity < 1)
        fprintf(p->out, " fill-opacity=\"%.2f\"", opacity);
    fputs("/>\n", p->out);
}

static void text(const struct picture *p, double x, double y, const char *anchor, const char *words)
{
    fprintf(p->out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, words);
}

static struct row *find_row(struct row *rows, size_t *count, const struct picture *p, const struct run *r)
{
    bool others = p->view->some && !p->view->shown[r->domain];
    for (size_t i = 0; i < *count; i++) {
        if (others ? rows[i].others : rows[i].domain == r->domain && rows[i].context == r->context && !rows[i].others)
            return &rows[i];
    }
    others |= *count >= ROWS - 1;
    for (size_t i = 0; others && i < *count; i++) {
        if (rows[i].others)
            return &rows[i];
    }
    rows[*count] = (struct row){ .domain = r->domain, .context = r->context, .others = others };
    return &rows[(*count)++];
}

static void add_run(const struct picture *p, struct row *row, const struct run *r)
{
    uint64_t begin = r->begin > p->view->begin ? r->begin : p->view->begin;
    uint64_t end = r->end < p->view->end ? r->end : p->view->end;
    row->priority = r->priority > row->priority ? r->priority : row->priority;
    row->ticks += end - begin;
    double from = column(p, begin), to = column(p, end);
    for (int i = (int)from; i < COLUMNS && i < to; i++) {
        double left = from > i ? from : i, right = to < i + 1 ? to : i + 1;
        row->share[i] += (float)(right - left);
    }
}

static int by_priority(const void *a, const void *b)
{
    const struct row *one = a, *two = b;
    if (one->others != two->others)
        return one->others ? 1 : -1;
    if (one->priority != two->priority)
        return two->priority - one->priority;
    return one->domain != two->domain ? one->domain - two->domain : one->context - two->context;
}

static size_t collect(const struct picture *p, unsigned cpu, struct row *rows)
{
    size_t runs_count, count = 0;
    struct run *runs = trace_runs(p->c, cpu, &runs_count);
    for (size_t n = 0; n < runs_count; n++) {
        if (runs[n].domain && runs[n].begin < p->view->end && runs[n].end > p->view->begin)
            add_run(p, find_row(rows, &count, p, &runs[n]), &runs[n]);
    }
    free(runs);
    qsort(rows, count, sizeof rows[0], by_priority);
    return count;
}

static int level(float share)
{
    int l = (int)ceilf(share * LEVELS);
    return l > LEVELS ? LEVELS : l;
}

static double opacity(int l)
{
    return 0.25 + 0.75 * l / LEVELS;
}

static void draw_row(struct picture *p, const struct row *r)
{
    const char *colour = colour_of(p, r);
    struct recording_label label = recording_label(p->c, r->domain, r->context);
    char share[16];
    snprintf(share, sizeof share, "%.1f %%", 100.0 * (double)r->ticks / (double)(p->view->end - p->view->begin));
    rect(p, LEFT, p->y + 2, COLUMNS, ROW - 4, "#f4f4f4", 1);
    rect(p, 10, p->y + 4, 10, 10, colour, 1);
    text(p, 26, p->y + 13, "start", r->others ? "others" : label.text);
    text(p, LEFT + COLUMNS + RIGHT - 8, p->y + 13, "end", share);
    for (int i = 0, next; i < COLUMNS; i = next) {
        int l = level(r->share[i]);
        for (next = i + 1; next < COLUMNS && level(r->share[next]) == l; next++) {}
        if (l)
            rect(p, LEFT + i, p->y + 2, next - i, ROW - 4, colour, opacity(l));
    }
    p->y += ROW;
}

/* Who had most of a column; NULL: nobody had any. */
static const struct row *owner(const struct row *rows, size_t count, int i)
{
    const struct row *most = NULL;
    for (size_t n = 0; n < count; n++) {
        if (rows[n].share[i] > (most ? most->share[i] : 0))
            most = &rows[n];
    }
    return most;
}

static void draw_lost(const struct picture *p, unsigned cpu)
{
    const struct recording_cpu *r = &p->c->cpu[cpu];
    double drawn = -1;
    for (size_t n = 1; n < r->count; n++) {
        uint64_t begin = r->record[n - 1].ticks, end = r->record[n].ticks;
        if (!recording_lost_before(r, n) || end < p->view->begin || begin > p->view->end)
            continue;
        double from = begin > p->view->begin ? column(p, begin) : 0, to = end < p->view->end ? column(p, end) : COLUMNS;
        to = to < from + 1 ? from + 1 : to;
        if (to > drawn + 1)
            rect(p, LEFT + from, p->y, to - from, BAND, "#ffb3b3", 1);
        drawn = to > drawn ? to : drawn;
    }
}

static void draw_band(struct picture *p, unsigned cpu, const struct row *rows, size_t count)
{
    char name[16];
    snprintf(name, sizeof name, "CPU %u", cpu);
    text(p, 10, p->y + 17, "start", name);
    rect(p, LEFT, p->y, COLUMNS, BAND, "#e8e8e8", 1);
    draw_lost(p, cpu);
    for (int i = 0, next; i < COLUMNS; i = next) {
        const struct row *o = owner(rows, count, i);
        int l = o ? level(o->share[i]) : 0;
        for (next = i + 1; next < COLUMNS && owner(rows, count, next) == o && (!o || level(o->share[next]) == l); next++) {}
        if (o)
            rect(p, LEFT + i, p->y, next - i, BAND, colour_of(p, o), opacity(l));
    }
    p->y += BAND + 2;
}

/* A round distance between marks, in seconds: about eight of them. */
static double step_of(double span)
{
    double raw = pow(10, floor(log10(span / 8)));
    for (const double *f = (const double[]){ 1, 2, 5, 10, 0 }; *f != 0; f++) {
        if (span / (raw * *f) <= 10)
            return raw * *f;
    }
    return raw * 10;
}

static void draw_axis(struct picture *p)
{
    static const struct { const char *name; double seconds; } units[] = {
        { "s", 1 }, { "ms", 1e-3 }, { "us", 1e-6 }, { "ns", 1e-9 },
    };
    double first = recording_seconds(p->c, p->view->begin - p->c->first);
    double span = recording_seconds(p->c, p->view->end - p->view->begin), step = step_of(span);
    size_t u = 0;
    while (u < 3 && step < units[u].seconds * 0.999)
        u++;
    for (double t = ceil(first / step) * step, n = 0; t <= first + span && n < 20; t += step, n++) {
        char words[32];
        double x = LEFT + (t - first) * COLUMNS / span;
        fprintf(p->out, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#bbb\" stroke-dasharray=\"2 3\"/>\n",
                x, TOP, x, p->y);
        snprintf(words, sizeof words, "%.0f %s", t / units[u].seconds, units[u].name);
        text(p, x, p->y + 14, "middle", words);
    }
    p->y += 20;
}

static void draw_legend(struct picture *p)
{
    text(p, LEFT, p->y + 14, "start", "the stronger, the more of that time");
    for (int l = 1; l <= LEVELS; l++)
        rect(p, LEFT + 230 + 14 * l, p->y + 4, 12, 12, "#0072b2", opacity(l));
    rect(p, LEFT + 330, p->y + 4, 12, 12, "#e8e8e8", 1);
    text(p, LEFT + 348, p->y + 14, "start", "idle");
    rect(p, LEFT + 400, p->y + 4, 12, 12, "#ffb3b3", 1);
    text(p, LEFT + 418, p->y + 14, "start", "records are missing");
    p->y += 24;
}

/* Its height is known when all is drawn: the head is written last, from what stands in memory. */
static void draw(struct picture *p)
{
    struct row *rows = allocate(ROWS * sizeof *rows);
    p->y = TOP;
    for (unsigned cpu = 0; cpu < p->c->cpus; cpu++) {
        size_t count = collect(p, cpu, rows);
        for (size_t n = 0; n < count; n++)
            colour_of(p, &rows[n]);             /* in the order in which one reads them */
        draw_band(p, cpu, rows, count);
        for (size_t n = 0; n < count; n++)
            draw_row(p, &rows[n]);
        p->y += GAP;
    }
    free(rows);
    draw_axis(p);
    draw_legend(p);
}

void trace_write_svg(const struct recording *c, const struct trace_view *view, FILE *out)
{
    char *body = NULL;
    size_t size = 0;
    struct trace_view whole = *view;
    if (whole.end <= whole.begin)
        whole.end = whole.begin + 1;
    struct picture p = { .c = c, .view = &whole, .out = open_memstream(&body, &size) };
    if (!p.out)
        die("out of memory");
    draw(&p);
    if (fclose(p.out) != 0)
        die("out of memory");
    int width = LEFT + COLUMNS + RIGHT;
    fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" width=\"%d\" height=\"%.0f\">\n"
            "<style>text{font:12px sans-serif;fill:#222}.title{font-size:16px}</style>\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
            "<text class=\"title\" x=\"10\" y=\"26\">Who ran when, on %u CPU%s</text>\n%s</svg>\n",
            width, p.y, width, p.y, c->cpus, c->cpus == 1 ? "" : "s", body);
    free(body);
}
