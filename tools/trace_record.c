/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_record.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "belay/trace.h"
#include "error.h"
#include "lib/pack.h"
#include "link.h"

#define RECORD      sizeof(struct belay_trace_record)
#define CREDIT      (1u << 18)      /* bytes that may be on their way from each CPU */
#define ASK_MS      20              /* how often the machine is asked for its time */
#define CPUS_MAX    255

struct recorder {
    struct link link;
    unsigned char *bytes;           /* the recording */
    size_t size, room;
    uint64_t first, ticks;          /* of the first record, 0: none yet; and for how many from there */
    uint64_t end;                   /* the machine's time when it is over */
    bool asked;                     /* for its time */
    bool late, news;                /* it was over then; since then records came that were not past the end */
    bool done;
    struct { uint16_t stream; uint32_t owed; bool past; } cpu[CPUS_MAX];
};

static volatile sig_atomic_t interrupted;

static void take_signal(int number)
{
    (void)number;
    interrupted = 1;
}

static void append(struct recorder *r, const void *bytes, size_t size)
{
    if (r->size + size > r->room) {
        r->room = 2 * r->room + (1 << 20);
        r->bytes = realloc(r->bytes, r->room);
        if (!r->bytes)
            die("the recording is too large for the memory there is");
    }
    memcpy(r->bytes + r->size, bytes, size);
    r->size += size;
}

static void append_names(struct recorder *r)
{
    for (unsigned i = 0; i < r->link.machine.vms; i++) {
        struct manage_vm vm;
        char name[24] = "";
        link_vm(&r->link, i, &vm);
        if (vm.vmid == 0 || vm.vmid > UINT8_MAX)
            continue;
        struct belay_trace_record n = { .kind = BELAY_TRACE_NAME, .context = (uint8_t)vm.vcpus,
                                        .domain = (uint16_t)vm.vmid };
        strncpy(name, vm.name, sizeof name - 1);
        memcpy(&n.ticks, name, 8);
        memcpy(&n.a, name + 8, 8);
        memcpy(&n.b, name + 16, 8);
        append(r, &n, sizeof n);
    }
}

static void begin(struct recorder *r, const struct trace_wish *wish)
{
    unsigned cpus = r->link.machine.cpus;
    if (cpus == 0 || cpus > CPUS_MAX)
        die("the machine says what can't be; use a belay of its version");
    append(r, &(struct belay_trace_record){ .kind = BELAY_TRACE_HEAD, .context = (uint8_t)cpus, .a = BELAY_TRACE_MAGIC,
                                            .b = r->link.machine.counter_hz }, RECORD);
    append_names(r);
    double ticks = (double)wish->ns / 1e9 * (double)r->link.machine.counter_hz;
    r->ticks = ticks < 1e18 ? (uint64_t)ticks : (uint64_t)1e18;
}

/* They have no credit yet: what came while another is opened would be dropped. */
static void open_cpu(struct recorder *r, unsigned cpu)
{
    const struct manage_open open = { .kind = MANAGE_TRACE, .vm = (uint16_t)cpu };
    struct manage_opened opened;
    enum manage_error error = link_ask(&r->link, MANAGE_OPEN, &open, sizeof open, &opened, sizeof opened);
    if (error)
        die("CPU %u: %s", cpu, error == MANAGE_EBUSY ? "another traces it; end that one first" : r->link.failure);
    r->cpu[cpu].stream = (uint16_t)opened.stream;
}

static void start(struct recorder *r, uint32_t kinds)
{
    const struct manage_credit credit = { CREDIT };
    for (unsigned cpu = 0; cpu < r->link.machine.cpus; cpu++)
        open_cpu(r, cpu);
    if (link_ask(&r->link, MANAGE_MACHINE, NULL, 0, &r->link.machine, sizeof r->link.machine))
        die("%s", r->link.failure);
    r->end = r->link.machine.now + r->ticks;
    for (unsigned cpu = 0; cpu < r->link.machine.cpus; cpu++) {
        link_send(&r->link, MANAGE_DATA, r->cpu[cpu].stream, &kinds, sizeof kinds);
        link_send(&r->link, MANAGE_CREDIT, r->cpu[cpu].stream, &credit, sizeof credit);
    }
}

/* How many of these records are within the time. */
static uint32_t in_time(struct recorder *r, unsigned cpu, const struct belay_trace_record *records, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t ticks = records[i].ticks;
        if (r->first == 0)
            r->first = ticks;
        if (ticks > r->first && ticks - r->first > r->ticks)
            r->cpu[cpu].past = true;
        if (r->cpu[cpu].past)
            return i;
    }
    return count;
}

static void take_records(struct recorder *r, unsigned cpu, const struct frame *f)
{
    static struct belay_trace_record records[PACK_RECORDS];
    int packed = pack_open(f->payload, f->header.length, records);
    if (packed < 0)
        die("the machine says what can't be; use a belay of its version");
    uint32_t count = in_time(r, cpu, records, (uint32_t)packed);
    r->news |= count > 0;
    if (count) {
        append(r, &(struct belay_trace_record){ .kind = BELAY_TRACE_PIECE, .context = (uint8_t)cpu, .sequence = count },
               RECORD);
        append(r, records, count * RECORD);
    }
    r->cpu[cpu].owed += f->header.length;
    if (r->cpu[cpu].owed >= CREDIT / 4) {
        const struct manage_credit credit = { r->cpu[cpu].owed };
        link_send(&r->link, MANAGE_CREDIT, r->cpu[cpu].stream, &credit, sizeof credit);
        r->cpu[cpu].owed = 0;
    }
}

/* It is over when all CPUs have told what was later; one that is idle tells nothing, and is waited for a while. */
static void take_time(struct recorder *r, const struct frame *f)
{
    struct manage_machine m;
    r->asked = false;
    if (f->header.length < sizeof m)
        return;
    memcpy(&m, f->payload, sizeof m);
    if (m.error == MANAGE_OK && m.now > r->end) {
        r->done = r->late && !r->news;
        r->late = true;
    }
    r->news = false;
}

static void take_frame(struct recorder *r, const struct frame *f)
{
    if (f->header.type == (MANAGE_MACHINE | MANAGE_ANSWER) && f->header.sequence == r->link.sequence)
        take_time(r, f);
    for (unsigned cpu = 0; cpu < r->link.machine.cpus; cpu++) {
        if (f->header.stream != r->cpu[cpu].stream)
            continue;
        if (f->header.type == MANAGE_CLOSE)
            die("CPU %u can't be traced; belay log says why", cpu);
        if (f->header.type == MANAGE_DATA)
            take_records(r, cpu, f);
    }
}

static bool all_past(const struct recorder *r)
{
    bool past = true;
    for (unsigned cpu = 0; cpu < r->link.machine.cpus; cpu++)
        past &= r->cpu[cpu].past;
    return past;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void follow(struct recorder *r)
{
    int64_t next = now_ms() + ASK_MS;
    while (!r->done && !interrupted) {
        int64_t left = next - now_ms();
        if (left <= 0 && !r->asked) {
            r->link.sequence++;
            link_send(&r->link, MANAGE_MACHINE, 0, NULL, 0);
            r->asked = true;
            next = now_ms() + ASK_MS;
        }
        int ready = poll(&(struct pollfd){ .fd = r->link.fd, .events = POLLIN }, 1, left > 0 ? (int)left : ASK_MS);
        if (ready > 0 && !link_read(&r->link)) {
            say("the machine has ended");
            return;
        }
        for (const struct frame *f; (f = link_take(&r->link)) != NULL;)
            take_frame(r, f);
        r->done |= all_past(r);
    }
}

void *trace_record(const struct trace_wish *wish, size_t *size)
{
    static struct recorder r;
    struct sigaction action = { .sa_handler = take_signal };
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    link_open(&r.link, wish->socket, wish->machine);
    begin(&r, wish);
    start(&r, wish->kinds);
    follow(&r);
    link_close(&r.link);
    *size = r.size;
    return r.bytes;
}
