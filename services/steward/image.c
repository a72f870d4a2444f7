/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <string.h>

#include "elf.h"
#include "handset.h"

/* Documentation/arch/arm64/booting.rst of Linux, 4: the kernel's image. */
struct linux_header {
    uint32_t code[2];
    uint64_t text_offset, image_size, flags, reserved[3];
    uint32_t magic, pe_offset;
};

#define LINUX_MAGIC      0x644d5241u    /* "ARM\x64" */
#define LINUX_BIG_ENDIAN 1u             /* in flags */
#define LINUX_OLD_OFFSET 0x80000u       /* where image_size is 0 */
/* Documentation/arch/arm/booting.rst of Linux, 4 and 5: a zImage, which says how large it is. */
struct zimage_header {
    uint32_t code[9], magic, start, end;
};

#define ZIMAGE_MAGIC  0x016f2818u
#define ZIMAGE_OFFSET 0x10000u          /* as QEMU has it */
#define ZIMAGE_ROOM   (UINT64_C(32) << 20)      /* what it unpacks, itself moved behind that, and its stack and heap */

#define FAR_AWAY         (UINT64_C(128) << 20)

static uint64_t align_up(uint64_t v, uint64_t to)
{
    return (v + to - 1) / to * to;
}

static uint64_t ram_end(const struct vm_config *vm)
{
    return HANDSET_RAM + vm->memory;
}

/* Is [start, start + size) inside the memory? */
static bool in_ram(const struct vm_config *vm, uint64_t start, uint64_t size)
{
    return start >= HANDSET_RAM && start <= ram_end(vm) && size <= ram_end(vm) - start;
}

/* Initrd and device tree from `at` on; false when they do not fit. `initrd` is its size, 0 for none. */
static bool place_behind(const struct vm_config *vm, uint64_t at, uint64_t initrd, struct placing *p)
{
    p->initrd = initrd ? align_up(at, BELAY_PAGE_SIZE) : 0;
    p->dtb = align_up(initrd ? p->initrd + initrd : at, HANDSET_DTB_MAX);
    return in_ram(vm, p->dtb, HANDSET_DTB_MAX);
}

/* What comes after the kernel, which ends at `end`: far away if there is room. */
static bool place_rest(const struct vm_config *vm, uint64_t end, struct placing *p, struct problem *why)
{
    uint64_t initrd = vm->initrd ? vm->initrd->size : 0;
    uint64_t half = vm->memory / 2 < FAR_AWAY ? vm->memory / 2 : FAR_AWAY;
    uint64_t far = HANDSET_RAM + half > end ? HANDSET_RAM + half : end;

    if (place_behind(vm, far, initrd, p) || place_behind(vm, end, initrd, p))
        return true;
    return problem(why, "memory of %lu KiB is too small for its images", (unsigned long)(vm->memory >> 10));
}

static bool place_at(const struct vm_config *vm, uint64_t at, uint64_t bytes, struct placing *p, struct problem *why)
{
    if (!in_ram(vm, at, bytes))
        return problem(why, "bundle: /images/%s: 0x%lx bytes at 0x%lx are not inside its memory", vm->kernel->name,
                       (unsigned long)bytes, (unsigned long)at);
    p->kernel = p->entry = at;
    return place_rest(vm, at + bytes, p, why);
}

static bool is_linux(const struct vm_config *vm, const void *kernel, struct linux_header *h)
{
    if (vm->kernel->size < sizeof *h)
        return false;
    memcpy(h, kernel, sizeof *h);
    return h->magic == LINUX_MAGIC;
}

static bool place_linux(const struct vm_config *vm, const struct linux_header *h, struct placing *p,
                        struct problem *why)
{
    uint64_t offset = h->image_size ? h->text_offset : LINUX_OLD_OFFSET;
    uint64_t bytes = h->image_size > vm->kernel->size ? h->image_size : vm->kernel->size;

    if (h->flags & LINUX_BIG_ENDIAN)
        return problem(why, "bundle: /images/%s is a big-endian kernel", vm->kernel->name);
    if (offset >= vm->memory || bytes > vm->memory)
        return problem(why, "bundle: /images/%s is larger than its memory", vm->kernel->name);
    return place_at(vm, HANDSET_RAM + offset, bytes, p, why);
}

static bool place_zimage(const struct vm_config *vm, const void *kernel, struct placing *p, struct problem *why)
{
    struct zimage_header h = { 0 };

    if (vm->kernel->size >= sizeof h)
        memcpy(&h, kernel, sizeof h);
    if (h.magic != ZIMAGE_MAGIC)
        return problem(why, "bundle: /images/%s is not an arm Linux zImage", vm->kernel->name);
    if (h.end - h.start > vm->kernel->size)
        return problem(why, "bundle: /images/%s is cut short", vm->kernel->name);
    uint64_t bytes = vm->kernel->size > ZIMAGE_ROOM ? vm->kernel->size : ZIMAGE_ROOM;
    return place_at(vm, HANDSET_RAM + ZIMAGE_OFFSET, bytes - ZIMAGE_OFFSET, p, why);
}

/* The device tree goes below or above all segments: *low and *high are their bounds. */
static const char *elf_bounds(const struct vm_config *vm, const struct elf *e, uint64_t *low, uint64_t *high)
{
    *low = UINT64_MAX;
    *high = 0;
    for (unsigned i = 0; i < e->count; i++) {
        struct elf_segment s;
        bool loads;
        const char *wrong = elf_segment(e, i, &s, &loads);
        if (wrong)
            return wrong;
        if (!loads)
            continue;
        if (!in_ram(vm, s.address, s.bytes))
            return "has an ELF segment outside the VM's memory";
        *low = s.address < *low ? s.address : *low;
        *high = s.address + s.bytes > *high ? s.address + s.bytes : *high;
    }
    return *high ? NULL : "has nothing to load";
}

static bool place_elf(const struct vm_config *vm, const void *kernel, struct placing *p, struct problem *why)
{
    struct elf e;
    uint64_t low, high;
    const char *wrong = elf_open(&e, kernel, vm->kernel->size);

    wrong = wrong ? wrong : elf_bounds(vm, &e, &low, &high);
    wrong = wrong ? wrong : elf_entry(&e, &p->entry);
    if (wrong)
        return problem(why, "bundle: /images/%s %s", vm->kernel->name, wrong);
    p->dtb = HANDSET_RAM;
    return low - HANDSET_RAM >= HANDSET_DTB_MAX || place_rest(vm, high, p, why);
}

/* It stays in flash; the device tree is where QEMU has it then. */
static bool place_firmware(const struct vm_config *vm, struct placing *p, struct problem *why)
{
    if (vm->kernel->size > HANDSET_FLASH_BANK)
        return problem(why, "bundle: /images/%s is larger than a bank of flash", vm->kernel->name);
    p->kernel = p->entry = HANDSET_FLASH;
    p->dtb = HANDSET_RAM;
    return in_ram(vm, p->dtb, HANDSET_DTB_MAX) ||
           problem(why, "memory of %lu KiB is too small for its device tree", (unsigned long)(vm->memory >> 10));
}

bool image_place(const struct vm_config *vm, const void *kernel, struct placing *p, struct problem *why)
{
    struct linux_header h;

    *p = (struct placing){ 0 };
    if (vm->kind == VM_ELF)
        return place_elf(vm, kernel, p, why);
    if (vm->kind == VM_FIRMWARE)
        return place_firmware(vm, p, why);
    if (vm->kind == VM_RAW)
        return place_at(vm, vm->has_load_address ? vm->load_address : HANDSET_RAM, vm->kernel->size, p, why);
    if (vm->aarch32)
        return place_zimage(vm, kernel, p, why);
    if (!is_linux(vm, kernel, &h))
        return problem(why, "bundle: /images/%s is not an arm64 Linux Image", vm->kernel->name);
    return place_linux(vm, &h, p, why);
}
