/* SPDX-License-Identifier: Apache-2.0 */
/* Actions by loads, stores, jumps and tables, wherever they may lead. */
#include "arm64.h"
#include "gic.h"
#include "guest.h"
#include "siege.h"

#define BLOCK_NORMAL    0x701ull
#define BLOCK_DEVICE    0x405ull
#define TABLE           0x3ull
#define HIGH            0xffffff8000000000ull     /* where TTBR1's 39 bits begin */
#define TCR_EPD1        (1ull << 23)
#define TCR_TTBR1       (25ull << 16 | 1ull << 24 | 1ull << 26 | 3ull << 28 | 2ull << 30)     /* as TTBR0's */
#define SCTLR_M         1ull
#define NEAR            256ull
#define BR_X0           0xd61f0000u

enum { SCTLR, TTBR0, TTBR1, TCR, MAIR, VBAR, CPACR, CNTKCTL, MDSCR, CONTEXTIDR, TPIDR, TPIDRRO, OPERATION, ADDRESS, POISONS };
enum { OPERATIONS = 6 };

uint64_t siege_poison(const uint64_t values[POISONS]);

static void flush(void) { __asm__ volatile("dsb ishst\n\ttlbi vmalle1\n\tdsb ish\n\tisb" : : : "memory"); }

/* Around every limit: the ends of devices and memory, the 39 bits of a domain, the 40 of TCR_EL1.IPS, all 48. */
static const uint64_t limits[] = {
    0, 0x04000000, 0x08000000, 0x08010000, 0x08020000, 0x08080000, 0x080a0000, 0x09000000, 0x09100000, 0x0a000000, 0x0a004000,
    0x0c000000, 0x10000000, 0x3eff0000, GUEST_RAM, GUEST_RAM + RAM_BYTES, 0x48000000, 0x80000000, 0xc0000000, 0x100000000,
    0x4000000000, 0x4010000000, 0x7fc0000000, 0x8000000000, 0xffc0000000, 0x10000000000, 0x1000000000000 - GIB,
};
#define LIMITS (sizeof limits / sizeof limits[0])

static uint64_t a_limit(struct actor *a) { return limits[below(a, LIMITS)]; }

static bool is_own(uint64_t address)
{
    uint64_t in = address % GIB + NEAR;
    uint64_t block = address / GIB;
    return (block == 1 || block == USER) && in < RAM_BYTES + 2 * NEAR;
}

static uint64_t anywhere(struct actor *a)
{
    switch (below(a, 4)) {
    case 0: return a_limit(a) + below(a, 64) - 32;
    case 1: return below(a, 4 * GIB);
    case 2: return below(a, GUEST_RAM);
    default: return any(a);
    }
}

void kind_anywhere(struct actor *a)
{
    uint64_t address = anywhere(a);
    if (!is_own(address)) {
        bool uart = address / 0x1000 == GUEST_UART / 0x1000;
        touch(a, any_access(a), address, uart ? 0 : random64(a));
    }
}

/* The entry WINDOW maps the 1 GiB there. */
static uint64_t window(struct actor *a, uint64_t descriptor)
{
    a->table[WINDOW] = descriptor;
    flush();
    return WINDOW * GIB;
}

/* Its own scratch, at any alignment, over a page's end, as normal memory or as a device. */
void kind_memory(struct actor *a)
{
    uint64_t address = (uintptr_t)a->scratch + 0x1000 + below(a, SCRATCH_BYTES - 0x2000);
    if (below(a, 4) == 0) {
        address = (address & ~0xfffull) - below(a, 32);
    }
    if (below(a, 4) == 0) {
        address = window(a, GIB | (below(a, 2) ? BLOCK_DEVICE : BLOCK_NORMAL)) + address % GIB;
    }
    touch(a, any_access(a), address, random64(a));
}

void kind_jump(struct actor *a)
{
    uint64_t address = anywhere(a);
    if (below(a, 4) == 0) {
        address = window(a, (a_limit(a) & ~(GIB - 1)) | BLOCK_NORMAL) + address % GIB;
        run(a, BR_X0, (a->table[WINDOW] & ~(GIB - 1)) == GUEST_RAM ? address | 2 : address & ~3ull);
    } else if (!is_own(address)) {
        run(a, BR_X0, address);
    }
}

/* One access by tables that map anything, or are themselves devices, holes, beyond the limits, or this guest's own. */
void kind_tables(struct actor *a)
{
    uint64_t tcr = sysreg_read(tcr_el1), limit = a_limit(a), at = below(a, GIB);
    unsigned entry = (unsigned)below(a, 512);

    switch (below(a, 4)) {
    case 0:
        limit &= ~(GIB - 1);
        if (limit != GUEST_RAM) {
            touch(a, any_access(a), window(a, limit | (below(a, 2) ? BLOCK_NORMAL : BLOCK_DEVICE)) + at, 0);
        }
        break;
    case 1:
        if (!is_own(limit)) {
            touch(a, any_access(a), window(a, (limit & ~0xfffull) | TABLE) + at, random64(a));
        }
        break;
    default:
        a->own_table[entry] = below(a, 2) ? random64(a) : limit | TABLE;
        bool ours = is_own(a->own_table[entry] & 0x0000ffffc0000000ull);
        sysreg_write(ttbr1_el1, below(a, 4) ? (uintptr_t)a->own_table : any(a) & 0xffffffffffff);
        sysreg_write(tcr_el1, (tcr & ~TCR_EPD1) | TCR_TTBR1);
        flush();
        if (!ours) {
            touch(a, any_access(a), HIGH + entry * GIB + at, 0);
        }
        sysreg_write(tcr_el1, tcr);
        flush();
    }
}

/* Registers that code at EL0 might obey, and those that one can't live with, are anything while one thing is done. */
void kind_mmu_off(struct actor *a)
{
    uint64_t values[POISONS];

    for (unsigned n = 0; n < POISONS; n++) {
        values[n] = random64(a);
    }
    values[SCTLR] &= ~SCTLR_M;
    values[OPERATION] = below(a, OPERATIONS);
    values[ADDRESS] = GICD_BASE + (below(a, 0xd00) & ~3ull);
    look(a, siege_poison(values));
}

/* Any of its memory, which may have been another's. */
void kind_search(struct actor *a)
{
    const volatile uint64_t *at = (const volatile uint64_t *)(GUEST_RAM + (below(a, RAM_BYTES - 512) & ~7ull));
    for (unsigned n = 0; n < 32; n++) {
        look(a, at[n]);
    }
}

void kind_scribble(struct actor *a)
{
    volatile uint64_t *at = (volatile uint64_t *)(SPARE + 0x1000 + (below(a, SPARE_BYTES - 0x2000) & ~7ull));
    for (unsigned n = 0; n < 8; n++) {
        look(a, at[n]);
        at[n] = random64(a);
    }
}
