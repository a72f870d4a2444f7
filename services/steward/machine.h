/* SPDX-License-Identifier: Apache-2.0 */
/* What the steward finds: the machine, and what the bundle wants of it. */
#ifndef STEWARD_MACHINE_H
#define STEWARD_MACHINE_H

#include "config.h"

struct machine {
    const struct belay_boot_info *info;
    const void *host;               /* the host's device tree */
    const struct config *config;
};

/* Reads all that, and readies the steward's own means. What is not as it has to be is said, and the machine halts. */
const struct machine *machine_read(void);
#endif
