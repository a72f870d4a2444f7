/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "units.h"

/* What is set aside for Belay itself; more than it takes, so that a machine that passes does start. */
#define NUCLEUS_ROOM  (4 * MIB)        /* with the host's device tree */
#define SERVICES_ROOM (4 * MIB)
#define VM_ROOM       (1 * MIB)        /* page tables and objects of one VM */
#define BLOCK         (2 * MIB)        /* what a VM's RAM is aligned to */
#define STEP          (128 * MIB)      /* of the memory that a board is given */

static uint64_t align_up(uint64_t value)
{
    return (value + BLOCK - 1) / BLOCK * BLOCK;
}

static uint64_t file_room(const struct config *c, const char *name)
{
    char *path = config_path(c, name);
    struct stat status;
    uint64_t size = stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
    free(path);
    return align_up(size);
}

static uint64_t images_room(const struct config *c, const struct vm *vm)
{
    if (vm->elf)
        return file_room(c, vm->elf);
    if (vm->raw)
        return file_room(c, vm->raw->image);
    if (!vm->linux_image)
        return 0;
    const char *initrd = vm->linux_image->initrd;
    return file_room(c, vm->linux_image->kernel) + (initrd ? file_room(c, initrd) : 0);
}

static uint64_t bundle_room(const struct config *c)
{
    uint64_t sum = BLOCK;
    for (unsigned i = 0; i < c->machine->vms_count; i++)
        sum += images_room(c, &c->machine->vms[i]);
    return sum;
}

static uint64_t vm_room(const struct vm *vm)
{
    return align_up(vm->memory) + VM_ROOM;
}

uint64_t memory_needed(const struct config *c)
{
    uint64_t sum = NUCLEUS_ROOM + SERVICES_ROOM + bundle_room(c);
    for (unsigned i = 0; i < c->machine->vms_count; i++)
        sum += vm_room(&c->machine->vms[i]);
    return sum;
}

/*
 * A VM's RAM is one piece, and the boot loader puts the bundle in the midst of
 * the board's. The steward places the VMs in the order of the file, each in the
 * smaller piece that holds it. The first that has no room, or NULL.
 */
static const struct vm *vm_without_room(const struct config *c, const struct board *b, uint64_t memory)
{
    uint64_t bundle_at = memory / 2 < b->bundle_offset_max ? memory / 2 : b->bundle_offset_max;
    uint64_t bundle_end = bundle_at + bundle_room(c) + SERVICES_ROOM;
    if (bundle_at < NUCLEUS_ROOM || bundle_end > memory)
        return &c->machine->vms[0];
    uint64_t below = bundle_at - NUCLEUS_ROOM, above = memory - bundle_end;
    for (unsigned i = 0; i < c->machine->vms_count; i++) {
        uint64_t room = vm_room(&c->machine->vms[i]);
        uint64_t *smaller = below < above ? &below : &above, *larger = below < above ? &above : &below;
        uint64_t *piece = room <= *smaller ? smaller : larger;
        if (room > *piece)
            return &c->machine->vms[i];
        *piece -= room;
    }
    return NULL;
}

/* The least that would do. */
static uint64_t memory_enough(const struct config *c, const struct board *b)
{
    uint64_t memory = memory_needed(c) / STEP * STEP;
    while (memory < memory_needed(c) || vm_without_room(c, b, memory))
        memory += STEP;
    return memory;
}

static void check_page(struct config *c, unsigned index)
{
    const struct vm *vm = &c->machine->vms[index];
    struct place p = config_vm(c, index);
    if (vm->memory % BELAY_PAGE_SIZE)
        config_wrong(c, p, "memory", "memory %s is not a multiple of 4K; write %s", show_size(vm->memory).text,
                     show_size(vm->memory / BELAY_PAGE_SIZE * BELAY_PAGE_SIZE + BELAY_PAGE_SIZE).text);
    else if (vm->memory > c->machine->memory)
        config_wrong(c, p, "memory", "memory %s is more than the board has, %s; write less, or the board's 'memory:' "
                     "at the top", show_size(vm->memory).text, show_size(c->machine->memory).text);
}

void check_memory(struct config *c, const struct board *b)
{
    size_t before = c->report->count;
    for (unsigned i = 0; i < c->machine->vms_count; i++)
        check_page(c, i);
    if (c->report->count > before || c->machine->memory > b->memory_max)
        return;
    struct place top = place_root(&c->source);
    const struct vm *vm = vm_without_room(c, b, c->machine->memory);
    if (memory_needed(c) > c->machine->memory)
        config_wrong(c, top, "memory", "VMs, bundle and Belay need %s of memory, the board has %s; write 'memory: %s' "
                     "at the top, or give the VMs less", show_size(align_up(memory_needed(c))).text,
                     show_size(c->machine->memory).text, show_size(memory_enough(c, b)).text);
    else if (vm)
        config_wrong(c, config_vm(c, (unsigned)(vm - c->machine->vms)), "memory",
                     "memory %s of %s does not fit in one piece beside the bundle; write 'memory: %s' at the top",
                     show_size(vm->memory).text, vm->name, show_size(memory_enough(c, b)).text);
}
