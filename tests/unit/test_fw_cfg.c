/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's firmware configuration device (services/handset/fw_cfg.c), used as EDK2's QemuFwCfgLib and Linux's driver use it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "handset/fw_cfg.h"

static const struct fw_cfg_items items = { .vcpus = 0x103 };
static struct fw_cfg device;

static int setup(void **state)
{
    (void)state;
    memset(&device, 0, sizeof device);
    return 0;
}

static void select_item(uint16_t key)
{
    fw_cfg_write(&device, FW_CFG_SELECTOR, 2, __builtin_bswap16(key));
}

static uint64_t data(unsigned size)
{
    return fw_cfg_read(&device, &items, FW_CFG_DATA, size);
}

static void its_signature_is_qemus_whatever_size_reads_it(void **state)
{
    char text[5] = "";

    (void)state;
    select_item(FW_CFG_SIGNATURE);
    for (unsigned i = 0; i < 4; i++)
        text[i] = (char)data(1);
    assert_string_equal(text, "QEMU");
    assert_int_equal(data(1), 0);
    select_item(FW_CFG_SIGNATURE);
    assert_int_equal(data(8), 0x554d4551);
    select_item(FW_CFG_SIGNATURE);
    assert_int_equal(data(2), 0x4551);
    assert_int_equal(data(2), 0x554d);
    select_item(FW_CFG_SIGNATURE);
    assert_int_equal(data(4), 0x554d4551);
}

static void it_has_no_dma_and_says_so(void **state)
{
    (void)state;
    select_item(FW_CFG_ID);
    assert_int_equal(data(4), 1);
    assert_int_equal(fw_cfg_read(&device, &items, 0x10, 8), 0);     /* "QEMU CFG", if it had */
    fw_cfg_write(&device, 0x10, 8, UINT64_MAX);
    fw_cfg_write(&device, 0x14, 4, UINT32_MAX);
    select_item(FW_CFG_ID);
    assert_int_equal(data(4), 1);
}

static void it_tells_how_many_vcpus_there_are(void **state)
{
    (void)state;
    select_item(FW_CFG_NB_CPUS);
    assert_int_equal(data(1), 3);
    assert_int_equal(data(1), 1);
    assert_int_equal(data(8), 0);
}

static void its_directory_is_empty_and_other_items_are_zeros(void **state)
{
    static const uint16_t keys[] = { FW_CFG_FILE_DIR, 0x0008, 0x000b, 0x0014, 0x000e, 0x0020, 0x4000, 0x8000, 0xffff };

    (void)state;
    for (unsigned i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        select_item(keys[i]);
        for (unsigned n = 0; n < 100; n++)
            assert_int_equal(data(8), 0);
    }
}

static void selecting_an_item_begins_anew(void **state)
{
    (void)state;
    assert_int_equal(data(1), 'Q');             /* selected by reset */
    select_item(FW_CFG_SIGNATURE);
    assert_int_equal(data(1), 'Q');
    assert_int_equal(data(1), 'E');
}

static void nothing_can_be_written(void **state)
{
    (void)state;
    select_item(FW_CFG_SIGNATURE);
    fw_cfg_write(&device, FW_CFG_DATA, 1, 'X');
    assert_int_equal(data(4), 0x554d4551);
}

static void other_accesses_do_nothing(void **state)
{
    static const struct { uint64_t offset; unsigned size; } other[] = {
        { 1, 1 }, { 4, 4 }, { FW_CFG_SELECTOR, 2 }, { 0x17, 1 }, { FW_CFG_DATA, 3 }, { FW_CFG_DATA, 16 }, { FW_CFG_DATA, 0 },
    };

    (void)state;
    select_item(FW_CFG_SIGNATURE);
    for (unsigned i = 0; i < sizeof other / sizeof other[0]; i++)
        assert_int_equal(fw_cfg_read(&device, &items, other[i].offset, other[i].size), 0);
    fw_cfg_write(&device, FW_CFG_SELECTOR, 1, 1);
    fw_cfg_write(&device, FW_CFG_SELECTOR, 4, 0x0100);
    fw_cfg_write(&device, FW_CFG_SELECTOR + 1, 2, 0x0100);
    assert_int_equal(data(4), 0x554d4551);
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(its_signature_is_qemus_whatever_size_reads_it), T(it_has_no_dma_and_says_so), T(it_tells_how_many_vcpus_there_are),
        T(its_directory_is_empty_and_other_items_are_zeros), T(selecting_an_item_begins_anew), T(nothing_can_be_written),
        T(other_accesses_do_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
