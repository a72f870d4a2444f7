/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console's streams to the manager (belay/stream.h): of each VM what it
 * writes, and what a client of the management protocol types; and the whole of the UART by which
 * one VM manages. For the worker.
 */
#ifndef CONSOLE_REMOTE_H
#define CONSOLE_REMOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "belay/console.h"

void remote_init(const struct console_config *config);

/* A byte that VM `vm` wrote: a copy goes to the client that reads it, if there is one. */
void remote_copy(unsigned vm, uint8_t byte);

/* A bounded piece of what there is to move; false when nothing moved. */
bool remote_work(void);

/* Something typed waits for a VM to make room for it, which wakes nobody. */
bool remote_waits(void);
#endif
