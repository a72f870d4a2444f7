/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with something that came from outside: one line that names the place. */
#ifndef STEWARD_PROBLEM_H
#define STEWARD_PROBLEM_H

#include <stdbool.h>

struct problem { char text[160]; };

/* Writes the line, with what is not printable replaced, and is false: `return problem(...)`. */
bool problem(struct problem *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * Puts "/node" before a problem that was found in that node of a tree, and is
 * false: on the way out of nested nodes their path comes together.
 */
bool problem_in(struct problem *p, const char *node);
#endif
