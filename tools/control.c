/* SPDX-License-Identifier: Apache-2.0 */
/* belay start, stop, pause, resume, reset, create, destroy. */
#include "manage_commands.h"

#include <string.h>

#include "error.h"
#include "link.h"
#include "run.h"
#include "view.h"

#define HELP(name, text) "belay " name " VM... [options]\n" text VIEW_HELP_JSON VIEW_HELP \
    "Exit code: 0 it is done; 1 the machine could not, and says why; 2 a mistake in the command.\n"

const char start_help[] = HELP("start",
    "Starts VMs that are off, from their images. One that is absent is created before.\n");
const char stop_help[] = HELP("stop",
    "Stops VMs at once, as if their power was cut. The machine stays on, so that they can be\n"
    "started again. A guest that is to end in order is told so at its own console.\n");
const char pause_help[] = HELP("pause",
    "Pauses VMs: they don't run and lose nothing. Time goes on for them meanwhile.\n");
const char resume_help[] = HELP("resume",
    "Lets VMs that are paused go on.\n");
const char reset_help[] = HELP("reset",
    "Starts VMs that run anew, from their images, as if their reset button was pressed.\n");
const char create_help[] = HELP("create",
    "Creates VMs that are absent: they get their memory, their devices and their CPUs' time, and\n"
    "are stopped.\n");
const char destroy_help[] = HELP("destroy",
    "Destroys VMs that are stopped: what they had is free for others. Their configuration stays,\n"
    "so that they can be created or started again.\n");

static const struct verb {
    const char *name;
    enum manage_control_what what;
    const char *help, *done;
} actions[] = {
    { "start", MANAGE_START, start_help, "started" }, { "stop", MANAGE_STOP, stop_help, "stopped" },
    { "pause", MANAGE_PAUSE, pause_help, "paused" }, { "resume", MANAGE_RESUME, resume_help, "resumed" },
    { "reset", MANAGE_RESET, reset_help, "reset" }, { "create", MANAGE_CREATE, create_help, "created" },
    { "destroy", MANAGE_DESTROY, destroy_help, "destroyed" },
};

static const struct verb *find(const char *name)
{
    const struct verb *a = actions;
    while (strcmp(a->name, name) != 0)
        a++;
    return a;
}

/* What is to be done next, where a VM is in another state than it has to be in. */
static const char *remedy(const struct verb *a, uint32_t state)
{
    bool runs = state == MANAGE_RUNNING || state == MANAGE_PAUSED;
    if (state == MANAGE_PAUSED && (a->what == MANAGE_START || a->what == MANAGE_PAUSE))
        return "; belay resume lets it go on";
    if (a->what == MANAGE_START && runs)
        return "; write belay reset to start it anew";
    if (a->what == MANAGE_DESTROY && (runs || state == MANAGE_WAITS))
        return "; belay stop stops it";
    if ((a->what == MANAGE_PAUSE || a->what == MANAGE_RESUME || a->what == MANAGE_RESET) && !runs)
        return "; belay start starts it";
    return "";
}

static bool act(struct link *l, const struct verb *a, const char *name, json_t *results)
{
    struct manage_vm vm;
    const struct manage_control control = { (uint16_t)link_find(l, name, &vm), (uint16_t)a->what };
    struct manage_status status;
    bool done = link_ask(l, MANAGE_CONTROL, &control, sizeof(control), &status, sizeof(status)) == MANAGE_OK;
    if (results)
        json_array_append_new(results, done ? json_pack("{s:s, s:b}", "name", vm.name, "done", 1)
                                            : json_pack("{s:s, s:b, s:s}", "name", vm.name, "done", 0, "why", l->failure));
    else if (done)
        printf("%s: %s\n", vm.name, a->done);
    if (!done)
        say("%s: %s%s", vm.name, l->failure, remedy(a, vm.state));
    return done;
}

/* Names first: with one that is wrong, nothing is done. */
static void check_names(struct link *l, char **names, int count)
{
    struct manage_vm vm;
    for (int i = 0; i < count; i++)
        link_find(l, names[i], &vm);
}

int command_control(int argc, char **argv)
{
    const struct verb *a = find(argv[0]);
    struct view v;
    struct link l;
    int first = view_options(&v, argc, argv, a->help, "", NULL, 1, BELAY_VMS_MAX), result = EXIT_ALL_WELL;
    if (v.help)
        return EXIT_ALL_WELL;
    link_open(&l, v.socket, v.machine);
    check_names(&l, argv + first, argc - first);
    json_t *results = v.json ? json_array() : NULL;
    for (int i = first; i < argc; i++) {
        if (!act(&l, a, argv[i], results))
            result = EXIT_FAILED;
    }
    if (results)
        view_print(results);
    link_close(&l);
    return result;
}
