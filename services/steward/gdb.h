/* SPDX-License-Identifier: Apache-2.0 */
/* The debug services (belay/gdb.h): one for each VM whose configuration allows it to be debugged, with that VM alone. */
#ifndef STEWARD_GDB_H
#define STEWARD_GDB_H

#include "lifecycle.h"
#include "machine.h"
#include "vm.h"

/* Makes them all; one that can't be made is said so. Before any VM is made. */
void gdb_make(const struct machine *m, handle_t watcher);

/* Runs them, before the manager. From then on those VMs can be debugged that are there. */
void gdb_begin(const struct machine *m);

/* Gives the VM, which was made just now, to its service; and takes it away again, before its memory may be another's. */
int gdb_attach(const struct vm *vm);
int gdb_detach(const struct vm *vm);

/* A VM that has a debugger may stand still for long: its watchdog does as well. To be called when the watcher was heard. */
void gdb_rest_watchdog(uint32_t i, const struct vm *vm, enum life life);
#endif
