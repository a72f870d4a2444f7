/* SPDX-License-Identifier: Apache-2.0 */
#include "manage_commands.h"

#include <stdio.h>

#include "error.h"
#include "link.h"
#include "run.h"
#include "units.h"
#include "view.h"

const char ps_help[] =
    "belay ps [options]\n"
    "Lists the VMs of a machine that runs: their state, the CPUs they are on, priority, memory,\n"
    "which share of a CPU's time they have had since the machine began, how often they were\n"
    "started again, and since when they run.\n"
    VIEW_HELP_JSON VIEW_HELP;

/* Thousandths of a CPU. */
static unsigned share(uint64_t ticks, uint64_t of)
{
    return of ? (unsigned)((double)ticks / (double)of * 1000 + 0.5) : 0;
}

static void list_cpus(struct link *l, unsigned number, const struct manage_vm *vm, unsigned *cpus)
{
    for (unsigned i = 0; i < vm->vcpus; i++) {
        struct manage_vcpu v;
        link_vcpu(l, number, i, &v);
        cpus[i] = v.cpu;
    }
}

static double seconds(const struct link *l, uint64_t ticks)
{
    return (double)ticks / (double)l->machine.counter_hz;
}

static json_t *describe(struct link *l, const struct manage_vm *vm, const unsigned *cpus)
{
    json_t *on = json_array();
    for (unsigned i = 0; i < vm->vcpus; i++)
        json_array_append_new(on, json_integer(cpus[i]));
    return json_pack("{s:s, s:s, s:o, s:i, s:I, s:f, s:i, s:f, s:I, s:I}", "name", vm->name, "state",
                     view_state(vm->state), "cpus", on, "priority", (int)vm->priority, "memory", (json_int_t)vm->memory,
                     "cpu_seconds", seconds(l, vm->ticks), "restarts", (int)vm->restarts, "started_at",
                     seconds(l, vm->since), "budget_ns", (json_int_t)vm->budget_ns, "period_ns",
                     (json_int_t)vm->period_ns);
}

static void print_row(struct link *l, const struct manage_vm *vm, const unsigned *cpus)
{
    char on[4 * BELAY_VCPUS_MAX + 1] = "";
    for (unsigned i = 0, at = 0; i < vm->vcpus; i++)
        at += (unsigned)snprintf(on + at, sizeof(on) - at, "%s%u", i ? "," : "", cpus[i] % 100);
    unsigned thousandths = share(vm->ticks, l->machine.now);
    printf("%-15s %-8s %-8s %8u %7s %6u.%u %9u ", vm->name, view_state(vm->state), on, vm->priority,
           show_size(vm->memory).text, thousandths / 10, thousandths % 10, vm->restarts);
    bool runs = vm->state == MANAGE_RUNNING || vm->state == MANAGE_PAUSED;
    if (runs)
        printf("%9.3fs\n", seconds(l, l->machine.now - vm->since));
    else
        printf("%10s\n", "-");
}

static void list(struct link *l, bool json)
{
    json_t *all = json_array();
    if (!json)
        printf("%-15s %-8s %-8s %8s %7s %8s %9s %10s\n", "VM", "STATE", "CPUS", "PRIORITY", "MEMORY", "CPU%", "RESTARTS",
               "UP");
    for (unsigned i = 0; i < l->machine.vms; i++) {
        unsigned cpus[BELAY_VCPUS_MAX];
        struct manage_vm vm;
        link_vm(l, i, &vm);
        list_cpus(l, i, &vm, cpus);
        if (json)
            json_array_append_new(all, describe(l, &vm, cpus));
        else
            print_row(l, &vm, cpus);
    }
    if (json)
        view_print(all);
    else
        json_decref(all);
}

int command_ps(int argc, char **argv)
{
    struct view v;
    struct link l;
    view_options(&v, argc, argv, ps_help, "", NULL, 0, 0);
    if (v.help)
        return EXIT_ALL_WELL;
    link_open(&l, v.socket, v.machine);
    list(&l, v.json);
    link_close(&l);
    return EXIT_ALL_WELL;
}
