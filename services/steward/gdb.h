/* SPDX-License-Identifier: Apache-2.0 */
/* The debug services (belay/gdb.h): one for each VM whose configuration allows it to be debugged, with that VM alone. */
#ifndef STEWARD_GDB_H
#define STEWARD_GDB_H

#include "lifecycle.h"
#include "machine.h"
#include "problem.h"
#include "vm.h"

/* For VM `i` of the configuration, which is made; before the manager runs. From then on it can be debugged. */
bool gdb_begin(const struct machine *m, uint32_t i, const struct vm *vm, handle_t watcher, struct problem *why);

/* A VM that has a debugger may stand still for long: its watchdog does as well. To be called when the watcher was heard. */
void gdb_rest_watchdog(uint32_t i, const struct vm *vm, enum life life);
#endif
