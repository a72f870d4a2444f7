/* SPDX-License-Identifier: Apache-2.0 */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The parser is at the end of the document: a file holds one. */
static bool nothing_follows(yaml_parser_t *parser, struct report *r)
{
    yaml_document_t next;
    if (!yaml_parser_load(parser, &next))
        return false;
    yaml_node_t *root = yaml_document_get_root_node(&next);
    if (root)
        report_add(r, (unsigned)root->start_mark.line + 1,
                   "a second document starts here; write one machine in a file, without '---' in its midst");
    yaml_document_delete(&next);
    return !root;
}

static void report_syntax(const yaml_parser_t *parser, struct report *r)
{
    const char *problem = parser->problem ? parser->problem : "not a YAML file";
    report_add(r, (unsigned)parser->problem_mark.line + 1, "%s%s%s; mend the YAML here (docs/configuration.md)",
               problem, parser->context ? " " : "", parser->context ? parser->context : "");
}

bool source_parse(struct source *s, const char *text, size_t size, struct report *r)
{
    s->text = allocate(size + 1);
    memcpy(s->text, text, size);
    s->size = size;

    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        die("out of memory");
    yaml_parser_set_input_string(&parser, (const unsigned char *)s->text, size);
    bool good = yaml_parser_load(&parser, &s->document);
    if (good) {
        good = nothing_follows(&parser, r);
        if (!good)
            yaml_document_delete(&s->document);
    }
    if (!good) {
        if (parser.error != YAML_NO_ERROR)
            report_syntax(&parser, r);
        free(s->text);
    }
    yaml_parser_delete(&parser);
    return good;
}

bool source_read(struct source *s, const char *path, struct report *r)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        report_add(r, 0, "cannot open: %s; name the YAML file of a machine", strerror(errno));
        return false;
    }
    char *text = allocate(SOURCE_MAX + 1);
    size_t size = fread(text, 1, SOURCE_MAX + 1, file);
    bool good = !ferror(file) && size <= SOURCE_MAX;
    if (!good)
        report_add(r, 0, "%s; name the YAML file of a machine",
                   ferror(file) ? "cannot be read" : "is larger than 1 MiB, no configuration is");
    fclose(file);
    good = good && source_parse(s, text, size, r);
    free(text);
    return good;
}

void source_free(struct source *s)
{
    yaml_document_delete(&s->document);
    free(s->text);
}

yaml_node_t *place_node(struct source *s, struct place p)
{
    return yaml_document_get_node(&s->document, p.node);
}

struct place place_root(struct source *s)
{
    yaml_node_t *root = yaml_document_get_root_node(&s->document);
    if (!root)
        return (struct place){ 0, 1 };
    return (struct place){ 1, (unsigned)root->start_mark.line + 1 };
}

struct place place_key(struct source *s, struct place mapping, const char *key)
{
    yaml_node_t *node = place_node(s, mapping);
    struct place none = { 0, mapping.line };
    if (!node || node->type != YAML_MAPPING_NODE)
        return none;
    for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        yaml_node_t *k = yaml_document_get_node(&s->document, pair->key);
        if (k->type == YAML_SCALAR_NODE && strcmp((const char *)k->data.scalar.value, key) == 0)
            return (struct place){ pair->value, (unsigned)k->start_mark.line + 1 };
    }
    return none;
}

struct place place_item(struct source *s, struct place sequence, unsigned index)
{
    yaml_node_t *node = place_node(s, sequence);
    struct place none = { 0, sequence.line };
    if (!node || node->type != YAML_SEQUENCE_NODE)
        return none;
    if (index >= (size_t)(node->data.sequence.items.top - node->data.sequence.items.start))
        return none;
    int item = node->data.sequence.items.start[index];
    yaml_node_t *value = yaml_document_get_node(&s->document, item);
    return (struct place){ item, (unsigned)value->start_mark.line + 1 };
}
