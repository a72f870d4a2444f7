/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks by stage-1 tables that lead, or are, where nothing good is. */
#include "hostile.h"

#include "arm64.h"
#include "gic.h"
#include "guest.h"

#define GIB           (1ull << 30)
#define TABLE_ENTRIES 512
#define WINDOW        4u                        /* the entry of guest_table that attacks change */
#define BLOCK_NORMAL  0x701ull
#define BLOCK_DEVICE  0x405ull
#define TABLE         0x3ull
#define HIGH          0xffffff8000000000ull     /* where TTBR1's 39 bits begin */
#define TCR_EPD1      (1ull << 23)
#define TCR_TTBR1     (25ull << 16 | 1ull << 24 | 1ull << 26 | 3ull << 28 | 2ull << 30)     /* as TTBR0's */

extern uint64_t guest_table[TABLE_ENTRIES];

static uint64_t own_table[TABLE_ENTRIES] __attribute__((aligned(4096)));

static void flush(void) { __asm__ volatile("dsb ishst\n\ttlbi vmalle1\n\tdsb ish\n\tisb" : : : "memory"); }

static uint64_t window(uint64_t descriptor)
{
    if (guest_table[WINDOW] != descriptor) {
        guest_table[WINDOW] = descriptor;
        flush();
    }
    return WINDOW * GIB;
}

uint64_t alias_normal(uint64_t address)
{
    uint64_t block = address & 0x0000ffffc0000000ull;
    return window(block | BLOCK_NORMAL) + (address & (GIB - 1));
}

void tables_reset(void) { window(0); }

static void use(uint64_t address)
{
    for (unsigned kind = 0; kind < ACCESS_KINDS; kind += 1 + (unsigned)random_below(5), done++) {
        access(kind, address, random64());
    }
    run(0xd61f0000, address & ~3ull);           /* br x0 */
}

/* Addresses around every limit: the end of memory, the 39 bits of a domain, the 40 of TCR_EL1.IPS, all 48. */
static const uint64_t limits[] = {
    0, 0x08000000, 0x09000000, 0x40000000, 0xc0000000, 0x100000000, 0x4000000000, 0x7fc0000000, 0x8000000000,
    0xffc0000000, 0x10000000000, 0x1000000000000 - GIB,
};
#define LIMITS (sizeof limits / sizeof limits[0])

static void blocks_everywhere(void)
{
    for (unsigned n = 0; n < LIMITS; n++) {
        uint64_t at = limits[n] & ~(GIB - 1);
        if (at == GUEST_RAM) {
            continue;
        }
        use(window(at | BLOCK_NORMAL) + random_below(GIB));
        use(window(at | BLOCK_DEVICE) + random_below(GIB));
        use(window(at | BLOCK_NORMAL) + GIB - 4);
    }
}

/* Walks of tables that are devices, holes, beyond the limits, or this guest's code. */
static void tables_everywhere(void)
{
    for (unsigned n = 0; n < LIMITS; n++) {
        use(window(limits[n] | TABLE) + random_below(GIB));
        own_table[random_below(TABLE_ENTRIES)] = limits[n] | TABLE;
        use(window((uintptr_t)own_table | TABLE) + random_below(GIB));
        sysreg_write(ttbr1_el1, limits[n]);
        flush();
        use(HIGH + random_below(512 * GIB));
    }
}

static void random_tables(void)
{
    sysreg_write(ttbr1_el1, (uintptr_t)own_table);
    for (unsigned n = 0; n < 2000; n++, done++) {
        uint64_t entry = random_below(TABLE_ENTRIES);
        bool ours = false;
        own_table[entry] = random64();
        ours = (own_table[entry] & 0x0000ffffc0000000ull) == GUEST_RAM;
        flush();
        if (!ours) {
            access((unsigned)random_below(ACCESS_KINDS), HIGH + entry * GIB + random_below(GIB), random64());
        }
    }
    sysreg_write(ttbr1_el1, random64() & 0xffffffffffff);
    flush();
    use(HIGH);
}

void attack_tables(void)
{
    uint64_t tcr = sysreg_read(tcr_el1);
    sysreg_write(tcr_el1, (tcr & ~TCR_EPD1) | TCR_TTBR1);
    isb();
    blocks_everywhere();
    tables_everywhere();
    random_tables();
    sysreg_write(tcr_el1, tcr);
    tables_reset();
    flush();
    settle();
}
