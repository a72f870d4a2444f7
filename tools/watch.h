/* SPDX-License-Identifier: Apache-2.0 */
/* Reads along on the console for the lines that Belay itself writes; a VM's lines begin with its name. */
#ifndef TOOLS_WATCH_H
#define TOOLS_WATCH_H

#include <stdbool.h>
#include <stddef.h>

#define WATCH_LINE 255

enum verdict {
    VERDICT_NONE,       /* still runs */
    VERDICT_ENDED,      /* all VMs are off: `failed` of them failed */
    VERDICT_HALTED,     /* the nucleus or the steward gave up */
};

struct watch {
    char line[WATCH_LINE + 1];
    size_t length;
    enum verdict verdict;
    unsigned failed;
};

void watch_bytes(struct watch *, const char *bytes, size_t length);
#endif
