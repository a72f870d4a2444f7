/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ownership of physical memory. Extents never overlap, and all memory
 * that any domain can reach is mapped through one; who holds its handle may map it.
 */
#ifndef NUCLEUS_CORE_MEM_H
#define NUCLEUS_CORE_MEM_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/stage2.h"
#include "base/address.h"
#include "base/list.h"
#include "belay/abi.h"

struct domain;

struct mem {
    pa_t base;
    uint64_t size;
    enum belay_mem kind;
    uint32_t mappings;      /* in all domains: what is mapped is neither split nor made a pool */
    uint32_t handles;       /* to it, in all domains */
    struct domain *pool_of; /* the domain whose pool it is, or NULL */
    struct mem *next_spare; /* of a domain's structures that name no memory any more */
};

#define MAPPINGS_MAX 160    /* of one domain: the stack of each handler is one */

/* A range of a domain's address space; `done` bytes of it are mapped so far. */
struct mapping {
    struct list link;       /* in the domain */
    struct mem *mem;
    uint64_t offset;        /* in the extent */
    uint64_t ipa, size, done;
};

/* Can an extent be cut there? 0, EINVAL or EBUSY. */
int mem_may_split(const struct mem *m, uint64_t offset);

/*
 * Cuts it; the upper part becomes an extent whose structure is the domain's. NULL when its pool is used up. A domain
 * that has ever been asked for one is not destroyed.
 */
struct mem *mem_split(struct domain *d, struct mem *m, uint64_t offset);

/*
 * Can two become one? They are neighbours of one kind, nobody uses them, and
 * nobody else has a handle: who may reach one would reach the other. 0, EINVAL or EBUSY.
 */
int mem_may_merge(const struct mem *lower, const struct mem *upper);

/* Makes them one; the upper one's structure, to which there is no handle any more, is the domain's to use again. */
void mem_merge(struct domain *d, struct mem *lower, struct mem *upper);

/*
 * Maps part of an extent in a domain, or goes on with it. *done tells the bytes
 * that this call mapped: BELAY_EAGAIN means that more are to come.
 */
int mem_map(struct domain *d, struct mem *m, uint64_t offset, ipa_t at, uint64_t size, unsigned flags, uint64_t *done);

/* Takes away one whole mapping, or goes on with it: BELAY_EINVAL when none starts there with that size. */
int mem_unmap(struct domain *d, ipa_t at, uint64_t size, uint64_t *done);

/* The extent is not mapped by this any more, whose domain is no more. */
void mem_forget(const struct mapping *r);

#endif
