/* SPDX-License-Identifier: Apache-2.0 */
#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "run.h"

enum { OPTION_MACHINE = 256, OPTION_SOCKET, OPTION_JSON };

static void mistake(const char *help)
{
    fprintf(stderr, "usage: %s", help);
    exit(EXIT_MISTAKE);
}

int view_options(struct view *v, int argc, char **argv, const char *help, const char *letters,
                 bool (*own)(int letter, const char *argument), int least, int most)
{
    static const struct option options[] = {
        { "help", no_argument, NULL, 'h' }, { "machine", required_argument, NULL, OPTION_MACHINE },
        { "socket", required_argument, NULL, OPTION_SOCKET },
        { "listen", required_argument, NULL, 'l' }, { "now", no_argument, NULL, 'N' },
        { "json", no_argument, NULL, OPTION_JSON }, { 0 },
    };
    bool has_json = strstr(help, "--json") != NULL;
    *v = (struct view){ 0 };
    char *all = text_format("h%s", letters);
    for (int option; (option = getopt_long(argc, argv, all, options, NULL)) != -1;) {
        switch (option) {
        case 'h':            v->help = true; break;
        case OPTION_MACHINE: v->machine = optarg; break;
        case OPTION_SOCKET:  v->socket = optarg; break;
        case OPTION_JSON:    v->json = true; break;
        default:
            if (option == '?' || !own || !own(option, optarg))
                mistake(help);
        }
    }
    free(all);
    if (v->help)
        fputs(help, stdout);
    else if (argc - optind < least || argc - optind > most || (v->json && !has_json))
        mistake(help);
    return optind;
}

const char *view_state(uint32_t state)
{
    static const char *const states[MANAGE_STATES] = {
        [MANAGE_OFF] = "off", [MANAGE_RUNNING] = "running", [MANAGE_WAITS] = "waits", [MANAGE_STOPPED] = "stopped",
        [MANAGE_PAUSED] = "paused", [MANAGE_FAILED] = "failed",
        [MANAGE_ABSENT] = "absent",
    };
    return state < MANAGE_STATES ? states[state] : "unknown";
}

void view_print(json_t *json)
{
    if (!json || json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(12)) < 0)
        die("cannot write JSON");
    putchar('\n');
    json_decref(json);
}
