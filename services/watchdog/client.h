/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of the watchdog service: a VM. Its handlers write the state of its watchdog, one at a time; the worker only
 * reads it, so neither waits for the other, and a VM that stops in the middle of it all leaves nothing behind: what is
 * of an earlier start of the VM counts for nothing.
 */
#ifndef WATCHDOG_CLIENT_H
#define WATCHDOG_CLIENT_H

#include "belay/watchdog.h"

/* Once, before the rest. The pages are at their places for good. */
void client_init(const struct watchdog_config *config, struct watchdog_shared *shared);

/* The guest's side: runs in a portal handler. */
uint64_t client_access(unsigned i, uint64_t offset, uint64_t access, uint64_t value);

/*
 * The worker's side. A watchdog could not be fed while the service was down, so time counts anew from `up`, a value of
 * the counter, on.
 */
void client_begin(uint64_t up);

/*
 * Drives the VM's line and tells the steward of a VM that hangs. Returns when it is to be called again, a value of the
 * counter, or UINT64_MAX for not before something changes. Bounded, whatever the VM does meanwhile.
 */
uint64_t client_look(unsigned i);

/* The worker is about to look, and then waits until then: it is woken for what is to come earlier. */
void client_looking(void);
void client_waiting_until(uint64_t deadline);
#endif
