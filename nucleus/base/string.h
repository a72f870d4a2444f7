/* SPDX-License-Identifier: Apache-2.0 */
/* The memory functions that a freestanding compiler may call. */
#ifndef NUCLEUS_BASE_STRING_H
#define NUCLEUS_BASE_STRING_H

#include <stddef.h>

#ifdef BELAY_HOST_TEST
#include <string.h>
#else
void *memset(void *to, int byte, size_t bytes);
void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
#endif

/*
 * Zeroes pages that hold code which ran. By stores: QEMU drops what it has translated of a page where a store hits it, of
 * DC ZVA only what its first byte hits; and while it has some, each store to that page is a slow one.
 */
void clear_pages_by_stores(void *from, const void *end);
#endif
