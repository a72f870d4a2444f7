/* SPDX-License-Identifier: Apache-2.0 */
/* The image is made for a GICv3: on a GICv2 its places become branches (gic/version.h), before any of them has run. */
#include "arm64/stage1.h"
#include "base/assert.h"
#include "boot/boot.h"
#include "gic/version.h"

#define BRANCH(bytes) (0x14000000u | ((uint32_t)((bytes) >> 2) & 0x3ffffff))     /* B (Arm ARM, C6.2.26) */

void boot_use_gicv2(void)
{
    uintptr_t start = (uintptr_t)text_start, end = (uintptr_t)rodata_start;

    boot_remap(start, end, S1_DATA);            /* nothing there runs meanwhile */
    for (const struct gic_place *p = gic_places_start; p != gic_places_end; p++) {      /* bound: the places */
        uintptr_t from = (uintptr_t)&p->from + (uintptr_t)(intptr_t)p->from;
        uintptr_t to = (uintptr_t)&p->to + (uintptr_t)(intptr_t)p->to;
        assert(from >= start && from < end);
        *(uint32_t *)from = BRANCH((intptr_t)(to - from));
    }
    uint64_t line = UINT64_C(4) << (sysreg_read(ctr_el0) >> 16 & 0xf);
    for (uintptr_t at = start; at < end; at += line)
        __asm__ volatile("dc cvau, %0" : : "r"(at) : "memory");
    __asm__ volatile("dsb ish\n ic iallu\n dsb ish" ::: "memory");
    boot_remap(start, end, S1_TEXT);
}
