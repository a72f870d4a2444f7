/* SPDX-License-Identifier: Apache-2.0 */
/* Stage 1 off and on again (Arm ARM, D8.2.10): memory is then reached by its physical address and past the caches. */
#include "conform.h"
#include "registers.h"
#include "trap.h"

#define SCTLR_M  1ul

static uint64_t pages[2][PAGE / 8] __attribute__((aligned(PAGE)));

/* With the MMU off is nothing but the one access. */
static uint64_t load_off(const uint64_t *from)
{
    uint64_t on = sysreg_read(sctlr_el1), value = 0;
    dsb();
    __asm__ volatile("msr sctlr_el1, %2\n\tisb\n\tldr %0, [%1]\n\tdsb sy\n\tmsr sctlr_el1, %3\n\tisb"
                     : "+r"(value) : "r"(from), "r"(on & ~SCTLR_M), "r"(on) : "memory");
    return value;
}

static void store_off(uint64_t *to, uint64_t value)
{
    uint64_t on = sysreg_read(sctlr_el1);
    dsb();
    __asm__ volatile("msr sctlr_el1, %2\n\tisb\n\tstr %1, [%0]\n\tdsb sy\n\tmsr sctlr_el1, %3\n\tisb"
                     : : "r"(to), "r"(value), "r"(on & ~SCTLR_M), "r"(on) : "memory");
}

static void clean(const uint64_t *at) { __asm__ volatile("dc civac, %0\n\tdsb sy" : : "r"(at) : "memory"); }

static void with_it_off_memory_is_what_was_cleaned(void)
{
    for (uint64_t n = 1; n < 50; n++) {
        *(volatile uint64_t *)pages[0] = n;
        clean(pages[0]);
        SAME(load_off(pages[0]), n);
    }
    trap_none();
}

static void what_was_stored_with_it_off_is_there_afterwards(void)
{
    for (uint64_t n = 1; n < 50; n++) {
        clean(pages[0]);
        store_off(pages[0], n << 32);
        clean(pages[0]);                        /* what was fetched meanwhile */
        SAME(*(volatile uint64_t *)pages[0], n << 32);
    }
    trap_none();
}

static void tables_that_changed_meanwhile_count_when_it_is_on(void)
{
    pages[0][0] = 0xa;
    pages[1][0] = 0xb;
    clean(&pages[0][0]);
    clean(&pages[1][0]);
    for (unsigned i = 0; i < 10; i++) {
        window_map(0, (uintptr_t)pages[i % 2] | MAP_NORMAL | MAP_NOEXEC);
        SAME(*(volatile uint64_t *)window(0), i % 2 ? 0xb : 0xa);
        window_leaves[0] = 0;
        clean(&window_leaves[0]);
        __asm__ volatile("tlbi vmalle1is\n\tdsb sy\n\tisb" : : : "memory");
        store_off(&window_leaves[0], (uintptr_t)pages[1 - i % 2] | MAP_NORMAL | MAP_NOEXEC);
        SAME(*(volatile uint64_t *)window(0), i % 2 ? 0xa : 0xb);
    }
    trap_none();
}

const struct promise mmu[] = {
    PROMISE(with_it_off_memory_is_what_was_cleaned),
    PROMISE(what_was_stored_with_it_off_is_there_afterwards),
    PROMISE(tables_that_changed_meanwhile_count_when_it_is_on),
    { 0 },
};
