/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <string.h>

#define Z_SOLO          /* zlib without a C library */
#include <zlib.h>

#include "elf.h"
#include "handset.h"
#include "image.h"
#include "lib/cpu.h"

#define CHUNK      32768u                   /* hashed and copied while it is in the cache */
#define USUAL_TREE 4096u                    /* a guest's device tree: libfdt first clears all that it is given */

static struct extent bundle;
static uint64_t bundle_offset;
static uint64_t spent;

void load_init(const struct extent *extent, uint64_t offset)
{
    bundle = *extent;
    bundle_offset = offset;
}

uint64_t load_ticks(void)
{
    return spent;
}

const void *load_view(struct view *v, const struct image *image)
{
    return view_open(v, VIEW_BUNDLE, &bundle, bundle_offset + image->position, image->size, BELAY_MAP_READ);
}

/* `to` NULL: only hashes. */
static bool copy(const struct image *image, const uint8_t *from, uint8_t *to, struct problem *why)
{
    uint64_t since = counter_now();
    uLong crc = 0;

    for (uint32_t at = 0, n; at < image->size; at += n) {
        n = image->size - at < CHUNK ? image->size - at : CHUNK;
        crc = crc32_z(crc, from + at, n);
        if (to)
            memcpy(to + at, from + at, n);
    }
    if (to)
        cache_sync_code(to, image->size);
    spent += counter_now() - since;
    return crc == image->crc32 || problem(why, "bundle: /images/%s: its crc32 is %08x, not %08x as hash-1 says",
                                          image->name, (unsigned)crc, (unsigned)image->crc32);
}

bool load_image(const struct image *image, void *to, struct problem *why)
{
    struct view v;
    const void *from = load_view(&v, image);
    bool done = from ? copy(image, from, to, why) : problem(why, "bundle: /images/%s: is too large", image->name);

    view_close(&v);
    return done;
}

/* Images begin on pages (belay/bundle.h). Their bytes were written past the caches, or through them. */
int load_map(const struct image *image, handle_t domain, uint64_t ipa, unsigned flags)
{
    uint64_t bytes = (image->size + BELAY_PAGE_SIZE - 1) & ~(BELAY_PAGE_SIZE - 1ull);

    return hc_map(domain, bundle.handle, bundle_offset + image->position, ipa, bytes, flags);
}

uint64_t load_address(const struct image *image)
{
    return bundle.pa + bundle_offset + image->position;
}

bool load_check(const struct image *image, struct problem *why)
{
    return load_image(image, NULL, why);
}

/* A view of guest memory. All ranges were checked by image_place. */
static void *view_guest(struct view *v, const struct extent *ram, uint64_t at, uint64_t bytes, struct problem *why)
{
    void *to = view_open(v, VIEW_GUEST, ram, at - HANDSET_RAM, bytes, BELAY_MAP_READ | BELAY_MAP_WRITE);

    if (to == NULL)
        (void)problem(why, "the steward has no room to see 0x%lx bytes of guest memory", (unsigned long)bytes);
    return to;
}

static bool place_at(const struct image *image, const void *from, const struct extent *ram, uint64_t at,
                     struct problem *why)
{
    struct view v;
    void *to = view_guest(&v, ram, at, image->size, why);
    bool done = to && copy(image, from, to, why);

    view_close(&v);
    return done;
}

static void clear(uint8_t *to, uint64_t bytes)
{
    memset(to, 0, bytes);
    cache_sync_code(to, bytes);
}

static bool load_segment(const struct elf *e, const struct elf_segment *s, const struct extent *ram,
                         struct problem *why)
{
    struct view v;
    uint8_t *to = view_guest(&v, ram, s->address, s->bytes, why);
    uint64_t since = counter_now();

    if (to == NULL)
        return false;
    memcpy(to, e->image + s->offset, s->file_bytes);
    cache_sync_code(to, s->file_bytes);
    clear(to + s->file_bytes, s->bytes - s->file_bytes);
    spent += counter_now() - since;
    view_close(&v);
    return true;
}

/* image_place found nothing wrong with any segment. */
static bool load_elf(const struct image *image, const void *from, const struct extent *ram, struct problem *why)
{
    struct elf e;
    struct elf_segment s;
    bool loads;

    if (!copy(image, from, NULL, why) || elf_open(&e, from, image->size))
        return false;
    for (unsigned i = 0; i < e.count; i++)
        if (elf_segment(&e, i, &s, &loads) == NULL && loads && !load_segment(&e, &s, ram, why))
            return false;
    return true;
}

/* It stays where it is, and a guest fetches from there past the caches. */
static bool check_firmware(const struct vm_config *vm, const void *from, struct problem *why)
{
    cache_sync_code(from, vm->kernel->size);
    return copy(vm->kernel, from, NULL, why);
}

/* What it fetches stays there, too. */
static bool check_fetched(const struct vm_config *vm, struct problem *why)
{
    return (vm->payload == NULL || load_check(vm->payload, why)) && (vm->initrd == NULL || load_check(vm->initrd, why));
}

static bool load_kernel(const struct vm_config *vm, const struct extent *ram, struct placing *p, struct problem *why)
{
    struct view v;
    const void *from = load_view(&v, vm->kernel);
    bool done = from ? image_place(vm, from, p, why)
                     : problem(why, "bundle: /images/%s: is too large", vm->kernel->name);

    if (done && vm->kind == VM_FIRMWARE)
        done = check_firmware(vm, from, why);
    else if (done)
        done = vm->kind == VM_ELF ? load_elf(vm->kernel, from, ram, why)
                                  : place_at(vm->kernel, from, ram, p->kernel, why);
    view_close(&v);
    return done && (vm->kind != VM_FIRMWARE || check_fetched(vm, why));
}

static bool load_initrd(const struct vm_config *vm, const struct extent *ram, const struct placing *p,
                        struct problem *why)
{
    struct view v;
    const void *from = load_view(&v, vm->initrd);
    bool done = from ? place_at(vm->initrd, from, ram, p->initrd, why)
                     : problem(why, "bundle: /images/%s: is too large", vm->initrd->name);

    view_close(&v);
    return done;
}

static bool load_tree(const struct extent *ram, const struct guest_tree *tree, uint64_t at, struct problem *why)
{
    struct view v;
    void *to = view_guest(&v, ram, at, HANDSET_DTB_MAX, why);
    size_t bytes = to ? devicetree_write(to, USUAL_TREE, tree) : 0;

    if (to && bytes == 0)
        bytes = devicetree_write(to, HANDSET_DTB_MAX, tree);
    if (bytes)
        cache_sync_code(to, bytes);
    else if (to)
        (void)problem(why, "its device tree is larger than %u bytes", HANDSET_DTB_MAX);
    view_close(&v);
    return bytes != 0;
}

bool load_vm(const struct vm_config *vm, const struct extent *ram, struct guest_tree *tree, struct entry *entry,
             struct problem *why)
{
    struct placing p;

    if (!load_kernel(vm, ram, &p, why) || (p.initrd && !load_initrd(vm, ram, &p, why)))
        return false;
    tree->initrd = p.initrd;
    tree->initrd_bytes = p.initrd ? vm->initrd->size : 0;
    if (!load_tree(ram, tree, p.dtb, why))
        return false;
    *entry = (struct entry){ p.entry, p.dtb };
    return true;
}
