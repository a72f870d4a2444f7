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
    struct domain *pool_of; /* the domain whose pool it is, or NULL */
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

/* Cuts it; the upper part is put into *upper. */
void mem_split(struct mem *m, uint64_t offset, struct mem *upper);

/*
 * Maps part of an extent in a domain, or goes on with it. *done tells the bytes
 * that this call mapped: BELAY_EAGAIN means that more are to come.
 */
int mem_map(struct domain *d, struct mem *m, uint64_t offset, ipa_t at, uint64_t size, unsigned flags, uint64_t *done);

/* Takes away one whole mapping, or goes on with it: BELAY_EINVAL when none starts there with that size. */
int mem_unmap(struct domain *d, ipa_t at, uint64_t size, uint64_t *done);

#endif
