/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A domain's pool: the memory that its creator gave for all that the nucleus
 * keeps for it. Objects grow from the bottom, stage-2 table pages are taken
 * from the top; both live as long as the domain.
 */
#ifndef NUCLEUS_BASE_POOL_H
#define NUCLEUS_BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

struct pool {
    uint8_t *bottom, *top;      /* what is left lies between */
};

/* Whole pages. */
void pool_init(struct pool *p, void *start, size_t bytes);

/* Zeroed memory of that size, aligned to 16; NULL when the pool is used up. */
void *pool_object(struct pool *p, size_t bytes);

/* A zeroed page; NULL when the pool is used up. */
void *pool_page(struct pool *p);
#endif
