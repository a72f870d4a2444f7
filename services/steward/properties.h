/* SPDX-License-Identifier: Apache-2.0 */
/* A node's properties into a structure, by a table. */
#ifndef STEWARD_PROPERTIES_H
#define STEWARD_PROPERTIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "problem.h"
#include "tree.h"

enum property_type {
    PROPERTY_U32,       /* uint32_t */
    PROPERTY_U64,       /* uint64_t */
    PROPERTY_STRING,    /* const char * */
    PROPERTY_BYTES,     /* struct bytes */
    PROPERTY_FLAG,      /* bool: it is there */
};

struct bytes {
    const void *data;
    uint32_t size;
};

struct property {
    const char *name;
    enum property_type type;
    size_t offset;      /* in the structure */
    bool required;
};

/*
 * All properties of the node that the cursor is in. What is absent and not
 * required is left alone; what the table doesn't name is passed over. A property
 * that is there twice is a problem. It is fastest where the table has the tree's order.
 */
bool properties_read(struct tree *t, const struct property *table, unsigned count, void *structure,
                     struct problem *why);
#endif
