/* SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"

#include <stddef.h>

#define EXTENTS_MAX 64

static struct extent unowned[EXTENTS_MAX];
static unsigned count;

int memory_init(const struct belay_boot_info *info)
{
    count = 0;
    for (uint32_t i = 0; i < info->mems && i < BELAY_BOOT_MEMS; i++) {
        struct mem_info m;
        int error = hc_mem_info(BELAY_H_MEM + i, &m);
        if (error)
            return error;
        unowned[count++] = (struct extent){ BELAY_H_MEM + i, m.pa, m.bytes, m.kind };
    }
    return BELAY_OK;
}

/* Cuts an extent; the upper part is another one. */
static bool cut(struct extent *e, uint64_t offset, struct extent *upper)
{
    *upper = (struct extent){ 0, e->pa + offset, e->bytes - offset, e->kind };
    if (hc_mem_split(e->handle, offset, &upper->handle) != BELAY_OK)
        return false;
    e->bytes = offset;
    return true;
}

/* Takes the middle out of an unowned extent; what lies before and behind stays unowned. */
static bool carve(unsigned i, uint64_t offset, uint64_t bytes, struct extent *taken)
{
    struct extent behind;

    if (offset == 0) {
        *taken = unowned[i];
        unowned[i] = unowned[--count];
    } else if (!cut(&unowned[i], offset, taken)) {
        return false;
    }
    if (taken->bytes == bytes)
        return true;
    if (count == EXTENTS_MAX || !cut(taken, bytes, &behind)) {
        unowned[count < EXTENTS_MAX ? count++ : i] = *taken;
        return false;
    }
    unowned[count++] = behind;
    return true;
}

/* How far into an extent the first place of that alignment is; false when `bytes` do not fit from there on. */
static bool fits(const struct extent *e, uint64_t bytes, uint64_t align, uint64_t *offset)
{
    *offset = -e->pa & (align - 1);
    return *offset < e->bytes && bytes <= e->bytes - *offset;
}

bool memory_take(uint64_t bytes, uint64_t align, struct extent *taken)
{
    uint64_t offset, best_offset = 0;
    unsigned best = EXTENTS_MAX;

    for (unsigned i = 0; i < count; i++)
        if (unowned[i].kind == BELAY_MEM_RAM && fits(&unowned[i], bytes, align, &offset) &&
            (best == EXTENTS_MAX || unowned[i].bytes < unowned[best].bytes)) {
            best = i;
            best_offset = offset;
        }
    return best != EXTENTS_MAX && carve(best, best_offset, bytes, taken);
}

bool memory_take_device(uint64_t pa, uint64_t bytes, struct extent *taken)
{
    if ((pa | bytes) % BELAY_PAGE_SIZE || bytes == 0)
        return false;
    for (unsigned i = 0; i < count; i++) {
        const struct extent *e = &unowned[i];
        if (e->kind == BELAY_MEM_DEVICE && pa >= e->pa && pa - e->pa < e->bytes && bytes <= e->bytes - (pa - e->pa))
            return carve(i, pa - e->pa, bytes, taken);
    }
    return false;
}

static const struct place { uint64_t base, bytes; } places[VIEW_PLACES] = {
    [VIEW_WATCHDOG] = { 0x00201000, 0x00001000 },
    [VIEW_TREE] = { 0x00210000, 0x00100000 },
    [VIEW_HOST] = { 0x00310000, 0x000c0000 },
    [VIEW_SLOTS] = { 0x003d0000, 0x00010000 },
    [VIEW_SERVICE] = { 0x00500000, 0x00100000 },
    [VIEW_BUNDLE] = { 0x10000000, 0x20000000 },
    [VIEW_GUEST] = { 0x30000000, UINT64_C(0x4000000000) },
};

/* The block that an address is in, if all of it is the extent's; else the page. */
static uint64_t unit_at(const struct extent *e, uint64_t pa, uint64_t unit)
{
    uint64_t start = pa & -unit;

    return start >= e->pa && start + unit <= e->pa + e->bytes ? unit : BELAY_PAGE_SIZE;
}

/* What to map for [*from, *to): whole blocks where the extent has them, pages at its ends. */
static void widen(const struct extent *e, uint64_t unit, uint64_t *from, uint64_t *to)
{
    uint64_t last = *to - 1, first_unit = unit_at(e, *from, unit), last_unit = unit_at(e, last, unit);

    *from &= -first_unit;
    *to = (last & -last_unit) + last_unit;
}

void *view_open(struct view *v, enum view_place place, const struct extent *e, uint64_t offset, uint64_t bytes,
                unsigned flags)
{
    const struct place *at = &places[place];
    uint64_t unit = at->bytes > BLOCK_BYTES ? BLOCK_BYTES : BELAY_PAGE_SIZE;

    *v = (struct view){ 0, 0 };
    if (bytes == 0 || offset > e->bytes || bytes > e->bytes - offset)
        return NULL;
    uint64_t from = e->pa + offset, to = from + bytes;
    widen(e, unit, &from, &to);
    uint64_t ipa = at->base + (from & (unit - 1));
    if (to - from > at->bytes - (from & (unit - 1)))
        return NULL;
    if (hc_map(BELAY_H_SELF, e->handle, from - e->pa, ipa, to - from, flags) != BELAY_OK) {
        hc_unmap(BELAY_H_SELF, ipa, to - from);     /* as far as it came */
        return NULL;
    }
    *v = (struct view){ ipa, to - from };
    return (void *)(uintptr_t)(ipa + (e->pa + offset - from));
}

void view_close(struct view *v)
{
    if (v->bytes)
        hc_unmap(BELAY_H_SELF, v->ipa, v->bytes);
    v->bytes = 0;
}

static uint64_t pools;

bool memory_take_pool(uint64_t bytes, struct extent *pool)
{
    if (!memory_take(bytes, BELAY_PAGE_SIZE, pool))
        return false;
    pools += bytes;
    return true;
}

uint64_t memory_of_pools(void)
{
    return pools;
}
