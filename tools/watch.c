/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include <stdio.h>
#include <string.h>

#include "belay/bundle.h"

static bool starts(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

static bool ends(const char *line, const char *with)
{
    size_t length = strlen(line), tail = strlen(with);
    return length >= tail && strcmp(line + length - tail, with) == 0;
}

static bool says_halted(const char *line)
{
    return starts(line, "belay: ") && ends(line, "; halted");
}

/* What does not fit is none of these lines. */
static void read_line(struct watch *w)
{
    unsigned failed;
    bool whole = w->length < WATCH_LINE;
    if (w->length > 0 && w->line[w->length - 1] == '\r')
        w->length--;
    w->line[w->length] = '\0';
    if (whole && sscanf(w->line, BELAY_END_LINE, &failed) == 1 && ends(w->line, "failed")) {
        w->verdict = VERDICT_ENDED;
        w->failed = failed;
    } else if (whole && (starts(w->line, "belay: panic:") || says_halted(w->line))) {
        w->verdict = VERDICT_HALTED;
    }
    w->length = 0;
}

void watch_bytes(struct watch *w, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\n')
            read_line(w);
        else if (w->length < WATCH_LINE)
            w->line[w->length++] = bytes[i];
    }
}
