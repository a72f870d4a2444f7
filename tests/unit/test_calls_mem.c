/* SPDX-License-Identifier: Apache-2.0 */
/* MEM_SPLIT and MEM_MERGE where there is no room for what they make (nucleus/entry/calls_mem.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core_world.h"
#include "entry/hypercall.h"

#define TABLE 4
#define RAM   1
#define SIZE  (4 * PAGE_SIZE)

static struct domain *const d = &world_domain[0];
static struct handle slots[TABLE];
static struct mem ram;
static _Alignas(PAGE_SIZE) uint8_t pool[4][PAGE_SIZE];

static int begin(void **state)
{
    world_begin(state);
    memset(slots, 0, sizeof slots);
    pool_init(&d->pool, pool, sizeof pool);
    d->handles = (struct handle_table){ slots, TABLE };
    ram = (struct mem){ .base = pa(0x40000000), .size = SIZE };
    const struct handle h = handle_of(OBJECT_MEM, &ram, BELAY_RIGHT_ALL, 0);
    return handle_put(&slots[RAM], &h) ? 0 : -1;
}

static int split(uint64_t *upper)
{
    uint64_t x[7] = { RAM, PAGE_SIZE };
    int result = call_mem_split(world_context(0), x);

    *upper = x[1];
    return result;
}

static int merge(uint64_t upper)
{
    uint64_t x[7] = { RAM, upper };

    return call_mem_merge(world_context(0), x);
}

static void no_slot_for_the_upper_part_leaves_the_extent_whole(void **state)
{
    uint64_t upper;

    (void)state;
    for (unsigned i = RAM + 1; i < TABLE; i++)
        slots[i] = handle_of(OBJECT_LINE, NULL, BELAY_RIGHT_USE, 40);
    assert_int_equal(split(&upper), BELAY_ENOMEM);
    assert_int_equal(ram.size, SIZE);
    assert_true(handle_close(&slots[RAM + 1]));
    assert_int_equal(split(&upper), BELAY_OK);
    assert_int_equal(ram.size, PAGE_SIZE);
}

static void no_room_for_its_record_leaves_the_extent_whole(void **state)
{
    uint64_t upper;

    (void)state;
    while (pool_object(&d->pool, 16))
        ;
    assert_int_equal(split(&upper), BELAY_ENOMEM);
    assert_int_equal(ram.size, SIZE);
    for (unsigned i = RAM + 1; i < TABLE; i++)
        assert_int_equal(handle_type(slots[i].tag), OBJECT_NONE);
}

static void what_was_split_becomes_whole_and_the_handle_of_the_upper_part_goes(void **state)
{
    uint64_t upper;

    (void)state;
    for (unsigned turn = 0; turn < 1000; turn++) {
        assert_int_equal(split(&upper), BELAY_OK);
        assert_int_equal(merge(upper), BELAY_OK);
        assert_int_equal(ram.size, SIZE);
        assert_int_equal(merge(upper), BELAY_EHANDLE);
    }
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(no_slot_for_the_upper_part_leaves_the_extent_whole), T(no_room_for_its_record_leaves_the_extent_whole),
        T(what_was_split_becomes_whole_and_the_handle_of_the_upper_part_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
