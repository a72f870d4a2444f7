/* SPDX-License-Identifier: Apache-2.0 */
/* The boot room's reader of the host's device tree, and what it calls. */
#ifndef UNIT_BOOT_WORLD_H
#define UNIT_BOOT_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "boot/boot.h"

/* What boot_map was called for last. */
extern uint64_t world_mapped, world_mapped_end;

/* Why the machine halted. */
extern char world_node[64], world_why[128];

/* boot_read_host from a fresh start: false where the machine halts. */
bool world_read_host(const void *fdt, struct host *host);
#endif
