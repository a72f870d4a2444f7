/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steward's doors: a bundle's tree, a host's device tree, and images. An
 * input's first byte says which; each three bytes after it spoil one byte of a
 * good one. What is accepted has to be what it was checked for.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "good.h"
#include "steward/bundle.h"
#include "steward/devicetree.h"
#include "steward/handset.h"
#include "steward/host.h"
#include "steward/image.h"
#include "steward/tree.h"

#define BUNDLE_BYTES GOOD_BUNDLE_BYTES

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool promise)
{
    if (!promise)
        abort();
}

static bool inside(uint64_t start, uint64_t bytes, uint64_t from, uint64_t to)
{
    return start >= from && start <= to && bytes <= to - start;
}

static void check_config(const struct config *c)
{
    for (uint32_t i = 0; i < c->images; i++)
        demand(c->image[i].size && inside(c->image[i].position, c->image[i].size, 40, BUNDLE_BYTES));
    demand(c->steward.image && c->console.image && c->vms >= 1 && c->vms <= BELAY_VMS_MAX);
    for (uint32_t i = 0; i < c->vms; i++) {
        const struct vm_config *vm = &c->vm[i];
        demand(vm->kernel && strlen(vm->name) <= BELAY_NAME_MAX && vm->cmdline);
        demand(vm->vcpus >= 1 && vm->vcpus <= BELAY_VCPUS_MAX && vm->cpu[vm->vcpus - 1] < 4);
        demand(vm->memory && vm->memory % BELAY_PAGE_SIZE == 0);
        demand(vm->timing.priority >= 1 && vm->timing.priority <= 255);
        demand(vm->devices.bytes == 0 || vm->devices.first[vm->devices.bytes - 1] == '\0');
    }
}

/* The bytes that the steward maps, alone in their block. */
static void *map_tree(const uint8_t *data, size_t size)
{
    uint64_t bytes = tree_bytes(data, size, size);
    void *copy = bytes ? aligned_alloc(8, (bytes + 7) & ~7ull) : NULL;

    if (copy)
        memcpy(copy, data, bytes);
    return copy;
}

static void fuzz_bundle(const void *fdt)
{
    static struct config c;
    struct problem why;

    if (bundle_read(fdt, BUNDLE_BYTES, 4, &c, &why))
        check_config(&c);
    else
        demand(strlen(why.text) > 0);
}

static void fuzz_host(const void *fdt)
{
    static _Alignas(8) uint8_t guest[HANDSET_DTB_MAX];
    struct host_uart uart;
    struct host_device d;
    struct problem why;
    struct guest_tree g = { .memory = 1 << 21, .vcpus = 1, .cmdline = "", .host = fdt, .devices = 1, .device = &d };

    if (fdt_check_header(fdt) != 0)
        return;
    host_find_uart(fdt, &uart, &why);
    if (!host_find_device(fdt, "/soc/rtc@9010000", &d, &why) && !host_find_device(fdt, "/pl031@9010000", &d, &why))
        return;
    demand(d.regs <= HOST_REGS_MAX && d.irqs <= HOST_IRQS_MAX);
    size_t bytes = devicetree_write(guest, sizeof guest, &g);
    demand(bytes == 0 || fdt_check_full(guest, bytes) == 0);
}

static void fuzz_image(enum vm_kind kind, const uint8_t *data, size_t size)
{
    const struct image kernel = { .name = "k", .size = (uint32_t)size }, initrd = { .name = "i", .size = 5000 };
    const struct vm_config vm = { .name = "vm", .memory = 4 << 20, .kind = kind, .kernel = &kernel,
                                  .initrd = kind == VM_LINUX ? &initrd : NULL };
    struct placing p;
    struct problem why;
    uint64_t end = HANDSET_RAM + vm.memory;

    if (!image_place(&vm, data, &p, &why))
        return;
    demand(inside(p.entry, 0, HANDSET_RAM, end) && inside(p.dtb, HANDSET_DTB_MAX, HANDSET_RAM, end));
    demand(p.initrd == 0 || inside(p.initrd, initrd.size, HANDSET_RAM, p.dtb));
    demand(kind == VM_ELF || inside(p.kernel, size, HANDSET_RAM, p.initrd ? p.initrd : p.dtb));
}

#define KINDS 5

static size_t make_good(uint8_t which, uint8_t *to, size_t size)
{
    switch (which) {
    case 0:  return good_bundle(to, size);
    case 1:  return good_host(to, size);
    case 2:  return good_linux(to, size, 0x80000, 1 << 20, 0);
    case 3:  return good_elf(to, size, HANDSET_RAM + 0x80000);
    default: return size;       /* raw: anything */
    }
}

/* Made once, which takes longer than all that is done with it. */
static size_t copy_good(uint8_t which, uint8_t *to)
{
    static _Alignas(8) uint8_t good[KINDS][GOOD_ELF_BYTES];
    static size_t bytes[KINDS];

    if (bytes[which] == 0)
        bytes[which] = make_good(which, good[which], sizeof good[which]);
    memcpy(to, good[which], bytes[which]);
    return bytes[which];
}

static void spoil(uint8_t *good, size_t bytes, const uint8_t *data, size_t size)
{
    for (; size >= 3; data += 3, size -= 3)
        good[(data[0] | data[1] << 8) % bytes] = data[2];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(8) uint8_t good[GOOD_ELF_BYTES];
    uint8_t which = size ? data[0] % KINDS : 0;
    size_t bytes = copy_good(which, good);

    demand(bytes != 0);
    if (size)
        spoil(good, bytes, data + 1, size - 1);
    if (which >= 2) {
        fuzz_image((enum vm_kind)(which - 2), good, bytes);
        return 0;
    }
    void *tree = map_tree(good, bytes);
    if (tree)
        (which == 0 ? fuzz_bundle : fuzz_host)(tree);
    free(tree);
    return 0;
}
