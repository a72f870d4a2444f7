/* SPDX-License-Identifier: Apache-2.0 */
/* The watchdog service (belay/watchdog.h): what it is given, what VMs get from it, and which VM hangs. */
#ifndef STEWARD_WATCHDOG_H
#define STEWARD_WATCHDOG_H

#include "config.h"
#include "problem.h"
#include "lib/hypercall.h"

struct service;

#define WATCHDOG_BITS UINT64_C(0x00000000ffff0000)      /* of the watcher: a VM hangs, by its client number */

/*
 * Makes the service, so that VMs can be made; it does not run yet. `watcher` hears of VMs that hang; `hz` is of the
 * counter. Where no VM has a watchdog it is not made: *made is NULL. False: the problem says why.
 */
bool watchdog_make(const struct config *c, handle_t watcher, uint64_t hz, struct service **made, struct problem *why);

/* Runs it. */
bool watchdog_begin(const struct config *c, uint64_t hz, struct problem *why);

/* Gives the VM, which is client number `client`, its watchdog. */
int watchdog_attach(handle_t vm, uint32_t client, uint32_t vcpus);

/* The VM is about to start; it has stopped; it is about to go on. In between its watchdog stands still. */
void watchdog_starts(uint32_t client);
void watchdog_stops(uint32_t client);
void watchdog_goes_on(uint32_t client);

/* Does it hang, since it was started last? Then `unfed` is for how many ticks its watchdog has not been fed. */
bool watchdog_says_hung(uint32_t client, uint64_t *unfed);
#endif
