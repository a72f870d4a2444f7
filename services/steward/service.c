/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

#include <string.h>

#include "load.h"
#include "pool.h"
#include "tag.h"

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
           h->entry_offset < h->text_bytes && h->portal_offset < h->text_bytes;
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
    uint64_t bytes = pool_of_service(1 + size->handlers, size->portals, size->handles,
                                     5 + size->mappings + size->handlers);

    if (!memory_take_pool(bytes, &pool) ||
        !memory_take(handler_offset(s, size->handlers), BELAY_PAGE_SIZE, &s->memory))
        return BELAY_ENOMEM;
    int error = hc_domain_create(pool.handle, BELAY_DOMAIN_SERVICE, size->handles, tag(s->name), &s->domain);
    error = error ? error : hc_handle_close(pool.handle);
    error = error ? error : map_all(s);
    return error ? error : hc_thread_create(s->domain, BELAY_SERVICE_BASE, &s->worker);
}

bool service_make(struct service *s, const char *name, const struct image *image, const struct service_size *size,
                  struct problem *why)
{
    *s = (struct service){ .name = name, .image = image, .handlers_max = size->handlers };
    if (!read_header(s, why))
        return false;
    if (s->header.portal_offset == 0 || handler_ipa(s, size->handlers) > BELAY_SERVICE_BASE - s->header.stack_bytes)
        return problem(why, "%s: has no portals, or too many clients", name);
    int error = make_domain(s, size);
    return error == BELAY_OK || problem(why, "%s: could not be made: error %d", name, error);
}

bool service_fill(struct service *s, const void *page, uint32_t page_bytes, bool again, struct problem *why)
{
    const struct belay_service_header *h = &s->header;
    uint32_t zeros = h->bss_bytes + (again ? 0 : h->persist_bytes);
    struct view v;
    uint8_t *to = view_open(&v, VIEW_SERVICE, &s->memory, 0, s->memory.bytes, READ_WRITE);
    if (to == NULL)
        return problem(why, "%s: the steward has no room to see its memory", s->name);

    bool done = load_image(s->image, to, why);
    memset(to + loaded_bytes(h), 0, zeros);
    memcpy(to + page_offset(s), page, page_bytes);
    view_close(&v);
    return done;
}

int service_run(const struct service *s)
{
    int error = hc_start(s->worker, BELAY_SERVICE_BASE + s->header.entry_offset, 0, 0);

    return error ? error : hc_domain_start(s->domain);
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
