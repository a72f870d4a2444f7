/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage-2 translation tables: 39-bit addresses, 4 KiB granule, three levels
 * (Arm ARM, D8.2), with 2 MiB blocks where both addresses allow.
 */
#ifndef NUCLEUS_ARM64_STAGE2_H
#define NUCLEUS_ARM64_STAGE2_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

struct pool;

struct stage2 {
    uint64_t *root;
    uint64_t vttbr;         /* root and VMID */
    struct pool *pool;      /* where tables come from */
};

enum stage2_attr {          /* BELAY_MAP_READ, WRITE and EXEC, and this */
    STAGE2_DEVICE = 8,
};

/* Entries that one call writes at most: the bound of map and unmap between two preemption points. */
#define STAGE2_PIECE 16

/* An empty space, of VMID 0 so far. False when the pool has no page for the root. */
bool stage2_init(struct stage2 *s, struct pool *pool);

/*
 * Maps [at, at + size) to [to, to + size), at most STAGE2_PIECE entries of it.
 * Returns the bytes mapped; less than asked when the piece is done, the pool is
 * used up (0 at the first page), or something is mapped there (*taken).
 */
uint64_t stage2_map(struct stage2 *s, ipa_t at, pa_t to, uint64_t size, unsigned attr, bool *taken);

/* Takes mappings away, at most STAGE2_PIECE entries; holes are skipped. Returns the bytes done. */
uint64_t stage2_unmap(struct stage2 *s, ipa_t at, uint64_t size);

/* Where an address leads; false when nothing is mapped there. *attr as given to stage2_map. */
bool stage2_translate(const struct stage2 *s, ipa_t at, pa_t *to, unsigned *attr);
#endif
