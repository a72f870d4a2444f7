/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include "bundle.h"
#include "load.h"
#include "memory.h"
#include "slice.h"
#include "tree.h"
#include "voice.h"

static struct config config;
static struct machine machine;

/* An extent that the nucleus gave by a handle of its own. */
static struct extent given(handle_t handle)
{
    struct mem_info m = { 0 };

    if (hc_mem_info(handle, &m) != BELAY_OK)
        fatal("the nucleus gave no extent %u", handle);
    return (struct extent){ handle, m.pa, m.bytes, m.kind };
}

/* A flattened tree at `offset` of an extent, to be read from now on; its first page tells how much of it there is. */
static const void *view_tree(enum view_place place, const struct extent *e, uint64_t offset, uint64_t bytes,
                             uint64_t *size)
{
    struct view v;
    uint64_t first = bytes < BELAY_PAGE_SIZE ? bytes : BELAY_PAGE_SIZE;
    const void *head = view_open(&v, place, e, offset, first, BELAY_MAP_READ);

    *size = head ? tree_bytes(head, first, bytes) : 0;
    view_close(&v);
    return *size ? view_open(&v, place, e, offset, *size, BELAY_MAP_READ) : NULL;
}

const struct machine *machine_read(void)
{
    const struct belay_boot_info *info = (const void *)(uintptr_t)BELAY_BOOT_INFO;
    struct extent bundle = given(BELAY_H_BUNDLE), dtb = given(BELAY_H_DTB);
    uint64_t size;
    struct problem why;

    if (info->version != BELAY_ABI_VERSION || memory_init(info) != BELAY_OK)
        fatal("the steward and the nucleus are of different versions");
    const void *fit = view_tree(VIEW_TREE, &bundle, info->bundle_offset, info->bundle_bytes, &size);
    if (fit == NULL)
        fatal("bundle: /: is not a flattened image tree of less than 1 MiB");
    if (!bundle_read(fit, info->bundle_bytes, info->cpus, &config, &why))
        fatal("bundle: %s", why.text);
    slices_share_out(&config);
    const void *host = view_tree(VIEW_HOST, &dtb, info->dtb_offset, info->dtb_bytes, &size);
    if (host == NULL)
        fatal("host device tree: /: is not a flattened device tree of less than 768 KiB");
    load_init(&bundle, info->bundle_offset);
    machine = (struct machine){ info, host, &config };
    return &machine;
}
