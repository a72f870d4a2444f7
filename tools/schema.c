/* SPDX-License-Identifier: Apache-2.0 */
#include "schema.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "units.h"
#include "words.h"

struct check {
    struct source *source;
    schema_text_check *text_check;
    struct report *report;
};

static void check_value(struct check *, struct place, const char *name, const cyaml_schema_value_t *);

static const char *kind_name(const cyaml_schema_value_t *schema)
{
    switch (schema->type) {
    case CYAML_MAPPING:  return "keys and values";
    case CYAML_FLAGS:
    case CYAML_SEQUENCE: return "a list";
    case CYAML_UINT:     return "a whole number";
    default:             return "one value";
    }
}

static void wrong_kind(struct check *c, struct place p, const char *name, const cyaml_schema_value_t *schema)
{
    static const char *const found[] = { "nothing", "one value", "a list", "keys and values" };
    yaml_node_t *node = place_node(c->source, p);
    bool empty = node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0;
    const char *example = word_example(name);
    report_add(c->report, p.line, "%s has %s; write %s%s%s%s", name, found[empty ? 0 : node->type], kind_name(schema),
               example ? ", such as '" : "", example ? example : "", example ? "'" : "");
}

/* NULL where the node is not a scalar, or has a zero byte that would end it early. */
static const char *scalar(struct check *c, int node)
{
    yaml_node_t *n = yaml_document_get_node(&c->source->document, node);
    if (!n || n->type != YAML_SCALAR_NODE)
        return NULL;
    const char *text = (const char *)n->data.scalar.value;
    return strlen(text) == n->data.scalar.length ? text : NULL;
}

static char *list_fields(const cyaml_schema_field_t *fields)
{
    char *list = text_format("%s", fields->key);
    while ((++fields)->key) {
        char *longer = text_format("%s, %s", list, fields->key);
        free(list);
        list = longer;
    }
    return list;
}

static char *list_words(const cyaml_strval_t *words, unsigned count)
{
    char *list = text_format("%s", words[0].str);
    for (unsigned i = 1; i < count; i++) {
        char *longer = text_format(i + 1 < count ? "%s, %s" : "%s or %s", list, words[i].str);
        free(list);
        list = longer;
    }
    return list;
}

static const char *nearest_field(const char *key, const cyaml_schema_field_t *fields)
{
    const char *nearest = NULL;
    unsigned best = word_distance_max(key) + 1;
    for (; fields->key; fields++) {
        unsigned distance = word_stands_for(key, fields->key) ? 0 : word_distance(key, fields->key);
        if (distance < best) {
            best = distance;
            nearest = fields->key;
        }
    }
    return nearest;
}

static void unknown_key(struct check *c, unsigned line, const char *key, const cyaml_schema_field_t *fields)
{
    const char *nearest = nearest_field(key, fields);
    if (nearest) {
        report_add(c->report, line, "unknown key '%.40s'; did you mean '%s'?", key, nearest);
        return;
    }
    char *all = list_fields(fields);
    report_add(c->report, line, "unknown key '%.40s'; write one of: %s", key, all);
    free(all);
}

static const cyaml_schema_field_t *find_field(const cyaml_schema_field_t *fields, const char *key)
{
    for (; fields->key; fields++) {
        if (strcmp(fields->key, key) == 0)
            return fields;
    }
    return NULL;
}

/* The pair itself, unless one before it has the same key. */
static const yaml_node_pair_t *first_pair(struct check *c, struct place mapping, const char *key)
{
    const yaml_node_pair_t *pair = place_node(c->source, mapping)->data.mapping.pairs.start;
    for (const char *other; !(other = scalar(c, pair->key)) || strcmp(other, key) != 0;)
        pair++;
    return pair;
}

static unsigned line_of(struct check *c, int node)
{
    return (unsigned)yaml_document_get_node(&c->source->document, node)->start_mark.line + 1;
}

/* A key that is an alias is the same node, in the line of its anchor; its value stands where it is used. */
static void second_time(struct check *c, const yaml_node_pair_t *first, const yaml_node_pair_t *pair, const char *key)
{
    unsigned line = line_of(c, pair->key), value_line = line_of(c, pair->value);
    if (pair->key == first->key && value_line > line)
        line = value_line;
    report_add(c->report, line, "'%s' is here a second time; the first is in line %u, remove one", key,
               line_of(c, first->key));
}

static void check_pair(struct check *c, struct place mapping, const yaml_node_pair_t *pair,
                       const cyaml_schema_field_t *fields)
{
    unsigned line = line_of(c, pair->key);
    const char *key = scalar(c, pair->key);
    if (!key) {
        report_add(c->report, line, "a key that is not a word; write one such as '%s:'", fields->key);
        return;
    }
    const cyaml_schema_field_t *field = find_field(fields, key);
    if (!field) {
        unknown_key(c, line, key, fields);
        return;
    }
    const yaml_node_pair_t *first = first_pair(c, mapping, key);
    if (first != pair)
        second_time(c, first, pair, key);
    check_value(c, (struct place){ pair->value, line }, key, &field->value);
}

/* Also when misspelled: that has its own message. */
static bool is_there(struct check *c, struct place p, const yaml_node_t *node, const char *key,
                     const cyaml_schema_field_t *fields)
{
    if (place_key(c->source, p, key).node)
        return true;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
        const char *other = scalar(c, pair->key);
        const char *meant = other && !find_field(fields, other) ? nearest_field(other, fields) : NULL;
        if (meant && strcmp(meant, key) == 0)
            return true;
    }
    return false;
}

static void check_mapping(struct check *c, struct place p, const cyaml_schema_value_t *schema)
{
    yaml_node_t *node = place_node(c->source, p);
    yaml_node_pair_t *pairs = node->data.mapping.pairs.start;
    size_t count = (size_t)(node->data.mapping.pairs.top - pairs);
    for (size_t i = 0; i < count; i++)
        check_pair(c, p, &pairs[i], schema->mapping.fields);
    for (const cyaml_schema_field_t *f = schema->mapping.fields; f->key; f++) {
        if (!(f->value.flags & CYAML_FLAG_OPTIONAL) && !is_there(c, p, node, f->key, schema->mapping.fields))
            report_add(c->report, p.line, "'%s' is missing; write it, such as '%s'", f->key, word_example(f->key));
    }
}

static void check_sequence(struct check *c, struct place p, const char *name, const cyaml_schema_value_t *schema)
{
    yaml_node_t *node = place_node(c->source, p);
    unsigned count = (unsigned)(node->data.sequence.items.top - node->data.sequence.items.start);
    if (count < schema->sequence.min)
        report_add(c->report, p.line, "%s is empty; write one at least, such as '%s'", name, word_example(name));
    if (count > schema->sequence.max) {
        report_add(c->report, p.line, "%s has %u entries; write at most %u", name, count, schema->sequence.max);
        return;
    }
    for (unsigned i = 0; i < count; i++)
        check_value(c, place_item(c->source, p, i), name, schema->sequence.entry);
}

static void check_word(struct check *c, struct place p, const char *name, const cyaml_schema_value_t *schema)
{
    const char *text = scalar(c, p.node);
    for (unsigned i = 0; text && i < schema->enumeration.count; i++) {
        if (strcmp(text, schema->enumeration.strings[i].str) == 0)
            return;
    }
    char *words = list_words(schema->enumeration.strings, schema->enumeration.count);
    report_add(c->report, p.line, "%s is '%.40s'; write %s", name, text ? text : "", words);
    free(words);
}

static void check_words(struct check *c, struct place p, const char *name, const cyaml_schema_value_t *schema)
{
    yaml_node_t *node = place_node(c->source, p);
    unsigned count = (unsigned)(node->data.sequence.items.top - node->data.sequence.items.start);
    for (unsigned i = 0; i < count; i++)
        check_word(c, place_item(c->source, p, i), name, schema);
}

static void check_number(struct check *c, struct place p, const char *name)
{
    const char *text = scalar(c, p.node);
    uint64_t value;
    if (!text || !parse_number(text, &value) || value > INT32_MAX)
        report_add(c->report, p.line, "%s is '%.40s'; write a whole number", name, text ? text : "");
}

static void check_text(struct check *c, struct place p, const char *name, const cyaml_schema_value_t *schema)
{
    const char *text = scalar(c, p.node);
    if (!text)
        report_add(c->report, p.line, "%s has a zero byte; write it without", name);
    else if (strlen(text) < schema->string.min)
        report_add(c->report, p.line, "%s has no value; write one, such as '%s'", name,
                   word_example(name) ? word_example(name) : "yes");
    else if (strlen(text) > schema->string.max)
        report_add(c->report, p.line, "%s is longer than %u characters; shorten it", name, schema->string.max);
    else if (c->text_check(name, text))
        report_add(c->report, p.line, "%s is '%.40s'; write %s", name, text, c->text_check(name, text));
}

static bool kind_fits(const yaml_node_t *node, const cyaml_schema_value_t *schema)
{
    if (schema->type == CYAML_MAPPING)
        return node->type == YAML_MAPPING_NODE;
    if (schema->type == CYAML_SEQUENCE || schema->type == CYAML_FLAGS)
        return node->type == YAML_SEQUENCE_NODE;
    return node->type == YAML_SCALAR_NODE;
}

/* Goes as deep as the schema, whatever the document's aliases refer to. */
static void check_value(struct check *c, struct place p, const char *name, const cyaml_schema_value_t *schema)
{
    if (!kind_fits(place_node(c->source, p), schema)) {
        wrong_kind(c, p, name, schema);
        return;
    }
    switch (schema->type) {
    case CYAML_MAPPING:  check_mapping(c, p, schema); break;
    case CYAML_SEQUENCE: check_sequence(c, p, name, schema); break;
    case CYAML_ENUM:     check_word(c, p, name, schema); break;
    case CYAML_FLAGS:    check_words(c, p, name, schema); break;
    case CYAML_UINT:     check_number(c, p, name); break;
    default:             check_text(c, p, name, schema); break;
    }
}

void schema_check(struct source *s, const cyaml_schema_value_t *schema, schema_text_check *text_check,
                  struct report *r)
{
    struct check c = { s, text_check, r };
    struct place root = place_root(s);
    if (!root.node)
        report_add(r, 1, "the file is empty; write a machine, such as examples/phone.yaml");
    else
        check_value(&c, root, "the file", schema);
}
