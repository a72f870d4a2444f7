/* SPDX-License-Identifier: Apache-2.0 */
/* Signals that end a command in order: it goes on to its end, and its exit code tells. */
#ifndef TOOLS_INTERRUPT_H
#define TOOLS_INTERRUPT_H

#include <stdbool.h>

/*
 * SIGTERM and SIGHUP, and SIGINT if so wanted (else it is ignored), are noted; SIGPIPE is ignored. The descriptor, for
 * poll, is readable from the first on, one that came before poll as well. Ends the program when there is none to be had.
 */
int interrupt_begin(bool by_key);

/* 128 plus the signal's number; 0: none has come. */
int interrupted(void);
#endif
