/* SPDX-License-Identifier: Apache-2.0 */
#include "core/start.h"

#include "arm64/stage1.h"

struct cpu_area boot_area __attribute__((section(".stack"), aligned(4096)));

_Noreturn void resume_current(void);        /* vectors.S */

_Noreturn void start(uintptr_t boot_start, uintptr_t boot_end)
{
    stage1_make_data(boot_start, boot_end);
    resume_current();
}
