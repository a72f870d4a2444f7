/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Holds a document against a libcyaml schema and reports every mistake with
 * its line. libcyaml itself stops at the first one and would take the rest of
 * a nearly right file for granted, such as an unknown word for false.
 */
#ifndef TOOLS_SCHEMA_H
#define TOOLS_SCHEMA_H

#include <cyaml/cyaml.h>

#include "source.h"

/* What to write instead of this text of a key, or NULL where it is right. */
typedef const char *schema_text_check(const char *key, const char *text);

void schema_check(struct source *, const cyaml_schema_value_t *, schema_text_check *, struct report *);
#endif
