/* SPDX-License-Identifier: Apache-2.0 */
/* The nucleus's own map (arm64/stage1.h), first built with the MMU off. */
#include "arm64/stage1.h"
#include "arm64/sysreg.h"
#include "base/address.h"
#include "boot/boot.h"

#define ADDRESS_BITS 39
#define DTB_MAX      (UINT64_C(2) << 20)    /* booting.rst: a device tree is at most 2 MiB */

#define MAIR_EL2_VALUE UINT64_C(0x04ff)     /* 0: Normal write-back, 1: Device-nGnRE */
#define TCR_EL2_VALUE  (UINT64_C(1) << 31 | UINT64_C(1) << 23 | 3u << 12 | 1u << 10 | 1u << 8 | (64 - ADDRESS_BITS))
#define SCTLR_M_C_SA_I_WXN (1u << 0 | 1u << 2 | 1u << 3 | 1u << 12 | 1u << 19)

static unsigned tables_used = 1;
static bool mmu_on;

static uint64_t *table_below(uint64_t *entry)
{
    if (!(*entry & S1_VALID)) {
        if (tables_used == STAGE1_TABLES)
            boot_fail("host device tree", "/memory", "its ranges need more translation tables than there are");
        *entry = (uintptr_t)stage1_tables[tables_used++] | S1_VALID | S1_TABLE;
    }
    return pa_to_ptr(pa(*entry & S1_ADDRESS));
}

/* Entries for whole steps of 1 << shift bytes from `at` on, while nothing is there. Returns where it came to. */
static uint64_t fill(uint64_t *entry, uint64_t at, uint64_t end, unsigned shift, uint64_t attributes)
{
    uint64_t *const first = entry, *const last = entry + ((end - at) >> shift);

    for (uint64_t value = at | attributes; entry != last && !(*entry & S1_VALID); value += UINT64_C(1) << shift)
        *entry++ = value;
    return at + ((uint64_t)(entry - first) << shift);
}

/* [start, end) lies under this table, whose entries span 1 << shift bytes. Recursion: three levels. */
static void map_in(uint64_t *table, unsigned shift, uint64_t start, uint64_t end, uint64_t attributes)
{
    const uint64_t step = UINT64_C(1) << shift, below = step - 1;

    for (uint64_t at = start, next; at < end; at = next) {
        uint64_t *entry = &table[at >> shift & 511], old = *entry;
        bool whole = (at & below) == 0 && end - at >= step;
        next = (at | below) + 1;
        if (whole && !(old & S1_VALID))
            next = fill(entry, at, end, shift, attributes | (shift == 12 ? S1_TABLE : 0));
        else if (shift == 12)
            continue;                                   /* pages of the image keep what they are */
        else if (!(old & S1_VALID) || (old & S1_TABLE))
            map_in(table_below(entry), shift - 9, at, next < end ? next : end, attributes);
        else if (whole)
            *entry = at | attributes;
    }
}

void boot_map(uint64_t start, uint64_t end, uint64_t attributes)
{
    if (end > UINT64_C(1) << ADDRESS_BITS)
        boot_fail("host device tree", "/memory", "lies above 512 GiB, beyond what the nucleus maps");
    map_in(stage1_tables[0], 30, start, end, attributes);
    if (mmu_on) {
        dsb_ish();
        __asm__ volatile("tlbi alle2\n dsb ish" ::: "memory");
        isb();
    }
}

void boot_remap(uintptr_t start, uintptr_t end, uint64_t attributes)
{
    for (uintptr_t at = start; at < end; at += PAGE_SIZE)       /* bound: the image's pages */
        table_below(&table_below(&stage1_tables[0][at >> 30])[at >> 21 & 511])[at >> 12 & 511] = at | attributes | S1_TABLE;
    dsb_ish();
    __asm__ volatile("tlbi alle2\n dsb ish" ::: "memory");
    isb();
}

static void map_image(const char *start, const char *end, uint64_t attributes)
{
    boot_map((uintptr_t)start, (uintptr_t)end, attributes);
}

/* With the MMU off: the image, each part with its rights, and the device tree. */
void boot_build_map(uint64_t dtb);
void boot_build_map(uint64_t dtb)
{
    map_image(image_start, boot_data_start, S1_TEXT);
    map_image(boot_data_start, boot_end, S1_DATA);
    map_image(text_start, rodata_start, S1_TEXT);
    map_image(rodata_start, data_start, S1_RODATA);
    map_image(data_start, image_end, S1_DATA);
    boot_map(dtb & ~(BLOCK_SIZE - 1), ((dtb & ~(BLOCK_SIZE - 1)) + BLOCK_SIZE + DTB_MAX) & ~(BLOCK_SIZE - 1), S1_RODATA);
}

void boot_enable_mmu(void);
void boot_enable_mmu(void)
{
    uint64_t pa_range = sysreg_read(id_aa64mmfr0_el1) & 0xf;

    if (pa_range > 5)                       /* 48 bits do: nothing above 39 is mapped */
        pa_range = 5;
    sysreg_write(mair_el2, MAIR_EL2_VALUE);
    sysreg_write(tcr_el2, TCR_EL2_VALUE | pa_range << 16);
    sysreg_write(ttbr0_el2, (uintptr_t)stage1_tables[0]);
    __asm__ volatile("tlbi alle2\n dsb ish\n ic iallu\n isb" ::: "memory");
    sysreg_write(sctlr_el2, sysreg_read(sctlr_el2) | SCTLR_M_C_SA_I_WXN);
    isb();
    mmu_on = true;
}
