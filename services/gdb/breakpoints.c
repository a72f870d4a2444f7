/* SPDX-License-Identifier: Apache-2.0 */
#include "breakpoints.h"

#include <string.h>

#include "belay/gdb.h"
#include "lib/cpu.h"
#include "lib/hypercall.h"
#include "lib/service.h"

#define BRK          0xd4217c20u    /* brk #0xbe1 */
#define INSN_BYTES   4u
#define HARD_MAX     4u             /* of each, at most: a CPU may have fewer */
#define WATCH_BYTES  8u             /* what one watchpoint watches byte by byte */
#define ACCESS_BYTES 64u            /* more than one instruction accesses, a cache line included */

#define LSC(n)       ((uint64_t)(n) << 3)       /* DBGWCR<n>_EL1: 1 loads, 2 stores */
#define BAS(n)       ((uint64_t)(n) << 5)
#define MASK(n)      ((uint64_t)(n) << 24)

static uint8_t *ram;
static uint64_t ram_base, ram_bytes;

static PERSIST struct soft {            /* a service that dies leaves its BRKs to its successor */
    bool set;
    uint64_t va, pa;
    uint8_t insn[INSN_BYTES];           /* of the guest's */
} soft[SOFT_MAX];

static struct hard {
    bool set;
    enum point_kind kind;
    uint64_t va, bytes;
} breaks[HARD_MAX], watches[HARD_MAX];

static const uint8_t brk[INSN_BYTES] = { BRK & 0xff, BRK >> 8 & 0xff, BRK >> 16 & 0xff, BRK >> 24 };

static void patch(uint64_t pa, const uint8_t insn[INSN_BYTES])
{
    uint8_t *at = ram + (pa - ram_base);

    memcpy(at, insn, INSN_BYTES);
    cache_sync_code(at, INSN_BYTES);
}

static bool in_ram(uint64_t pa)
{
    return pa % INSN_BYTES == 0 && pa - ram_base < ram_bytes && ram_bytes - (pa - ram_base) >= INSN_BYTES;
}

/* Else the guest, or who started it anew, has put something else there. */
static bool is_brk(uint64_t pa)
{
    return memcmp(ram + (pa - ram_base), brk, INSN_BYTES) == 0;
}

void breakpoints_init(uint8_t *at, uint64_t base, uint64_t bytes)
{
    ram = at;
    ram_base = base;
    ram_bytes = bytes;
    for (unsigned i = 0; i < SOFT_MAX; i++)
        soft[i].set = soft[i].set && in_ram(soft[i].pa);
    breakpoints_clear();
}

static struct soft *find(uint64_t pa)
{
    for (unsigned i = 0; i < SOFT_MAX; i++)
        if (soft[i].set && soft[i].pa == pa)
            return &soft[i];
    return NULL;
}

bool soft_is_at(uint64_t pa)
{
    return find(pa) != NULL;
}

static struct soft *find_seen(uint64_t va)
{
    for (unsigned i = 0; i < SOFT_MAX; i++)
        if (soft[i].set && soft[i].va == va)
            return &soft[i];
    return NULL;
}

static struct soft *find_free(void)
{
    for (unsigned i = 0; i < SOFT_MAX; i++)
        if (!soft[i].set)
            return &soft[i];
    return NULL;
}

bool soft_set(uint64_t va, uint64_t pa)
{
    struct soft *s = find_seen(va), *same = find(pa);

    if (s && s->pa != pa)               /* the guest maps something else there now */
        (void)soft_clear(va);
    if (!in_ram(pa))
        return false;
    if (s && s->set && is_brk(pa))
        return true;
    if (s == NULL && (s = find_free()) == NULL)
        return false;
    uint8_t insn[INSN_BYTES];
    memcpy(insn, same && is_brk(pa) ? same->insn : ram + (pa - ram_base), INSN_BYTES);
    *s = (struct soft){ .set = true, .va = va, .pa = pa };
    for (unsigned i = 0; i < SOFT_MAX; i++)
        if (soft[i].set && soft[i].pa == pa)
            memcpy(soft[i].insn, insn, INSN_BYTES);
    patch(pa, brk);
    return true;
}

bool soft_clear(uint64_t va)
{
    struct soft *s = find_seen(va);

    if (s == NULL)
        return false;
    s->set = false;
    if (find(s->pa) == NULL && is_brk(s->pa))
        patch(s->pa, s->insn);
    return true;
}

static bool overlaps(const struct soft *s, uint64_t pa, size_t n)
{
    return s->set && s->pa < pa + n && pa < s->pa + INSN_BYTES;
}

void soft_hide(uint64_t pa, uint8_t *bytes, size_t n)
{
    for (unsigned i = 0; i < SOFT_MAX; i++)
        for (unsigned b = 0; overlaps(&soft[i], pa, n) && b < INSN_BYTES; b++)
            if (soft[i].pa + b - pa < n)
                bytes[soft[i].pa + b - pa] = soft[i].insn[b];
}

void soft_keep(uint64_t pa, size_t n)
{
    for (unsigned i = 0; i < SOFT_MAX; i++)         /* all of them first: two may be at one place */
        for (unsigned b = 0; overlaps(&soft[i], pa, n) && b < INSN_BYTES; b++)
            if (soft[i].pa + b - pa < n)
                soft[i].insn[b] = ram[soft[i].pa + b - ram_base];
    for (unsigned i = 0; i < SOFT_MAX; i++)
        if (overlaps(&soft[i], pa, n))
            patch(soft[i].pa, brk);
}

/* The fields of DBGWCR<n>_EL1 for a range; false: one watchpoint can't watch that. */
static bool watch_control(enum point_kind kind, uint64_t va, uint64_t bytes, uint64_t *control)
{
    uint64_t lsc = LSC(kind == POINT_READ ? 1 : kind == POINT_WRITE ? 2 : 3);

    if (bytes == 0)
        return false;
    if (bytes <= WATCH_BYTES && va % WATCH_BYTES + bytes <= WATCH_BYTES) {
        *control = lsc | BAS(((1u << bytes) - 1) << va % WATCH_BYTES);
        return true;
    }
    if ((bytes & (bytes - 1)) || bytes > (UINT64_C(1) << 31) || va % bytes)
        return false;
    *control = lsc | BAS(0xff) | MASK((unsigned)__builtin_ctzll(bytes));
    return true;
}

static struct hard *find_hard(struct hard *of, bool set, enum point_kind kind, uint64_t va, uint64_t bytes)
{
    for (unsigned i = 0; i < HARD_MAX; i++)
        if (of[i].set == set && (!set || (of[i].kind == kind && of[i].va == va && of[i].bytes == bytes)))
            return &of[i];
    return NULL;
}

static unsigned number(const struct hard *h)
{
    return h >= watches && h < watches + HARD_MAX ? BELAY_POINT_WATCH + (unsigned)(h - watches) : (unsigned)(h - breaks);
}

bool point_set(enum point_kind kind, uint64_t va, uint64_t bytes)
{
    struct hard *of = kind == POINT_BREAK ? breaks : watches, *h = find_hard(of, true, kind, va, bytes);
    uint64_t control = BELAY_POINT_BREAK;

    if (h)
        return true;
    h = find_hard(of, false, kind, va, bytes);
    if (h == NULL || (kind == POINT_BREAK ? va % INSN_BYTES != 0 : !watch_control(kind, va, bytes, &control)))
        return false;
    if (hc_point(GDB_H_VM, number(h), va, control) != BELAY_OK)
        return false;
    *h = (struct hard){ true, kind, va, bytes };
    return true;
}

bool point_clear(enum point_kind kind, uint64_t va, uint64_t bytes)
{
    struct hard *h = find_hard(kind == POINT_BREAK ? breaks : watches, true, kind, va, bytes);

    if (h == NULL || hc_point(GDB_H_VM, number(h), 0, 0) != BELAY_OK)
        return false;
    h->set = false;
    return true;
}

enum point_kind point_watching(uint64_t address, uint64_t *va)
{
    const struct hard *found = NULL;

    for (unsigned i = 0; i < HARD_MAX; i++) {
        const struct hard *h = &watches[i];
        bool inside = address - h->va < h->bytes, ahead = h->va - address < ACCESS_BYTES;
        if (h->set && (inside || (ahead && (found == NULL || h->va < found->va))))
            found = h;
        if (h->set && inside)
            break;
    }
    *va = found && found->va > address ? found->va : address;
    return found ? found->kind : POINT_ACCESS;
}

void breakpoints_clear(void)
{
    for (unsigned i = 0; i < SOFT_MAX; i++)
        if (soft[i].set)
            (void)soft_clear(soft[i].va);
    for (unsigned i = 0; i < HARD_MAX; i++)
        breaks[i].set = watches[i].set = false;
}
