/* SPDX-License-Identifier: Apache-2.0 */
#include "arm64/stage2.h"

#include "arm64/tlb.h"
#include "base/assert.h"
#include "base/pool.h"
#include "belay/abi.h"

/* Descriptors (Arm ARM, D8.3). A table's and a page's look alike; the level tells them apart. */
#define PTE_VALID    (UINT64_C(1) << 0)
#define PTE_TABLE    (UINT64_C(1) << 1)     /* at level 3: page */
#define PTE_NORMAL   (UINT64_C(0xf) << 2)   /* MemAttr: Normal, write-back both */
#define PTE_DEVICE   (UINT64_C(0x1) << 2)   /* MemAttr: Device-nGnRE */
#define PTE_READ     (UINT64_C(1) << 6)
#define PTE_WRITE    (UINT64_C(1) << 7)
#define PTE_INNER    (UINT64_C(3) << 8)     /* inner shareable */
#define PTE_AF       (UINT64_C(1) << 10)
#define PTE_XN       (UINT64_C(1) << 54)
#define PTE_ADDRESS  UINT64_C(0x0000fffffffff000)

#define LEVEL_SHIFT(level)  (39 - 9 * (level))      /* level 1: 1 GiB an entry, 2: 2 MiB, 3: 4 KiB */
#define ENTRIES 512

static uint64_t attributes(unsigned attr)
{
    uint64_t pte = PTE_VALID | PTE_AF | PTE_INNER;

    pte |= attr & STAGE2_DEVICE ? PTE_DEVICE : PTE_NORMAL;
    pte |= attr & BELAY_MAP_READ ? PTE_READ : 0;
    pte |= attr & BELAY_MAP_WRITE ? PTE_WRITE : 0;
    pte |= attr & BELAY_MAP_EXEC ? 0 : PTE_XN;
    return pte;
}

static unsigned attr_of(uint64_t pte)
{
    unsigned attr = (pte & PTE_NORMAL) == PTE_NORMAL ? 0 : STAGE2_DEVICE;

    attr |= pte & PTE_READ ? BELAY_MAP_READ : 0;
    attr |= pte & PTE_WRITE ? BELAY_MAP_WRITE : 0;
    attr |= pte & PTE_XN ? 0 : BELAY_MAP_EXEC;
    return attr;
}

bool stage2_init(struct stage2 *s, struct pool *pool)
{
    s->pool = pool;
    s->root = pool_page(pool);
    if (s->root == NULL)
        return false;
    s->vttbr = ptr_to_pa(s->root).v;
    return true;
}

/* The entry for an address at a level, or at the level above where the walk ends; *level says which. */
static uint64_t *walk(const struct stage2 *s, ipa_t at, unsigned *level)
{
    uint64_t *table = s->root;

    for (unsigned l = 1;; l++) {                    /* bound: three levels */
        uint64_t *pte = &table[at.v >> LEVEL_SHIFT(l) & (ENTRIES - 1)];
        if (l == *level || !(*pte & PTE_VALID) || !(*pte & PTE_TABLE)) {
            *level = l;
            return pte;
        }
        table = pa_to_ptr(pa(*pte & PTE_ADDRESS));
    }
}

/* Makes the tables down to a level; NULL when the pool is used up or a block is in the way (*taken). */
static uint64_t *walk_making(struct stage2 *s, ipa_t at, unsigned level, bool *taken)
{
    for (;;) {                                      /* bound: two tables are made at most */
        unsigned l = level;
        uint64_t *pte = walk(s, at, &l);
        if (l == level)
            return pte;
        *taken = *pte & PTE_VALID;
        void *table = *taken ? NULL : pool_page(s->pool);
        if (table == NULL)
            return NULL;
        dsb_ishst();                                /* the table is zero before a walker can find it */
        *pte = ptr_to_pa(table).v | PTE_VALID | PTE_TABLE;
    }
}

/* A block where size and both addresses allow it and no table is there already. */
static unsigned best_level(const struct stage2 *s, ipa_t at, pa_t to, uint64_t size)
{
    if (((at.v | to.v) & (BLOCK_SIZE - 1)) != 0 || size < BLOCK_SIZE)
        return 3;
    unsigned level = 3;
    walk(s, at, &level);
    return level == 3 ? 3 : 2;
}

uint64_t stage2_map(struct stage2 *s, ipa_t at, pa_t to, uint64_t size, unsigned attr, bool *taken)
{
    assert(page_aligned(at.v | to.v | size));
    assert(range_ok(at.v, size, UINT64_C(1) << BELAY_IPA_BITS));

    uint64_t done = 0, *pte = NULL;
    unsigned level = 0;
    *taken = false;
    for (unsigned n = 0; n < STAGE2_PIECE && done < size; n++) {
        ipa_t here = ipa(at.v + done);
        if (level == 3 && (here.v & (BLOCK_SIZE - 1)) != 0) {
            pte++;                                  /* in the same table of pages */
        } else {
            level = best_level(s, here, pa(to.v + done), size - done);
            pte = walk_making(s, here, level, taken);
        }
        if (pte == NULL)
            break;
        *taken = *pte & PTE_VALID;
        if (*taken)
            break;
        *pte = (to.v + done) | attributes(attr) | (level == 3 ? PTE_TABLE : 0);
        done += UINT64_C(1) << LEVEL_SHIFT(level);
    }
    dsb_ishst();                                    /* seen by walkers before the domain goes on */
    return done;
}

uint64_t stage2_unmap(struct stage2 *s, ipa_t at, uint64_t size)
{
    assert(page_aligned(at.v | size));

    uint64_t done = 0;
    for (unsigned n = 0; n < STAGE2_PIECE && done < size; n++) {
        ipa_t here = ipa(at.v + done);
        unsigned level = 3;
        uint64_t *pte = walk(s, here, &level);
        uint64_t step = UINT64_C(1) << LEVEL_SHIFT(level);
        if (*pte & PTE_VALID) {
            assert((here.v & (step - 1)) == 0 && size - done >= step);     /* mappings go whole */
            *pte = 0;
            tlb_forget_ipa(s->vttbr, here.v, step, 1);
        }
        done = (done + at.v + step) / step * step - at.v;       /* to the next entry */
    }
    return done < size ? done : size;
}

bool stage2_translate(const struct stage2 *s, ipa_t at, pa_t *to, unsigned *attr)
{
    if (at.v >> BELAY_IPA_BITS)
        return false;
    unsigned level = 3;
    uint64_t pte = *walk(s, at, &level);
    if (!(pte & PTE_VALID))
        return false;
    uint64_t inside = (UINT64_C(1) << LEVEL_SHIFT(level)) - 1;
    *to = pa((pte & PTE_ADDRESS & ~inside) | (at.v & inside));
    *attr = attr_of(pte);
    return true;
}
