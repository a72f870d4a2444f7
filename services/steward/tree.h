/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A flattened device tree read from front to back: each property and node is
 * looked at once, where libfdt's questions by name begin anew each time.
 */
#ifndef STEWARD_TREE_H
#define STEWARD_TREE_H

#include <stdbool.h>
#include <stdint.h>

struct tree {
    const void *fdt;
    int here, next;         /* offsets of the tag that comes next, and of the one after it */
    uint32_t tag;
};

struct tree_property {
    const char *name;
    const void *data;
    uint32_t size;
};

/*
 * How much of a tree has to be readable, by its header at `head`, of which `readable` bytes can be
 * read: at most `limit`, or 0 when that is no tree. Room to grow at its end is left out: QEMU's has a megabyte of it.
 */
uint64_t tree_bytes(const void *head, uint64_t readable, uint64_t limit);

/* To the root's first property. False when there is no root. */
bool tree_open(struct tree *t, const void *fdt);

/* The node's next property, or false when it has no more; then come its nodes. */
bool tree_property(struct tree *t, struct tree_property *p);

/* Into the next node of this one: its name, or NULL at this one's end, which is left. Unread properties go by. */
const char *tree_node(struct tree *t);

/* Out of the node. */
void tree_leave(struct tree *t);

/* The tree is not as it has to be: there was nothing more to read because of that. */
bool tree_broken(const struct tree *t);
#endif
