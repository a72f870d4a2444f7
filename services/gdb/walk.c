/* SPDX-License-Identifier: Apache-2.0 */
#include "walk.h"

#define SCTLR_M     1u
#define TCR_DS      (UINT64_C(1) << 59)
#define TSZ_MIN     12u                 /* with FEAT_LVA or FEAT_LPA2 */
#define TSZ_MAX     48u

#define DESC_VALID  1u
#define DESC_TABLE  2u                  /* at the last level: a page */
#define DESC_ADDRESS UINT64_C(0x0003fffffffff000)
#define TTBR_BASE    UINT64_C(0x0000fffffffffffe)

struct half {                           /* of the address space */
    uint64_t ttbr;
    unsigned bits;                      /* of an address that are translated */
    unsigned granule;                   /* log2 of a page */
};

/* By TCR_EL1.TG0 and TG1 (D17.2.131); 0: reserved. */
static const uint8_t granules[2][4] = { { 12, 16, 14, 0 }, { 0, 14, 12, 16 } };

static bool choose(const struct walk *w, uint64_t va, struct half *h)
{
    bool upper = va >> 55 & 1, tagged = w->tcr >> (upper ? 38 : 37) & 1;
    unsigned field = upper ? 16 : 0, tsz = w->tcr >> field & 0x3f;
    bool off = w->tcr >> (field + 7) & 1;               /* EPD0, EPD1 */

    *h = (struct half){ upper ? w->ttbr1 : w->ttbr0, 64 - tsz, granules[upper][w->tcr >> (field + 14) & 3] };
    if (off || h->granule == 0 || tsz < TSZ_MIN || tsz > TSZ_MAX || h->bits <= h->granule)
        return false;
    uint64_t top = (uint64_t)((int64_t)(tagged ? va << 8 : va) >> (tagged ? 8 : 0)) >> h->bits;
    return top == (upper ? UINT64_MAX >> h->bits : 0);
}

/* The largest block of each granule is of 1 GiB, 32 MiB and 512 MiB; with wider addresses (DS) a level more has them. */
static bool may_be_block(const struct walk *w, const struct half *h, unsigned shift)
{
    unsigned levels = h->granule == 12 ? 2 : 1, more = (w->tcr & TCR_DS) != 0 || h->granule == 16;

    return shift <= h->granule + (levels + more) * (h->granule - 3);
}

bool walk(const struct walk *w, uint64_t va, uint64_t *pa, uint64_t *left)
{
    struct half h;

    if (!(w->sctlr & SCTLR_M)) {
        *pa = va;
        *left = 4096 - (va & 4095);
        return true;
    }
    if (!choose(w, va, &h))
        return false;
    unsigned each = h.granule - 3, shift = h.granule;
    while (shift + each < h.bits)                       /* bound: 40 bits of 9 */
        shift += each;
    unsigned index_bits = h.bits - shift;
    uint64_t table = h.ttbr & TTBR_BASE & ~((UINT64_C(8) << index_bits) - 1);
    for (;; shift -= each, index_bits = each) {         /* bound: five levels */
        uint64_t descriptor, index = va >> shift & ((UINT64_C(1) << index_bits) - 1);
        if (!w->read(table + 8 * index, &descriptor) || !(descriptor & DESC_VALID))
            return false;
        bool last = shift == h.granule, table_or_page = descriptor & DESC_TABLE;
        uint64_t mask = (UINT64_C(1) << shift) - 1;
        if (last ? !table_or_page : !table_or_page && !may_be_block(w, &h, shift))
            return false;
        if (last || !table_or_page) {
            *pa = (descriptor & DESC_ADDRESS & ~mask) | (va & mask);
            *left = mask + 1 - (va & mask);
            return true;
        }
        table = descriptor & DESC_ADDRESS & ~((UINT64_C(1) << h.granule) - 1);
    }
}
