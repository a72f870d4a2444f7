/* SPDX-License-Identifier: Apache-2.0 */
#include "parts.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"

#define NUCLEUS "nucleus/belay.img"
#define STEWARD "services/steward/steward.svc"
#define CONSOLE "services/console/console.svc"
#define WATCHDOG "services/watchdog/watchdog.svc"
#define MANAGER "services/manager/manager.svc"
#define GDB     "services/gdb/gdb.svc"
#define EXAMPLE "examples/phone.yaml"

#ifndef BELAY_LIBDIR
#define BELAY_LIBDIR "/usr/lib/belay"
#endif

/* The folder that the folder of this program is in: build/obj for build/obj/tools/belay. */
static char *build_folder(void)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (length < 0)
        die("cannot tell where this program is; write --build FOLDER");
    path[length] = '\0';
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(path, '/');
        if (slash)
            *slash = '\0';
    }
    return text_format("%s", path);
}

static char *own_folder(void)
{
    char *folder = build_folder();
    char *nucleus = text_format("%s/%s", folder, NUCLEUS);
    if (access(nucleus, R_OK) != 0) {
        free(folder);
        folder = text_format("%s", BELAY_LIBDIR);
    }
    free(nucleus);
    return folder;
}

static char *find(const char *folder, const char *name)
{
    char *path = text_format("%s/%s", folder, name);
    if (access(path, R_OK) != 0)
        die("%s is missing; build Belay first (./belay build), or write --build FOLDER", path);
    return path;
}

void parts_find(struct parts *p, const char *build)
{
    char *folder = build ? text_format("%s", build) : own_folder();
    p->nucleus = find(folder, NUCLEUS);
    p->steward = find(folder, STEWARD);
    p->console = find(folder, CONSOLE);
    p->watchdog = find(folder, WATCHDOG);
    p->manager = find(folder, MANAGER);
    p->gdb = find(folder, GDB);
    free(folder);
}

void parts_free(struct parts *p)
{
    free(p->nucleus);
    free(p->steward);
    free(p->console);
    free(p->watchdog);
    free(p->manager);
    free(p->gdb);
}

char *parts_example(void)
{
    if (access(EXAMPLE, R_OK) == 0)
        return text_format("%s", EXAMPLE);
    char *folder = build_folder();
    char *path = text_format("%s/../../%s", folder, EXAMPLE);
    free(folder);
    if (access(path, R_OK) != 0)
        die("no file is named and %s is not here; write belay run FILE", EXAMPLE);
    return path;
}
