/* SPDX-License-Identifier: Apache-2.0 */
#include "properties.h"

#include <libfdt.h>

/* One string that fills the property. */
static bool is_string(const char *data, uint32_t size)
{
    return size != 0 && memchr(data, '\0', size) == data + size - 1;
}

static const char *store(const struct property *p, const void *data, uint32_t size, void *to)
{
    switch (p->type) {
    case PROPERTY_U32:
        if (size != sizeof(uint32_t))
            return "is not one cell";
        *(uint32_t *)to = fdt32_ld(data);
        return NULL;
    case PROPERTY_U64:
        if (size != sizeof(uint64_t))
            return "is not two cells";
        *(uint64_t *)to = fdt64_ld(data);
        return NULL;
    case PROPERTY_STRING:
        if (!is_string(data, size))
            return "is not one string";
        *(const char **)to = data;
        return NULL;
    case PROPERTY_BYTES:
        *(struct bytes *)to = (struct bytes){ data, size };
        return NULL;
    case PROPERTY_FLAG:
        *(bool *)to = true;
        return NULL;
    }
    return "has no known type";
}

/* The one after the last that was found is the likeliest. */
static int find(const struct property *table, unsigned count, unsigned first, const char *name)
{
    for (unsigned n = 0, i = first; n < count; n++, i++) {
        i = i < count ? i : 0;
        if (strcmp(table[i].name, name) == 0)
            return (int)i;
    }
    return -1;
}

bool properties_read(struct tree *t, const struct property *table, unsigned count, void *structure,
                     struct problem *why)
{
    uint32_t seen = 0;
    unsigned next = 0;
    struct tree_property p;

    while (tree_property(t, &p)) {
        int i = find(table, count, next, p.name);
        if (i < 0)
            continue;
        if (seen >> i & 1)
            return problem(why, ": %s is there twice", p.name);
        seen |= 1u << i;
        next = (unsigned)i + 1;
        const char *wrong = store(&table[i], p.data, p.size, (char *)structure + table[i].offset);
        if (wrong)
            return problem(why, ": %s %s", p.name, wrong);
    }
    if (tree_broken(t))
        return problem(why, ": the tree is damaged in it");
    for (unsigned i = 0; i < count; i++)
        if (table[i].required && !(seen >> i & 1))
            return problem(why, ": %s is missing", table[i].name);
    return true;
}
