/* SPDX-License-Identifier: Apache-2.0 */
/* Handles: a name without the right type and rights is no name. */
#include <pthread.h>
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

static void what_another_cpu_has_in_hand_is_neither_found_nor_closed_nor_taken(void **state)
{
    const struct handle h = { &other, OBJECT_LINE, BELAY_RIGHT_ALL, 0 };

    (void)state;
    slot[1] = (struct handle){ &object, OBJECT_MOVING, BELAY_RIGHT_ALL, 0 };
    for (enum object_type type = OBJECT_MEM; type <= OBJECT_LEAVING; type++)
        assert_null(handle_find(&table, 1, type, 0));
    assert_false(handle_close(&slot[1]));
    assert_false(handle_put(&slot[1], OBJECT_NONE, &h));
    assert_int_equal(handle_add(&table, 1, OBJECT_MEM, &other, BELAY_RIGHT_ALL, 0), 2);
    assert_ptr_equal(slot[1].object, &object);
    assert_int_equal(slot[1].type, OBJECT_MOVING);
}

static void a_slot_in_use_is_not_put_over(void **state)
{
    const struct handle h = { &other, OBJECT_LINE, 0, 0 };

    (void)state;
    handle_add(&table, 1, OBJECT_DOMAIN, &object, BELAY_RIGHT_ALL, 0);
    assert_false(handle_put(&slot[1], OBJECT_NONE, &h));
    assert_false(handle_put(&slot[1], OBJECT_LEAVING, &h));
    assert_ptr_equal(slot[1].object, &object);
    slot[1].type = OBJECT_LEAVING;
    assert_true(handle_put(&slot[1], OBJECT_LEAVING, &h));
    assert_ptr_equal(slot[1].object, &other);
}

#define MANY 512

static struct handle many[MANY];
static unsigned objects[2 * MANY];

static void *fill(void *from)
{
    struct handle_table t = { many, MANY };
    unsigned *o = from;

    while (handle_add(&t, 1, OBJECT_LINE, o, BELAY_RIGHT_ALL, 0) > 0)
        (*o++)++;
    return NULL;
}

/* Each handle that was given out has a slot of its own. */
static void two_cpus_that_add_at_once_have_two_slots(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        pthread_t second;
        memset(many, 0, sizeof many);
        memset(objects, 0, sizeof objects);
        assert_int_equal(pthread_create(&second, NULL, fill, objects + MANY), 0);
        fill(objects);
        assert_int_equal(pthread_join(second, NULL), 0);
        unsigned given = 0;
        for (unsigned i = 0; i < 2 * MANY; i++)
            given += objects[i];
        assert_int_equal(given, MANY - 1);
        for (unsigned i = 1; i < MANY; i++)
            assert_int_equal(--*(unsigned *)many[i].object, 0);
    }
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_handle_names_its_object), T(the_type_is_needed), T(all_rights_asked_for_are_needed),
        T(a_number_outside_the_table_names_nothing), T(a_full_table_takes_no_more),
        T(a_slot_is_closed_once), T(an_extent_knows_how_many_handles_there_are_to_it),
        T(what_another_cpu_has_in_hand_is_neither_found_nor_closed_nor_taken), T(a_slot_in_use_is_not_put_over),
        T(two_cpus_that_add_at_once_have_two_slots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
