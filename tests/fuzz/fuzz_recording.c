/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a recording, and any records in one that is whole: either it is
 * refused in words, or all that is made of it is right: runs follow each other
 * in time, and the events are JSON.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace.h"

#define CHECK(x)    do { if (!(x)) abort(); } while (0)
#define RECORDS_MAX 160
#define SHORT_BYTES 6       /* that make a record */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *nowhere;

static void check_runs(const struct recording *c)
{
    for (unsigned cpu = 0; cpu < c->cpus; cpu++) {
        size_t count;
        struct run *runs = trace_runs(c, cpu, &count);
        CHECK(count <= c->cpu[cpu].count);
        for (size_t n = 0; n < count; n++) {
            CHECK(c->first <= runs[n].begin && runs[n].begin <= runs[n].end && runs[n].end <= c->last);
            CHECK(n == 0 || runs[n - 1].end <= runs[n].begin);
        }
        free(runs);
    }
}

static void check_json(const struct recording *c, const struct trace_view *view)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    CHECK(out);
    trace_write_json(c, view, out);
    CHECK(fclose(out) == 0);
    json_t *read = json_loadb(text, size, 0, NULL);
    CHECK(read && json_is_array(json_object_get(read, "traceEvents")));
    json_decref(read);
    free(text);
}

/* One of what is made of it, as a whole, or a part of it with one domain alone. */
static void check_shown(const struct recording *c, uint8_t choice)
{
    static bool shown[RECORDING_DOMAINS];
    struct trace_view view = { .shown = shown, .begin = c->first, .end = c->last };
    shown[choice] = true;
    if (choice & 1) {
        view.some = true;
        view.begin += (c->last - c->first) / 3;
        view.end -= (c->last - c->first) / 3;
    }
    switch (choice >> 1 & 3) {
    case 0:  check_json(c, &view); break;
    case 1:  trace_write_svg(c, &view, nowhere); break;
    case 2:  trace_print_summary(c, nowhere); break;
    default: trace_print_latency(c, choice, nowhere);
    }
    shown[choice] = false;
}

static void check(const void *bytes, size_t size, uint8_t choice)
{
    struct recording c;
    char *wrong = recording_read(&c, bytes, size);
    if (wrong) {
        CHECK(wrong[0] && !strpbrk(wrong, "\n\r\x1b"));
        free(wrong);
        return;
    }
    check_runs(&c);
    check_shown(&c, choice);
    recording_free(&c);
}

/* Two CPUs and what the input makes of them: each record in a piece of its own. */
static void check_whole(const uint8_t *data, size_t size)
{
    struct belay_trace_record r[1 + 2 * RECORDS_MAX] = {
        { .kind = BELAY_TRACE_HEAD, .context = 2, .a = BELAY_TRACE_MAGIC, .b = 1000000000 },
    };
    size_t count = 1;
    uint64_t ticks[2] = { 1000, 1000 };
    uint32_t sequence[2] = { 0, 0 };
    for (; size >= SHORT_BYTES && count < sizeof r / sizeof r[0]; data += SHORT_BYTES, size -= SHORT_BYTES) {
        unsigned cpu = data[0] & 1;
        ticks[cpu] += (uint64_t)data[1] << (data[2] & 63) / 2;
        sequence[cpu] += data[0] & 0x40 ? 3 : 1;
        r[count++] = (struct belay_trace_record){ .kind = BELAY_TRACE_PIECE, .context = (uint8_t)cpu, .sequence = 1 };
        r[count++] = (struct belay_trace_record){
            .ticks = ticks[cpu], .kind = (uint8_t)(1 + (data[0] >> 1 & 31) % (BELAY_TRACE_KINDS_END - 1)),
            .context = data[3], .domain = data[2] % 7, .sequence = sequence[cpu],
            .a = data[4] & 1 ? ticks[cpu] - data[4] : (uint64_t)data[4] << data[5] % 57, .b = data[5],
        };
    }
    check(r, count * sizeof r[0], size ? data[0] & 7 : 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    if (size == 0)
        return 0;
    if (data[0] & 1)
        check_whole(data + 1, size - 1);
    else
        check(data + 1, size - 1, data[0]);
    return 0;
}
