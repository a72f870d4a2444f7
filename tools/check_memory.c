/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "units.h"

/* What is set aside for Belay itself; more than it takes, so that a machine that passes does start. */
#define NUCLEUS_ROOM  (4 * MIB)        /* with the host's device tree */
#define SERVICES_ROOM (4 * MIB)
#define VM_ROOM       (1 * MIB)        /* page tables and objects of one VM */
#define FLASH_ROOM    (2 * MIB)        /* what a VM's flash stores, and page tables of the rest */
#define BLOCK         (2 * MIB)        /* what a VM's RAM is aligned to */
#define STEP          (128 * MIB)      /* of the memory that a board is given */
#define BUNDLE_MAX    (2 * GIB)        /* its tree has places of 32 bits, and readers that take them as signed */

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

struct names {
    const char *list[3 * BELAY_VMS_MAX];
    unsigned count;
};

/* An image that several VMs share is in the bundle once. */
static void add_name(struct names *n, const char *name)
{
    for (unsigned i = 0; name && i < n->count; i++) {
        if (strcmp(n->list[i], name) == 0)
            return;
    }
    if (name)
        n->list[n->count++] = name;
}

static uint64_t bundle_room(const struct config *c)
{
    struct names names = { .count = 0 };
    for (unsigned i = 0; i < c->machine->vms_count; i++) {
        const struct vm *vm = &c->machine->vms[i];
        add_name(&names, vm->linux_image ? vm->linux_image->kernel : vm->elf ? vm->elf :
                         vm->raw ? vm->raw->image : NULL);
        add_name(&names, vm->firmware);
        add_name(&names, vm->linux_image ? vm->linux_image->initrd : NULL);
    }
    uint64_t sum = BLOCK;
    for (unsigned i = 0; i < names.count; i++)
        sum += file_room(c, names.list[i]);
    return sum;
}

static uint64_t vm_room(const struct vm *vm)
{
    return align_up(vm->memory) + VM_ROOM + (vm->firmware ? FLASH_ROOM : 0);
}

uint64_t memory_needed(const struct config *c)
{
    uint64_t sum = NUCLEUS_ROOM + SERVICES_ROOM + bundle_room(c);
    for (unsigned i = 0; i < c->machine->vms_count; i++)
        sum += vm_room(&c->machine->vms[i]);
    return sum;
}

/* The steward makes the VMs by priority, in the order of the file among equals: next_to_make(). */
static const struct vm *next_to_place(const struct config *c, uint32_t placed)
{
    const struct vm *next = NULL;
    for (unsigned i = 0; i < c->machine->vms_count; i++) {
        const struct vm *vm = &c->machine->vms[i];
        if (!(placed >> i & 1) && (!next || vm->priority > next->priority))
            next = vm;
    }
    return next;
}

/*
 * A VM's RAM is one piece, and the boot loader puts the bundle in the midst of
 * the board's. The steward places each VM in the smaller piece that holds it.
 * The first that has no room, or NULL.
 */
static const struct vm *vm_without_room(const struct config *c, const struct board *b, uint64_t memory)
{
    uint64_t bundle_at = memory / 2 < b->bundle_offset_max ? memory / 2 : b->bundle_offset_max;
    uint64_t bundle_end = bundle_at + bundle_room(c) + SERVICES_ROOM;
    if (bundle_at < NUCLEUS_ROOM || bundle_end > memory)
        return &c->machine->vms[0];
    uint64_t below = bundle_at - NUCLEUS_ROOM, above = memory - bundle_end;
    uint32_t placed = 0;
    for (const struct vm *vm; (vm = next_to_place(c, placed)) != NULL;) {
        uint64_t room = vm_room(vm);
        uint64_t *smaller = below < above ? &below : &above, *larger = below < above ? &above : &below;
        uint64_t *piece = room <= *smaller ? smaller : larger;
        if (room > *piece)
            return vm;
        *piece -= room;
        placed |= UINT32_C(1) << (vm - c->machine->vms);
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
    if (bundle_room(c) >= BUNDLE_MAX) {
        config_wrong(c, top, "vms", "the images of all VMs come to %s, a bundle holds less than %s; write smaller ones, "
                     "or let VMs share one", show_size(bundle_room(c)).text, show_size(BUNDLE_MAX).text);
        return;
    }
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
