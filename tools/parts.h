/* SPDX-License-Identifier: Apache-2.0 */
/* Belay's own images, which the build puts beside this program. */
#ifndef TOOLS_PARTS_H
#define TOOLS_PARTS_H

struct parts {
    char *nucleus, *steward, *console, *manager, *watchdog, *gdb;    /* paths */
};

/* From `build`, a folder of the build; NULL: the one that this program is in. Ends the program when one is missing. */
void parts_find(struct parts *, const char *build);
void parts_free(struct parts *);

/* The example that `belay run` starts without an argument. Ends the program when it is not there. */
char *parts_example(void);
#endif
