/* SPDX-License-Identifier: Apache-2.0 */
#include "timing.h"

#include <stdlib.h>
#include <string.h>

#include "rta.h"
#include "units.h"

#define SERVICES  (4 + BELAY_VMS_MAX)         /* each VM may have one to debug it */
#define TASKS_MAX (BELAY_VMS_MAX * BELAY_VCPUS_MAX + SERVICES)
#define PRIORITY_MAX 255

/* All that runs; tasks[i] is the vCPU vcpu[i] of vm[i], or a service's worker (vm NULL). */
struct set {
    struct task tasks[TASKS_MAX];
    const struct vm *vm[TASKS_MAX];
    const char *name[TASKS_MAX];
    unsigned vcpu[TASKS_MAX];
    size_t count;
    struct rta_costs costs;
};

static void add(struct set *s, const char *name, const struct vm *vm, unsigned vcpu, struct task task)
{
    s->name[s->count] = name;
    s->vm[s->count] = vm;
    s->vcpu[s->count] = vcpu;
    s->tasks[s->count++] = task;
}

static void add_service(struct set *s, const char *name, const struct service *service)
{
    add(s, name, NULL, 0, (struct task){ .priority = service->priority, .budget = service->budget.ns,
                                         .period = service->budget.period });
}

/* CPUs that vCPUs of the VM are on, but one: each may hold the VM's lock before this one has it. */
static unsigned other_cpus(const struct vm *vm)
{
    uint64_t cpus = 0;
    for (unsigned n = 0; n < vm->cpus_count; n++)
        cpus |= UINT64_C(1) << vm->cpus[n];
    return (unsigned)__builtin_popcountll(cpus) - 1;
}

static void collect(struct set *s, const struct machine *m, const struct board *b)
{
    s->count = 0;
    s->costs = (struct rta_costs){ b->switch_ns, b->blocking_ns };
    for (unsigned i = 0; i < m->vms_count; i++) {
        const struct vm *vm = &m->vms[i];
        for (unsigned n = 0; n < vm->cpus_count; n++)
            add(s, vm->name, vm, n, (struct task){ vm->cpus[n], vm->priority, vm->budget.ns, vm->budget.period,
                                                   other_cpus(vm) * b->lock_ns });
    }
    add_service(s, "steward", &m->services.steward);
    add_service(s, "console", &m->services.console);
    if (config_has_watchdogs(m))
        add_service(s, "watchdog", &m->services.watchdog);
    if (config_is_managed(m))
        add_service(s, "manager", &m->services.manager);
    for (unsigned i = 0; i < m->vms_count; i++) {
        if (m->vms[i].debug == YES)
            add_service(s, "gdb", &m->services.gdb);
    }
}

static uint64_t latency(const struct set *s, size_t which)
{
    return rta_latency(s->tasks, s->count, which, &s->costs);
}

static uint64_t completion(const struct set *s, size_t which)
{
    return rta_completion(s->tasks, s->count, which, &s->costs);
}

static bool meets(const struct set *s, size_t which)
{
    const struct task *t = &s->tasks[which];
    return latency(s, which) <= s->vm[which]->deadline && (!t->budget || completion(s, which) <= t->period);
}

static void set_period(struct set *s, const struct vm *vm, uint64_t period)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->vm[i] == vm)
            s->tasks[i].period = period;
    }
}

static void set_priority(struct set *s, const struct vm *vm, unsigned priority)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->vm[i] == vm)
            s->tasks[i].priority = priority;
    }
}

/* Would all be well with each vCPU of it, with that deadline? */
static bool vm_meets(const struct set *s, const struct vm *vm, uint64_t deadline)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct task *t = &s->tasks[i];
        if (s->vm[i] == vm && (latency(s, i) > deadline || (t->budget && completion(s, i) > t->period)))
            return false;
    }
    return true;
}

/* The least priority with which the VM meets its deadline; 0: none does. */
static unsigned priority_that_meets(struct set *s, const struct vm *vm)
{
    unsigned found = 0;
    for (unsigned p = vm->priority + 1; p <= PRIORITY_MAX && !found; p++) {
        set_priority(s, vm, p);
        if (vm_meets(s, vm, vm->deadline))
            found = p;
    }
    set_priority(s, vm, vm->priority);
    return found;
}

/* Who runs before it that has no budget and so may never let go. */
static const char *starver(const struct set *s, size_t which)
{
    for (size_t i = 0; i < s->count; i++) {
        if (rta_interferes(&s->tasks[which], &s->tasks[i]) && !s->tasks[i].budget)
            return s->name[i];
    }
    return NULL;
}

/* A time as one may write it: whole in its unit, rounded up. */
static uint64_t time_unit(uint64_t ns)
{
    return ns > 10 * MSEC ? MSEC : USEC;
}

static uint64_t writable(uint64_t ns)
{
    uint64_t unit = time_unit(ns);
    return (ns + unit - 1) / unit * unit;
}

/* The least deadline that the VM meets as it is, its budget included; 0: none. */
static uint64_t deadline_that_is_met(const struct set *s, const struct vm *vm)
{
    uint64_t worst = 0, longest = vm->budget.period ? vm->budget.period : RTA_LIMIT;
    for (size_t i = 0; i < s->count; i++) {
        if (s->vm[i] == vm && latency(s, i) > worst)
            worst = latency(s, i);
    }
    if (worst > longest || writable(worst) > longest || !vm_meets(s, vm, writable(worst)))
        return 0;
    return writable(worst);
}

/* The period in which this vCPU gets its budget, if the VM is right with it; else 0. */
static uint64_t period_that_holds(struct set *s, size_t which)
{
    const struct vm *vm = s->vm[which];
    uint64_t worst = completion(s, which);
    if (worst == RTA_UNBOUNDED)
        return 0;
    set_period(s, vm, writable(worst));
    bool right = vm_meets(s, vm, vm->deadline);
    set_period(s, vm, vm->budget.period);
    return right ? writable(worst) : 0;
}

static bool waits_for_others(const struct set *s, size_t which)
{
    for (size_t i = 0; i < s->count; i++) {
        if (rta_interferes(&s->tasks[which], &s->tasks[i]))
            return true;
    }
    return false;
}

/* "write 'priority: 101' or more, or 'deadline: 1530us' or more"; `value` is 0 where no time of `key` helps */
static char *remedy(struct set *s, size_t which, const char *key, uint64_t value)
{
    unsigned priority = priority_that_meets(s, s->vm[which]);
    const char *blocker = starver(s, which);
    unsigned long long number = value / time_unit(value);
    const char *unit = time_unit(value) == MSEC ? "ms" : "us";
    if (priority && value)
        return text_format("write 'priority: %u', or '%s: %llu%s' or more", priority, key, number, unit);
    if (priority)
        return text_format("write 'priority: %u'", priority);
    if (value)
        return text_format("write '%s: %llu%s' or more", key, number, unit);
    if (blocker)
        return text_format("give %s a budget and a period", blocker);
    if (waits_for_others(s, which))
        return text_format("give those before it less budget");
    return text_format("give it a longer deadline, and less budget");
}

/* Takes over `list`. */
static char *with(char *list, char *another)
{
    char *longer = text_format("%s%s%s", list ? list : "", list ? ", " : "", another);
    free(list);
    free(another);
    return longer;
}

/* "console (priority 100, 500us in each 5ms)", and so on */
static char *list_before(const struct set *s, size_t which)
{
    char *list = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const struct task *t = &s->tasks[i];
        if (rta_interferes(&s->tasks[which], t))
            list = with(list, text_format("%s (priority %u, %s%s%s)", s->name[i], t->priority,
                                          t->budget ? show_time(t->budget).text : "no budget",
                                          t->budget ? " in each " : "", t->budget ? show_time(t->period).text : ""));
    }
    if (other_cpus(s->vm[which]))
        list = with(list, text_format("its own vCPUs on %u other CPU%s", other_cpus(s->vm[which]),
                                      other_cpus(s->vm[which]) > 1 ? "s" : ""));
    return list ? list : text_format("the nucleus");
}

static void latency_wrong(struct config *c, struct place p, struct set *s, size_t which)
{
    const struct vm *vm = s->vm[which];
    uint64_t worst = latency(s, which);
    char *instead = remedy(s, which, "deadline", deadline_that_is_met(s, vm));
    char *before = list_before(s, which);
    if (worst == RTA_UNBOUNDED)
        config_wrong(c, p, "deadline", "%s may miss its deadline of %s for ever, behind %s; %s", vm->name,
                     show_time(vm->deadline).text, before, instead);
    else
        config_wrong(c, p, "deadline", "%s cannot meet its deadline of %s: it may wait %s, behind %s; %s", vm->name,
                     show_time(vm->deadline).text, show_time(worst).text, before, instead);
    free(before);
    free(instead);
}

static void completion_wrong(struct config *c, struct place p, struct set *s, size_t which)
{
    const struct vm *vm = s->vm[which];
    char *instead = remedy(s, which, "period", period_that_holds(s, which));
    char *before = list_before(s, which);
    config_wrong(c, p, "budget", "%s has a deadline but may not get its budget of %s in each %s, behind %s; %s",
                 vm->name, show_time(vm->budget.ns).text, show_time(vm->budget.period).text, before, instead);
    free(before);
    free(instead);
}

/* One mistake for a VM is enough: that of its first vCPU that has one. */
static bool check_vcpu(struct config *c, struct set *s, size_t which)
{
    const struct vm *vm = s->vm[which];
    struct place p = config_vm(c, (unsigned)(vm - c->machine->vms));
    if (meets(s, which))
        return true;
    if (latency(s, which) > vm->deadline)
        latency_wrong(c, p, s, which);
    else
        completion_wrong(c, p, s, which);
    return false;
}

void timing_check(struct config *c, const struct board *b)
{
    struct set s;
    collect(&s, c->machine, b);
    const struct vm *wrong = NULL;
    for (size_t i = 0; i < s.count; i++) {
        if (s.vm[i] && s.vm[i]->deadline && s.vm[i] != wrong && !check_vcpu(c, &s, i))
            wrong = s.vm[i];
    }
}

static void print_task(const struct set *s, size_t i, FILE *out)
{
    const struct task *t = &s->tasks[i];
    uint64_t worst = latency(s, i), deadline = s->vm[i] ? s->vm[i]->deadline : 0;
    char *name = s->vm[i] && s->vm[i]->cpus_count > 1 ? text_format("%s/%u", s->name[i], s->vcpu[i])
                                                      : text_format("%s", s->name[i]);
    char *budget = t->budget ? text_format("%s in %s", show_time(t->budget).text, show_time(t->period).text)
                             : text_format("unlimited");
    fprintf(out, "%-18s %3u %8u  %-16s %11s %9s %9s\n", name, t->cpu, t->priority, budget,
            worst == RTA_UNBOUNDED ? "no bound" : show_time(worst).text, deadline ? show_time(deadline).text : "-",
            deadline && worst <= deadline ? show_time(deadline - worst).text : "-");
    free(name);
    free(budget);
}

/* By CPU, and on each in the order in which they run. */
void timing_print(const struct config *c, const struct board *b, FILE *out)
{
    struct set s;
    collect(&s, c->machine, b);
    fprintf(out, "%-18s %3s %8s  %-16s %11s %9s %9s\n", "context", "CPU", "priority", "budget", "worst wait",
            "deadline", "slack");
    for (unsigned cpu = 0; cpu < c->machine->board_cpus; cpu++)
        for (unsigned p = PRIORITY_MAX; p > 0; p--)
            for (size_t i = 0; i < s.count; i++) {
                if (s.tasks[i].cpu == cpu && s.tasks[i].priority == p)
                    print_task(&s, i, out);
            }
}
