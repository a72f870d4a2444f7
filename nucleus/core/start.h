/* SPDX-License-Identifier: Apache-2.0 */
/* The end of booting. */
#ifndef NUCLEUS_CORE_START_H
#define NUCLEUS_CORE_START_H

#include <stdint.h>

#include "core/cpu.h"

/* The first CPU's; those of the others are made while booting. */
extern struct cpu_area boot_area;

/* Makes the boot room's memory ordinary, for it has a new owner, and runs what is ready. */
_Noreturn void start(uintptr_t boot_start, uintptr_t boot_end);

/* The same on a CPU that is not the first, which leaves the boot room by this. */
_Noreturn void start_secondary(void);
#endif
