/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "timing.h"
#include "units.h"

#define PRIORITY_MAX 255
#define BUDGET_MIN   (10 * USEC)      /* below, switching takes more than it gives */
#define TIME_MAX     (10 * SEC)
#define WATCHDOG_MIN (10 * MSEC)
#define STOP_MIN     (1 * SEC)

static bool name_is_valid(const char *name)
{
    if (!islower((unsigned char)name[0]) || strlen(name) > BELAY_NAME_MAX)
        return false;
    for (; *name; name++) {
        if (!islower((unsigned char)*name) && !isdigit((unsigned char)*name) && *name != '-')
            return false;
    }
    return true;
}

static bool name_is_ours(const char *name)
{
    return strcmp(name, "belay") == 0 || strcmp(name, "steward") == 0 || strcmp(name, "console") == 0 ||
           strcmp(name, "watchdog") == 0 || strcmp(name, "manager") == 0 || strcmp(name, "gdb") == 0 ||
           strncmp(name, "gdb-", 4) == 0;       /* and a VM's: its debug service */
}

static void check_name(struct config *c, unsigned index)
{
    const char *name = c->machine->vms[index].name;
    struct place p = config_vm(c, index);
    if (!name_is_valid(name))
        config_wrong(c, p, "name", "name is '%.40s'; write a letter, then letters, digits or '-', all lower case, "
                     "%d at most", name, BELAY_NAME_MAX);
    else if (name_is_ours(name))
        config_wrong(c, p, "name", "name '%s' is Belay's own; write another", name);
    for (unsigned i = 0; i < index; i++) {
        if (strcmp(c->machine->vms[i].name, name) == 0) {
            config_wrong(c, p, "name", "a second VM is named '%.40s', after line %u; write another name", name,
                         config_line(c, config_vm(c, i), "name"));
            return;
        }
    }
}

static bool board_cpus_are_right(const struct machine *m, const struct board *b)
{
    return m->board_cpus >= 1 && m->board_cpus <= b->cpus_max;
}

/* What is the last CPU is not known while the board's own number is wrong: that is said alone. */
static void check_cpus(struct config *c, const struct board *b, unsigned index)
{
    const struct machine *m = c->machine;
    if (!board_cpus_are_right(m, b))
        return;
    struct place cpus = place_key(&c->source, config_vm(c, index), "cpus");
    for (unsigned i = 0; i < m->vms[index].cpus_count; i++) {
        uint32_t cpu = m->vms[index].cpus[i];
        struct place p = place_item(&c->source, cpus, i);
        if (cpu >= b->cpus_max)
            config_wrong(c, p, NULL, "CPU %u is not there; write %s%u", cpu, m->board_cpus > 1 ? "0 to " : "",
                         m->board_cpus - 1);
        else if (cpu >= m->board_cpus)
            config_wrong(c, p, NULL, "CPU %u is not there, the last is %u; write that or less, or 'cpus: %u' at the "
                         "top", cpu, m->board_cpus - 1, cpu + 1);
    }
}

static void check_priority(struct config *c, struct place p, uint32_t priority)
{
    if (priority < 1 || priority > PRIORITY_MAX)
        config_wrong(c, p, "priority", "priority %u is out of range; write 1 (lowest) to %d (highest)",
                   priority, PRIORITY_MAX);
}

static void check_budget(struct config *c, struct place p, const struct budget *b)
{
    if (!b->ns != !b->period)
        config_wrong(c, p, b->ns ? "budget" : "period",
                     "a %s without a %s; write both, such as 'budget: 300us' and 'period: 1ms'",
                     b->ns ? "budget" : "period", b->ns ? "period" : "budget");
    else if (b->ns > b->period)
        config_wrong(c, p, "budget", "budget %s is more than its period %s; write at most the period",
                     show_time(b->ns).text, show_time(b->period).text);
    else if (b->ns && b->ns < BUDGET_MIN)
        config_wrong(c, p, "budget", "budget %s is less than switching costs; write 10us or more",
                     show_time(b->ns).text);
    if (b->period > TIME_MAX)
        config_wrong(c, p, "period", "period %s is too long; write 10s or less", show_time(b->period).text);
}

/* Of what is not said libcyaml makes 0. */
static void check_weight(struct config *c, struct place p, const struct vm *vm)
{
    if (!place_key(&c->source, p, "weight").node)
        return;
    if (vm->weight < 1 || vm->weight > BELAY_WEIGHT_MAX)
        config_wrong(c, p, "weight", "weight %u is out of range; write 1 to %d", vm->weight, BELAY_WEIGHT_MAX);
    else if (vm->budget.ns)
        config_wrong(c, p, "weight", "a weight beside a budget, which is its share already; remove one of the two");
}

static void check_deadline(struct config *c, unsigned index)
{
    const struct vm *vm = &c->machine->vms[index];
    struct place p = config_vm(c, index);
    if (vm->budget.period && vm->deadline > vm->budget.period)
        config_wrong(c, p, "deadline", "deadline %s is longer than the period %s; write at most the period",
                     show_time(vm->deadline).text, show_time(vm->budget.period).text);
    else if (vm->deadline > TIME_MAX)
        config_wrong(c, p, "deadline", "deadline %s is too long; write 10s or less", show_time(vm->deadline).text);
}

/* On its CPU what looks after it would never run while it spins. */
static const char *who_cannot_stop(const struct machine *m, const struct vm *vm)
{
    bool beside = false;
    for (unsigned i = 0; i < vm->cpus_count; i++)
        beside = beside || vm->cpus[i] == 0;
    if (!beside || vm->budget.ns)
        return NULL;
    return vm->priority > m->services.watchdog.priority ? "watchdog" :
           vm->priority > m->services.steward.priority ? "steward" : NULL;
}

static void check_watchdog(struct config *c, struct place p, const struct vm *vm)
{
    const struct machine *m = c->machine;
    const char *who = who_cannot_stop(m, vm);
    if (vm->on_hang != ACTION_UNSET && !vm->watchdog)
        config_wrong(c, p, "on-hang", "on-hang without a watchdog, which says that it hangs; write 'watchdog: 10s' too");
    else if (vm->watchdog_limit && vm->watchdog_limit < WATCHDOG_MIN)
        config_wrong(c, p, "watchdog", "watchdog %s is too short; write 10ms or more",
                     show_time(vm->watchdog_limit).text);
    else if (vm->watchdog_limit > BELAY_WATCHDOG_MAX_NS)
        config_wrong(c, p, "watchdog", "watchdog %s is too long; write 3600s or less",
                     show_time(vm->watchdog_limit).text);
    else if (vm->watchdog && who)
        config_wrong(c, p, "watchdog", "%s has no budget and runs before the %s (priority %u): that would never run "
                     "while it hangs; write 'priority: %u' or less, or a budget", vm->name, who,
                     who[0] == 'w' ? m->services.watchdog.priority : m->services.steward.priority,
                     who[0] == 'w' ? m->services.watchdog.priority : m->services.steward.priority);
}

/* Of a VM that has the board's GPIO: that has a key of its own. */
static bool has_power_key(const struct board *b, const struct vm *vm)
{
    for (unsigned i = 0; i < vm->devices_count; i++) {
        const struct device *d = board_device(b, vm->devices[i]);
        if (d && strcmp(d->name, "gpio") == 0)
            return false;
    }
    return true;
}

static void check_stop(struct config *c, const struct board *b, struct place p, const struct vm *vm)
{
    if (vm->stop && vm->stop < STOP_MIN)
        config_wrong(c, p, "stop", "stop %s is too short; write 1s or more, or at-once", show_time(vm->stop).text);
    else if (vm->stop > BELAY_STOP_MAX_NS)
        config_wrong(c, p, "stop", "stop %s is too long; write 3600s or less", show_time(vm->stop).text);
    else if (vm->stop && vm->stop_text && !has_power_key(b, vm))
        config_wrong(c, p, "stop", "%s has the board's gpio, on which nobody can press its power key; write 'stop: at-once'",
                     vm->name);
}

/* The VM before (vm, device) that has the same device, or NULL. */
static const struct vm *owner_before(const struct config *c, const struct board *b, unsigned vm, unsigned device)
{
    const struct device *d = board_device(b, c->machine->vms[vm].devices[device]);
    for (unsigned i = 0; i <= vm; i++) {
        const struct vm *other = &c->machine->vms[i];
        unsigned count = i == vm ? device : other->devices_count;
        for (unsigned j = 0; j < count; j++) {
            if (board_device(b, other->devices[j]) == d)
                return other;
        }
    }
    return NULL;
}

static void check_device(struct config *c, const struct board *b, unsigned vm, unsigned index)
{
    static const char *const owners[] = { "", "the nucleus", "the console", "nobody's to give" };
    struct place list = place_key(&c->source, config_vm(c, vm), "devices");
    struct place p = place_item(&c->source, list, index);
    const char *name = c->machine->vms[vm].devices[index];
    const struct device *d = board_device(b, name);
    if (!d) {
        config_wrong(c, p, NULL, "board %s has no device '%.60s'; write one of: %s", b->name, name,
                     board_free_devices(b));
        return;
    }
    const struct vm *other = owner_before(c, b, vm, index);
    if (d->owner == OWNER_NOBODY)
        config_wrong(c, p, NULL, "device '%s' cannot be given to a VM: %s; remove it", d->name, d->why);
    else if (d->owner != OWNER_FREE)
        config_wrong(c, p, NULL, "device '%s' belongs to %s: %s; remove it here", d->name, owners[d->owner], d->why);
    else if (other == &c->machine->vms[vm])
        config_wrong(c, p, NULL, "device '%s' is here twice; remove one", d->name);
    else if (other)
        config_wrong(c, p, NULL, "device '%s' has two owners, %s and %s; remove it from one", d->name, other->name,
                     c->machine->vms[vm].name);
}

static void check_debug(struct config *c, struct place p, const struct vm *vm)
{
    uint32_t rights = c->machine->management.uart;
    for (unsigned i = 0; i < c->machine->vms_count; i++)
        rights |= c->machine->vms[i].manages;
    if (vm->debug == YES && !(rights & MANAGE_RIGHT_DEBUG))
        config_wrong(c, p, "debug", "%s is to be debugged, but management: and manages: give nobody the right to; add debug "
                     "there, or write 'debug: no'", vm->name);
}

static void check_manages(struct config *c, unsigned index)
{
    const struct vm *vms = c->machine->vms;
    for (unsigned i = 0; vms[index].manages && i < index; i++) {
        if (vms[i].manages)
            config_wrong(c, config_vm(c, index), "manages", "%s manages the machine already; remove it from one of the two",
                         vms[i].name);
    }
}

/* A VM's CPU interface is the host's, so it has the host's version. */
static void check_gic(struct config *c, const struct board *b, struct place p, const struct vm *vm)
{
    if (vm->gic != GIC_UNSET && (unsigned)vm->gic != b->gic)
        config_wrong(c, p, "gic", "gic is v%u, but board %s has a GICv%u; write 'gic: v%u', remove it, or choose "
                     "another board", (unsigned)vm->gic, b->name, b->gic, b->gic);
}

/* The VM up to this one that has a vCPU there before its vCPU `before`, in AArch32, or NULL. */
static const struct vm *aarch32_there(const struct machine *m, unsigned index, unsigned before, uint32_t cpu)
{
    for (unsigned i = 0; i <= index; i++) {
        unsigned count = i == index ? before : m->vms[i].cpus_count;
        for (unsigned j = 0; m->vms[i].mode == MODE_AARCH32 && j < count; j++) {
            if (m->vms[i].cpus[j] == cpu)
                return &m->vms[i];
        }
    }
    return NULL;
}

static void check_aarch32(struct config *c, const struct board *b, unsigned index)
{
    const struct vm *vm = &c->machine->vms[index];
    if (!b->one_aarch32 || vm->mode != MODE_AARCH32)
        return;
    struct place cpus = place_key(&c->source, config_vm(c, index), "cpus");
    for (unsigned i = 0; i < vm->cpus_count; i++) {
        const struct vm *other = aarch32_there(c->machine, index, i, vm->cpus[i]);
        if (other)
            config_wrong(c, cpus.node ? place_item(&c->source, cpus, i) : config_vm(c, index), NULL,
                         "CPU %u has a vCPU in AArch32 already, of %s; board %s keeps the registers of one alone (SPSR): write "
                         "a CPU for each", vm->cpus[i], other->name, b->name);
    }
}

static void check_vm(struct config *c, const struct board *b, unsigned index)
{
    const struct vm *vm = &c->machine->vms[index];
    struct place p = config_vm(c, index);
    check_name(c, index);
    check_images(c, index);
    check_cpus(c, b, index);
    check_priority(c, p, vm->priority);
    check_budget(c, p, &vm->budget);
    check_weight(c, p, vm);
    check_deadline(c, index);
    check_watchdog(c, p, vm);
    check_stop(c, b, p, vm);
    check_debug(c, p, vm);
    check_manages(c, index);
    check_gic(c, b, p, vm);
    check_aarch32(c, b, index);
    for (unsigned i = 0; i < vm->devices_count; i++)
        check_device(c, b, index, i);
}

static void check_service(struct config *c, const char *name, const struct service *s)
{
    check_priority(c, config_service(c, name), s->priority);
    check_budget(c, config_service(c, name), &s->budget);
}

static void check_board(struct config *c, const struct board *b)
{
    struct machine *m = c->machine;
    if (m->memory > b->memory_max)
        config_wrong(c, place_root(&c->source), "memory", "board %s has no %s of memory; write %s or less",
                   b->name, show_size(m->memory).text, show_size(b->memory_max).text);
    if (!board_cpus_are_right(m, b))
        config_wrong(c, place_root(&c->source), "cpus", "cpus is %u, but Belay runs on at most %u of %s; write that",
                     m->board_cpus, b->cpus_max, b->name);
}

static void fill_defaults(struct config *c, const struct board *b)
{
    struct machine *m = c->machine;
    if (!m->memory_text)
        m->memory = b->memory;
    if (!place_key(&c->source, place_root(&c->source), "cpus").node)
        m->board_cpus = b->cpus;
    for (unsigned i = 0; i < m->vms_count; i++) {
        if (!m->vms[i].cpus) {
            m->vms[i].cpus = allocate(sizeof(*m->vms[i].cpus));
            m->vms[i].cpus_count = 1;
        }
    }
}

bool check_config(struct config *c)
{
    const struct board *b = board_find(c->machine->board);
    if (!b) {
        config_wrong(c, place_root(&c->source), "board", "no board '%.40s' is known; write " BOARD_NAMES,
                   c->machine->board);
        return false;
    }
    fill_defaults(c, b);
    check_board(c, b);
    check_service(c, "steward", &c->machine->services.steward);
    check_service(c, "console", &c->machine->services.console);
    check_service(c, "watchdog", &c->machine->services.watchdog);
    check_service(c, "manager", &c->machine->services.manager);
    check_service(c, "gdb", &c->machine->services.gdb);
    for (unsigned i = 0; i < c->machine->vms_count; i++)
        check_vm(c, b, i);
    check_memory(c, b);
    if (c->report->count == 0)
        timing_check(c, b);
    return c->report->count == 0;
}
