/* SPDX-License-Identifier: Apache-2.0 */
#include "fetched.h"

#include "belay/console.h"
#include "load.h"
#include "memory.h"

#define GIB UINT64_C(0x40000000)

/* In whole blocks: an image need not begin with one. */
static uint64_t room(uint64_t bytes)
{
    return (bytes + 2 * BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
}

/* An image has a block's table at each end; RAM one if it is no whole number of blocks. */
struct fetched_size fetched_size(const struct config *c)
{
    struct fetched_size size = { 0 };
    uint64_t bytes = 0;

    for (uint32_t i = 0; i < c->vms; i++) {
        const struct vm_config *vm = &c->vm[i];
        if (vm->payload == NULL)
            continue;
        bytes += room(vm->payload->size) + (vm->initrd ? room(vm->initrd->size) : 0) + room(vm->memory);
        size.mappings += vm->initrd ? 3 : 2;
        size.tables += vm->initrd ? 5 : 3;
    }
    size.tables += bytes ? (bytes + GIB - 1) / GIB : 0;
    return size;
}

static int map_image(const struct image *image, handle_t service, uint64_t *next, struct handset_range *r)
{
    *r = (struct handset_range){ *next + load_address(image) % BLOCK_BYTES, image->size };
    *next += room(image->size);
    return load_map(image, service, r->at, BELAY_MAP_READ);
}

static int map_vm(const struct vm_config *vm, handle_t service, uint64_t *next, struct handset_boot *b)
{
    int error = map_image(vm->payload, service, next, &b->kernel);

    if (error == BELAY_OK && vm->initrd)
        error = map_image(vm->initrd, service, next, &b->initrd);
    b->ram = (struct handset_range){ *next, vm->memory };
    *next += room(vm->memory);
    return error;
}

int fetched_map_images(const struct config *c, handle_t service, struct handset_boot *boot)
{
    uint64_t next = CONSOLE_BOOT_IPA;
    int error = BELAY_OK;

    for (uint32_t i = 0; error == BELAY_OK && i < c->vms; i++)
        if (c->vm[i].payload)
            error = map_vm(&c->vm[i], service, &next, &boot[i]);
    return error;
}

int fetched_map_ram(handle_t service, handle_t ram, const struct handset_boot *boot)
{
    const struct handset_range *r = &boot->ram;

    return r->bytes ? hc_map(service, ram, 0, r->at, r->bytes, BELAY_MAP_READ | BELAY_MAP_WRITE) : BELAY_OK;
}

/* One that is not there, as of a VM that could not be made whole, is no mistake. */
void fetched_unmap_ram(handle_t service, const struct handset_boot *boot)
{
    if (boot->ram.bytes)
        (void)hc_unmap(service, boot->ram.at, boot->ram.bytes);
}
