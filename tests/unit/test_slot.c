/* SPDX-License-Identifier: Apache-2.0 */
/* An empty virtio-mmio slot (services/handset/slot.c), against VIRTIO 1.2, 4.2.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "handset/slot.h"

static void it_is_a_virtio_device_of_no_kind(void **state)
{
    (void)state;
    assert_int_equal(slot_read(SLOT_MAGIC, 4), 0x74726976);
    assert_int_equal(slot_read(SLOT_VERSION, 4), 1);
    assert_int_equal(slot_read(SLOT_DEVICE_ID, 4), 0);
    assert_int_equal(slot_read(SLOT_VENDOR_ID, 4), 0x554d4551);
}

static void all_else_reads_as_zero(void **state)
{
    (void)state;
    for (unsigned offset = 0x10; offset < 0x200; offset++)
        for (unsigned size = 1; size <= 8; size *= 2)
            assert_int_equal(slot_read(offset, size), 0);
    for (unsigned offset = 0; offset < 0x10; offset++) {
        assert_int_equal(slot_read(offset, 1), 0);
        assert_int_equal(slot_read(offset, 8), 0);
        assert_int_equal(slot_read(offset | 1, 4), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_a_virtio_device_of_no_kind), cmocka_unit_test(all_else_reads_as_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
