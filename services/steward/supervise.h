/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the VMs, does what is asked of them, and watches them and the services until no VM is left. */
#ifndef STEWARD_SUPERVISE_H
#define STEWARD_SUPERVISE_H

#include "lifecycle.h"
#include "machine.h"
#include "problem.h"
#include "vm.h"

/* Makes and starts the console and the VMs that start by themselves. */
void supervise_begin(const struct machine *m);

/*
 * Waits till something happens, or until `latest` (0: for ever), and does what is to be done; turns the machine off when
 * no VM is up any more.
 */
void supervise_step(uint64_t latest);

/* For management, from within: the machine, and its VMs by their place in the configuration. */
const struct machine *supervise_machine(void);

struct supervised_vm {
    const struct vm *vm;
    const struct lifecycle *life;
};

/* False: there is no such VM. */
bool supervise_look(uint32_t vm, struct supervised_vm *v);

/* Does that to a VM, which there is. False: the problem tells why not; it is as it was, or stopped. */
bool supervise_operate(uint32_t vm, enum operation what, struct problem *why);
#endif
