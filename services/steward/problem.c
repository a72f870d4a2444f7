/* SPDX-License-Identifier: Apache-2.0 */
#include "problem.h"

#include "lib/text.h"

static void clean(struct problem *p)
{
    for (char *s = p->text; *s; s++)
        if (*s < ' ' || *s > '~')
            *s = '?';
}

bool problem(struct problem *p, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    text_format_args(p->text, sizeof p->text, format, args);
    va_end(args);
    clean(p);
    return false;
}

bool problem_in(struct problem *p, const char *node)
{
    struct problem inner = *p;

    text_format(p->text, sizeof p->text, "/%s%s", node, inner.text);
    clean(p);
    return false;
}
