/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The health of the services: one that ended, whose worker does not come round,
 * or that does not return from a call, is run again, and its clients go on.
 * Only CPU time that was really had counts as time that something took.
 */
#ifndef STEWARD_HEALTH_H
#define STEWARD_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/hypercall.h"

struct service;

#define HEALTH_BITS UINT64_C(0x00ffffff00000000)      /* of the watcher: a service ended */

/* `hz` is of the counter. */
void health_init(handle_t watcher, uint64_t hz);

/* It is to be looked after from now on. BELAY_ENOMEM: it is one too many. */
int health_add(struct service *s);

/* What the watcher's bits say. */
void health_handle(uint64_t bits);

/* Does what is due; returns when it is to be called next, in ticks of the counter. */
uint64_t health_check(void);

/* A context that calls services: a vCPU, or a thread. All zeros at first. */
struct calls {
    uint64_t exits;             /* when it was first seen in the call that it is in; ticks as well */
    uint64_t ticks;
    bool calling;
};

/* Is it time to look at calls again? Once a second; then each context is to be looked at, while it may run. */
bool health_looks_at_calls(void);
void health_of_calls(struct calls *c, handle_t context, const char *caller, uint32_t index);
#endif
