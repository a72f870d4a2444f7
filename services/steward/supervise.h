/* SPDX-License-Identifier: Apache-2.0 */
/* Starts the VMs and watches them and the console until no VM is left. */
#ifndef STEWARD_SUPERVISE_H
#define STEWARD_SUPERVISE_H

#include "config.h"

struct machine {
    const struct belay_boot_info *info;
    const void *host;               /* the host's device tree */
    const struct config *config;
};

_Noreturn void supervise(const struct machine *m);
#endif
