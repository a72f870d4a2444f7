/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include "base/address.h"
#include "base/assert.h"
#include "base/string.h"

void pool_init(struct pool *p, void *start, size_t bytes)
{
    assert(page_aligned((uintptr_t)start) && page_aligned(bytes));

    p->bottom = start;
    p->top = p->bottom + bytes;
}

void *pool_object(struct pool *p, size_t bytes)
{
    bytes = (bytes + 15) & ~(size_t)15;
    if ((size_t)(p->top - p->bottom) < bytes)
        return NULL;
    void *object = p->bottom;
    p->bottom += bytes;
    return memset(object, 0, bytes);
}

void *pool_page(struct pool *p)
{
    if ((size_t)(p->top - p->bottom) < PAGE_SIZE)
        return NULL;
    p->top -= PAGE_SIZE;
    return memset(p->top, 0, PAGE_SIZE);
}
