/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU as the board: its arguments, and a process of it that does not outlive this program. */
#ifndef TOOLS_QEMU_H
#define TOOLS_QEMU_H

#include <stdbool.h>
#include <sys/types.h>

#include "config.h"

struct qemu_options {
    const char *program;      /* qemu-system-aarch64 */
    const char *cpu;          /* cortex-a57 */
    unsigned gic;             /* the version of its interrupt controller */
    bool gdb;
    bool wall_clock;          /* time is the host's; else an instruction takes a nanosecond */
    char **extra;             /* ends with NULL */
    bool managed;             /* it has a second UART */
};

struct qemu {
    pid_t pid;
    int in, out;              /* the board's UART: bytes to it, bytes from it */
    int errors;               /* what QEMU itself has to say */
    int manage;               /* the second UART, a socket; -1: there is none */
};

/* `bundle` is a file descriptor. Ends the program when QEMU cannot be started. */
void qemu_start(struct qemu *, const struct qemu_options *, const struct machine *, const char *nucleus, int bundle);

/* Ends it if it still runs, and waits for it: its wait status. */
int qemu_end(struct qemu *);
#endif
