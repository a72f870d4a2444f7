/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>

#include "image.h"
#include "units.h"

#define GUEST_RAM  UINT64_C(0x40000000)    /* of every VM: docs/guests.md */
#define DTB_ROOM   (2 * MIB)

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
    return !wrong;
}

static void wrong_image(const struct look *l, const char *key, const char *name, const char *wrong, const char *instead)
{
    config_wrong(l->config, l->place, key, "%s: %s %s; %s", key, name, wrong, instead);
}

static void too_small(const struct look *l, const struct place p, uint64_t needed)
{
    uint64_t rounded = (needed + 2 * MIB - 1) / (2 * MIB) * (2 * MIB);
    config_wrong(l->config, p, "memory", "memory %s is less than the images of %s need; write %s or "
               "more", show_size(l->vm->memory).text, l->vm->name, show_size(rounded).text);
}

static void check_linux(const struct look *l, struct place p)
{
    const struct linux_image *image = l->vm->linux_image;
    struct file f;
    uint64_t kernel = 0, initrd = 0;
    if (open_image(l, "kernel", image->kernel, &f)) {
        const char *wrong = image_linux(&f, &kernel);
        if (wrong)
            wrong_image(l, "kernel", image->kernel, wrong, f.data[0] == 0x1f ? "unpack it with gunzip"
                        : "write the path of an uncompressed 'Image', which arch/arm64/boot/ of a kernel build has");
        file_unmap(&f);
    }
    if (image->initrd && open_image(l, "initrd", image->initrd, &f)) {
        initrd = f.size;
        file_unmap(&f);
    }
    if (l->vm->memory && kernel + initrd + DTB_ROOM > l->vm->memory)
        too_small(l, p, kernel + initrd + DTB_ROOM);
}

static void check_elf(const struct look *l, struct place p)
{
    struct file f;
    uint64_t low = GUEST_RAM, high = GUEST_RAM;
    if (!open_image(l, "elf", l->vm->elf, &f))
        return;
    const char *wrong = image_elf(&f, &low, &high);
    file_unmap(&f);
    if (wrong)
        wrong_image(l, "elf", l->vm->elf, wrong, "write the path of an AArch64 executable, or use 'raw'");
    else if (low < GUEST_RAM)
        wrong_image(l, "elf", l->vm->elf, "is linked below the RAM of a VM", "link it at 0x40000000 or above");
    else if (high - GUEST_RAM > l->vm->memory)
        too_small(l, p, high - GUEST_RAM);
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
    else if (at - GUEST_RAM + size > l->vm->memory)
        too_small(l, p, at - GUEST_RAM + size);
}

void check_images(struct config *c, unsigned index)
{
    const struct vm *vm = &c->machine->vms[index];
    struct place p = config_vm(c, index);
    int kinds = !!vm->linux_image + !!vm->elf + !!vm->raw;
    if (kinds != 1) {
        config_wrong(c, p, NULL, "%.20s has %s to run; write one of 'linux: {kernel: ...}', 'elf: ...' or "
                     "'raw: {image: ...}'", vm->name, kinds ? "several images" : "nothing");
        return;
    }
    struct look l = { c, vm, p };
    if (vm->linux_image && vm->cmdline)
        config_wrong(c, p, "cmdline", "cmdline stands outside 'linux:'; write it inside");
    if (vm->linux_image) {
        l.place = place_key(&c->source, p, "linux");
        check_linux(&l, p);
    } else if (vm->elf) {
        check_elf(&l, p);
    } else {
        l.place = place_key(&c->source, p, "raw");
        check_raw(&l, p);
    }
}
