/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses by kind, so that one kind can't be passed for another. */
#ifndef NUCLEUS_BASE_ADDRESS_H
#define NUCLEUS_BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_SHIFT  12
#define PAGE_SIZE   (UINT64_C(1) << PAGE_SHIFT)
#define BLOCK_SIZE  (UINT64_C(1) << 21)

typedef struct { uint64_t v; } pa_t;   /* physical */
typedef struct { uint64_t v; } ipa_t;  /* intermediate physical: what a domain calls its memory */

static inline pa_t pa(uint64_t v) { return (pa_t){ v }; }
static inline ipa_t ipa(uint64_t v) { return (ipa_t){ v }; }

static inline bool page_aligned(uint64_t v) { return (v & (PAGE_SIZE - 1)) == 0; }

/* The nucleus maps what it may touch at its physical address (boot/map.c). */
static inline void *pa_to_ptr(pa_t p) { return (void *)(uintptr_t)p.v; }
static inline pa_t ptr_to_pa(const void *p) { return (pa_t){ (uintptr_t)p }; }

/* Is [start, start + size) free of wrap-round, not empty, and inside [0, limit)? */
static inline bool range_ok(uint64_t start, uint64_t size, uint64_t limit)
{
    return size != 0 && size <= limit && start <= limit - size;
}
#endif
