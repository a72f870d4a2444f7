/* SPDX-License-Identifier: Apache-2.0 */
/* The steward's hold on memory: extents are cut and given out, each byte once; views are mapped by blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/cpu.h"
#include "steward/memory.h"

#define MIB 0x100000ull

/* The nucleus's extents, by handle. */
static struct mem_info mem[256];
static uint32_t handles;
static bool split_fails;

/* The last MAP, and how often there was one more than UNMAPs. */
static struct { uint64_t handle, offset, ipa, bytes; } mapped;
static int maps;
static int map_error;

struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    struct hypercall_result r = { BELAY_OK, { 0 } };

    (void)a5;
    switch (number) {
    case BELAY_HC_MEM_INFO:
        r.v[0] = mem[a0].pa, r.v[1] = mem[a0].bytes, r.v[2] = mem[a0].kind;
        break;
    case BELAY_HC_MEM_SPLIT:
        assert_true(a1 % BELAY_PAGE_SIZE == 0 && a1 > 0 && a1 < mem[a0].bytes && handles < 256);
        if (split_fails) {
            r.error = BELAY_ENOMEM;
            break;
        }
        mem[handles] = (struct mem_info){ mem[a0].pa + a1, mem[a0].bytes - a1, mem[a0].kind };
        mem[a0].bytes = a1;
        r.v[0] = handles++;
        break;
    case BELAY_HC_MEM_MERGE:
        assert_int_equal(mem[a0].pa + mem[a0].bytes, mem[a1].pa);
        assert_int_equal(mem[a0].kind, mem[a1].kind);
        mem[a0].bytes += mem[a1].bytes;
        mem[a1].bytes = 0;
        break;
    case BELAY_HC_MAP:
        assert_true((a2 | a3 | a4) % BELAY_PAGE_SIZE == 0 && a2 + a4 <= mem[a1].bytes && a0 == BELAY_H_SELF);
        mapped.handle = a1, mapped.offset = a2, mapped.ipa = a3, mapped.bytes = a4;
        r.error = map_error;
        maps++;
        break;
    case BELAY_HC_UNMAP:
        assert_true(a1 == mapped.ipa && a2 == mapped.bytes);
        maps--;
        break;
    default:
        fail();
    }
    return r;
}

/* What was zeroed, by physical address. */
static struct { uint64_t pa, bytes; } cleared[512];
static unsigned clears;

void cache_clear(void *start, size_t bytes)
{
    assert_true(clears < 512 && (uint64_t)(uintptr_t)start - mapped.ipa + bytes <= mapped.bytes);
    cleared[clears].pa = mem[mapped.handle].pa + mapped.offset + ((uint64_t)(uintptr_t)start - mapped.ipa);
    cleared[clears++].bytes = bytes;
}

static void add(uint64_t pa, uint64_t bytes, enum belay_mem kind)
{
    mem[handles++] = (struct mem_info){ pa, bytes, kind };
}

/* As QEMU's board with 1 GiB: small and large RAM, and device space on both sides. */
static int make_machine(void **state)
{
    const struct belay_boot_info info = { .mems = 5 };

    (void)state;
    handles = BELAY_H_MEM;
    split_fails = false;
    map_error = BELAY_OK;
    maps = 0;
    clears = 0;
    add(0x40000000, 2 * MIB, BELAY_MEM_RAM);
    add(0x40300000, 125 * MIB, BELAY_MEM_RAM);
    add(0x50001000, 700 * MIB, BELAY_MEM_RAM);
    add(0, 0x08000000, BELAY_MEM_DEVICE);
    add(0x09000000, 0x37000000, BELAY_MEM_DEVICE);
    assert_int_equal(memory_init(&info), BELAY_OK);
    return 0;
}

static void the_smallest_extent_that_fits_is_cut(void **state)
{
    struct extent e;

    (void)state;
    assert_true(memory_take(16384, BELAY_PAGE_SIZE, &e));
    assert_int_equal(e.pa, 0x40000000);
    assert_int_equal(mem[e.handle].bytes, 16384);
    assert_true(memory_take(64 * MIB, BLOCK_BYTES, &e));
    assert_int_equal(e.pa, 0x40400000);
    assert_true(memory_take(512 * MIB, BLOCK_BYTES, &e));
    assert_int_equal(e.pa, 0x50200000);
    assert_int_equal(e.bytes, 512 * MIB);
    assert_false(memory_take(512 * MIB, BLOCK_BYTES, &e));
}

static void nobody_gets_what_another_has(void **state)
{
    static uint8_t owned[0x40000];      /* a byte for each page of the first GiB from 0x40000000 on */
    struct extent e;
    uint64_t taken = 0;

    (void)state;
    for (unsigned n = 0; memory_take((1 + n % 7) * 0x55000, n % 3 ? BLOCK_BYTES : BELAY_PAGE_SIZE, &e); n++) {
        assert_int_equal(e.pa % (n % 3 ? BLOCK_BYTES : BELAY_PAGE_SIZE), 0);
        assert_int_equal(mem[e.handle].pa, e.pa);
        assert_int_equal(mem[e.handle].bytes, e.bytes);
        for (uint64_t at = 0; at < e.bytes; at += BELAY_PAGE_SIZE)
            assert_int_equal(owned[(e.pa + at - 0x40000000) / BELAY_PAGE_SIZE]++, 0);
        taken += e.bytes;
        if (handles > 230)
            break;
    }
    assert_true(taken > 64 * MIB);
}

/* As the nucleus told it at first. */
static void assert_whole(void)
{
    struct extent e;

    assert_int_equal(memory_unowned().bytes, (2 + 125 + 700) * MIB);
    assert_int_equal(memory_unowned().pieces, 3);
    assert_true(memory_take(700 * MIB, BELAY_PAGE_SIZE, &e));
    memory_give(&e, false);
    assert_int_equal(maps, 0);
}

static void what_is_given_back_becomes_one_with_its_neighbours(void **state)
{
    struct extent e[5];

    (void)state;
    for (unsigned order = 0; order < 120; order++) {        /* any of 5! */
        bool given[5] = { false };
        for (unsigned i = 0; i < 5; i++)
            assert_true(memory_take((i + 1) * 6 * MIB, i % 2 ? BLOCK_BYTES : BELAY_PAGE_SIZE, &e[i]));
        for (unsigned left = 5, code = order; left > 0; left--) {
            unsigned n = code % left, i = 0;
            code /= left;
            for (;; i++)
                if (!given[i] && n-- == 0)
                    break;
            given[i] = true;
            memory_give(&e[i], false);
        }
        assert_whole();
        handles = BELAY_H_MEM;      /* the fake nucleus uses no handle again */
        make_machine(state);
    }
}

static void registers_can_be_given_and_had_again(void **state)
{
    struct extent e, again;

    (void)state;
    for (unsigned n = 0; n < 20; n++) {
        assert_true(memory_take_device(0x09010000, 0x1000, &e));
        assert_false(memory_take_device(0x09010000, 0x1000, &again));
        memory_give(&e, true);
        assert_int_equal(clears, 0);
    }
    assert_true(memory_take_device(0x09000000, 0x37000000, &e));
}

static void what_a_guest_had_is_zeroed_before_another_has_it(void **state)
{
    struct extent e, next;
    uint64_t zeroed = 0;

    (void)state;
    assert_true(memory_take(5 * MIB, BELAY_PAGE_SIZE, &e));         /* from 0x40300000 on */
    memory_give(&e, true);
    assert_int_equal(memory_unowned().bytes, (2 + 125 + 700) * MIB);
    assert_true(memory_take(5 * MIB, BELAY_PAGE_SIZE, &next));
    assert_int_not_equal(next.pa, e.pa);
    memory_give(&next, false);
    unsigned pieces = 0;
    for (; memory_scrub(); pieces++)
        assert_in_range(cleared[clears - 1].bytes, 1, BLOCK_BYTES);
    assert_in_range(pieces, 3, 4);
    for (unsigned i = 0; i < clears; i++) {
        assert_int_equal(cleared[i].pa, e.pa + zeroed);
        zeroed += cleared[i].bytes;
    }
    assert_int_equal(zeroed, e.bytes);
    assert_whole();
}

static void who_needs_memory_that_waits_to_be_zeroed_has_it_zeroed(void **state)
{
    struct extent e;

    (void)state;
    assert_true(memory_take(600 * MIB, BLOCK_BYTES, &e));
    memory_give(&e, true);
    assert_true(memory_take(600 * MIB, BLOCK_BYTES, &e));
    assert_int_equal(clears, 300);
}

static void pools_are_counted(void **state)
{
    struct extent a, b;

    (void)state;
    uint64_t before = memory_of_pools();
    assert_true(memory_take_pool(16384, &a) && memory_take_pool(32768, &b));
    assert_int_equal(memory_of_pools(), before + 49152);
    memory_give_pool(a.handle);
    assert_int_equal(memory_of_pools(), before + 32768);
    memory_give_pool(b.handle);
    while (memory_scrub()) {}
    assert_whole();
}

static void device_registers_have_one_owner(void **state)
{
    struct extent e, again;

    (void)state;
    assert_true(memory_take_device(0x09000000, 0x1000, &e));
    assert_int_equal(e.kind, BELAY_MEM_DEVICE);
    assert_int_equal(e.pa, 0x09000000);
    assert_false(memory_take_device(0x09000000, 0x1000, &again));
    assert_true(memory_take_device(0x09010000, 0x1000, &e));
    assert_true(memory_take_device(0x09001000, 0xf000, &e));
    assert_false(memory_take_device(0x09010000, 0x2000, &again));
    assert_true(memory_take_device(0x07fff000, 0x1000, &e));
}

static void only_whole_pages_of_device_space_are_devices(void **state)
{
    struct extent e;

    (void)state;
    assert_false(memory_take_device(0x0a000200, 0x1000, &e));
    assert_false(memory_take_device(0x0a000000, 0x200, &e));
    assert_false(memory_take_device(0x0a000000, 0, &e));
    assert_false(memory_take_device(0x40000000, 0x1000, &e));      /* RAM */
    assert_false(memory_take_device(0x08000000, 0x1000, &e));      /* the nucleus's */
    assert_false(memory_take_device(0x07fff000, 0x2000, &e));
    assert_false(memory_take_device(UINT64_MAX & ~0xfffull, 0x1000, &e));
    assert_false(memory_take_device(0x0a000000, UINT64_MAX & ~0xfffull, &e));
}

static void what_cannot_be_cut_stays_unowned(void **state)
{
    struct extent e;

    (void)state;
    split_fails = true;
    assert_false(memory_take(16384, BELAY_PAGE_SIZE, &e));
    assert_true(memory_take(2 * MIB, BLOCK_BYTES, &e));            /* all of an extent: nothing to cut */
    split_fails = false;
    assert_true(memory_take(16384, BELAY_PAGE_SIZE, &e));
    assert_int_equal(e.pa, 0x40300000);
}

static void a_view_of_guest_memory_takes_whole_blocks(void **state)
{
    struct extent e;
    struct view v;

    (void)state;
    assert_true(memory_take(64 * MIB, BLOCK_BYTES, &e));
    uint64_t at = (uintptr_t)view_open(&v, VIEW_GUEST, &e, 5 * MIB, 3 * MIB + 5, BELAY_MAP_READ);
    assert_int_equal(mapped.offset, 4 * MIB);
    assert_int_equal(mapped.bytes, 6 * MIB);
    assert_int_equal(mapped.ipa % BLOCK_BYTES, 0);
    assert_int_equal(at, mapped.ipa + MIB);
    view_close(&v);
    view_close(&v);
    assert_int_equal(maps, 0);
}

static void a_view_does_not_go_beyond_its_extent(void **state)
{
    struct extent e;
    struct view v;

    (void)state;
    assert_true(memory_take(64 * MIB, BELAY_PAGE_SIZE, &e));       /* from 0x40300000 on: half a block */
    uint64_t at = (uintptr_t)view_open(&v, VIEW_BUNDLE, &e, 0x1234, 0x10000, BELAY_MAP_READ);
    assert_int_equal(mapped.offset, 0x1000);
    assert_int_equal(mapped.bytes, 0x11000);
    assert_int_equal(mapped.ipa % BLOCK_BYTES, MIB + 0x1000);      /* aligned as the memory is */
    assert_int_equal(at, mapped.ipa + 0x234);
    view_close(&v);
    assert_non_null(view_open(&v, VIEW_BUNDLE, &e, 0x1234, 64 * MIB - 0x1234, BELAY_MAP_READ));
    assert_int_equal(mapped.offset, 0x1000);
    assert_int_equal(mapped.bytes, 64 * MIB - 0x1000);
    view_close(&v);
    assert_null(view_open(&v, VIEW_BUNDLE, &e, 64 * MIB - 1, 2, BELAY_MAP_READ));
    assert_null(view_open(&v, VIEW_BUNDLE, &e, UINT64_MAX, 2, BELAY_MAP_READ));
    assert_null(view_open(&v, VIEW_BUNDLE, &e, 0, 0, BELAY_MAP_READ));
    assert_int_equal(maps, 0);
}

static void a_view_has_no_more_room_than_its_place(void **state)
{
    struct extent e;
    struct view v;

    (void)state;
    assert_true(memory_take(600 * MIB, BLOCK_BYTES, &e));
    assert_null(view_open(&v, VIEW_BUNDLE, &e, 0, 513 * MIB, BELAY_MAP_READ));
    assert_null(view_open(&v, VIEW_SERVICE, &e, 0, MIB + 1, BELAY_MAP_READ));
    assert_non_null(view_open(&v, VIEW_GUEST, &e, 0, 600 * MIB, BELAY_MAP_READ));
    view_close(&v);
}

static void a_view_that_fails_leaves_nothing_mapped(void **state)
{
    struct extent e;
    struct view v;

    (void)state;
    assert_true(memory_take(4 * MIB, BLOCK_BYTES, &e));
    map_error = BELAY_ENOMEM;
    assert_null(view_open(&v, VIEW_GUEST, &e, 0, MIB, BELAY_MAP_READ));
    view_close(&v);
    assert_int_equal(maps, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_smallest_extent_that_fits_is_cut, make_machine),
        cmocka_unit_test_setup(nobody_gets_what_another_has, make_machine),
        cmocka_unit_test_setup(what_is_given_back_becomes_one_with_its_neighbours, make_machine),
        cmocka_unit_test_setup(registers_can_be_given_and_had_again, make_machine),
        cmocka_unit_test_setup(what_a_guest_had_is_zeroed_before_another_has_it, make_machine),
        cmocka_unit_test_setup(who_needs_memory_that_waits_to_be_zeroed_has_it_zeroed, make_machine),
        cmocka_unit_test_setup(pools_are_counted, make_machine),
        cmocka_unit_test_setup(device_registers_have_one_owner, make_machine),
        cmocka_unit_test_setup(only_whole_pages_of_device_space_are_devices, make_machine),
        cmocka_unit_test_setup(what_cannot_be_cut_stays_unowned, make_machine),
        cmocka_unit_test_setup(a_view_of_guest_memory_takes_whole_blocks, make_machine),
        cmocka_unit_test_setup(a_view_does_not_go_beyond_its_extent, make_machine),
        cmocka_unit_test_setup(a_view_has_no_more_room_than_its_place, make_machine),
        cmocka_unit_test_setup(a_view_that_fails_leaves_nothing_mapped, make_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
