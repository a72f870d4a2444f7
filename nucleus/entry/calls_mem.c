/* SPDX-License-Identifier: Apache-2.0 */
/* Handles and memory. */
#include "core/domain.h"
#include "core/mem.h"
#include "entry/hypercall.h"

int call_handle_close(struct context *c, uint64_t *x)
{
    struct handle_table *t = &c->domain->handles;
    return x[0] < t->slots && handle_close(&t->slot[x[0]]) ? BELAY_OK : BELAY_EHANDLE;
}

int call_grant(struct context *c, uint64_t *x)
{
    struct domain *to = object(c, x[0], OBJECT_DOMAIN, BELAY_RIGHT_MANAGE);
    const struct handle_table *own = &c->domain->handles;
    if (to == NULL)
        return BELAY_EHANDLE;
    const struct handle h = handle_at(own, x[1]);
    if (handle_type(h.tag) == OBJECT_NONE || !(handle_rights(h.tag) & BELAY_RIGHT_GRANT))
        return BELAY_EHANDLE;
    if (x[3] == 0 || x[3] >= to->handles.slots)
        return BELAY_EINVAL;
    const uint32_t rights = (uint32_t)(handle_rights(h.tag) & x[2]);
    const struct handle given = handle_of(handle_type(h.tag), h.object, rights, handle_value(h.tag));
    return handle_put(&to->handles.slot[x[3]], &given) ? BELAY_OK : BELAY_EEXIST;
}

int call_mem_split(struct context *c, uint64_t *x)
{
    const struct handle whole = handle_find(&c->domain->handles, x[0], OBJECT_MEM, BELAY_RIGHT_MANAGE);
    struct mem *m = whole.object;
    if (m == NULL)
        return BELAY_EHANDLE;
    int result = mem_may_split(m, x[1]);
    if (result != BELAY_OK)
        return result;
    struct mem *upper = mem_split(c->domain, m, x[1]);
    if (upper == NULL)
        return BELAY_ENOMEM;
    int64_t h = handle_add(&c->domain->handles, 1, OBJECT_MEM, upper, handle_rights(whole.tag), 0);
    if (h < 0) {
        mem_merge(c->domain, m, upper);
        return BELAY_ENOMEM;
    }
    x[1] = (uint64_t)h;
    return BELAY_OK;
}

int call_mem_merge(struct context *c, uint64_t *x)
{
    const struct handle_table *t = &c->domain->handles;
    const struct handle lower = handle_find(t, x[0], OBJECT_MEM, BELAY_RIGHT_MANAGE);
    const struct handle upper = handle_find(t, x[1], OBJECT_MEM, BELAY_RIGHT_MANAGE);
    if (lower.object == NULL || upper.object == NULL || (handle_rights(lower.tag) & ~handle_rights(upper.tag)))
        return BELAY_EHANDLE;
    int result = mem_may_merge(lower.object, upper.object);
    if (result != BELAY_OK)
        return result;
    if (!handle_replace(&t->slot[x[1]], upper.tag, &(struct handle){ 0 }))
        return BELAY_EHANDLE;
    mem_merge(c->domain, lower.object, upper.object);
    return BELAY_OK;
}

int call_mem_info(struct context *c, uint64_t *x)
{
    const struct mem *m = object(c, x[0], OBJECT_MEM, 0);
    if (m == NULL)
        return BELAY_EHANDLE;
    x[1] = m->base.v;
    x[2] = m->size;
    x[3] = m->kind;
    return BELAY_OK;
}

int call_map(struct context *c, uint64_t *x)
{
    struct domain *d = object(c, x[0], OBJECT_DOMAIN, BELAY_RIGHT_MANAGE);
    uint64_t flags = x[5];
    uint32_t rights = BELAY_RIGHT_USE | (flags & BELAY_MAP_WRITE ? BELAY_RIGHT_WRITE : 0) |
                      (flags & BELAY_MAP_EXEC ? BELAY_RIGHT_EXEC : 0);
    struct mem *m = object(c, x[1], OBJECT_MEM, rights);
    if (d == NULL || m == NULL)
        return BELAY_EHANDLE;
    if (!(flags & BELAY_MAP_READ) || flags > (BELAY_MAP_READ | BELAY_MAP_WRITE | BELAY_MAP_EXEC))
        return BELAY_EINVAL;
    return mem_map(d, m, x[2], ipa(x[3]), x[4], (unsigned)flags, &x[1]);
}

int call_unmap(struct context *c, uint64_t *x)
{
    struct domain *d = object(c, x[0], OBJECT_DOMAIN, BELAY_RIGHT_MANAGE);
    if (d == NULL)
        return BELAY_EHANDLE;
    return mem_unmap(d, ipa(x[1]), x[2], &x[1]);
}
