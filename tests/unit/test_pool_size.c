/* SPDX-License-Identifier: Apache-2.0 */
/* The steward's figures for pools (services/steward/pool.h) against the nucleus's structures. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/domain.h"
#include "core/mem.h"
#include "core/notification.h"
#include "core/portal.h"
#include "core/thread.h"
#include "steward/pool.h"
#include "virt/vcpu.h"

static void every_object_fits_into_what_the_steward_reckons_for_it(void **state)
{
    (void)state;
    assert_in_range(sizeof(struct handle), 1, POOL_HANDLE);
    assert_in_range(sizeof(struct domain), 1, POOL_SERVICE);
    assert_in_range(sizeof(struct vm), 1, POOL_VM);
    assert_in_range(sizeof(struct vcpu), 1, POOL_VCPU);
    assert_in_range(sizeof(struct thread), 1, POOL_THREAD);
    assert_in_range(sizeof(struct portal), 1, POOL_PORTAL);
    assert_in_range(sizeof(struct notification), 1, POOL_NOTIFICATION);
    assert_in_range(sizeof(struct mapping), 1, POOL_MAPPING);
}

static void a_vm_of_one_core_keeps_sixteen_kib(void **state)
{
    (void)state;
    assert_int_equal(pool_of_vm(1, 4, 2 << 20, 0), 16 << 10);
    assert_int_equal(pool_of_vm(1, 4, 512 << 20, 0), 16 << 10);
}

static void tables_are_reckoned_for_what_is_mapped(void **state)
{
    (void)state;
    uint64_t one = pool_of_vm(1, 4, 1ull << 30, 0);
    assert_int_equal(pool_of_vm(1, 4, 2ull << 30, 0), one + 4096);     /* a table for each GiB */
    assert_int_equal(pool_of_vm(1, 4, 1ull << 20, 0), one + 4096);     /* and one for pages */
    assert_in_range(pool_of_vm(1, 4, 1ull << 30, 1), one + 8192, one + 12288);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_object_fits_into_what_the_steward_reckons_for_it),
        cmocka_unit_test(a_vm_of_one_core_keeps_sixteen_kib),
        cmocka_unit_test(tables_are_reckoned_for_what_is_mapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
