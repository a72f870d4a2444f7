/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the VMs and watches them and the services until no VM is left. */
#ifndef STEWARD_SUPERVISE_H
#define STEWARD_SUPERVISE_H

#include "belay/manage.h"
#include "config.h"
#include "problem.h"
#include "vm.h"

struct machine {
    const struct belay_boot_info *info;
    const void *host;               /* the host's device tree */
    const struct config *config;
};

_Noreturn void supervise(const struct machine *m);

/* For management, from within: the machine, and its VMs by their place in the configuration. */
const struct machine *supervise_machine(void);

struct supervised_vm {
    const struct vm *vm;
    enum manage_state state;
    uint32_t restarts;
};

/* False: there is no such VM. */
bool supervise_look(uint32_t i, struct supervised_vm *v);

/* What a manager may want of VM `i`, which there is. Done when they return; false, and why it is not. */
bool supervise_start(uint32_t i, struct problem *why);
bool supervise_stop(uint32_t i, struct problem *why);
bool supervise_pause(uint32_t i, struct problem *why);
bool supervise_resume(uint32_t i, struct problem *why);
bool supervise_reset(uint32_t i, struct problem *why);
#endif
