/* SPDX-License-Identifier: Apache-2.0 */
/* Handles: a name without the right type and rights is no name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/handle.h"
#include "core/mem.h"

#define SLOTS 8
#define USE_WRITE (BELAY_RIGHT_USE | BELAY_RIGHT_WRITE)

static struct handle slot[SLOTS + 1];       /* one more than the table has */
static struct handle_table table;
static struct mem object, other;

static int begin(void **state)
{
    (void)state;
    memset(slot, 0, sizeof slot);
    slot[SLOTS] = (struct handle){ &object, OBJECT_MEM, BELAY_RIGHT_ALL, 0 };
    table = (struct handle_table){ slot, SLOTS };
    return 0;
}

static void a_handle_names_its_object(void **state)
{
    (void)state;
    assert_int_equal(handle_add(&table, 3, OBJECT_LINE, &object, USE_WRITE, 42), 3);
    struct handle *h = handle_find(&table, 3, OBJECT_LINE, BELAY_RIGHT_USE);
    assert_ptr_equal(h, &slot[3]);
    assert_ptr_equal(h->object, &object);
    assert_int_equal(h->value, 42);
}

static void the_type_is_needed(void **state)
{
    (void)state;
    handle_add(&table, 1, OBJECT_MEM, &object, BELAY_RIGHT_ALL, 0);
    for (enum object_type type = OBJECT_MEM + 1; type <= OBJECT_MACHINE; type++)
        assert_null(handle_find(&table, 1, type, 0));
    assert_non_null(handle_find(&table, 1, OBJECT_MEM, 0));
}

static void all_rights_asked_for_are_needed(void **state)
{
    (void)state;
    handle_add(&table, 1, OBJECT_MEM, &object, USE_WRITE, 0);
    for (uint32_t rights = 0; rights <= BELAY_RIGHT_ALL; rights++)
        assert_int_equal(handle_find(&table, 1, OBJECT_MEM, rights) != NULL, (rights & ~USE_WRITE) == 0);
}

static void a_number_outside_the_table_names_nothing(void **state)
{
    static const uint64_t bad[] = { 0, SLOTS, SLOTS + 1, UINT64_C(1) << 32 | 1, UINT64_MAX };

    (void)state;
    handle_add(&table, 1, OBJECT_MEM, &object, BELAY_RIGHT_ALL, 0);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_null(handle_find(&table, bad[i], OBJECT_MEM, 0));
}

static void a_full_table_takes_no_more(void **state)
{
    (void)state;
    for (unsigned i = 1; i < SLOTS; i++)
        assert_int_equal(handle_add(&table, 1, OBJECT_MEM, &object, BELAY_RIGHT_ALL, 0), i);
    assert_int_equal(handle_add(&table, 1, OBJECT_MEM, &other, BELAY_RIGHT_ALL, 0), BELAY_ENOMEM);
    assert_int_equal(handle_add(&table, SLOTS, OBJECT_MEM, &other, BELAY_RIGHT_ALL, 0), BELAY_ENOMEM);
    slot[4].type = OBJECT_NONE;
    assert_int_equal(handle_add(&table, 5, OBJECT_MEM, &other, BELAY_RIGHT_ALL, 0), BELAY_ENOMEM);
    assert_int_equal(handle_add(&table, 1, OBJECT_MEM, &other, BELAY_RIGHT_ALL, 0), 4);
}

static void a_slot_is_closed_once(void **state)
{
    (void)state;
    handle_add(&table, 2, OBJECT_LINE, &object, BELAY_RIGHT_ALL, 0);
    assert_true(handle_close(&slot[2]));
    assert_false(handle_close(&slot[2]));
    assert_null(handle_find(&table, 2, OBJECT_LINE, 0));
    assert_int_equal(handle_add(&table, 2, OBJECT_LINE, &object, BELAY_RIGHT_ALL, 0), 2);
}

static void an_extent_knows_how_many_handles_there_are_to_it(void **state)
{
    (void)state;
    object.handles = 0;
    for (unsigned i = 1; i < 4; i++)
        handle_add(&table, i, OBJECT_MEM, &object, 0, 0);
    assert_int_equal(object.handles, 3);
    handle_close(&slot[2]);
    handle_close(&slot[2]);
    assert_int_equal(object.handles, 2);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_handle_names_its_object), T(the_type_is_needed), T(all_rights_asked_for_are_needed),
        T(a_number_outside_the_table_names_nothing), T(a_full_table_takes_no_more),
        T(a_slot_is_closed_once), T(an_extent_knows_how_many_handles_there_are_to_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
