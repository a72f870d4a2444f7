/* SPDX-License-Identifier: Apache-2.0 */
/* belay start, stop, pause, resume, reset, create, destroy. */
#include "manage_commands.h"

#include <string.h>
#include <time.h>

#include "error.h"
#include "link.h"
#include "run.h"
#include "view.h"

#define POLL_NS 50000000      /* how often it is looked whether a VM has stopped */

#define HELP(name, text) "belay " name " VM... [options]\n" text VIEW_HELP_JSON VIEW_HELP \
    "Exit code: 0 it is done; 1 the machine could not, and says why; 2 a mistake in the command.\n"

const char start_help[] = HELP("start",
    "Starts VMs that are off, from their images. One that is absent is created before.\n");
const char stop_help[] =
    "belay stop VM... [options]\n"
    "Stops VMs, and waits till they have: a Linux by its power key, as its configuration says. One\n"
    "that has not turned itself off in its time, or has no such key, is stopped as if its power was\n"
    "cut. The machine stays on, so that they can be started again.\n"
    "  --now               as if their power was cut, at once\n" VIEW_HELP_JSON VIEW_HELP
    "Exit code: 0 it is done; 1 the machine could not, and says why; 2 a mistake in the command.\n";
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
    { "start", MANAGE_START, start_help, "started" }, { "stop", MANAGE_SHUT_DOWN, stop_help, "stopped" },
    { "pause", MANAGE_PAUSE, pause_help, "paused" }, { "resume", MANAGE_RESUME, resume_help, "resumed" },
    { "reset", MANAGE_RESET, reset_help, "reset" }, { "create", MANAGE_CREATE, create_help, "created" },
    { "destroy", MANAGE_DESTROY, destroy_help, "destroyed" },
};

static bool now;                /* stop --now */

static bool stop_option(int letter, const char *argument)
{
    (void)argument;
    now = letter == 'N';
    return now;
}

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
    if (state == MANAGE_PAUSED && a->what == MANAGE_SHUT_DOWN)
        return "; belay resume lets it go on, belay stop --now stops it as it is";
    if (a->what == MANAGE_START && runs)
        return "; write belay reset to start it anew";
    if (a->what == MANAGE_DESTROY && (runs || state == MANAGE_WAITS))
        return "; belay stop stops it";
    if ((a->what == MANAGE_PAUSE || a->what == MANAGE_RESUME || a->what == MANAGE_RESET) && !runs)
        return "; belay start starts it";
    return "";
}

static bool ask(struct link *l, const struct verb *a, const char *name, struct manage_vm *vm)
{
    bool at_once = now && a->what == MANAGE_SHUT_DOWN;
    const struct manage_control control = { (uint16_t)link_find(l, name, vm), at_once ? MANAGE_STOP : (uint16_t)a->what };
    struct manage_status status;
    return link_ask(l, MANAGE_CONTROL, &control, sizeof(control), &status, sizeof(status)) == MANAGE_OK;
}

/* A VM that was told to stop has at most the time that its configuration gives it. */
static void wait_till_stopped(struct link *l, const char *name)
{
    struct manage_vm vm;
    for (link_find(l, name, &vm); vm.stops; link_find(l, name, &vm))
        nanosleep(&(struct timespec){ .tv_nsec = POLL_NS }, NULL);
}

static void tell(const struct link *l, const struct verb *a, const struct manage_vm *vm, bool done, json_t *results)
{
    if (results)
        json_array_append_new(results, done ? json_pack("{s:s, s:b}", "name", vm->name, "done", 1)
                                            : json_pack("{s:s, s:b, s:s}", "name", vm->name, "done", 0, "why", l->failure));
    else if (done)
        printf("%s: %s\n", vm->name, a->done);
    if (!done)
        say("%s: %s%s", vm->name, l->failure, remedy(a, vm->state));
}

/* What takes time, goes on in all of them at once. */
static bool act(struct link *l, const struct verb *a, char **names, int count, json_t *results)
{
    bool done[BELAY_VMS_MAX], all = true;
    struct manage_vm vm[BELAY_VMS_MAX];
    for (int i = 0; i < count; i++) {
        done[i] = ask(l, a, names[i], &vm[i]);
        all &= done[i];
        if (!done[i] || a->what != MANAGE_SHUT_DOWN)
            tell(l, a, &vm[i], done[i], results);
    }
    for (int i = 0; a->what == MANAGE_SHUT_DOWN && i < count; i++) {
        if (!done[i])
            continue;
        wait_till_stopped(l, names[i]);
        tell(l, a, &vm[i], true, results);
    }
    return all;
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
    int first = view_options(&v, argc, argv, a->help, "", a->what == MANAGE_SHUT_DOWN ? stop_option : NULL, 1,
                             BELAY_VMS_MAX);
    if (v.help)
        return EXIT_ALL_WELL;
    link_open(&l, v.socket, v.machine);
    check_names(&l, argv + first, argc - first);
    json_t *results = v.json ? json_array() : NULL;
    bool done = act(&l, a, argv + first, argc - first, results);
    if (results)
        view_print(results);
    link_close(&l);
    return done ? EXIT_ALL_WELL : EXIT_FAILED;
}
