/* SPDX-License-Identifier: Apache-2.0 */
/* Cache and TLB maintenance (Arm ARM, D7.5 and D8.13): none of it traps at EL1, and memory is as it should be after it. */
#include "conform.h"
#include "registers.h"
#include "second.h"
#include "trap.h"

#define NOT_GLOBAL   (1ul << 11)

static uint64_t pages[2][PAGE / 8] __attribute__((aligned(PAGE)));

#define MAINTAIN(what, address) __asm__ volatile(what ", %0\n\tdsb sy" : : "r"(address) : "memory")

static void data_maintenance_by_address_keeps_data(void)
{
    for (unsigned i = 0; i < 64; i++) {
        pages[0][i] = i * 0x0101010101010101;
    }
    for (uintptr_t at = (uintptr_t)pages[0]; at < (uintptr_t)&pages[0][64]; at += 16) {
        MAINTAIN("dc cvac", at);
        MAINTAIN("dc cvau", at);
        MAINTAIN("dc civac", at);
        MAINTAIN("dc ivac", at);
    }
    for (unsigned i = 0; i < 64; i++) {
        SAME(pages[0][i], i * 0x0101010101010101);
    }
}

static void dc_zva_zeroes_one_block(void)
{
    uint64_t dczid = sysreg_read(dczid_el0);
    if (dczid >> 4 & 1) {
        return;
    }
    unsigned words = 1u << (dczid & 0xf), doubles = words / 2;
    for (unsigned i = 0; i < PAGE / 8; i++) {
        pages[0][i] = ~0ul;
    }
    __asm__ volatile("dc zva, %0" : : "r"(&pages[0][doubles + 1]) : "memory");
    SAME(pages[0][doubles - 1], ~0ul);
    SAME(pages[0][2 * doubles], ~0ul);
    for (unsigned i = 0; i < doubles; i++) {
        SAME(pages[0][doubles + i], 0);
    }
}

/* The geometry of each level; every set of each way, as boot loaders do. */
static void set_and_way_maintenance_keeps_data(void)
{
    uint64_t clidr = sysreg_read(clidr_el1);
    bool wide = sysreg_read(id_aa64mmfr2_el1) >> 20 & 0xf;
    pages[0][0] = 0x1234567812345678;
    for (unsigned level = 0; level < 3; level++) {
        if ((clidr >> 3 * level & 7) < 2) {
            continue;
        }
        sysreg_set(csselr_el1, level << 1);
        uint64_t ccsidr = sysreg_read(ccsidr_el1);
        uint32_t ways = wide ? ccsidr >> 3 & 0x1fffff : ccsidr >> 3 & 0x3ff;
        uint32_t sets = wide ? ccsidr >> 32 & 0xffffff : ccsidr >> 13 & 0x7fff;
        unsigned line = (ccsidr & 7) + 4, shift = ways ? (unsigned)__builtin_clz(ways) : 0;
        for (uint32_t set = 0; set <= sets; set += 16) {        /* some of them: each is an exit on Belay */
            uint64_t operand = (uint64_t)ways << shift | (uint64_t)set << line | level << 1;
            MAINTAIN("dc csw", operand);
            MAINTAIN("dc cisw", operand);
            MAINTAIN("dc isw", operand);
        }
    }
    sysreg_set(csselr_el1, 0);
    SAME(pages[0][0], 0x1234567812345678);
}

static void set_and_way_of_no_cache_does_no_harm(void)
{
    MAINTAIN("dc cisw", 0xeul);                     /* level 8 */
    MAINTAIN("dc cisw", 0xfffffffcul);              /* way and set of all ones, level 7 */
    trap_none();
}

static uint64_t call_code(void) { return ((uint64_t (*)(void))(uintptr_t)pages[1])(); }

/* MOVZ x0, #n; RET */
static void write_code(unsigned n)
{
    volatile uint32_t *code = (volatile uint32_t *)(void *)pages[1];
    code[0] = 0xd2800000 | n << 5;
    code[1] = 0xd65f03c0;
}

static void code_that_was_written_is_run_after_maintenance(void)
{
    for (unsigned n = 0; n < 30; n++) {
        write_code(n);
        __asm__ volatile("dc cvau, %0\n\tdsb ish" : : "r"(pages[1]) : "memory");
        switch (n % 3) {
        case 0:  __asm__ volatile("ic ivau, %0" : : "r"(pages[1]) : "memory"); break;
        case 1:  __asm__ volatile("ic iallu" : : : "memory"); break;
        default: __asm__ volatile("ic ialluis" : : : "memory"); break;
        }
        __asm__ volatile("dsb ish\n\tisb" : : : "memory");
        SAME(call_code(), n);
    }
}

/* Page 0 leads to one page, then, after the invalidation, to the other. */
static void moves_with(void (*invalidate)(uint64_t page_number))
{
    for (unsigned i = 0; i < 4; i++) {
        pages[i % 2][0] = i;
        window_leaves[0] = 0;
        dsb();
        invalidate(window(0) >> 12);
        dsb();
        window_leaves[0] = (uintptr_t)pages[i % 2] | MAP_NORMAL | MAP_NOEXEC;
        dsb();
        isb();
        SAME(*(volatile uint64_t *)window(0), i);
    }
    trap_none();
}

static void store(uint64_t address) { __asm__ volatile("str wzr, [%0]" : : "r"(address) : "memory"); }

static void a_page_that_became_read_only_is_so_after_maintenance(void)
{
    window_map(0, (uintptr_t)pages[0] | MAP_NORMAL | MAP_NOEXEC);
    store(window(0));
    trap_none();
    window_leaves[0] |= MAP_READ;
    __asm__ volatile("dsb sy\n\ttlbi vale1is, %0\n\tdsb sy\n\tisb" : : "r"(window(0) >> 12) : "memory");
    store(window(0));
    SAME(FSC_OF(trap_one(EC_DABT).esr), 0x0f);
    window_leaves[0] &= ~MAP_READ;
    __asm__ volatile("dsb sy\n\ttlbi vale1is, %0\n\tdsb sy\n\tisb" : : "r"(window(0) >> 12) : "memory");
    store(window(0));
    trap_none();
}

/* What a line of the instruction cache has is forgotten by the address that it is run at. */
static void code_is_changed_by_another_address(void)
{
    window_map(1, (uintptr_t)pages[1] | MAP_NORMAL);
    for (unsigned n = 0; n < 10; n++) {
        volatile uint32_t *code = (volatile uint32_t *)window(1);
        code[0] = 0xd2800000 | n << 5;                  /* MOVZ x0, #n; RET */
        code[1] = 0xd65f03c0;
        __asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %1\n\tdsb ish\n\tisb"
                         : : "r"(code), "r"(pages[1]) : "memory");
        SAME(call_code(), n);
    }
}

#define INVALIDATION(name) \
    static void name##_it(uint64_t page) { __asm__ volatile("tlbi " #name ", %0" : : "r"(page) : "memory"); } \
    static void tlbi_##name##_forgets_a_page(void) { window_map(0, 0); moves_with(name##_it); }
INVALIDATION(vaae1)
INVALIDATION(vaae1is)
INVALIDATION(vaale1)
INVALIDATION(vaale1is)
INVALIDATION(vae1)
INVALIDATION(vae1is)
INVALIDATION(vale1)
INVALIDATION(vale1is)

static void vmalle1_it(uint64_t page) { (void)page; __asm__ volatile("tlbi vmalle1" : : : "memory"); }
static void vmalle1is_it(uint64_t page) { (void)page; __asm__ volatile("tlbi vmalle1is" : : : "memory"); }
static void tlbi_vmalle1_forgets_all(void) { window_map(0, 0); moves_with(vmalle1_it); }
static void tlbi_vmalle1is_forgets_all(void) { window_map(0, 0); moves_with(vmalle1is_it); }

static void set_asid(uint64_t asid)
{
    uint64_t ttbr = sysreg_read(ttbr0_el1) & ~(0xfffful << 48);
    sysreg_set(ttbr0_el1, ttbr | asid << 48);
}

static void map_for(uint64_t asid, unsigned page)
{
    set_asid(asid);
    window_leaves[0] = (uintptr_t)pages[page] | MAP_NORMAL | MAP_NOEXEC | NOT_GLOBAL;
    dsb();
    isb();
    SAME(*(volatile uint64_t *)window(0), pages[page][0]);
}

static void an_asid_has_translations_of_its_own(void)
{
    window_map(0, 0);
    pages[0][0] = 0xa;
    pages[1][0] = 0xb;
    __asm__ volatile("tlbi aside1, %0\n\ttlbi aside1is, %1\n\tdsb sy" : : "r"(1ul << 48), "r"(2ul << 48) : "memory");
    map_for(1, 0);
    window_leaves[0] = 0;
    dsb();
    map_for(2, 1);
    __asm__ volatile("tlbi aside1is, %0\n\tdsb sy\n\tisb" : : "r"(1ul << 48) : "memory");
    set_asid(1);
    SAME(*(volatile uint64_t *)window(0), 0xb);     /* what the tables have now */
    set_asid(0);
    window_map(0, 0);
    trap_none();
}

static void barriers_of_each_kind_are_there(void)
{
    __asm__ volatile("dmb sy\n\tdmb ish\n\tdmb ishld\n\tdmb nsh\n\tdsb osh\n\tdsb nshst\n\tisb\n\tclrex" : : : "memory");
    trap_none();
}

/* The tables and the page are the second CPU's too: what it has in its TLB must go. It has its MMU off, so that is little. */
static void invalidate_elsewhere(void) { __asm__ volatile("tlbi vmalle1is\n\tic ialluis\n\tdsb sy\n\tisb" : : : "memory"); }

static void maintenance_by_another_cpu_is_for_all(void)
{
    if (!second_is_there()) {
        return;
    }
    second_listen();
    SAME(second_on(), true);
    window_map(0, (uintptr_t)pages[0] | MAP_NORMAL | MAP_NOEXEC);
    pages[0][0] = 5;
    pages[1][0] = 6;
    SAME(*(volatile uint64_t *)window(0), 5);
    window_leaves[0] = 0;
    dsb();
    second_does(invalidate_elsewhere);
    window_leaves[0] = (uintptr_t)pages[1] | MAP_NORMAL | MAP_NOEXEC;
    dsb();
    isb();
    SAME(*(volatile uint64_t *)window(0), 6);
    second_off();
}

const struct promise caches[] = {
    PROMISE(data_maintenance_by_address_keeps_data),
    PROMISE(dc_zva_zeroes_one_block),
    PROMISE(set_and_way_maintenance_keeps_data),
    PROMISE(set_and_way_of_no_cache_does_no_harm),
    PROMISE(code_that_was_written_is_run_after_maintenance),
    PROMISE(code_is_changed_by_another_address),
    PROMISE(a_page_that_became_read_only_is_so_after_maintenance),
    PROMISE(tlbi_vaae1_forgets_a_page),
    PROMISE(tlbi_vaae1is_forgets_a_page),
    PROMISE(tlbi_vaale1_forgets_a_page),
    PROMISE(tlbi_vaale1is_forgets_a_page),
    PROMISE(tlbi_vae1_forgets_a_page),
    PROMISE(tlbi_vae1is_forgets_a_page),
    PROMISE(tlbi_vale1_forgets_a_page),
    PROMISE(tlbi_vale1is_forgets_a_page),
    PROMISE(tlbi_vmalle1_forgets_all),
    PROMISE(tlbi_vmalle1is_forgets_all),
    PROMISE(an_asid_has_translations_of_its_own),
    PROMISE(barriers_of_each_kind_are_there),
    PROMISE(maintenance_by_another_cpu_is_for_all),
    { 0 },
};
