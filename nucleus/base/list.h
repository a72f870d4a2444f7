/* SPDX-License-Identifier: Apache-2.0 */
/* A doubly linked ring: an empty or unlinked node points at itself. */
#ifndef NUCLEUS_BASE_LIST_H
#define NUCLEUS_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list { struct list *next, *prev; };

#define container_of(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))

static inline void list_init(struct list *l) { l->next = l->prev = l; }
static inline bool list_empty(const struct list *l) { return l->next == l; }

static inline void list_append(struct list *head, struct list *node)
{
    node->prev = head->prev;
    node->next = head;
    head->prev->next = node;
    head->prev = node;
}

static inline void list_remove(struct list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}
#endif
