/* SPDX-License-Identifier: Apache-2.0 */
/* Breakpoints: BRK instructions in the guest's memory, by physical address, and those of the CPU. */
#ifndef GDB_BREAKPOINTS_H
#define GDB_BREAKPOINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOFT_MAX 64u

/* `ram` is where the guest's `bytes` of RAM from `base` on are. What a service before this one left behind is taken out. */
void breakpoints_init(uint8_t *ram, uint64_t base, uint64_t bytes);

/* A BRK at that place of the guest's RAM, which is seen at `va`. Set twice, it is one; by two addresses it is two. */
bool soft_set(uint64_t va, uint64_t pa);
bool soft_clear(uint64_t va);
bool soft_is_at(uint64_t pa);

/* What the guest has there, to be read or to be written, less the BRKs. */
void soft_hide(uint64_t pa, uint8_t *bytes, size_t n);          /* read from there */
void soft_keep(uint64_t pa, size_t n);                          /* written there */

/* Of the CPU. Kinds as in the protocol's Z packets. */
enum point_kind { POINT_SOFT = 0, POINT_BREAK = 1, POINT_WRITE = 2, POINT_READ = 3, POINT_ACCESS = 4 };
bool point_set(enum point_kind kind, uint64_t va, uint64_t bytes);
bool point_clear(enum point_kind kind, uint64_t va, uint64_t bytes);

/* The watchpoint that an access at `address` hit, and the first of its bytes that the access can have hit. */
enum point_kind point_watching(uint64_t address, uint64_t *va);

/* All are taken out of the guest, soft ones out of its memory. */
void breakpoints_clear(void);
#endif
