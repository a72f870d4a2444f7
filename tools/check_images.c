/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "units.h"

#define GUEST_RAM  UINT64_C(0x40000000)    /* of every VM: docs/guests.md */
#define TREE_ROOM  (64 * KIB)              /* a guest's device tree, which starts at a multiple of it */

#define FLASH_MAX  (64 * MIB)              /* a bank of a VM's flash */

/* The steward sees an image by whole blocks of 2 MiB in a window of 512 MiB, wherever in a block the image begins. */
#define IMAGE_MAX  (510 * MIB)

/* One image of a VM: where it is named, and its file. */
struct look {
    struct config *config;
    const struct vm *vm;
    struct place place;                    /* what holds the key */
};

static bool open_image(const struct look *l, const char *key, const char *name, struct file *f)
{
    char *path = config_path(l->config, name);
    const char *wrong = file_map(f, path);
    if (wrong)
        config_wrong(l->config, l->place, key, "%s: %s %s; write the path of a file, from this file's "
                   "folder", key, path, wrong);
    free(path);
    if (!wrong && f->size > IMAGE_MAX) {
        config_wrong(l->config, l->place, key, "%s: %s has %lluM, but Belay loads at most %s; write the path of a smaller "
                     "file", key, name, (unsigned long long)((f->size + MIB - 1) / MIB), show_size(IMAGE_MAX).text);
        file_unmap(f);
        return false;
    }
    return !wrong;
}

static void wrong_image(const struct look *l, const char *key, const char *name, const char *wrong, const char *instead)
{
    config_wrong(l->config, l->place, key, "%s: %s %s; %s", key, name, wrong, instead);
}

static uint64_t align_up(uint64_t value, uint64_t to)
{
    return (value + to - 1) / to * to;
}

static void check_room(const struct look *l, struct place p, uint64_t needed)
{
    if (needed <= l->vm->memory)
        return;
    uint64_t rounded = align_up(needed, needed < 2 * MIB ? BELAY_PAGE_SIZE : 2 * MIB);
    config_wrong(l->config, p, "memory", "memory %s is less than the images of %s and its device tree need; write "
                 "'memory: %s' or more", show_size(l->vm->memory).text, l->vm->name, show_size(rounded).text);
}

/* The least memory in which the steward finds a place for all behind an image that ends there: place_behind(). */
static uint64_t room_with_rest(uint64_t end, uint64_t initrd)
{
    uint64_t rest_end = initrd ? align_up(end, BELAY_PAGE_SIZE) + initrd : end;
    return align_up(rest_end, TREE_ROOM) + TREE_ROOM;
}

/* A kernel of the other mode is known by its header. */
static const char *which_kernel(const struct look *l, const struct file *f)
{
    uint64_t bytes;
    if (l->vm->mode == MODE_AARCH32)
        return image_linux(f, &bytes) ? "write the path of a 'zImage', which arch/arm/boot/ of a kernel build has"
                                      : "remove 'mode: aarch32', or write the path of an arm 'zImage'";
    if (!image_zimage(f, &bytes))
        return "write 'mode: aarch32', or the path of an arm64 'Image'";
    return f->data[0] == 0x1f ? "unpack it with gunzip"
                              : "write the path of an uncompressed 'Image', which arch/arm64/boot/ of a kernel build has";
}

static void check_linux(const struct look *l, struct place p)
{
    const struct linux_image *image = l->vm->linux_image;
    struct file f;
    uint64_t kernel = 0, initrd = 0;
    if (open_image(l, "kernel", image->kernel, &f)) {
        const char *wrong = l->vm->mode == MODE_AARCH32 ? image_zimage(&f, &kernel) : image_linux(&f, &kernel);
        if (wrong)
            wrong_image(l, "kernel", image->kernel, wrong, which_kernel(l, &f));
        file_unmap(&f);
    }
    if (image->initrd && open_image(l, "initrd", image->initrd, &f)) {
        initrd = f.size;
        file_unmap(&f);
    }
    check_room(l, p, room_with_rest(kernel, initrd));
}

static void check_elf(const struct look *l, struct place p)
{
    struct file f;
    uint64_t low = GUEST_RAM, high = GUEST_RAM;
    if (!open_image(l, "elf", l->vm->elf, &f))
        return;
    const char *wrong = image_elf(&f, &low, &high);
    bool enters_code = !wrong && image_elf_entry(&f);
    file_unmap(&f);
    if (wrong)
        wrong_image(l, "elf", l->vm->elf, wrong, "write the path of an AArch64 executable, or use 'raw'");
    else if (!enters_code)
        wrong_image(l, "elf", l->vm->elf, "has its entry outside its code", "link it with an entry (-e) that is in an "
                    "executable segment");
    else if (low < GUEST_RAM)
        wrong_image(l, "elf", l->vm->elf, "is linked below the RAM of a VM", "link it at 0x40000000 or above");
    else    /* the tree goes to the start of the memory if the ELF file leaves room there */
        check_room(l, p, low - GUEST_RAM >= TREE_ROOM ? high - GUEST_RAM : room_with_rest(high - GUEST_RAM, 0));
}

static void check_raw(const struct look *l, struct place p)
{
    struct raw_image *raw = l->vm->raw;
    struct file f;
    if (!open_image(l, "image", raw->image, &f))
        return;
    uint64_t size = f.size, at = raw->load_address_text ? raw->load_address : GUEST_RAM;
    file_unmap(&f);
    if (at < GUEST_RAM || at - GUEST_RAM > UINT64_C(1) << 38)
        config_wrong(l->config, l->place, "load-address",
                   "load-address 0x%llx is not in the RAM of %s; write 0x40000000 or above", (unsigned long long)at,
                   l->vm->name);
    else
        check_room(l, p, room_with_rest(at - GUEST_RAM + size, 0));
}

static void check_firmware(const struct look *l, struct place p)
{
    struct file f;
    if (!open_image(l, "firmware", l->vm->firmware, &f))
        return;
    if (f.size > FLASH_MAX)
        wrong_image(l, "firmware", l->vm->firmware, "is larger than 64M, which a VM's flash has room for",
                    "write the path of a smaller one");
    file_unmap(&f);
    check_room(l, p, TREE_ROOM);
}

/* What AArch32 can't have. */
static void check_mode(struct config *c, struct place p, const struct vm *vm)
{
    if (vm->mode != MODE_AARCH32)
        return;
    if (vm->elf)
        config_wrong(c, p, "elf", "elf is for mode aarch64 alone; write 'raw:' and the program as its bytes "
                     "(objcopy -O binary)");
    if (vm->memory > BELAY_AARCH32_MEMORY)
        config_wrong(c, p, "memory", "memory %s goes beyond what AArch32 addresses; write 'memory: 3G' or less",
                     show_size(vm->memory).text);
    if (vm->debug == YES)
        config_wrong(c, p, "debug", "debug is for mode aarch64 alone; remove it");
}

/* It stays in the bundle till the firmware fetches it, which says itself what it can start: an EFI application, mostly. */
static void check_payload(const struct look *l)
{
    const struct linux_image *image = l->vm->linux_image;
    struct file f;
    uint64_t bytes;
    if (open_image(l, "kernel", image->kernel, &f)) {
        const char *wrong = f.size >= 2 && memcmp(f.data, "MZ", 2) == 0 ? NULL : image_linux(&f, &bytes);
        if (wrong)
            wrong_image(l, "kernel", image->kernel, wrong, "write the path of an EFI application for arm64, such as an "
                        "uncompressed 'Image'");
        file_unmap(&f);
    }
    if (image->initrd && open_image(l, "initrd", image->initrd, &f))
        file_unmap(&f);
}

void check_images(struct config *c, unsigned index)
{
    const struct vm *vm = &c->machine->vms[index];
    struct place p = config_vm(c, index);
    int kinds = !!vm->linux_image + !!vm->elf + !!vm->raw + !!vm->firmware;
    bool fetches = vm->firmware && vm->linux_image;
    if (kinds != 1 + fetches) {
        config_wrong(c, p, NULL, "%.20s has %s to run; write one of 'linux: {kernel: ...}', 'elf: ...', "
                     "'raw: {image: ...}' or 'firmware: ...'", vm->name, kinds ? "several images" : "nothing");
        return;
    }
    struct look l = { c, vm, p };
    check_mode(c, p, vm);
    if (vm->linux_image && vm->cmdline)
        config_wrong(c, p, "cmdline", "cmdline stands outside 'linux:'; write it inside");
    if (vm->firmware) {
        check_firmware(&l, p);
        l.place = place_key(&c->source, p, "linux");
        if (fetches)
            check_payload(&l);
    } else if (vm->linux_image) {
        l.place = place_key(&c->source, p, "linux");
        check_linux(&l, p);
    } else if (vm->elf) {
        check_elf(&l, p);
    } else {
        l.place = place_key(&c->source, p, "raw");
        check_raw(&l, p);
    }
}
