/* SPDX-License-Identifier: Apache-2.0 */
/* Images out of the bundle into memory, their hashes checked on the way. */
#ifndef STEWARD_LOAD_H
#define STEWARD_LOAD_H

#include "config.h"
#include "devicetree.h"
#include "memory.h"
#include "problem.h"

/* The bundle begins so far into its extent. */
void load_init(const struct extent *bundle, uint64_t offset);

/* An image where it is, its hash not checked; NULL when it has no room in the steward's address space. */
const void *load_view(struct view *v, const struct image *image);

/* Copies a whole image, to where there is room for image->size bytes. */
bool load_image(const struct image *image, void *to, struct problem *why);

/* Maps it in a domain, out of the bundle; its physical address there. */
int load_map(const struct image *image, handle_t domain, uint64_t ipa, unsigned flags);
uint64_t load_address(const struct image *image);

/* Only checks its hash. */
bool load_check(const struct image *image, struct problem *why);

struct entry { uint64_t pc, dtb; };

/*
 * Fills a VM's memory with what it starts from: kernel, initrd and device tree.
 * `tree` is complete but for the initrd.
 */
bool load_vm(const struct vm_config *vm, const struct extent *ram, struct guest_tree *tree, struct entry *entry,
             struct problem *why);

/* Ticks that went into copying and hashing till now. */
uint64_t load_ticks(void);
#endif
