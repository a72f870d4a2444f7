/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mem.h"

#include "base/assert.h"
#include "core/domain.h"

#define IPA_LIMIT (UINT64_C(1) << BELAY_IPA_BITS)

int mem_may_split(const struct mem *m, uint64_t offset)
{
    if (!page_aligned(offset) || offset == 0 || offset >= m->size)
        return BELAY_EINVAL;
    return m->mappings || m->pool_of ? BELAY_EBUSY : BELAY_OK;
}

/* A structure for an extent: pools give nothing back, so one that was used before. */
static struct mem *structure(struct domain *d)
{
    struct mem *m = d->spare_mems;

    if (m == NULL)
        return pool_object(&d->pool, sizeof *m);
    d->spare_mems = m->next_spare;
    return m;
}

struct mem *mem_split(struct domain *d, struct mem *m, uint64_t offset)
{
    assert(mem_may_split(m, offset) == BELAY_OK);

    struct mem *upper = structure(d);
    if (upper == NULL)
        return NULL;
    d->has_mems = true;
    *upper = (struct mem){ .base = pa(m->base.v + offset), .size = m->size - offset, .kind = m->kind };
    m->size = offset;
    return upper;
}

int mem_may_merge(const struct mem *lower, const struct mem *upper)
{
    if (lower->kind != upper->kind || lower->base.v + lower->size != upper->base.v)
        return BELAY_EINVAL;
    if (lower->mappings || upper->mappings || lower->pool_of || upper->pool_of || lower->handles > 1 || upper->handles > 1)
        return BELAY_EBUSY;
    return BELAY_OK;
}

void mem_merge(struct domain *d, struct mem *lower, struct mem *upper)
{
    assert(lower->base.v + lower->size == upper->base.v && upper->handles == 0);

    lower->size += upper->size;
    *upper = (struct mem){ .next_spare = d->spare_mems };
    d->spare_mems = upper;
    d->has_mems = true;
}

static struct mapping *find_mapping(struct domain *d, uint64_t start)
{
    for (struct list *l = d->mappings.next; l != &d->mappings; l = l->next) {   /* bound: MAPPINGS_MAX */
        struct mapping *m = container_of(l, struct mapping, link);
        if (m->ipa + m->done == start)
            return m;
    }
    return NULL;
}

/* The record of a mapping that starts here, or of the one that this call goes on with. */
static struct mapping *record(struct domain *d, struct mem *m, uint64_t offset, uint64_t at, uint64_t size)
{
    struct mapping *going_on = find_mapping(d, at);
    if (going_on && going_on->mem == m && going_on->offset + going_on->done == offset &&
        going_on->size - going_on->done == size)
        return going_on;

    struct mapping *new = NULL;
    if (!list_empty(&d->spare_mappings)) {
        new = container_of(d->spare_mappings.next, struct mapping, link);
        list_remove(&new->link);
    } else if (d->mapping_count < MAPPINGS_MAX) {
        new = pool_object(&d->pool, sizeof *new);
        if (new == NULL)
            return NULL;
        d->mapping_count++;
    } else {
        return NULL;
    }
    *new = (struct mapping){ .mem = m, .offset = offset, .ipa = at, .size = size };
    list_init(&new->link);
    list_append(&d->mappings, &new->link);
    (void)__atomic_fetch_add(&m->mappings, 1, __ATOMIC_RELAXED);
    return new;
}

void mem_forget(const struct mapping *r)
{
    assert(r->mem->mappings > 0);

    (void)__atomic_fetch_sub(&r->mem->mappings, 1, __ATOMIC_RELAXED);
}

static void forget(struct domain *d, struct mapping *r)
{
    mem_forget(r);
    list_remove(&r->link);
    list_append(&d->spare_mappings, &r->link);
}

int mem_map(struct domain *d, struct mem *m, uint64_t offset, ipa_t at, uint64_t size, unsigned flags, uint64_t *done)
{
    *done = 0;
    if (!page_aligned(offset | at.v | size) || !range_ok(offset, size, m->size) || !range_ok(at.v, size, IPA_LIMIT))
        return BELAY_EINVAL;
    if (m->pool_of)
        return BELAY_EBUSY;
    struct mapping *r = record(d, m, offset, at.v, size);
    if (r == NULL)
        return BELAY_ENOMEM;

    bool taken;
    *done = stage2_map(&d->space, at, pa(m->base.v + offset), size,
                       flags | (m->kind == BELAY_MEM_DEVICE ? STAGE2_DEVICE : 0), &taken);
    r->done += *done;
    if (*done == size)
        return BELAY_OK;
    if (r->done == 0)
        forget(d, r);
    if (taken)
        return BELAY_EEXIST;
    return *done ? BELAY_EAGAIN : BELAY_ENOMEM;
}

int mem_unmap(struct domain *d, ipa_t at, uint64_t size, uint64_t *done)
{
    *done = 0;
    for (struct list *l = d->mappings.next; l != &d->mappings; l = l->next) {   /* bound: MAPPINGS_MAX */
        struct mapping *r = container_of(l, struct mapping, link);
        if (r->ipa != at.v || r->size != size)
            continue;
        *done = r->done ? stage2_unmap(&d->space, at, r->done) : 0;
        r->ipa += *done;
        r->offset += *done;
        r->done -= *done;
        r->size -= *done;
        if (r->done)
            return BELAY_EAGAIN;
        *done += r->size;               /* what was never mapped */
        forget(d, r);
        return BELAY_OK;
    }
    return BELAY_EINVAL;
}
