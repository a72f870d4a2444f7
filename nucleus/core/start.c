/* SPDX-License-Identifier: Apache-2.0 */
#include "core/start.h"

#include "arm64/stage1.h"
#include "base/string.h"

struct cpu_area boot_area __attribute__((section(".stack"), aligned(4096)));

struct cpu *cpus[CPUS_MAX];
unsigned cpus_running;

_Noreturn void resume_current(void);        /* vectors.S */

_Noreturn void start(uintptr_t boot_start, uintptr_t boot_end)
{
    stage1_make_data(boot_start, boot_end);
    clear_pages_by_stores((void *)boot_start, (void *)boot_end);    /* for those to read who are given them */
    resume_current();
}

_Noreturn void start_secondary(void)
{
    struct cpu *cpu = this_cpu();

    cpu->reschedule = true;             /* there is nobody yet: it idles till a message comes */
    __atomic_store_n(&cpu->running, true, __ATOMIC_RELEASE);
    resume_current();
}
