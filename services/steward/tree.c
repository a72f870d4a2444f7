/* SPDX-License-Identifier: Apache-2.0 */
#include "tree.h"

#include <libfdt.h>

/* Not a tag: the cursor is where no tag can be read. Nothing moves it from there. */
#define BROKEN 0u

static uint64_t max(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

uint64_t tree_bytes(const void *head, uint64_t readable, uint64_t limit)
{
    if (readable < sizeof(struct fdt_header) || fdt_check_header(head) != 0 || fdt_totalsize(head) > limit ||
        fdt_version(head) < 17)
        return 0;
    uint64_t structure = (uint64_t)fdt_off_dt_struct(head) + fdt_size_dt_struct(head);
    uint64_t strings = (uint64_t)fdt_off_dt_strings(head) + fdt_size_dt_strings(head);
    uint64_t used = max(max(structure, strings), sizeof(struct fdt_header));
    return used <= limit ? used : 0;
}

/* fdt_next_tag checks that all of the tag, its name or its data lie in the tree. */
static void advance(struct tree *t)
{
    do {
        t->here = t->next;
        t->tag = fdt_next_tag(t->fdt, t->here, &t->next);
    } while (t->tag == FDT_NOP && t->next >= 0);
    if (t->next < 0)
        t->tag = BROKEN;
}

bool tree_open(struct tree *t, const void *fdt)
{
    *t = (struct tree){ .fdt = fdt };
    advance(t);
    if (t->tag != FDT_BEGIN_NODE)
        return false;
    advance(t);
    return t->tag != BROKEN;
}

bool tree_property(struct tree *t, struct tree_property *p)
{
    if (t->tag != FDT_PROP)
        return false;
    const struct fdt_property *property = fdt_offset_ptr(t->fdt, t->here, sizeof *property);
    p->name = property ? fdt_get_string(t->fdt, (int)fdt32_ld(&property->nameoff), NULL) : NULL;
    if (p->name == NULL) {
        t->tag = BROKEN;
        return false;
    }
    p->data = property->data;
    p->size = fdt32_ld(&property->len);
    advance(t);
    return true;
}

const char *tree_node(struct tree *t)
{
    const char *name = NULL;

    while (t->tag == FDT_PROP)
        advance(t);
    if (t->tag == FDT_BEGIN_NODE)
        name = fdt_offset_ptr(t->fdt, t->here + FDT_TAGSIZE, 1);
    else if (t->tag != FDT_END_NODE)
        t->tag = BROKEN;        /* the end of the tree inside a node */
    if (t->tag != BROKEN)
        advance(t);
    return name;
}

void tree_leave(struct tree *t)
{
    for (unsigned depth = 1; depth && t->tag != BROKEN; advance(t)) {
        depth += t->tag == FDT_BEGIN_NODE;
        depth -= t->tag == FDT_END_NODE;
        if (t->tag == FDT_END)
            t->next = -1;
    }
}

bool tree_broken(const struct tree *t)
{
    return t->tag == BROKEN;
}
