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
    slot[SLOTS] = handle_of(OBJECT_MEM, &object, BELAY_RIGHT_ALL, 0);
    table = (struct handle_table){ slot, SLOTS };
    return 0;
}

static void a_handle_names_its_object(void **state)
{
    (void)state;
    assert_int_equal(handle_add(&table, 3, OBJECT_LINE, &object, USE_WRITE, 42), 3);
    struct handle h = handle_find(&table, 3, OBJECT_LINE, BELAY_RIGHT_USE);
    assert_ptr_equal(h.object, &object);
    assert_int_equal(handle_type(h.tag), OBJECT_LINE);
    assert_int_equal(handle_rights(h.tag), USE_WRITE);
    assert_int_equal(handle_value(h.tag), 42);
}

static void the_type_is_needed(void **state)
{
    (void)state;
    handle_add(&table, 1, OBJECT_MEM, &object, BELAY_RIGHT_ALL, 0);
    for (enum object_type type = OBJECT_MEM + 1; type <= OBJECT_MACHINE; type++)
        assert_null(handle_find(&table, 1, type, 0).object);
    assert_non_null(handle_find(&table, 1, OBJECT_MEM, 0).object);
}

static void all_rights_asked_for_are_needed(void **state)
{
    (void)state;
    handle_add(&table, 1, OBJECT_MEM, &object, USE_WRITE, 0);
    for (uint32_t rights = 0; rights <= BELAY_RIGHT_ALL; rights++)
        assert_int_equal(handle_find(&table, 1, OBJECT_MEM, rights).object != NULL, (rights & ~USE_WRITE) == 0);
}

static void a_number_outside_the_table_names_nothing(void **state)
{
    static const uint64_t bad[] = { 0, SLOTS, SLOTS + 1, UINT64_C(1) << 32 | 1, UINT64_MAX };

    (void)state;
    handle_add(&table, 1, OBJECT_MEM, &object, BELAY_RIGHT_ALL, 0);
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_null(handle_find(&table, bad[i], OBJECT_MEM, 0).object);
        assert_null(handle_at(&table, bad[i]).object);
    }
}

static void a_full_table_takes_no_more(void **state)
{
    (void)state;
    for (unsigned i = 1; i < SLOTS; i++)
        assert_int_equal(handle_add(&table, 1, OBJECT_MEM, &object, BELAY_RIGHT_ALL, 0), i);
    assert_int_equal(handle_add(&table, 1, OBJECT_MEM, &other, BELAY_RIGHT_ALL, 0), BELAY_ENOMEM);
    assert_int_equal(handle_add(&table, SLOTS, OBJECT_MEM, &other, BELAY_RIGHT_ALL, 0), BELAY_ENOMEM);
    slot[4] = (struct handle){ 0 };
    assert_int_equal(handle_add(&table, 5, OBJECT_MEM, &other, BELAY_RIGHT_ALL, 0), BELAY_ENOMEM);
    assert_int_equal(handle_add(&table, 1, OBJECT_MEM, &other, BELAY_RIGHT_ALL, 0), 4);
}

static void a_slot_is_closed_once(void **state)
{
    (void)state;
    handle_add(&table, 2, OBJECT_LINE, &object, BELAY_RIGHT_ALL, 0);
    assert_true(handle_close(&slot[2]));
    assert_false(handle_close(&slot[2]));
    assert_null(handle_find(&table, 2, OBJECT_LINE, 0).object);
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
    const struct handle h = handle_of(OBJECT_LINE, &other, BELAY_RIGHT_ALL, 0);
    const struct handle moving = handle_of(OBJECT_MOVING, &object, BELAY_RIGHT_ALL, 0);

    (void)state;
    slot[1] = moving;
    for (enum object_type type = OBJECT_MEM; type <= OBJECT_LEAVING; type++)
        assert_null(handle_find(&table, 1, type, 0).object);
    assert_false(handle_close(&slot[1]));
    assert_false(handle_put(&slot[1], &h));
    assert_int_equal(handle_add(&table, 1, OBJECT_MEM, &other, BELAY_RIGHT_ALL, 0), 2);
    assert_memory_equal(&slot[1], &moving, sizeof moving);
}

static void a_slot_in_use_is_not_put_over(void **state)
{
    const struct handle h = handle_of(OBJECT_LINE, &other, 0, 0);

    (void)state;
    handle_add(&table, 1, OBJECT_DOMAIN, &object, BELAY_RIGHT_ALL, 0);
    assert_false(handle_put(&slot[1], &h));
    assert_ptr_equal(slot[1].object, &object);
}

/* Also when what has come is the same to the letter. */
static void what_was_found_is_not_replaced_once_another_has_come(void **state)
{
    const struct handle h = handle_of(OBJECT_LINE, &other, 0, 0);

    (void)state;
    handle_add(&table, 1, OBJECT_DOMAIN, &object, BELAY_RIGHT_ALL, 0);
    struct handle found = handle_find(&table, 1, OBJECT_DOMAIN, 0);
    handle_close(&slot[1]);
    assert_false(handle_replace(&slot[1], found.tag, &h));
    handle_add(&table, 1, OBJECT_DOMAIN, &object, BELAY_RIGHT_ALL, 0);
    assert_false(handle_replace(&slot[1], found.tag, &h));
    assert_ptr_equal(handle_find(&table, 1, OBJECT_DOMAIN, 0).object, &object);
    found = handle_find(&table, 1, OBJECT_DOMAIN, 0);
    assert_true(handle_replace(&slot[1], found.tag, &h));
    assert_ptr_equal(handle_find(&table, 1, OBJECT_LINE, 0).object, &other);
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

/* Two objects that come and go in one slot: a line by the rights of one kind, a context by those of another. */
static bool over;

static void *come_and_go(void *slots)
{
    struct handle *place = slots;
    const struct handle line = handle_of(OBJECT_LINE, &object, BELAY_RIGHT_USE, 1);
    const struct handle context = handle_of(OBJECT_CONTEXT, &other, BELAY_RIGHT_MANAGE, 2);

    for (unsigned i = 0; !__atomic_load_n(&over, __ATOMIC_RELAXED); i++) {
        assert_true(handle_put(place, i % 2 ? &line : &context));
        assert_true(handle_close(place));
    }
    return NULL;
}

/* What a CPU finds was there at one moment, all of it: never the object of one handle by the type or the right of another. */
static void a_handle_is_found_whole_while_another_cpu_changes_its_slot(void **state)
{
    pthread_t changes;
    unsigned found = 0;

    (void)state;
    over = false;
    assert_int_equal(pthread_create(&changes, NULL, come_and_go, &slot[1]), 0);
    while (found < 200000) {
        const struct handle h = handle_at(&table, 1);
        if (h.object == NULL)
            continue;
        found++;
        assert_int_equal(handle_type(h.tag), h.object == &object ? OBJECT_LINE : OBJECT_CONTEXT);
        assert_int_equal(handle_rights(h.tag), h.object == &object ? BELAY_RIGHT_USE : BELAY_RIGHT_MANAGE);
        assert_int_equal(handle_value(h.tag), h.object == &object ? 1 : 2);
    }
    __atomic_store_n(&over, true, __ATOMIC_RELAXED);
    assert_int_equal(pthread_join(changes, NULL), 0);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_handle_names_its_object), T(the_type_is_needed), T(all_rights_asked_for_are_needed),
        T(a_number_outside_the_table_names_nothing), T(a_full_table_takes_no_more),
        T(a_slot_is_closed_once), T(an_extent_knows_how_many_handles_there_are_to_it),
        T(what_another_cpu_has_in_hand_is_neither_found_nor_closed_nor_taken), T(a_slot_in_use_is_not_put_over),
        T(what_was_found_is_not_replaced_once_another_has_come),
        T(two_cpus_that_add_at_once_have_two_slots), T(a_handle_is_found_whole_while_another_cpu_changes_its_slot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
