/* SPDX-License-Identifier: Apache-2.0 */
#include "arm64/stage1.h"

#include "arm64/sysreg.h"
#include "base/address.h"

uint64_t stage1_tables[STAGE1_TABLES][512] __attribute__((aligned(4096), section(".bss.page")));

static uint64_t *next_table(uint64_t entry)
{
    return pa_to_ptr(pa(entry & S1_ADDRESS));
}

void stage1_make_data(uintptr_t start, uintptr_t end)
{
    for (uintptr_t a = start; a < end; a += PAGE_SIZE) {        /* bound: the pages of the boot room */
        uint64_t *level2 = next_table(stage1_tables[0][a >> 30]);
        uint64_t *level3 = next_table(level2[a >> 21 & 511]);
        level3[a >> 12 & 511] = a | S1_DATA | S1_TABLE;
    }
    dsb_ish();
    __asm__ volatile("tlbi alle2is\n dsb ish\n ic ialluis\n dsb ish" ::: "memory");
    isb();
}
