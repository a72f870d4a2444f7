/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a debugger asks for (GDB's manual, appendix E), and what it is told. All-stop: while the VM runs there is
 * nothing to answer but an interrupt. A thread is a vCPU: thread n + 1 is vCPU n.
 */
#ifndef GDB_SESSION_H
#define GDB_SESSION_H

#include <stdbool.h>

#include "packet.h"
#include "target.h"

struct session {
    struct packet packet;
    bool attached;              /* since the first command */
    bool over;                  /* it was detached: nothing is heard any more */
    bool running;               /* the debugger waits for a stop */
    bool was_up;                /* since it goes on: when it is down, it has ended */
    bool knows_breaks;          /* the debugger wants to know of what kind a breakpoint was */
    unsigned thread;            /* vCPU that registers and memory are those of */
    unsigned stepper;           /* that `s` and `c` are for; BELAY_VCPUS_MAX: all */
    struct stop stop;           /* the last */
    bool interrupted;           /* that was the debugger's own doing */
    bool down;                  /* it stopped by ending */
};

void session_begin(struct session *s);

/* A byte came from the debugger. To be called while packet_is_out, but for interrupts, which may come at any time. */
void session_take(struct session *s, uint8_t byte);

/* The VM may have stopped. */
void session_look(struct session *s);

/* The debugger is gone: the VM runs on as if it had never been there. */
void session_end(struct session *s);
#endif
