/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's stage 1, walked as the CPU would (Arm ARM, D8.2): 4, 16 and 64 KiB granules, both halves of the address space. */
#ifndef GDB_WALK_H
#define GDB_WALK_H

#include <stdbool.h>
#include <stdint.h>

struct walk {
    uint64_t sctlr, tcr, ttbr0, ttbr1;
    /* Reads a descriptor; false when there is no memory at that address. */
    bool (*read)(uint64_t pa, uint64_t *descriptor);
};

/*
 * Where a virtual address leads, whatever the permissions. *left: how many bytes
 * from there on are next to each other. False when nothing is mapped there. Reads five descriptors at most.
 */
bool walk(const struct walk *w, uint64_t va, uint64_t *pa, uint64_t *left);
#endif
