/* SPDX-License-Identifier: Apache-2.0 */
#include "gdb.h"

#include "belay/gdb.h"
#include "handset.h"
#include "health.h"
#include "lib/text.h"
#include "manager.h"
#include "pool.h"
#include "service.h"
#include "voice.h"
#include "watchdog.h"

static struct debugger {
    struct service service;
    struct gdb_config page;             /* ram_bytes 0: the VM is not there */
    char name[BELAY_NAME_MAX + sizeof "gdb-"];
    bool made, runs;
    bool watchdog_rests;
} debuggers[BELAY_VMS_MAX];

static bool make(struct debugger *d, const struct config *c, const struct vm_config *vm, handle_t watcher,
                 struct problem *why)
{
    const struct service_size size = { .handles = GDB_H_VCPU + vm->vcpus, .mappings = 2,
                                       .tables = pool_tables(vm->memory) };

    if (c->gdb.image == NULL || c->manager.image == NULL)
        return problem(why, "the machine has no %s", c->gdb.image ? "management" : "gdb service");
    text_format(d->name, sizeof d->name, "gdb-%s", vm->name);
    d->page = (struct gdb_config){ 1, vm->vcpus, HANDSET_RAM, 0 };
    if (!service_make(&d->service, d->name, c->gdb.image, &size, why))
        return false;
    int error = hc_grant(d->service.domain, watcher, BELAY_RIGHT_USE, GDB_H_STEWARD);
    error = error ? error : health_add(&d->service);
    return error == BELAY_OK || problem(why, "%s could not be made: error %d", d->name, error);
}

void gdb_make(const struct machine *m, handle_t watcher)
{
    const struct config *c = m->config;
    struct problem why;

    for (uint32_t i = 0; i < c->vms; i++) {
        if (!c->vm[i].debug)
            continue;
        debuggers[i].made = make(&debuggers[i], c, &c->vm[i], watcher, &why);
        if (!debuggers[i].made)
            say("%s: can't be debugged: %s", c->vm[i].name, why.text);
    }
}

static bool begin(struct debugger *d, uint32_t i, const struct machine *m, struct problem *why)
{
    const struct stream_end end = { d->service.domain, d->service.wake, GDB_STREAM_IPA, GDB_H_MANAGER };

    if (manager_slots() == NULL)
        return problem(why, "the machine has no management");
    int error = manager_stream(MANAGER_STREAM(MANAGE_GDB, i), &end);
    if (error)
        return problem(why, "%s has no stream: error %d", d->name, error);
    return service_begin(&d->service, &d->page, sizeof d->page, &m->config->gdb.timing, m->info->counter_hz, why);
}

void gdb_begin(const struct machine *m)
{
    struct problem why;

    for (uint32_t i = 0; i < m->config->vms; i++) {
        struct debugger *d = &debuggers[i];
        if (!d->made)
            continue;
        d->runs = begin(d, i, m, &why);
        if (!d->runs)
            say("%s: can't be debugged: %s", m->config->vm[i].name, why.text);
    }
}

/* Its page is another: it begins anew, and ends the session of a debugger that it has. */
static int turn_over(struct debugger *d)
{
    struct problem why;

    return !d->runs || service_restart(&d->service, true, &why) ? BELAY_OK : BELAY_ENOMEM;
}

static int take_ram(const struct service *s, const struct vm *vm)
{
    return hc_unmap(s->domain, HANDSET_RAM, vm->config->memory);
}

/* All of it, or nothing that outlives the VM: handles go with that. */
static int give(const struct service *s, const struct vm *vm)
{
    int error = hc_map(s->domain, vm->ram.handle, 0, HANDSET_RAM, vm->config->memory, BELAY_MAP_READ | BELAY_MAP_WRITE);

    error = error ? error : hc_grant(s->domain, vm->domain, BELAY_RIGHT_DEBUG, GDB_H_VM);
    for (uint32_t v = 0; error == BELAY_OK && v < vm->config->vcpus; v++)
        error = hc_grant(s->domain, vm->vcpu[v], BELAY_RIGHT_DEBUG, GDB_H_VCPU + v);
    if (error)
        (void)take_ram(s, vm);      /* as far as it came */
    return error;
}

int gdb_attach(const struct vm *vm)
{
    struct debugger *d = &debuggers[vm->client];

    if (!d->made)
        return BELAY_OK;
    int error = give(&d->service, vm);
    if (error)
        return error;
    d->page.ram_bytes = vm->config->memory;
    return turn_over(d);
}

/* Its handles have gone with the VM; without a page that tells of RAM it looks for none. */
int gdb_detach(const struct vm *vm)
{
    struct debugger *d = &debuggers[vm->client];

    if (!d->made || d->page.ram_bytes == 0)
        return BELAY_OK;
    d->page.ram_bytes = 0;
    d->watchdog_rests = false;
    int error = hc_domain_stop(d->service.domain);
    error = error ? error : take_ram(&d->service, vm);
    error = error ? error : turn_over(d);
    if (error)
        say("%s: does not give the memory of its VM back, which nobody gets: error %d", d->name, error);
    return error;
}

void gdb_rest_watchdog(uint32_t i, const struct vm *vm, enum life life)
{
    struct debugger *d = &debuggers[i];
    struct domain_status status;
    bool up = life == LIFE_RUNNING || life == LIFE_PAUSED;

    if (!vm->config->debug || !vm->config->watchdog)
        return;
    if (up && hc_domain_status(vm->domain, &status) == BELAY_OK && (status.reason & BELAY_DEBUGGED)) {
        watchdog_stops(vm->client);             /* again when the VM was started anew */
        d->watchdog_rests = true;
    } else if (d->watchdog_rests) {
        d->watchdog_rests = false;
        if (life == LIFE_RUNNING)               /* one that is paused goes on when it is resumed */
            watchdog_goes_on(vm->client);
    }
}
