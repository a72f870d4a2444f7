/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's stage 1, walked: its granules, both halves, blocks at every level that has them, and what is not mapped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gdb/walk.h"

#define BASE    UINT64_C(0x40000000)
#define BYTES   0x100000u
#define VALID   1u
#define TABLE   3u
#define PAGE    3u
#define UPPER   UINT64_C(0xffff000000000000)

static uint64_t memory[BYTES / 8];
static unsigned reads;

static bool read_it(uint64_t pa, uint64_t *descriptor)
{
    reads++;
    if (pa - BASE >= BYTES || pa % 8)
        return false;
    *descriptor = memory[(pa - BASE) / 8];
    return true;
}

/* log2 of the granule, and its value in TG0 and TG1 (Arm ARM, D17.2.131). */
static const struct { unsigned shift; uint64_t tg0, tg1; } granules[] = { { 12, 0, 2 }, { 14, 2, 1 }, { 16, 1, 3 } };

static struct walk w;

/* 48-bit addresses in both halves, of the granule. */
static void set_up(unsigned granule, unsigned bits)
{
    memset(memory, 0, sizeof memory);
    w = (struct walk){ .sctlr = 1, .read = read_it, .ttbr0 = BASE, .ttbr1 = BASE + 0x80000,
                       .tcr = (64 - bits) | (uint64_t)(64 - bits) << 16 | granules[granule].tg0 << 14 |
                              granules[granule].tg1 << 30 };
    reads = 0;
}

static void put(uint64_t table, uint64_t index, uint64_t descriptor)
{
    memory[(table - BASE) / 8 + index] = descriptor;
}

/* Maps `va` by tables of its own at `table` on, and a last descriptor at that level; returns where that one is. */
static void map(uint64_t table, unsigned granule, unsigned bits, unsigned level, uint64_t va, uint64_t descriptor)
{
    unsigned g = granules[granule].shift, each = g - 3, top = 3 - (bits - g - 1) / each;
    uint64_t next = table + 0x20000;

    for (unsigned l = top; l <= level; l++, next += 0x10000) {
        unsigned shift = g + (3 - l) * each, width = l == top ? bits - shift : each;
        uint64_t index = va >> shift & ((UINT64_C(1) << width) - 1);
        put(table, index, l == level ? descriptor : next | TABLE);
        table = next;
    }
}

static void assert_leads(uint64_t va, uint64_t wanted, uint64_t wanted_left)
{
    uint64_t pa = 0, left = 0;

    reads = 0;
    assert_true(walk(&w, va, &pa, &left));
    assert_int_equal(pa, wanted);
    assert_int_equal(left, wanted_left);
    assert_in_range(reads, 0, 5);
}

static void assert_leads_nowhere(uint64_t va)
{
    uint64_t pa, left;

    assert_false(walk(&w, va, &pa, &left));
}

static void an_address_is_itself_while_the_mmu_is_off(void **state)
{
    (void)state;
    set_up(0, 48);
    w.sctlr = 0;
    assert_leads(0x40001234, 0x40001234, 0x1000 - 0x234);
    assert_int_equal(reads, 0);
}

static void a_page_of_each_granule_is_found_in_either_half(void **state)
{
    (void)state;
    for (unsigned g = 0; g < 3; g++)
        for (unsigned bits = 30; bits <= 48; bits++)
            for (unsigned upper = 0; upper < 2; upper++) {
                uint64_t size = UINT64_C(1) << granules[g].shift, page = UINT64_C(0x123456789) * 0x10000 % (UINT64_C(1) << 48);
                uint64_t low = UINT64_C(0x5a5a5a5a5a5a) % (UINT64_C(1) << bits);
                uint64_t va = upper ? low | UINT64_MAX << bits : low;
                set_up(g, bits);
                map(upper ? w.ttbr1 : w.ttbr0, g, bits, 3, va, page | PAGE | UINT64_C(0x60000000000700));
                assert_leads(va, page | va % size, size - va % size);
                assert_leads_nowhere(va ^ size);
            }
}

static void a_block_is_found_where_its_granule_has_them_and_nowhere_else(void **state)
{
    static const struct { unsigned granule, level, shift; bool right; } blocks[] = {
        { 0, 2, 21, true }, { 0, 1, 30, true }, { 0, 0, 39, false }, { 1, 2, 25, true }, { 1, 1, 36, false },
        { 2, 2, 29, true }, { 2, 1, 42, true },       /* the last with addresses of 52 bits alone, which these may be */
    };
    const uint64_t va = UINT64_C(0x7654321fed);

    (void)state;
    for (unsigned i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        uint64_t size = UINT64_C(1) << blocks[i].shift;
        set_up(blocks[i].granule, 48);
        map(w.ttbr0, blocks[i].granule, 48, blocks[i].level, va, size | VALID);
        if (blocks[i].right)
            assert_leads(va, size | va % size, size - va % size);
        else
            assert_leads_nowhere(va);
    }
}

static void a_descriptor_of_the_last_level_is_a_page_or_nothing(void **state)
{
    (void)state;
    set_up(0, 39);
    map(w.ttbr0, 0, 39, 3, 0x1000, 0x5000 | VALID);
    assert_leads_nowhere(0x1000);
    map(w.ttbr0, 0, 39, 3, 0x1000, 0x5000 | PAGE);
    assert_leads(0x1008, 0x5008, 0xff8);
    map(w.ttbr0, 0, 39, 3, 0x1000, 0x5000 | (PAGE - 1));
    assert_leads_nowhere(0x1000);
}

static void what_is_between_the_halves_is_nowhere(void **state)
{
    (void)state;
    set_up(0, 39);
    map(w.ttbr0, 0, 39, 3, 0, 0x5000 | PAGE);
    map(w.ttbr1, 0, 39, 3, 0, 0x6000 | PAGE);
    assert_leads(0, 0x5000, 0x1000);
    assert_leads(UINT64_MAX << 39, 0x6000, 0x1000);
    assert_leads_nowhere(UINT64_C(1) << 39);
    assert_leads_nowhere(UINT64_MAX << 40);
}

static void a_tag_is_looked_past_where_the_guest_says_so(void **state)
{
    (void)state;
    set_up(0, 39);
    map(w.ttbr0, 0, 39, 3, 0, 0x5000 | PAGE);
    assert_leads_nowhere(UINT64_C(0x5a) << 56);
    w.tcr |= UINT64_C(1) << 37;
    assert_leads(UINT64_C(0x5a) << 56, 0x5000, 0x1000);
}

static void a_half_that_is_switched_off_is_nowhere(void **state)
{
    (void)state;
    set_up(0, 39);
    map(w.ttbr0, 0, 39, 3, 0, 0x5000 | PAGE);
    w.tcr |= 1u << 7;
    assert_leads_nowhere(0);
}

static void the_bits_of_an_asid_are_no_address(void **state)
{
    (void)state;
    set_up(0, 39);
    map(w.ttbr0, 0, 39, 3, 0, 0x5000 | PAGE);
    w.ttbr0 |= UINT64_C(0xabcd) << 48 | 1;
    assert_leads(0, 0x5000, 0x1000);
}

static void tables_outside_of_memory_lead_nowhere(void **state)
{
    (void)state;
    set_up(0, 39);
    put(w.ttbr0, 0, (BASE + BYTES) | TABLE);
    assert_leads_nowhere(0);
    w.ttbr0 = 0;
    assert_leads_nowhere(0);
}

static void sizes_that_no_cpu_has_lead_nowhere(void **state)
{
    (void)state;
    for (unsigned tsz = 0; tsz < 64; tsz++)
        for (unsigned tg = 0; tg < 4; tg++) {
            uint64_t pa, left;
            set_up(0, 39);
            w.tcr = tsz | (uint64_t)tg << 14;
            reads = 0;
            (void)walk(&w, 0, &pa, &left);
            assert_in_range(reads, 0, tsz < 12 || tsz > 48 || tg == 3 ? 0 : 5);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_itself_while_the_mmu_is_off),
        cmocka_unit_test(a_page_of_each_granule_is_found_in_either_half),
        cmocka_unit_test(a_block_is_found_where_its_granule_has_them_and_nowhere_else),
        cmocka_unit_test(a_descriptor_of_the_last_level_is_a_page_or_nothing),
        cmocka_unit_test(what_is_between_the_halves_is_nowhere),
        cmocka_unit_test(a_tag_is_looked_past_where_the_guest_says_so),
        cmocka_unit_test(a_half_that_is_switched_off_is_nowhere),
        cmocka_unit_test(the_bits_of_an_asid_are_no_address),
        cmocka_unit_test(tables_outside_of_memory_lead_nowhere),
        cmocka_unit_test(sizes_that_no_cpu_has_lead_nowhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
