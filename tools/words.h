/* SPDX-License-Identifier: Apache-2.0 */
/* Helps with the words of a configuration: what was probably meant, and an example of each key. */
#ifndef TOOLS_WORDS_H
#define TOOLS_WORDS_H

#include <stdbool.h>

/* Is `key` another program's word for our `field`? */
bool word_stands_for(const char *key, const char *field);

/* An example of a key with its value, or NULL. Every required key has one. */
const char *word_example(const char *key);

/* Levenshtein's distance of the first 31 characters, and how far a misspelling may be off. */
unsigned word_distance(const char *a, const char *b);
unsigned word_distance_max(const char *word);
#endif
