/* SPDX-License-Identifier: Apache-2.0 */
#include "gdb.h"

#include "belay/gdb.h"
#include "handset.h"
#include "health.h"
#include "lib/text.h"
#include "manager.h"
#include "pool.h"
#include "service.h"
#include "watchdog.h"

static struct debugger {
    struct service service;
    struct gdb_config page;
    char name[BELAY_NAME_MAX + sizeof "gdb-"];
    bool watchdog_rests;
} debuggers[BELAY_VMS_MAX];

static int give_vm(const struct service *s, const struct vm *vm, handle_t watcher)
{
    int error = hc_map(s->domain, vm->ram.handle, 0, HANDSET_RAM, vm->config->memory, BELAY_MAP_READ | BELAY_MAP_WRITE);

    error = error ? error : hc_grant(s->domain, watcher, BELAY_RIGHT_USE, GDB_H_STEWARD);
    error = error ? error : hc_grant(s->domain, vm->domain, BELAY_RIGHT_DEBUG, GDB_H_VM);
    for (uint32_t v = 0; error == BELAY_OK && v < vm->config->vcpus; v++)
        error = hc_grant(s->domain, vm->vcpu[v], BELAY_RIGHT_DEBUG, GDB_H_VCPU + v);
    return error;
}

bool gdb_begin(const struct machine *m, uint32_t i, const struct vm *vm, handle_t watcher, struct problem *why)
{
    const struct service_config *c = &m->config->gdb;
    struct debugger *d = &debuggers[i];
    const struct service_size size = { .handles = GDB_H_VCPU + vm->config->vcpus, .mappings = 2,
                                       .tables = pool_tables(vm->config->memory) };

    if (c->image == NULL || manager_slots() == NULL)
        return problem(why, "the machine has no %s", c->image ? "management" : "gdb service");
    text_format(d->name, sizeof d->name, "gdb-%s", vm->config->name);
    if (!service_make(&d->service, d->name, c->image, &size, why))
        return false;
    d->page = (struct gdb_config){ 1, vm->config->vcpus, HANDSET_RAM, vm->config->memory };
    const struct stream_end end = { d->service.domain, d->service.wake, GDB_STREAM_IPA, GDB_H_MANAGER };
    int error = give_vm(&d->service, vm, watcher);
    error = error ? error : manager_stream(MANAGER_STREAM(MANAGE_GDB, i), &end);
    error = error ? error : health_add(&d->service);
    if (error)
        return problem(why, "%s could not be made: error %d", d->name, error);
    return service_begin(&d->service, &d->page, sizeof d->page, &c->timing, m->info->counter_hz, why);
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
