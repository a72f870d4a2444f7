/* SPDX-License-Identifier: Apache-2.0 */
#include "error.h"

#include <stdbool.h>
#include <stdlib.h>

#define MISTAKES_MAX 64

void *allocate(size_t bytes)
{
    void *memory = calloc(1, bytes ? bytes : 1);
    if (!memory)
        die("out of memory");
    return memory;
}

__attribute__((format(printf, 1, 0)))
static char *format_list(const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        die("cannot format a message");
    char *text = allocate((size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    return text;
}

char *text_format(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = format_list(format, arguments);
    va_end(arguments);
    return text;
}

void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("belay: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

void die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("belay: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(2);
}

/* U+0080 to U+009F, which are controls too. */
static bool is_c1(const unsigned char *text)
{
    return text[0] == 0xc2 && text[1] >= 0x80 && text[1] <= 0x9f;
}

/* A mistake stays one line and cannot talk to the terminal, whatever the file holds. */
static void keep_printable(char *text)
{
    for (; *text; text++) {
        if (is_c1((unsigned char *)text))
            text[0] = text[1] = '?';
        else if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
    }
}

void report_add_list(struct report *r, unsigned line, const char *format, va_list arguments)
{
    if (r->count == MISTAKES_MAX)
        return;
    if (!r->mistakes)
        r->mistakes = allocate(MISTAKES_MAX * sizeof(*r->mistakes));
    struct mistake *m = &r->mistakes[r->count++];
    m->line = line;
    m->text = format_list(format, arguments);
    keep_printable(m->text);
}

void report_add(struct report *r, unsigned line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report_add_list(r, line, format, arguments);
    va_end(arguments);
}

/* Insertion keeps the order of mistakes in one line; there are few. */
static void sort_by_line(struct mistake *m, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct mistake moving = m[i];
        size_t at = i;
        for (; at > 0 && m[at - 1].line > moving.line; at--)
            m[at] = m[at - 1];
        m[at] = moving;
    }
}

void report_print(struct report *r, FILE *out)
{
    sort_by_line(r->mistakes, r->count);
    for (size_t i = 0; i < r->count; i++) {
        if (r->mistakes[i].line)
            fprintf(out, "%s:%u: %s\n", r->file, r->mistakes[i].line, r->mistakes[i].text);
        else
            fprintf(out, "%s: %s\n", r->file, r->mistakes[i].text);
    }
    if (r->count == MISTAKES_MAX)
        fprintf(out, "%s: more than %d mistakes; the rest is not shown\n", r->file, MISTAKES_MAX - 1);
}

void report_free(struct report *r)
{
    for (size_t i = 0; i < r->count; i++)
        free(r->mistakes[i].text);
    free(r->mistakes);
    r->mistakes = NULL;
    r->count = 0;
}
