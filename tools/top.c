/* SPDX-License-Identifier: Apache-2.0 */
#include "manage_commands.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "link.h"
#include "run.h"
#include "units.h"
#include "view.h"

#define DELAY_US     1000000
#define DELAY_MAX_S  3600

const char top_help[] =
    "belay top [options]\n"
    "Shows what the vCPUs of a machine do: which share of their CPU's time they have, why they\n"
    "leave for the nucleus, how often in a second; interrupts that they were given, switches to\n"
    "them, and how often their budget was used up; how often they were woken, and how late they\n"
    "were run then, on average and at worst since their VM was started. On a terminal again each\n"
    "second, till Ctrl-C; the first time, and elsewhere, it tells of all the time since the machine\n"
    "began.\n"
    "  -n COUNT            shows so many tables\n"
    "  -d SECONDS          between them; default 1\n"
    VIEW_HELP_JSON VIEW_HELP;

static const char *const causes[MANAGE_CAUSES] = {
    [MANAGE_CAUSE_WAIT] = "wait", [MANAGE_CAUSE_CALL] = "call", [MANAGE_CAUSE_REGISTER] = "register",
    [MANAGE_CAUSE_DEVICE] = "device", [MANAGE_CAUSE_FP] = "fp", [MANAGE_CAUSE_INTERRUPT] = "interrupt",
    [MANAGE_CAUSE_OTHER] = "other",
};

/* All counters at one time, near enough. */
struct sample {
    struct manage_machine machine;
    struct manage_vm vm[BELAY_VMS_MAX];
    struct manage_vcpu vcpu[BELAY_VMS_MAX][BELAY_VCPUS_MAX];
};

static unsigned long count;             /* of tables; 0: till the end */
static useconds_t delay = DELAY_US;

static void take(struct link *l, struct sample *s)
{
    if (link_ask(l, MANAGE_MACHINE, NULL, 0, &s->machine, sizeof(s->machine)))
        die("%s", l->failure);
    for (unsigned i = 0; i < l->machine.vms; i++) {
        link_vm(l, i, &s->vm[i]);
        for (unsigned v = 0; v < s->vm[i].vcpus; v++)
            link_vcpu(l, i, v, &s->vcpu[i][v]);
    }
}

/* Per cent, with one place behind the point. */
static double share(uint64_t ticks, uint64_t of)
{
    return of ? (double)ticks * 100 / (double)of : 0;
}

static double per_second(const struct sample *s, uint32_t events, uint64_t ticks)
{
    return ticks ? (double)events * (double)s->machine.counter_hz / (double)ticks : 0;
}

static void print_cpus(const struct link *l, const struct sample *s, const struct sample *before, uint64_t ticks)
{
    double busy[256] = { 0 };
    for (unsigned i = 0; i < l->machine.vms; i++) {
        for (unsigned v = 0; v < s->vm[i].vcpus; v++)
            busy[s->vcpu[i][v].cpu & 255] += share(s->vcpu[i][v].ticks - before->vcpu[i][v].ticks, ticks);
    }
    for (unsigned cpu = 0; cpu < s->machine.cpus && cpu < 256; cpu++)
        printf("%s CPU%u %.1f%%", cpu ? "," : "; VMs have", cpu, busy[cpu]);
}

static struct units_text show_ticks(const struct sample *s, double ticks)
{
    return show_time((uint64_t)(ticks * (double)SEC / (double)s->machine.counter_hz));
}

/* Of wakes since the sample before; or since the VM was started, if that was later. */
static void print_lateness(const struct sample *s, const struct manage_vcpu *v, const struct manage_vcpu *old,
                           uint64_t ticks)
{
    bool anew = v->late_total < old->late_total;
    uint32_t wakes = anew ? v->wakes : v->wakes - old->wakes;
    uint64_t late = anew ? v->late_total : v->late_total - old->late_total;
    printf(" %7.0f %8s %8s", per_second(s, wakes, ticks), wakes ? show_ticks(s, (double)late / wakes).text : "-",
           v->late_worst ? show_ticks(s, (double)v->late_worst).text : "-");
}

static void print_vcpu(const struct sample *s, const struct sample *before, unsigned i, unsigned n, uint64_t ticks)
{
    const struct manage_vm *vm = &s->vm[i];
    const struct manage_vcpu *v = &s->vcpu[i][n], *old = &before->vcpu[i][n];
    printf("%-15s %4u %3u %-8s %5.1f %9.3f", vm->name, n, v->cpu, view_state(vm->state), share(v->ticks - old->ticks, ticks),
           (double)v->ticks / (double)s->machine.counter_hz);
    for (unsigned c = 0; c < MANAGE_CAUSES; c++)
        printf(" %7.0f", per_second(s, v->exits[c] - old->exits[c], ticks));
    printf(" %7.0f %7.0f %7u", per_second(s, v->interrupts - old->interrupts, ticks),
           per_second(s, v->switches - old->switches, ticks), v->overruns);
    print_lateness(s, v, old, ticks);
    printf(" %7s\n", n ? "" : show_size(vm->memory).text);
}

static void print(const struct link *l, const struct sample *s, const struct sample *before)
{
    uint64_t ticks = s->machine.now - before->machine.now;
    printf("up %.3f s; %u VMs on %u CPU%s; the nucleus keeps %s", (double)s->machine.now / (double)s->machine.counter_hz,
           s->machine.vms, s->machine.cpus, s->machine.cpus == 1 ? "" : "s", show_size(s->machine.nucleus_bytes).text);
    print_cpus(l, s, before, ticks);
    printf("\n%-15s %4s %3s %-8s %5s %9s %7s %7s %7s %7s %7s %7s %7s %7s %7s %7s %7s %8s %8s %7s\n", "VM", "vCPU", "CPU",
           "STATE", "CPU%", "SECONDS", "WAIT/s", "CALL/s", "REG/s", "DEV/s", "FP/s", "IRQ/s", "OTHER/s", "GIVEN/s", "SWTCH/s",
           "OVERRUN", "WAKE/s", "LATE", "WORST", "MEMORY");
    for (unsigned i = 0; i < l->machine.vms; i++) {
        for (unsigned n = 0; n < s->vm[i].vcpus; n++)
            print_vcpu(s, before, i, n, ticks);
    }
}

static json_t *describe_vcpu(const struct sample *s, unsigned i, unsigned n)
{
    const struct manage_vcpu *v = &s->vcpu[i][n];
    json_t *exits = json_object();
    for (unsigned c = 0; c < MANAGE_CAUSES; c++)
        json_object_set_new(exits, causes[c], json_integer(v->exits[c]));
    double hz = (double)s->machine.counter_hz;
    return json_pack("{s:s, s:i, s:i, s:s, s:f, s:o, s:I, s:I, s:I, s:I, s:f, s:f, s:I}", "vm", s->vm[i].name, "vcpu", (int)n,
                     "cpu", (int)v->cpu, "state", view_state(s->vm[i].state), "cpu_seconds", (double)v->ticks / hz,
                     "exits", exits, "interrupts", (json_int_t)v->interrupts, "switches", (json_int_t)v->switches,
                     "overruns", (json_int_t)v->overruns, "wakes", (json_int_t)v->wakes,
                     "late_seconds", (double)v->late_total / hz, "late_worst_seconds", (double)v->late_worst / hz,
                     "memory", (json_int_t)s->vm[i].memory);
}

/* Counters as they are: who reads this makes its own differences. */
static void print_json(const struct link *l, const struct sample *s)
{
    json_t *all = json_array();
    for (unsigned i = 0; i < l->machine.vms; i++) {
        for (unsigned n = 0; n < s->vm[i].vcpus; n++)
            json_array_append_new(all, describe_vcpu(s, i, n));
    }
    view_print(json_pack("{s:f, s:i, s:I, s:o}", "seconds", (double)s->machine.now / (double)s->machine.counter_hz, "cpus",
                         (int)s->machine.cpus, "nucleus_bytes", (json_int_t)s->machine.nucleus_bytes, "vcpus", all));
}

static bool own_option(int letter, const char *argument)
{
    uint64_t number;
    if (letter == 'n' && parse_number(argument, &number) && number > 0 && number < 1000000)
        count = (unsigned long)number;
    else if (letter == 'd' && parse_number(argument, &number) && number > 0 && number <= DELAY_MAX_S)
        delay = (useconds_t)(number * 1000000);
    else
        return false;
    return true;
}

static void show(struct link *l, bool json, bool live)
{
    static struct sample samples[2];
    for (unsigned long n = 0; !count || n < count; n++) {
        if (n && (fflush(stdout) != 0 || usleep(delay) != 0))
            return;
        struct sample *s = &samples[n & 1];
        take(l, s);
        if (live)
            fputs("\033[H\033[2J", stdout);
        if (json)
            print_json(l, s);
        else
            print(l, s, &samples[~n & 1]);
    }
}

int command_top(int argc, char **argv)
{
    struct view v;
    struct link l;
    view_options(&v, argc, argv, top_help, "n:d:", own_option, 0, 0);
    if (v.help)
        return EXIT_ALL_WELL;
    bool live = !count && !v.json && isatty(STDOUT_FILENO);
    if (!count && !live)
        count = 1;
    link_open(&l, v.socket, v.machine);
    show(&l, v.json, live);
    link_close(&l);
    return EXIT_ALL_WELL;
}
