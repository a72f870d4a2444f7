/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a configuration and where in it things stand: libyaml's tree of
 * the document, which libcyaml's structures do not keep.
 */
#ifndef TOOLS_SOURCE_H
#define TOOLS_SOURCE_H

#include <stdbool.h>
#include <yaml.h>

#include "error.h"

#define SOURCE_MAX (1024 * 1024)

struct source {
    char *text;
    size_t size;
    yaml_document_t document;
};

/* A node of the document (0: none) and the line to name in a mistake about it: of its key, where it has one. */
struct place {
    int node;
    unsigned line;
};

bool source_read(struct source *, const char *path, struct report *);
/* The same from memory; copies the text. */
bool source_parse(struct source *, const char *text, size_t size, struct report *);
void source_free(struct source *);

struct place place_root(struct source *);
/* Where there is no such key or item: no node, and the line of what should hold it. */
struct place place_key(struct source *, struct place mapping, const char *key);
struct place place_item(struct source *, struct place sequence, unsigned index);
yaml_node_t *place_node(struct source *, struct place);
#endif
