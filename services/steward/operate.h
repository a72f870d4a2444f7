/* SPDX-License-Identifier: Apache-2.0 */
/* What a manager may do to a VM, and a VM as it is supervised (supervise.c). */
#ifndef STEWARD_OPERATE_H
#define STEWARD_OPERATE_H

#include "health.h"
#include "lifecycle.h"
#include "problem.h"
#include "vm.h"

struct supervised {
    struct vm vm;
    struct lifecycle life;
    struct calls calls[BELAY_VCPUS_MAX];
};

/* False: the problem tells why not; it is as it was, or stopped. */
bool operate(struct supervised *s, enum operation what, struct problem *why);

bool supervised_make(struct supervised *s, struct problem *why);
bool supervised_start(struct supervised *s, bool by_manager, struct problem *why);

/* Is it up, running or paused? */
bool supervised_runs(const struct supervised *s);

/* Looks whether it has ended by itself, and does what is to be done then. */
void supervised_ended(struct supervised *s);

/* While it does not run, its watchdog need not be fed. */
void supervised_hold_watchdog(const struct supervised *s);
#endif
