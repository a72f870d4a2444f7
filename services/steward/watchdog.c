/* SPDX-License-Identifier: Apache-2.0 */
#include "watchdog.h"

#include "belay/watchdog.h"
#include "handset.h"
#include "lib/cpu.h"
#include "memory.h"
#include "service.h"
#include "ticks.h"

#define HANDLES    (WATCHDOG_H_LINE + BELAY_VMS_MAX)
#define READ_WRITE (BELAY_MAP_READ | BELAY_MAP_WRITE)

static struct service watchdog;
static struct watchdog_config page;
static struct watchdog_shared *shared;

_Static_assert(WATCHDOG_BITS == ((UINT64_C(1) << BELAY_VMS_MAX) - 1) << WATCHDOG_BIT_HUNG, "the watcher's bits");
_Static_assert(sizeof(struct watchdog_shared) <= BELAY_PAGE_SIZE, "one page");

/* The page that both write to. Until they start, the VMs' clocks stand still. */
static int share_page(void)
{
    struct extent memory;
    struct view v;

    if (!memory_take(BELAY_PAGE_SIZE, BELAY_PAGE_SIZE, &memory))
        return BELAY_ENOMEM;
    shared = view_open(&v, VIEW_WATCHDOG, &memory, 0, BELAY_PAGE_SIZE, READ_WRITE);
    if (shared == NULL)
        return BELAY_ENOMEM;
    *shared = (struct watchdog_shared){ 0 };
    for (uint32_t i = 0; i < BELAY_VMS_MAX; i++)
        shared->client[i].held = 1;
    return hc_map(watchdog.domain, memory.handle, 0, WATCHDOG_SHARED_IPA, BELAY_PAGE_SIZE, READ_WRITE);
}

bool watchdog_make(const struct config *c, handle_t watcher, uint64_t hz, struct service **made, struct problem *why)
{
    struct service_size size = { .handles = HANDLES, .mappings = 1 };

    page = (struct watchdog_config){ .version = 1, .clients = c->vms };
    for (uint32_t i = 0; i < c->vms; i++) {
        page.limit[i] = c->vm[i].watchdog_ns ? ticks_up(c->vm[i].watchdog_ns, hz) : 0;
        size.handlers += c->vm[i].watchdog ? c->vm[i].vcpus : 0;
        size.portals += c->vm[i].watchdog;
    }
    *made = size.portals ? &watchdog : NULL;
    if (*made == NULL)
        return true;
    if (!service_make(*made, "watchdog", c->watchdog.image, &size, why))
        return false;
    int error = share_page();
    error = error ? error : hc_grant(watchdog.domain, watcher, BELAY_RIGHT_USE, WATCHDOG_H_STEWARD);
    return error == BELAY_OK || problem(why, "watchdog: could not be made: error %d", error);
}

bool watchdog_begin(const struct config *c, uint64_t hz, struct problem *why)
{
    return service_begin(&watchdog, &page, sizeof page, &c->watchdog.timing, hz, why);
}

int watchdog_attach(handle_t vm, uint32_t client, uint32_t vcpus)
{
    const struct service_range frames = { HANDSET_WATCHDOG, HANDSET_WATCHDOG_BYTES, client };
    int error = service_attach(&watchdog, vm, client, vcpus, &frames, 1);

    return error ? error : service_line(&watchdog, vm, HANDSET_WATCHDOG_INTID, WATCHDOG_H_LINE + client);
}

/* The worker looks at all anew; what it waits for may have changed. */
static void wake(void)
{
    (void)hc_notify(watchdog.wake, WATCHDOG_BIT_LOOK);
}

/* Each in this order: the service reads the other way round. */
void watchdog_starts(uint32_t client)
{
    struct watchdog_client *c = &shared->client[client];

    c->base = counter_now();
    c->epoch++;
    c->held = 0;
    wake();
}

void watchdog_stops(uint32_t client)
{
    if (shared->client[client].held == 0)
        shared->client[client].held = counter_now();
}

void watchdog_goes_on(uint32_t client)
{
    struct watchdog_client *c = &shared->client[client];

    if (c->held == 0)
        return;
    c->base += counter_now() - c->held;
    c->held = 0;
    wake();
}

bool watchdog_says_hung(uint32_t client, uint64_t *unfed)
{
    const struct watchdog_client *c = &shared->client[client];

    *unfed = c->unfed;
    return c->held == 0 && c->hung == c->epoch;
}
