/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with a configuration: one line each, `file:line: what is
 * wrong; what to write instead`, in the order of the file.
 */
#ifndef TOOLS_ERROR_H
#define TOOLS_ERROR_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

struct mistake {
    unsigned line;
    char *text;
};

struct report {
    const char *file;
    struct mistake *mistakes;
    size_t count;
};

/* Line 0: the mistake has no line. Control characters of the text are shown as '?'. */
void report_add(struct report *, unsigned line, const char *format, ...) __attribute__((format(printf, 3, 4)));

void report_add_list(struct report *, unsigned line, const char *format, va_list) __attribute__((format(printf, 3, 0)));

/* Sorts by line and prints. */
void report_print(struct report *, FILE *);
void report_free(struct report *);

/* printf to a new string; ends the program when memory is out. */
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
void *allocate(size_t bytes);

/* `belay: ...` on stderr, and exit(2). */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* `belay: ...` on stderr. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
#endif
