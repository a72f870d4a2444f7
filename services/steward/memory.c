/* SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"

#include <stddef.h>

#include "lib/cpu.h"

#define EXTENTS_MAX 128
#define DIRTY_MAX   64          /* the RAM and the pool of each VM, twice */

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

/* Two neighbours become one, which the lower one's handle names. */
static bool join(struct extent *lower, const struct extent *upper)
{
    if (lower->kind != upper->kind || lower->pa + lower->bytes != upper->pa ||
        hc_mem_merge(lower->handle, upper->handle) != BELAY_OK)
        return false;
    lower->bytes += upper->bytes;
    return true;
}

/* With the one below it and the one above it, where nobody owns them; what has no room in the list is lost. */
static void disown(struct extent e)
{
    for (unsigned i = 0; i < count;) {
        if (join(&unowned[i], &e))
            e = unowned[i];
        else if (!join(&e, &unowned[i])) {
            i++;
            continue;
        }
        unowned[i] = unowned[--count];
        i = 0;
    }
    if (count < EXTENTS_MAX)
        unowned[count++] = e;
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
        disown(*taken);
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

static bool take_clean(uint64_t bytes, uint64_t align, struct extent *taken)
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

bool memory_take(uint64_t bytes, uint64_t align, struct extent *taken)
{
    if (take_clean(bytes, align, taken))
        return true;
    while (memory_scrub()) {}
    return take_clean(bytes, align, taken);
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

/* Pieces are zeroed from the start on; the last given is the first to be zeroed. */
static struct { struct extent extent; uint64_t done; } dirty[DIRTY_MAX];
static unsigned dirty_count;

void memory_give(const struct extent *e, bool is_dirty)
{
    if (!is_dirty || e->kind != BELAY_MEM_RAM) {
        disown(*e);
        return;
    }
    while (dirty_count == DIRTY_MAX)
        (void)memory_scrub();
    dirty[dirty_count].extent = *e;
    dirty[dirty_count++].done = 0;
}

uint64_t memory_clear(const struct extent *e, uint64_t offset)
{
    uint64_t bytes = BLOCK_BYTES - (e->pa + offset) % BLOCK_BYTES;
    struct view v;

    if (bytes > e->bytes - offset)
        bytes = e->bytes - offset;
    void *to = view_open(&v, VIEW_GUEST, e, offset, bytes, BELAY_MAP_READ | BELAY_MAP_WRITE);
    if (to == NULL)
        return offset;
    cache_clear(to, bytes);
    view_close(&v);
    return offset + bytes;
}

/* One that can't be seen stays the steward's for ever: nobody may get what a guest left there. */
bool memory_scrub(void)
{
    if (dirty_count == 0)
        return false;
    const struct extent *e = &dirty[dirty_count - 1].extent;
    uint64_t done = memory_clear(e, dirty[dirty_count - 1].done);
    if (done == e->bytes)
        disown(dirty[--dirty_count].extent);
    else if (done == dirty[dirty_count - 1].done)
        dirty_count--;
    else
        dirty[dirty_count - 1].done = done;
    return true;
}

struct memory_unowned memory_unowned(void)
{
    struct memory_unowned u = { 0, dirty_count };

    for (unsigned i = 0; i < count; i++)
        if (unowned[i].kind == BELAY_MEM_RAM) {
            u.bytes += unowned[i].bytes;
            u.pieces++;
        }
    for (unsigned i = 0; i < dirty_count; i++)
        u.bytes += dirty[i].extent.bytes;
    return u;
}

void memory_give_pool(handle_t pool)
{
    struct mem_info m = { 0 };

    if (hc_mem_info(pool, &m) != BELAY_OK)
        return;
    pools -= m.bytes;
    memory_give(&(struct extent){ pool, m.pa, m.bytes, m.kind }, true);
}
