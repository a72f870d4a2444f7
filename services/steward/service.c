/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

#include <string.h>

#include "belay/service.h"
#include "load.h"
#include "pool.h"
#include "tag.h"
#include "ticks.h"
#include "voice.h"

#define PART_MAX      0x100000u     /* of each part of an image */
#define STACK_MAX     0x40000u
#define HANDLER_MAX   0x10000u
#define HANDLERS_BASE 0x210000u     /* their stacks, each with an unmapped page below it */

#define READ          BELAY_MAP_READ
#define READ_WRITE    (BELAY_MAP_READ | BELAY_MAP_WRITE)
#define READ_EXECUTE  (BELAY_MAP_READ | BELAY_MAP_EXEC)

static uint32_t loaded_bytes(const struct belay_service_header *h)
{
    return h->text_bytes + h->rodata_bytes + h->data_bytes;
}

/* Where the parts of the memory that are not the image's begin. */
static uint32_t stack_offset(const struct service *s)
{
    return loaded_bytes(&s->header) + s->header.bss_bytes + s->header.persist_bytes;
}

static uint32_t page_offset(const struct service *s)
{
    return stack_offset(s) + s->header.stack_bytes;
}

static uint32_t handler_offset(const struct service *s, uint32_t i)
{
    return page_offset(s) + BELAY_PAGE_SIZE + i * s->header.handler_bytes;
}

static uint32_t handler_ipa(const struct service *s, uint32_t i)
{
    return HANDLERS_BASE + i * (s->header.handler_bytes + BELAY_PAGE_SIZE);
}

static bool good_part(uint32_t bytes, uint32_t max)
{
    return bytes % BELAY_PAGE_SIZE == 0 && bytes <= max;
}

static bool good_header(const struct belay_service_header *h, const struct image *image)
{
    return h->magic == BELAY_SERVICE_MAGIC && h->abi_version == BELAY_ABI_VERSION && h->text_bytes != 0 &&
           good_part(h->text_bytes, PART_MAX) && good_part(h->rodata_bytes, PART_MAX) &&
           good_part(h->data_bytes, PART_MAX) && good_part(h->bss_bytes, PART_MAX) &&
           good_part(h->persist_bytes, PART_MAX) && good_part(h->stack_bytes, STACK_MAX) &&
           good_part(h->handler_bytes, HANDLER_MAX) && image->size == loaded_bytes(h) &&
           h->entry_offset < h->text_bytes && h->portal_offset < h->text_bytes && h->beat_offset % 4 == 0 &&
           h->beat_offset < loaded_bytes(h) + h->bss_bytes;
}

static bool read_header(struct service *s, struct problem *why)
{
    struct view v;
    const void *image = load_view(&v, s->image);
    bool good = image && s->image->size >= sizeof s->header;

    if (good)
        memcpy(&s->header, image, sizeof s->header);
    view_close(&v);
    return (good && good_header(&s->header, s->image)) ||
           problem(why, "bundle: /images/%s: is not a service of this version of Belay", s->image->name);
}

static int map(const struct service *s, uint32_t offset, uint64_t ipa, uint32_t bytes, unsigned flags)
{
    return bytes ? hc_map(s->domain, s->memory.handle, offset, ipa, bytes, flags) : BELAY_OK;
}

static int map_all(const struct service *s)
{
    const struct belay_service_header *h = &s->header;
    uint32_t data = h->text_bytes + h->rodata_bytes;
    int error = map(s, 0, BELAY_SERVICE_BASE, h->text_bytes, READ_EXECUTE);

    error = error ? error : map(s, h->text_bytes, BELAY_SERVICE_BASE + h->text_bytes, h->rodata_bytes, READ);
    error = error ? error : map(s, data, BELAY_SERVICE_BASE + data, stack_offset(s) - data, READ_WRITE);
    error = error ? error : map(s, stack_offset(s), BELAY_SERVICE_BASE - h->stack_bytes, h->stack_bytes, READ_WRITE);
    return error ? error : map(s, page_offset(s), BELAY_BOOT_INFO, BELAY_PAGE_SIZE, READ);
}

static int make_domain(struct service *s, const struct service_size *size)
{
    struct extent pool;
    uint32_t vmid;
    uint64_t bytes = pool_of_service(1 + size->handlers, size->portals, size->handles,
                                     5 + size->mappings + size->handlers) + size->tables * BELAY_PAGE_SIZE;

    if (!memory_take_pool(bytes, &pool) ||
        !memory_take(handler_offset(s, size->handlers), BELAY_PAGE_SIZE, &s->memory))
        return BELAY_ENOMEM;
    int error = hc_domain_create(pool.handle, BELAY_DOMAIN_SERVICE, size->handles, tag(s->name), &s->domain, &vmid);
    error = error ? error : hc_handle_close(pool.handle);
    error = error ? error : map_all(s);
    error = error ? error : hc_notification_create(s->domain, &s->wake);
    error = error ? error : hc_grant(s->domain, s->wake, BELAY_RIGHT_USE | BELAY_RIGHT_MANAGE, SERVICE_H_WAKE);
    return error ? error : hc_thread_create(s->domain, BELAY_SERVICE_BASE, &s->worker);
}

bool service_make(struct service *s, const char *name, const struct image *image, const struct service_size *size,
                  struct problem *why)
{
    *s = (struct service){ .name = name, .image = image, .report = say, .handlers_max = size->handlers };
    if (!read_header(s, why))
        return false;
    if ((size->handlers && s->header.portal_offset == 0) ||
        handler_ipa(s, size->handlers) > BELAY_SERVICE_BASE - s->header.stack_bytes)
        return problem(why, "%s: has no portals, or too many clients", name);
    int error = make_domain(s, size);
    return error == BELAY_OK || problem(why, "%s: could not be made: error %d", name, error);
}

static bool fill(const struct service *s, bool keep, struct problem *why)
{
    const struct belay_service_header *h = &s->header;
    struct view v;
    uint8_t *to = view_open(&v, VIEW_SERVICE, &s->memory, 0, s->memory.bytes, READ_WRITE);
    if (to == NULL)
        return problem(why, "%s: the steward has no room to see its memory", s->name);

    bool done = load_image(s->image, to, why);
    memset(to + loaded_bytes(h), 0, h->bss_bytes + (keep ? 0 : h->persist_bytes));
    memcpy(to + page_offset(s), s->page, s->page_bytes);
    view_close(&v);
    return done;
}

static int run(const struct service *s)
{
    int error = hc_start(s->worker, BELAY_SERVICE_BASE + s->header.entry_offset, 0, 0, 0);

    return error ? error : hc_domain_start(s->domain);
}

bool service_begin(struct service *s, const void *page, uint32_t page_bytes, const struct timing *t, uint64_t hz,
                   struct problem *why)
{
    s->page = page;
    s->page_bytes = page_bytes;
    if (!fill(s, false, why))
        return false;
    int error = hc_sched(s->worker, 0, t->priority, 0, ticks_down(t->budget_ns, hz), ticks_up(t->period_ns, hz));
    error = error ? error : run(s);
    return error == BELAY_OK || problem(why, "%s: could not be started: error %d", s->name, error);
}

bool service_restart(struct service *s, bool keep, struct problem *why)
{
    int error = hc_domain_stop(s->domain);

    if (!fill(s, keep, why))
        return false;
    error = error ? error : run(s);
    return error == BELAY_OK || problem(why, "%s: could not be started again: error %d", s->name, error);
}

bool service_read_beats(const struct service *s, uint32_t *beats)
{
    struct view v;
    const uint32_t *at = view_open(&v, VIEW_SERVICE, &s->memory, s->header.beat_offset, sizeof *at, READ);

    *beats = at ? __atomic_load_n(at, __ATOMIC_RELAXED) : 0;
    view_close(&v);
    return at != NULL;
}

int service_portal(const struct service *s, uint64_t badge, handle_t *portal)
{
    return hc_portal_create(s->domain, BELAY_SERVICE_BASE + s->header.portal_offset, badge, portal);
}

int service_handler(struct service *s, handle_t *thread)
{
    uint32_t i = s->handlers, bytes = s->header.handler_bytes;

    if (i == s->handlers_max)
        return BELAY_ENOMEM;
    int error = map(s, handler_offset(s, i), handler_ipa(s, i), bytes, READ_WRITE);
    if (error == BELAY_OK)
        error = hc_thread_create(s->domain, handler_ipa(s, i) + bytes, thread);
    s->handlers += error == BELAY_OK;
    return error;
}

static int bind_handlers(struct service *s, const handle_t *portal, uint32_t vcpus)
{
    int error = BELAY_OK;

    for (uint32_t i = 0; error == BELAY_OK && i < vcpus; i++) {
        handle_t handler;
        error = service_handler(s, &handler);
        for (unsigned n = 0; error == BELAY_OK && n < SERVICE_PORTALS && portal[n]; n++)
            error = hc_portal_bind(portal[n], i, handler);
        error = error ? error : hc_handle_close(handler);
    }
    return error;
}

/* The range begins with another badge than the one before. */
static bool is_next(const struct service_range *r, unsigned i)
{
    return i != 0 && r[i].badge != r[i - 1].badge;
}

static int make_portals(struct service *s, uint32_t client, uint32_t vcpus, const struct service_range *r,
                        unsigned count)
{
    handle_t portal[SERVICE_PORTALS] = { 0 };
    int error = BELAY_OK;

    for (unsigned i = 0, n = 0; error == BELAY_OK && i < count; i++)
        if (i == 0 || is_next(r, i))
            error = n < SERVICE_PORTALS ? service_portal(s, r[i].badge, &portal[n++]) : BELAY_EINVAL;
    error = error ? error : bind_handlers(s, portal, vcpus);
    if (error == BELAY_OK)
        memcpy(s->portal[client], portal, sizeof portal);
    return error;
}

/* When the VM is destroyed and made again, it gets the same portals: a service gives no handler back. */
int service_attach(struct service *s, handle_t vm, uint32_t client, uint32_t vcpus, const struct service_range *r,
                   unsigned count)
{
    int error = s->portal[client][0] ? BELAY_OK : make_portals(s, client, vcpus, r, count);

    for (unsigned i = 0, n = 0; error == BELAY_OK && i < count; i++) {
        n += is_next(r, i);
        error = hc_trap(vm, r[i].ipa, r[i].bytes, s->portal[client][n]);
    }
    return error;
}

int service_line(const struct service *s, handle_t vm, uint32_t intid, handle_t slot)
{
    handle_t line;
    int error = hc_line_create(vm, intid, &line);

    if (error)
        return error;
    error = hc_grant(s->domain, line, BELAY_RIGHT_USE, slot);
    (void)hc_handle_close(line);
    return error;
}
