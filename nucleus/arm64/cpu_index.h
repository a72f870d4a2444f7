/* SPDX-License-Identifier: Apache-2.0 */
/* Which CPU this is, for those below core, who do not know what a CPU has. */
#ifndef NUCLEUS_ARM64_CPU_INDEX_H
#define NUCLEUS_ARM64_CPU_INDEX_H

#include <stdint.h>

#include "arm64/frame.h"
#include "arm64/sysreg.h"

#define CPUS_MAX 8

static inline unsigned cpu_index(void)
{
    return *(const uint8_t *)(uintptr_t)(sysreg_read(tpidr_el2) + CPU_INDEX);
}
#endif
