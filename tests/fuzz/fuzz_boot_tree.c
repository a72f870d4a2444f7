/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nucleus's own parser: the host's device tree. Each three bytes of an
 * input spoil one byte of a good one. What is accepted has to be what the boot
 * room goes on with unchecked.
 */
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "boot_world.h"
#include "good.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool promise)
{
    if (!promise)
        abort();
}

static void check_ranges(const struct ranges *r)
{
    demand(r->count <= RANGES_MAX);
    for (unsigned i = 0; i < r->count; i++)
        demand(r->range[i].start < r->range[i].end);
}

/* The machine reads a tree where it lies: here alone in its block, with the bytes that its header claims and no more. */
static void read_alone(const uint8_t *good)
{
    static struct host host;
    size_t bytes = fdt_check_header(good) == 0 && fdt_totalsize(good) <= 0x4000 ? fdt_totalsize(good) : 0;

    if (bytes == 0)
        return;
    void *copy = aligned_alloc(8, (bytes + 7) & ~(size_t)7);
    demand(copy != NULL);
    memcpy(copy, good, bytes);
    if (world_read_host(copy, &host)) {
        demand(host.ram.count && host.bundle.start < host.bundle.end);
        demand(host.gic.version == 3 ? host.gic.frames == 2 : host.gic.version == 2 && host.gic.frames == 4);
        for (unsigned i = 0; i < host.gic.frames; i++)
            demand(host.gic.frame[i].bytes >= 0x1000 && host.gic.frame[i].start % 0x1000 == 0);
        check_ranges(&host.ram);
        check_ranges(&host.reserved);
    } else {
        demand(strlen(world_node) > 0 || strlen(world_why) > 0);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(8) uint8_t good[0x4000];
    size_t bytes = good_host(good, sizeof good);

    demand(bytes != 0);
    for (; size >= 3; data += 3, size -= 3)
        good[(data[0] | data[1] << 8) % bytes] = data[2];
    read_alone(good);
    return 0;
}
