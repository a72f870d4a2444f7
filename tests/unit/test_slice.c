/* SPDX-License-Identifier: Apache-2.0 */
/* Turns of vCPUs without a budget: in proportion to their weights among equals, short enough and long enough. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "steward/slice.h"

#define US 1000u
#define MS 1000000u

static struct config config;

static int begin(void **state)
{
    (void)state;
    memset(&config, 0, sizeof config);
    return 0;
}

static struct vm_config *add(uint32_t priority, uint32_t weight, uint32_t vcpus, uint32_t cpu)
{
    struct vm_config *vm = &config.vm[config.vms++];

    *vm = (struct vm_config){ .timing = { .priority = priority }, .weight = weight, .vcpus = vcpus };
    for (uint32_t i = 0; i < vcpus; i++)
        vm->cpu[i] = cpu;
    return vm;
}

static void equals_have_equal_turns(void **state)
{
    (void)state;
    struct vm_config *a = add(10, 100, 1, 0), *b = add(10, 100, 1, 0);
    slices_share_out(&config);
    assert_int_equal(a->slice_ns[0], 5 * MS);
    assert_int_equal(b->slice_ns[0], 5 * MS);
}

static void turns_are_in_proportion_and_the_heaviest_has_the_longest(void **state)
{
    (void)state;
    struct vm_config *a = add(10, 100, 1, 0), *b = add(10, 200, 1, 0), *c = add(10, 500, 1, 0);
    slices_share_out(&config);
    assert_int_equal(a->slice_ns[0], 1 * MS);
    assert_int_equal(b->slice_ns[0], 2 * MS);
    assert_int_equal(c->slice_ns[0], 5 * MS);
}

static void other_priorities_cpus_and_budgets_do_not_count(void **state)
{
    (void)state;
    struct vm_config *a = add(10, 100, 1, 0);
    add(11, 1000, 1, 0);
    add(10, 1000, 1, 1);
    struct vm_config *budgeted = add(10, 1000, 2, 0);
    budgeted->timing.budget_ns = 1;
    slices_share_out(&config);
    assert_int_equal(a->slice_ns[0], 5 * MS);
    assert_int_equal(budgeted->slice_ns[0], 0);
}

/* A lock's holder is waited for, by whoever spins; and those beside them keep their share. */
static void vcpus_of_one_vm_on_one_cpu_have_short_turns_and_so_have_those_beside_them(void **state)
{
    (void)state;
    struct vm_config *pair = add(10, 100, 2, 0), *other = add(10, 50, 1, 0);
    slices_share_out(&config);
    assert_int_equal(pair->slice_ns[0], 100 * US);
    assert_int_equal(pair->slice_ns[1], 100 * US);
    assert_int_equal(other->slice_ns[0], 50 * US);
}

static void vcpus_of_one_vm_on_two_cpus_are_in_two_circles(void **state)
{
    (void)state;
    struct vm_config *vm = add(10, 100, 2, 0), *other = add(10, 400, 1, 1);
    vm->cpu[1] = 1;
    slices_share_out(&config);
    assert_int_equal(vm->slice_ns[0], 5 * MS);
    assert_int_equal(vm->slice_ns[1], 5 * MS / 4);
    assert_int_equal(other->slice_ns[0], 5 * MS);
}

static void no_turn_is_so_short_that_switches_would_count(void **state)
{
    (void)state;
    struct vm_config *light = add(10, 1, 1, 0), *heavy = add(10, 1000, 2, 0);
    slices_share_out(&config);
    assert_int_equal(light->slice_ns[0], 20 * US);
    assert_int_equal(heavy->slice_ns[0], 20 * MS);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(equals_have_equal_turns), T(turns_are_in_proportion_and_the_heaviest_has_the_longest),
        T(other_priorities_cpus_and_budgets_do_not_count),
        T(vcpus_of_one_vm_on_one_cpu_have_short_turns_and_so_have_those_beside_them),
        T(vcpus_of_one_vm_on_two_cpus_are_in_two_circles), T(no_turn_is_so_short_that_switches_would_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
