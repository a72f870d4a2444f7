/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's memory: what nobody owns yet, and the steward's views of memory. */
#ifndef STEWARD_MEMORY_H
#define STEWARD_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "belay/abi.h"
#include "lib/hypercall.h"

struct extent {
    handle_t handle;
    uint64_t pa, bytes;
    enum belay_mem kind;
};

#define BLOCK_BYTES UINT64_C(0x200000)  /* what stage 2 maps with one entry, where both addresses are aligned to it */

/* Learns of the extents that the nucleus handed over. */
int memory_init(const struct belay_boot_info *info);

/*
 * RAM of that size and alignment (powers of two, a page at least), out of the smallest extent that holds it. What was
 * somebody's before holds zeros.
 */
bool memory_take(uint64_t bytes, uint64_t align, struct extent *taken);

/* The device registers there; whole pages, which nobody has yet. */
bool memory_take_device(uint64_t pa, uint64_t bytes, struct extent *taken);

/* Nobody owns it any more: it becomes one with its neighbours. RAM that is `dirty` is zeroed before. */
void memory_give(const struct extent *e, bool dirty);

/* Zeroes a piece of what waits for that, up to the end of a block; false when nothing does. */
bool memory_scrub(void);

/* Zeroes from `offset` on, up to the end of a block at most, also for who reads past the caches; tells how far it came. */
uint64_t memory_clear(const struct extent *e, uint64_t offset);

/* RAM that nobody owns, in how many pieces. */
struct memory_unowned { uint64_t bytes; uint32_t pieces; };
struct memory_unowned memory_unowned(void);

/*
 * Where views are in the steward's address space. Each is used for one view at
 * a time. Table pages stay once they are made, so small views share those of
 * the steward's own image, and views of guest memory and of the bundle have
 * room to be aligned like the memory, so that they take blocks.
 */
enum view_place {
    VIEW_TREE,          /* the bundle's tree, for good */
    VIEW_HOST,          /* the host's device tree, for good */
    VIEW_SLOTS,         /* the manager's requests, for good */
    VIEW_WATCHDOG,      /* the page that the watchdog service writes too, for good */
    VIEW_SERVICE,       /* a service's memory, and what is smaller */
    VIEW_BUNDLE,        /* an image */
    VIEW_GUEST,         /* a VM's memory */
    VIEW_PLACES
};

struct view {
    uint64_t ipa, bytes;        /* of the mapping; bytes 0: there is none */
};

/*
 * Maps [offset, offset + bytes) of an extent, and what lies around it where it
 * takes a whole block to do so. Returns where the range begins, or NULL when it has no room.
 */
void *view_open(struct view *v, enum view_place place, const struct extent *e, uint64_t offset, uint64_t bytes,
                unsigned flags);
void view_close(struct view *v);

/* Memory that becomes a domain's pool, and how much has been taken for that. */
bool memory_take_pool(uint64_t bytes, struct extent *pool);

/* What was a pool, by the handle that DOMAIN_DESTROY gave. */
void memory_give_pool(handle_t pool);
uint64_t memory_of_pools(void);
#endif
