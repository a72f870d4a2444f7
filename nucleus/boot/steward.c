/* SPDX-License-Identifier: Apache-2.0 */
/* The first service: found in the bundle, made, and given what the machine has. */
#include <libfdt.h>

#include "base/address.h"
#include "base/string.h"
#include "belay/bundle.h"
#include "boot/boot.h"
#include "core/cpu.h"
#include "core/domain.h"
#include "core/machine.h"
#include "core/mem.h"
#include "core/sched.h"
#include "core/thread.h"
#include "virt/vcpu.h"

#define TREE "bundle"
#define STEWARD_POOL      (12 * PAGE_SIZE)
#define STEWARD_HANDLES   HANDLES_MAX
#define DEFAULT_PRIORITY  120

/* Device space is what is no RAM, up to where the nucleus maps. */
#define DEVICE_LIMIT (UINT64_C(1) << 39)

struct image {
    const struct belay_service_header *header;
    uint64_t offset;            /* in the bundle */
    uint64_t priority;
};

static uint32_t cell(const void *fit, int node, const char *name, const char *path)
{
    int length;
    const fdt32_t *p = fdt_getprop(fit, node, name, &length);

    if (p == NULL || length != 4)
        boot_fail(TREE, path, "data-position and data-size must be one cell each");
    return fdt32_ld(p);
}

static struct image find_steward(const struct host *host)
{
    const void *fit = pa_to_ptr(pa(host->bundle.start));
    uint64_t bytes = host->bundle.end - host->bundle.start;

    if (bytes < sizeof(struct fdt_header) || fdt_check_header(fit) != 0 || fdt_totalsize(fit) > bytes)
        boot_fail(TREE, "/", "is no flattened image tree: give the bundle that `belay pack` made as the initrd");
    int node = fdt_path_offset(fit, BELAY_BUNDLE_STEWARD);
    if (node < 0)
        boot_fail(TREE, BELAY_BUNDLE_STEWARD, "there is no such node");
    uint64_t position = cell(fit, node, "data-position", BELAY_BUNDLE_STEWARD);
    uint64_t size = cell(fit, node, "data-size", BELAY_BUNDLE_STEWARD);
    if (!page_aligned(position) || !range_ok(position, size, bytes) || size < sizeof(struct belay_service_header))
        boot_fail(TREE, BELAY_BUNDLE_STEWARD, "data-position and data-size do not lie in the bundle, on a page");

    struct image image = { .offset = position, .priority = DEFAULT_PRIORITY };
    const struct belay_service_header *h = image.header = (const void *)((uintptr_t)fit + position);
    uint64_t loaded = (uint64_t)h->text_bytes + h->rodata_bytes + h->data_bytes;
    if (h->magic != BELAY_SERVICE_MAGIC || h->abi_version != BELAY_ABI_VERSION || h->text_bytes == 0 ||
        !page_aligned(h->text_bytes | h->rodata_bytes | h->data_bytes | h->bss_bytes | h->persist_bytes | h->stack_bytes) ||
        ((loaded + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1)) > ((size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1)) ||
        h->entry_offset >= h->text_bytes || h->stack_bytes >= BELAY_SERVICE_BASE - BELAY_BOOT_INFO - PAGE_SIZE)
        boot_fail(TREE, BELAY_BUNDLE_STEWARD, "is no service image of this version of Belay");

    int config = fdt_path_offset(fit, BELAY_BUNDLE_CONFIG "/services/steward");
    if (config >= 0 && fdt_getprop(fit, config, "priority", NULL))
        image.priority = cell(fit, config, "priority", BELAY_BUNDLE_CONFIG "/services/steward");
    return image;
}

static void *object_of(struct domain *d, size_t bytes)
{
    void *p = pool_object(&d->pool, bytes);

    if (p == NULL)
        panic("out of memory", "the steward's pool", bytes);
    return p;
}

static struct mem *extent(struct domain *d, uint64_t start, uint64_t end, enum belay_mem kind)
{
    struct mem *m = object_of(d, sizeof *m);

    *m = (struct mem){ .base = pa(start), .size = end - start, .kind = kind };
    return m;
}

static void give(struct domain *d, uint32_t slot, enum object_type type, void *object, uint32_t rights)
{
    const struct handle h = handle_of(type, object, rights, 0);

    (void)handle_put(&d->handles.slot[slot], &h);
}

static void map(struct domain *d, struct mem *m, uint64_t offset, uint64_t at, uint64_t size, unsigned flags)
{
    uint64_t done;
    int result = BELAY_EAGAIN;

    if (size == 0)
        return;
    for (; result == BELAY_EAGAIN; offset += done, at += done, size -= done)
        result = mem_map(d, m, offset, ipa(at), size, flags, &done);
    if (result != BELAY_OK)
        panic("cannot map", "the steward", at);
}

static struct mem *take(struct domain *d, struct host *host, uint64_t bytes)
{
    uint64_t at = ranges_take(&host->ram, bytes);

    if (at == 0)
        boot_fail("host device tree", "/memory", "too little for the steward");
    memset(pa_to_ptr(pa(at)), 0, bytes);
    return extent(d, at, at + bytes, BELAY_MEM_RAM);
}

/* Text and read-only data stay in the bundle; the rest, and the stack, are memory of its own. */
static void load(struct domain *d, struct host *host, const struct image *image, struct mem *bundle)
{
    const struct belay_service_header *h = image->header;
    uint64_t fixed = (uint64_t)h->text_bytes + h->rodata_bytes;
    uint64_t variable = (uint64_t)h->data_bytes + h->bss_bytes + h->persist_bytes;
    struct mem *own = take(d, host, variable + h->stack_bytes + PAGE_SIZE);

    memcpy(pa_to_ptr(own->base), (const uint8_t *)h + fixed, h->data_bytes);
    map(d, bundle, image->offset, BELAY_SERVICE_BASE, h->text_bytes, BELAY_MAP_READ | BELAY_MAP_EXEC);
    map(d, bundle, image->offset + h->text_bytes, BELAY_SERVICE_BASE + h->text_bytes, h->rodata_bytes, BELAY_MAP_READ);
    map(d, own, 0, BELAY_SERVICE_BASE + fixed, variable, BELAY_MAP_READ | BELAY_MAP_WRITE);
    map(d, own, variable, BELAY_SERVICE_BASE - h->stack_bytes, h->stack_bytes, BELAY_MAP_READ | BELAY_MAP_WRITE);
    map(d, own, variable + h->stack_bytes, BELAY_BOOT_INFO, PAGE_SIZE, BELAY_MAP_READ);

    struct belay_boot_info *info = pa_to_ptr(pa(own->base.v + variable + h->stack_bytes));
    *info = (struct belay_boot_info){
        .version = BELAY_ABI_VERSION, .cpus = cpus_running,
        .bundle_bytes = host->bundle.end - host->bundle.start,
        .dtb_bytes = host->dtb.end - host->dtb.start, .dtb_offset = host->dtb.start & (PAGE_SIZE - 1),
        .vm_bytes = sizeof(struct vm), .vcpu_bytes = sizeof(struct vcpu),
        .nucleus_bytes = (uint32_t)((uint64_t)(image_end - text_start) + STEWARD_POOL + host->cpu_bytes),
        .gic = host->gic.version, .counter_hz = sysreg_read(cntfrq_el0), .boot_ticks = boot_ticks,
    };
    host->info = info;
}

/* All that nobody owns: RAM, then device space but for the interrupt controller. */
static void give_memory(struct domain *d, struct host *host)
{
    struct ranges devices = { 0 };
    uint32_t slot = BELAY_H_MEM;

    ranges_add(&host->ram, (uintptr_t)image_start, (uintptr_t)boot_end);
    ranges_add(&devices, 0, DEVICE_LIMIT);
    for (unsigned i = 0; i < host->all_ram.count; i++)
        ranges_remove(&devices, host->all_ram.range[i].start, host->all_ram.range[i].end);
    for (unsigned i = 0; i < host->reserved.count; i++)
        ranges_remove(&devices, host->reserved.range[i].start, host->reserved.range[i].end);
    for (unsigned i = 0; i < host->gic.frames; i++) {
        uint64_t end = host->gic.frame[i].start + host->gic.frame[i].bytes;
        ranges_remove(&devices, host->gic.frame[i].start, (end + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));
    }

    for (unsigned i = 0; i < host->ram.count && slot < BELAY_H_MEM + BELAY_BOOT_MEMS - 6; i++)
        if (host->ram.range[i].start < host->ram.range[i].end)
            give(d, slot++, OBJECT_MEM, extent(d, host->ram.range[i].start, host->ram.range[i].end, BELAY_MEM_RAM),
                 BELAY_RIGHT_ALL);
    for (unsigned i = 0; i < devices.count && slot < BELAY_H_MEM + BELAY_BOOT_MEMS; i++)
        if (devices.range[i].start < devices.range[i].end)
            give(d, slot++, OBJECT_MEM, extent(d, devices.range[i].start, devices.range[i].end, BELAY_MEM_DEVICE),
                 BELAY_RIGHT_ALL & ~BELAY_RIGHT_EXEC);
    host->info->mems = slot - BELAY_H_MEM;
}

void boot_make_steward(struct host *host)
{
    struct image image = find_steward(host);
    uint64_t at = ranges_take(&host->ram, STEWARD_POOL);
    if (at == 0)
        boot_fail("host device tree", "/memory", "too little for the steward");
    struct mem pool = { .base = pa(at), .size = STEWARD_POOL, .kind = BELAY_MEM_RAM };
    struct domain *d = domain_create(&pool, sizeof *d, BELAY_DOMAIN_SERVICE, STEWARD_HANDLES,
                                     UINT64_C(0x64726177657473) /* "steward" */);
    if (d == NULL)
        panic("out of memory", "the steward's pool", STEWARD_POOL);
    d->pool_mem = extent(d, at, at + STEWARD_POOL, BELAY_MEM_RAM);
    d->pool_mem->pool_of = d;
    d->has_mems = true;
    struct mem *bundle = extent(d, host->bundle.start, (host->bundle.end + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1),
                                BELAY_MEM_RAM);
    struct mem *dtb = extent(d, host->dtb.start & ~(PAGE_SIZE - 1), (host->dtb.end + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1),
                             BELAY_MEM_RAM);
    load(d, host, &image, bundle);
    give_memory(d, host);
    give(d, BELAY_H_SELF, OBJECT_DOMAIN, d, BELAY_RIGHT_ALL);
    give(d, BELAY_H_MACHINE, OBJECT_MACHINE, &machine, BELAY_RIGHT_ALL);
    give(d, BELAY_H_BUNDLE, OBJECT_MEM, bundle, BELAY_RIGHT_USE | BELAY_RIGHT_GRANT | BELAY_RIGHT_EXEC);
    give(d, BELAY_H_DTB, OBJECT_MEM, dtb, BELAY_RIGHT_USE | BELAY_RIGHT_GRANT);

    struct thread *t = thread_create(d, BELAY_SERVICE_BASE);
    if (t == NULL || sched_set(&t->context, 0, (unsigned)image.priority, false, 0, 0) != BELAY_OK)
        boot_fail(TREE, BELAY_BUNDLE_CONFIG "/services/steward", "priority must be 1 to 255");
    give(d, BELAY_H_THREAD, OBJECT_CONTEXT, &t->context, BELAY_RIGHT_ALL);
    thread_begin(t, BELAY_SERVICE_BASE + image.header->entry_offset, 0, 0);
    context_wake(&t->context);
    domain_start(d);
}
