/* SPDX-License-Identifier: Apache-2.0 */
/* belay: checks, packs and runs the configuration of a machine. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "error.h"
#include "manage_commands.h"
#include "run.h"

#ifndef BELAY_VERSION
#define BELAY_VERSION "unknown"
#endif

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
    const char *summary;
} commands[] = {
    { "check", command_check, check_help, "says what is wrong with a configuration, and what its deadlines come to" },
    { "pack", command_pack, pack_help, "writes the bundle of a configuration" },
    { "run", command_run, run_help, "starts a configuration on QEMU" },
    { "ps", command_ps, ps_help, "lists the VMs of a machine that runs" },
    { "top", command_top, top_help, "shows what its vCPUs do, again and again" },
    { "console", command_console, console_help, "connects this terminal to a VM's UART" },
    { "gdb", command_gdb, gdb_help, "lets GDB debug a VM" },
    { "log", command_log, log_help, "prints what the machine has said of itself" },
    { "start", command_control, start_help, "starts VMs that are off" },
    { "stop", command_control, stop_help, "stops VMs" },
    { "pause", command_control, pause_help, "pauses VMs" },
    { "resume", command_control, resume_help, "lets paused VMs go on" },
    { "reset", command_control, reset_help, "starts VMs anew" },
    { "create", command_control, create_help, "creates VMs, which then have their memory" },
    { "destroy", command_control, destroy_help, "destroys VMs that are stopped: their memory is free" },
    { "trace", command_trace, trace_help, "records what the nucleus does, and shows it" },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *out)
{
    fputs("belay: Linux and a real-time system on one core, by one configuration file.\n\n", out);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  belay %-8s %s\n", commands[i].name, commands[i].summary);
    fputs("\nbelay help COMMAND says more; docs/configuration.md describes the file.\n", out);
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

static int help(const char *name)
{
    const struct command *c = name ? find(name) : NULL;
    if (c)
        fputs(c->help, stdout);
    else
        print_help(stdout);
    return 0;
}

/* Where the caller has closed one of the first three, no file of ours becomes standard output by that. */
static bool fill_standard_files(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDWR);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    return fd >= 0 && close(fd) == 0;
}

static int run_command(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        return printf("belay %s\n", BELAY_VERSION) < 0;
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(argc > 2 ? argv[2] : NULL);
    const struct command *c = find(name);
    if (c)
        return c->run(argc - 1, argv + 1);
    if (name[0])
        fprintf(stderr, "belay: no command '%.40s'\n", name);
    print_help(stderr);
    return EXIT_MISTAKE;
}

int main(int argc, char **argv)
{
    if (!fill_standard_files())
        return EXIT_MISTAKE;
    int result = run_command(argc, argv);
    if ((fflush(stdout) != 0 || ferror(stdout)) && result == EXIT_ALL_WELL) {
        say("cannot write to standard output: %s", strerror(errno));
        result = EXIT_FAILED;
    }
    return result;
}
