/* SPDX-License-Identifier: Apache-2.0 */
#include "base/assert.h"
#include "core/domain.h"
#include "core/mem.h"

struct domain *domains[VMIDS];
uint32_t grants_begun, grants_done;
static uint32_t vmids[VMIDS / 32] = { 1 };      /* in use, a bit each; 0 stays the boot's */

/* 0: there is none left. */
static unsigned take_vmid(void)
{
    for (unsigned i = 1; i < VMIDS; i++)        /* bound: VMIDS */
        if ((__atomic_fetch_or(&vmids[i / 32], 1u << i % 32, __ATOMIC_ACQUIRE) >> i % 32 & 1) == 0)
            return i;
    return 0;
}

void domain_free_vmid(unsigned vmid)
{
    (void)__atomic_fetch_and(&vmids[vmid / 32], ~(1u << vmid % 32), __ATOMIC_RELEASE);
}

static void name(struct domain *d, uint64_t tag)
{
    for (unsigned i = 0; i < sizeof d->tag - 1; i++, tag >>= 8) {
        char c = (char)(tag & 0xff);
        d->tag[i] = c == 0 || (c >= ' ' && c <= '~') ? c : '?';
    }
}

struct domain *domain_create(struct mem *pool, size_t bytes, enum belay_domain kind, uint32_t handles, uint64_t tag)
{
    assert(bytes >= sizeof(struct domain) && pool->pool_of == NULL && pool->mappings == 0);

    struct pool p;
    pool_init(&p, pa_to_ptr(pool->base), pool->size);
    struct domain *d = pool_object(&p, bytes);
    struct handle *slots = pool_object(&p, handles * sizeof *slots);
    if (d == NULL || slots == NULL)
        return NULL;
    d->pool = p;
    if (!stage2_init(&d->space, &d->pool))
        return NULL;
    unsigned vmid = take_vmid();
    if (vmid == 0)
        return NULL;
    d->space.vttbr |= (uint64_t)vmid << 48;
    d->kind = kind;
    d->handles = (struct handle_table){ slots, handles };
    domain_init(d);
    name(d, tag);
    d->pool_mem = pool;
    pool->pool_of = d;
    __atomic_store_n(&domains[vmid], d, __ATOMIC_RELEASE);
    return d;
}
