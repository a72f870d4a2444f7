/* SPDX-License-Identifier: Apache-2.0 */
#include "manager.h"

#include <string.h>

#include "config.h"
#include "memory.h"
#include "pci.h"
#include "service.h"
#include "supervise.h"

#define READ_WRITE (BELAY_MAP_READ | BELAY_MAP_WRITE)
#define HANDLES    (MANAGER_H_STREAM + MANAGER_STREAMS)

static struct service manager;
static struct manager_config page;
static struct manager_page *shared;
static bool made;

/* Zeroed memory that the manager and another have in common. The handle stays open while `e` is needed. */
static int share(struct extent *e, uint64_t bytes, uint64_t ipa)
{
    struct view v;

    if (!memory_take(bytes, BELAY_PAGE_SIZE, e))
        return BELAY_ENOMEM;
    void *to = view_open(&v, VIEW_SERVICE, e, 0, bytes, READ_WRITE);
    if (to == NULL)
        return BELAY_ENOMEM;
    memset(to, 0, bytes);
    view_close(&v);
    return hc_map(manager.domain, e->handle, 0, ipa, bytes, READ_WRITE);
}

static int share_slots(handle_t watcher)
{
    static struct view for_good;
    struct extent e;
    int error = share(&e, MANAGER_SLOTS_BYTES, MANAGER_SLOTS_IPA);

    if (error)
        return error;
    shared = view_open(&for_good, VIEW_SLOTS, &e, 0, MANAGER_SLOTS_BYTES, READ_WRITE);
    error = shared ? hc_handle_close(e.handle) : BELAY_ENOMEM;
    return error ? error : hc_grant(manager.domain, watcher, BELAY_RIGHT_USE, MANAGER_H_STEWARD);
}

static int give_port(const struct pci_serial *port)
{
    struct extent ports;
    handle_t irq;

    if (!memory_take_device(port->ports, BELAY_PAGE_SIZE, &ports))
        return BELAY_ENOMEM;
    int error = hc_map(manager.domain, ports.handle, 0, MANAGER_PORTS_IPA, BELAY_PAGE_SIZE, READ_WRITE);
    error = error ? error : hc_handle_close(ports.handle);
    error = error ? error : hc_irq_create(BELAY_H_MACHINE, port->irq.intid, port->irq.edge, &irq);
    error = error ? error : hc_grant(manager.domain, irq, BELAY_RIGHT_USE, MANAGER_H_IRQ);
    error = error ? error : hc_irq_bind(irq, manager.wake, MANAGER_BIT_UART);
    return error ? error : hc_handle_close(irq);
}

static uint32_t rights_of_vm(const struct config *c)
{
    uint32_t rights = 0;

    for (uint32_t i = 0; i < c->vms; i++)
        rights |= c->vm[i].manages;         /* one has them */
    return rights;
}

struct service *manager_make(const struct machine *m, handle_t watcher, struct problem *why)
{
    const struct service_size size = { .handles = HANDLES, .mappings = 3 + MANAGE_STREAMS * m->config->vms + m->info->cpus };
    const struct service_config *c = &m->config->manager;
    struct pci_serial port;
    uint32_t vm_rights = rights_of_vm(m->config);
    bool has_uart = c->rights && pci_find_serial(m->host, &port, why);

    if (!has_uart && vm_rights == 0)
        return NULL;
    if (!service_make(&manager, "manager", c->image, &size, why))
        return NULL;
    page = (struct manager_config){ .version = 1, .has_uart = has_uart, .rights[MANAGER_LINK_UART] = c->rights,
                                    .rights[MANAGER_LINK_VM] = vm_rights, .cpus = m->info->cpus,
                                    .counter_hz = m->info->counter_hz };
    int error = share_slots(watcher);
    error = error || !has_uart ? error : give_port(&port);
    made = error == BELAY_OK;
    return made || problem(why, "manager: could not be made: error %d", error) ? &manager : NULL;
}

int manager_stream(unsigned number, const struct stream_end *end)
{
    struct extent e;

    if (!made)
        return BELAY_OK;
    int error = share(&e, STREAM_BYTES, MANAGER_STREAMS_IPA + (uint64_t)number * STREAM_BYTES);
    error = error ? error : hc_map(end->domain, e.handle, 0, end->ipa, STREAM_BYTES, READ_WRITE);
    error = error ? error : hc_handle_close(e.handle);
    error = error ? error : hc_grant(manager.domain, end->wake, BELAY_RIGHT_USE, MANAGER_H_STREAM + number);
    error = error ? error : hc_grant(end->domain, manager.wake, BELAY_RIGHT_USE, end->slot);
    error = error == BELAY_EEXIST ? BELAY_OK : error;       /* by another stream of that service */
    page.stream[number] = error == BELAY_OK;
    return error;
}

bool manager_has_stream(unsigned number)
{
    return made && page.stream[number];
}

bool manager_begin(const struct machine *m, struct problem *why)
{
    return service_begin(&manager, &page, sizeof page, &m->config->manager.timing, m->info->counter_hz, why);
}

bool manager_may_control(void)
{
    return made && (page.rights[MANAGER_LINK_UART] | page.rights[MANAGER_LINK_VM]) & MANAGE_RIGHT_CONTROL;
}

struct manager_slot *manager_slots(void)
{
    return made ? shared->slot : NULL;
}

struct manager_trace *manager_traces(void)
{
    return made ? shared->trace : NULL;
}

int manager_map_trace(unsigned cpu, const struct extent *e)
{
    return hc_map(manager.domain, e->handle, 0, MANAGER_TRACES_IPA + (uint64_t)cpu * MANAGER_TRACE_BYTES,
                  MANAGER_TRACE_BYTES, BELAY_MAP_READ);
}

void manager_tell(void)
{
    (void)hc_notify(manager.wake, MANAGER_BIT_ANSWER);
}
