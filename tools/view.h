/* SPDX-License-Identifier: Apache-2.0 */
/* What all commands to a machine that runs have in common. */
#ifndef TOOLS_VIEW_H
#define TOOLS_VIEW_H

#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>

#include "belay/manage.h"

struct view {
    const char *machine, *socket;
    bool json;
    bool help;              /* was asked for, and is printed */
};

#define VIEW_HELP \
    "  --machine NAME      the machine of NAME.yaml, where several run\n" \
    "  --socket PATH       the machine of belay run --socket PATH\n"
#define VIEW_HELP_JSON \
    "  --json              for programs\n"

/*
 * Options of a command, those of its own by `own`, which is called with each letter of `letters` (in getopt's way)
 * and gives false for one that is not right. Returns the index of the first argument that is none, of which there
 * have to be from `least` to `most`; ends the program on a mistake.
 */
int view_options(struct view *, int argc, char **argv, const char *help, const char *letters,
                 bool (*own)(int letter, const char *argument), int least, int most);

/* A table's state of a VM, in a word. */
const char *view_state(uint32_t state);

/* Prints it as JSON, and frees it. */
void view_print(json_t *);
#endif
