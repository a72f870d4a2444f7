/* SPDX-License-Identifier: Apache-2.0 */
/* A machine that runs on QEMU: its console here, till it ends or is ended. */
#ifndef TOOLS_RUN_H
#define TOOLS_RUN_H

#include <stdint.h>

#include "qemu.h"

enum {
    EXIT_ALL_WELL = 0,      /* all VMs are off and none failed */
    EXIT_FAILED = 1,        /* a VM failed, the nucleus halted, QEMU ended early, or time was up */
    EXIT_MISTAKE = 2,       /* in the command or the configuration */
    EXIT_INTERRUPTED = 130, /* by Ctrl-C */
};

/* Copies the console to `log` too, or -1; a timeout of 0 ns is none. Clients come by `listener`, or -1. An exit code. */
int run(const struct qemu_options *, const struct machine *, const char *nucleus, int bundle, int log,
        uint64_t timeout, int listener);
#endif
