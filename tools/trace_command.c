/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "error.h"
#include "run.h"
#include "trace.h"
#include "trace_record.h"
#include "units.h"

const char trace_help[] =
    "belay trace [options] [VM...]\n"
    "Records what the nucleus of a machine that runs does, and shows who ran how long on\n"
    "each CPU, or one of these. With VMs, files show these alone, beside what the CPUs did.\n"
    "  -o, --output FILE   what Perfetto's viewer and other readers of Chrome's trace event\n"
    "                      format open: a track for each CPU, vCPU and thread of a service\n"
    "  --svg FILE          a picture of who ran when\n"
    "  --show BEGIN..END   only this part of it in these files, such as 20ms..45ms\n"
    "  --latency VM        the longest time from when a vCPU of that VM had something to do\n"
    "                      till it went on, and all that the CPU did meanwhile\n"
    "Which recording:\n"
    "  --for TIME          how long, in the machine's time; default 1s. Ctrl-C ends it early\n"
    "  --kinds KIND,...    only these kinds of records, such as switch,timer,inject,entry\n"
    "  --save FILE         keeps the recording itself\n"
    "  --from FILE         shows one that was kept\n"
    "  --machine NAME      the machine of NAME.yaml, where several run\n"
    "  --socket PATH       the machine of belay run --socket PATH\n"
    "docs/tracing.md shows how to read them.\n";

struct options {
    struct trace_wish wish;
    const char *from, *save, *json, *svg, *latency;
    char **vms;
    uint64_t begin, end;            /* ns, of what is shown */
    bool help;
};

/* "20ms..45ms" */
static bool parse_range(const char *text, uint64_t *begin, uint64_t *end)
{
    const char *dots = strstr(text, "..");
    if (!dots)
        return false;
    char *first = text_format("%.*s", (int)(dots - text), text);
    bool right = (strcmp(first, "0") == 0 || parse_time(first, begin)) && parse_time(dots + 2, end) && *begin < *end;
    free(first);
    return right;
}

/* "switch,timer" */
static uint32_t parse_kinds(const char *text)
{
    uint32_t kinds = 0;
    for (const char *word = text, *end; *word; word = *end ? end + 1 : end) {
        unsigned kind = 1;
        end = strchrnul(word, ',');
        while (kind < BELAY_TRACE_KINDS_END && (strncmp(word, trace_kind(kind), (size_t)(end - word)) != 0 ||
                                                trace_kind(kind)[end - word] != '\0'))
            kind++;
        if (kind == BELAY_TRACE_KINDS_END)
            die("--kinds has '%.*s'; docs/tracing.md lists the kinds", (int)(end - word), word);
        kinds |= BELAY_TRACE_BIT(kind);
    }
    if (kinds == 0)
        die("--kinds is empty; docs/tracing.md lists the kinds");
    return kinds;
}

static bool parse(int argc, char **argv, struct options *o)
{
    static const struct option options[] = {
        { "help", no_argument, NULL, 'h' }, { "from", required_argument, NULL, 'f' },
        { "output", required_argument, NULL, 'o' }, { "svg", required_argument, NULL, 's' },
        { "show", required_argument, NULL, 'w' }, { "latency", required_argument, NULL, 'l' },
        { "for", required_argument, NULL, 't' }, { "kinds", required_argument, NULL, 'k' },
        { "save", required_argument, NULL, 'S' }, { "machine", required_argument, NULL, 'm' },
        { "socket", required_argument, NULL, 'p' }, { 0 },
    };
    for (int option; (option = getopt_long(argc, argv, "ho:", options, NULL)) != -1;) {
        switch (option) {
        case 'h': o->help = true; break;
        case 'f': o->from = optarg; break;
        case 'o': o->json = optarg; break;
        case 's': o->svg = optarg; break;
        case 'l': o->latency = optarg; break;
        case 'S': o->save = optarg; break;
        case 'm': o->wish.machine = optarg; break;
        case 'p': o->wish.socket = optarg; break;
        case 'k': o->wish.kinds = parse_kinds(optarg); break;
        case 't':
            if (!parse_time(optarg, &o->wish.ns) || !o->wish.ns)
                die("--for is '%s'; write a whole number and a unit, such as 500ms", optarg);
            break;
        case 'w':
            if (!parse_range(optarg, &o->begin, &o->end))
                die("--show is '%s'; write from when till when since the beginning, such as 20ms..45ms", optarg);
            break;
        default: return false;
        }
    }
    o->vms = &argv[optind];
    return true;
}

static void *read_file(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        die("%s: %s", path, strerror(errno));
    size_t room = 1 << 20, got;
    char *bytes = malloc(room);
    for (*size = 0; bytes && (got = fread(bytes + *size, 1, room - *size, f)) > 0; *size += got) {
        if (*size + got < room)
            continue;
        char *more = realloc(bytes, room *= 2);
        if (!more)
            free(bytes);
        bytes = more;
    }
    if (!bytes)
        die("%s: too large for the memory there is", path);
    if (ferror(f))
        die("%s: %s", path, strerror(errno));
    fclose(f);
    return bytes;
}

static unsigned find_vm(const struct recording *c, const char *name)
{
    int domain = recording_find(c, name);
    if (domain < 0)
        die("nothing in the recording is called '%s'; without it, `belay trace` shows who there is", name);
    return (unsigned)domain;
}

static uint64_t ticks_of(const struct recording *c, uint64_t ns)
{
    double ticks = (double)ns / 1e9 * (double)c->hz;
    return ticks < (double)(c->last - c->first) ? c->first + (uint64_t)ticks : c->last;
}

static FILE *create(const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f)
        die("%s: %s", path, strerror(errno));
    return f;
}

static void finish(FILE *f, const char *path)
{
    bool wrong = ferror(f);
    if (fclose(f) != 0 || wrong)
        die("%s: cannot write: %s", path, strerror(errno));
}

static void save(const char *path, const void *bytes, size_t size)
{
    FILE *f = create(path);
    fwrite(bytes, 1, size, f);
    finish(f, path);
}

static void write_file(const struct recording *c, const struct trace_view *view, const char *path,
                       void (*write)(const struct recording *, const struct trace_view *, FILE *))
{
    FILE *f = create(path);
    write(c, view, f);
    finish(f, path);
}

static void show(const struct recording *c, const struct options *o)
{
    struct trace_view view = { .some = o->vms[0], .begin = c->first, .end = c->last };
    view.shown = allocate(RECORDING_DOMAINS * sizeof view.shown[0]);
    for (char **vm = o->vms; *vm; vm++)
        view.shown[find_vm(c, *vm)] = true;
    if (o->end) {
        view.begin = ticks_of(c, o->begin);
        view.end = ticks_of(c, o->end);
    }
    if (o->json)
        write_file(c, &view, o->json, trace_write_json);
    if (o->svg)
        write_file(c, &view, o->svg, trace_write_svg);
    if (o->latency)
        trace_print_latency(c, find_vm(c, o->latency), stdout);
    if (!o->json && !o->svg && !o->latency)
        trace_print_summary(c, stdout);
    free(view.shown);
}

int command_trace(int argc, char **argv)
{
    struct options o = { .wish = { .kinds = BELAY_TRACE_ALL, .ns = SEC } };
    if (!parse(argc, argv, &o)) {
        fprintf(stderr, "usage: %s", trace_help);
        return EXIT_MISTAKE;
    }
    if (o.help)
        return fputs(trace_help, stdout) < 0 ? EXIT_FAILED : EXIT_ALL_WELL;
    size_t size;
    void *bytes = o.from ? read_file(o.from, &size) : trace_record(&o.wish, &size);
    if (o.save)
        save(o.save, bytes, size);
    struct recording c;
    char *wrong = recording_read(&c, bytes, size);
    free(bytes);
    if (wrong)
        die("%s: %s", o.from ? o.from : "the machine's trace", wrong);
    show(&c, &o);
    recording_free(&c);
    return EXIT_ALL_WELL;
}
