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
static void write_register(uint64_t offset, unsigned size, uint64_t value)
{
    fw_cfg_write(&device, &items, offset, size, value);
}

static int setup(void **state)
{
    (void)state;
    memset(&device, 0, sizeof device);
    return 0;
}

static void select_item(uint16_t key)
{
    write_register(FW_CFG_SELECTOR, 2, __builtin_bswap16(key));
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

static void without_memory_it_has_no_dma_and_says_so(void **state)
{
    (void)state;
    select_item(FW_CFG_ID);
    assert_int_equal(data(4), 1);
    assert_int_equal(fw_cfg_read(&device, &items, 0x10, 8), 0);     /* "QEMU CFG", if it had */
    write_register(0x10, 8, UINT64_MAX);
    write_register(0x14, 4, UINT32_MAX);
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
    static const uint16_t keys[] = { FW_CFG_FILE_DIR, 0x0007, FW_CFG_KERNEL_SIZE, FW_CFG_KERNEL_DATA, FW_CFG_CMDLINE_DATA,
                                     0x000e, 0x0020, 0x4000, 0x8000, 0xffff };

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
    write_register(FW_CFG_DATA, 1, 'X');
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
    write_register(FW_CFG_SELECTOR, 1, 1);
    write_register(FW_CFG_SELECTOR, 4, 0x0100);
    write_register(FW_CFG_SELECTOR + 1, 2, 0x0100);
    assert_int_equal(data(4), 0x554d4551);
}

/* The VM's RAM, and what its firmware fetches. */
#define RAM_AT UINT64_C(0x40000000)
static uint8_t ram[0x3000], kernel[0x2005];
static const struct fw_cfg_items full = {
    .vcpus = 1, .kernel = { kernel, sizeof kernel }, .initrd = { (const uint8_t *)"initrd", 6 },
    .cmdline = { (const uint8_t *)"quiet", 6 }, .ram = { ram, sizeof ram, RAM_AT },
};

static int setup_full(void **state)
{
    memset(ram, 0xaa, sizeof ram);
    for (unsigned i = 0; i < sizeof kernel; i++)
        kernel[i] = (uint8_t)(i % 251 + 1);
    return setup(state);
}

static void put_access(uint64_t at, uint32_t control, uint32_t length, uint64_t address)
{
    const struct { uint32_t control, length; uint64_t address; } a = {
        __builtin_bswap32(control), __builtin_bswap32(length), __builtin_bswap64(address) };

    memcpy(ram + (at - RAM_AT), &a, sizeof a);
}

static uint32_t control_at(uint64_t at)
{
    uint32_t control;

    memcpy(&control, ram + (at - RAM_AT), sizeof control);
    return __builtin_bswap32(control);
}

/* One that begins at the start of the RAM; how it ended. */
static uint32_t dma(uint32_t control, uint32_t length, uint64_t address)
{
    put_access(RAM_AT, control, length, address);
    fw_cfg_write(&device, &full, FW_CFG_DMA, 8, __builtin_bswap64(RAM_AT));
    return control_at(RAM_AT);
}

#define CHOOSE(key) ((uint32_t)(key) << 16 | FW_CFG_DMA_SELECT)

static void with_memory_it_has_dma_and_says_so(void **state)
{
    (void)state;
    fw_cfg_write(&device, &full, FW_CFG_SELECTOR, 2, 0x0100);
    assert_int_equal(fw_cfg_read(&device, &full, FW_CFG_DATA, 4), 3);
    assert_int_equal(fw_cfg_read(&device, &full, FW_CFG_DMA, 8), __builtin_bswap64(0x51454d5520434647));
    assert_int_equal(fw_cfg_read(&device, &full, FW_CFG_DMA + 4, 4), __builtin_bswap32(0x20434647));
    assert_int_equal(fw_cfg_read(&device, &full, FW_CFG_DMA + 7, 1), 'G');
    assert_int_equal(fw_cfg_read(&device, &full, FW_CFG_DMA + 4, 8), 0);
}

static void sizes_and_bytes_of_what_firmware_fetches_are_told(void **state)
{
    static const struct { uint16_t key; uint64_t value; } sizes[] = {
        { FW_CFG_KERNEL_SIZE, sizeof kernel }, { FW_CFG_INITRD_SIZE, 6 }, { FW_CFG_CMDLINE_SIZE, 6 },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        fw_cfg_write(&device, &full, FW_CFG_SELECTOR, 2, __builtin_bswap16(sizes[i].key));
        assert_int_equal(fw_cfg_read(&device, &full, FW_CFG_DATA, 4), sizes[i].value);
    }
    fw_cfg_write(&device, &full, FW_CFG_SELECTOR, 2, __builtin_bswap16(FW_CFG_CMDLINE_DATA));
    assert_int_equal(fw_cfg_read(&device, &full, FW_CFG_DATA, 4), 'q' | 'u' << 8 | 'i' << 16 | (uint64_t)'e' << 24);
    assert_int_equal(fw_cfg_read(&device, &full, FW_CFG_DATA, 8), 't');
}

static void dma_copies_an_item_and_zeros_behind_it(void **state)
{
    (void)state;
    assert_int_equal(dma(CHOOSE(FW_CFG_KERNEL_DATA) | FW_CFG_DMA_READ, sizeof kernel + 3, RAM_AT + 0x100), 0);
    assert_memory_equal(ram + 0x100, kernel, sizeof kernel);
    assert_memory_equal(ram + 0x100 + sizeof kernel, "\0\0\0\xaa", 4);
}

static void dma_goes_on_where_the_item_was_and_skips(void **state)
{
    (void)state;
    assert_int_equal(dma(CHOOSE(FW_CFG_KERNEL_DATA), 0, 0), 0);
    assert_int_equal(dma(FW_CFG_DMA_READ, 16, RAM_AT + 0x100), 0);
    assert_int_equal(dma(FW_CFG_DMA_SKIP, 100, UINT64_MAX), 0);
    assert_int_equal(dma(FW_CFG_DMA_READ, 16, RAM_AT + 0x110), 0);
    assert_memory_equal(ram + 0x100, kernel, 16);
    assert_memory_equal(ram + 0x110, kernel + 116, 16);
    assert_int_equal(fw_cfg_read(&device, &full, FW_CFG_DATA, 1), kernel[132]);     /* the other interface, too */
    assert_int_equal(dma(FW_CFG_DMA_SKIP, UINT32_MAX, 0), 0);
    assert_int_equal(dma(FW_CFG_DMA_READ, 1, RAM_AT + 0x100), 0);
    assert_int_equal(ram[0x100], 0);
}

static void dma_outside_the_rams_bounds_is_an_error_and_touches_nothing(void **state)
{
    static const struct { uint64_t address; uint32_t length; } wrong[] = {
        { RAM_AT - 1, 2 }, { RAM_AT + sizeof ram, 1 }, { RAM_AT + sizeof ram - 1, 2 }, { RAM_AT, sizeof ram + 1 }, { 0, 1 },
        { UINT64_MAX, 2 }, { RAM_AT, UINT32_MAX }, { UINT64_MAX - 1, UINT32_MAX },
    };

    (void)state;
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(dma(CHOOSE(FW_CFG_KERNEL_DATA) | FW_CFG_DMA_READ, wrong[i].length, wrong[i].address),
                         FW_CFG_DMA_ERROR);
        assert_int_equal(ram[16], 0xaa);
        assert_int_equal(ram[sizeof ram - 1], 0xaa);
    }
}

static void a_transfer_of_more_than_64_mib_is_an_error(void **state)
{
    static const struct fw_cfg_items large = { .ram = { ram, UINT64_C(1) << 32, RAM_AT } };     /* as if there were so much */

    (void)state;
    put_access(RAM_AT, CHOOSE(FW_CFG_KERNEL_DATA) | FW_CFG_DMA_READ, FW_CFG_DMA_MAX + 1, RAM_AT + 16);
    fw_cfg_write(&device, &large, FW_CFG_DMA, 8, __builtin_bswap64(RAM_AT));
    assert_int_equal(control_at(RAM_AT), FW_CFG_DMA_ERROR);
    assert_int_equal(ram[16], 0xaa);
}

static void an_access_that_is_not_in_ram_does_nothing(void **state)
{
    static const uint64_t wrong[] = { 0, RAM_AT - 1, RAM_AT + sizeof ram - 15, RAM_AT + sizeof ram, UINT64_MAX,
                                      UINT64_MAX - 15 };

    (void)state;
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        fw_cfg_write(&device, &full, FW_CFG_DMA, 8, __builtin_bswap64(wrong[i]));
    for (unsigned i = 0; i < sizeof ram; i++)
        assert_int_equal(ram[i], 0xaa);
}

static void no_item_can_be_written_by_dma(void **state)
{
    (void)state;
    assert_int_equal(dma(CHOOSE(FW_CFG_CMDLINE_DATA) | FW_CFG_DMA_WRITE, 4, RAM_AT + 0x100), FW_CFG_DMA_ERROR);
    assert_string_equal(full.cmdline.bytes, "quiet");
}

static void the_address_may_be_written_by_halves_the_upper_one_first(void **state)
{
    (void)state;
    put_access(RAM_AT, CHOOSE(FW_CFG_INITRD_DATA) | FW_CFG_DMA_READ, 6, RAM_AT + 0x100);
    fw_cfg_write(&device, &full, FW_CFG_DMA, 4, 0);
    assert_int_equal(control_at(RAM_AT), CHOOSE(FW_CFG_INITRD_DATA) | FW_CFG_DMA_READ);
    fw_cfg_write(&device, &full, FW_CFG_DMA + 4, 4, __builtin_bswap32((uint32_t)RAM_AT));
    assert_int_equal(control_at(RAM_AT), 0);
    assert_memory_equal(ram + 0x100, "initrd\xaa", 7);

    put_access(RAM_AT, CHOOSE(FW_CFG_INITRD_DATA) | FW_CFG_DMA_READ, 6, RAM_AT + 0x200);
    fw_cfg_write(&device, &full, FW_CFG_DMA, 4, __builtin_bswap32(1));        /* 4 GiB above */
    fw_cfg_write(&device, &full, FW_CFG_DMA + 4, 4, __builtin_bswap32((uint32_t)RAM_AT));
    assert_int_equal(ram[0x200], 0xaa);
}

/* What a restart of the service has kept may be anything. */
static void a_place_behind_the_items_end_reads_as_zeros(void **state)
{
    (void)state;
    device = (struct fw_cfg){ .at = UINT32_MAX, .dma_high = UINT32_MAX, .key = FW_CFG_KERNEL_DATA };
    assert_int_equal(fw_cfg_read(&device, &full, FW_CFG_DATA, 8), 0);
    assert_int_equal(dma(FW_CFG_DMA_READ, 16, RAM_AT + 0x100), 0);
    assert_int_equal(ram[0x100], 0);
}

#define T(name) cmocka_unit_test_setup(name, setup)
#define F(name) cmocka_unit_test_setup(name, setup_full)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(its_signature_is_qemus_whatever_size_reads_it), T(without_memory_it_has_no_dma_and_says_so),
        T(it_tells_how_many_vcpus_there_are),
        T(its_directory_is_empty_and_other_items_are_zeros), T(selecting_an_item_begins_anew), T(nothing_can_be_written),
        T(other_accesses_do_nothing), F(with_memory_it_has_dma_and_says_so),
        F(sizes_and_bytes_of_what_firmware_fetches_are_told), F(dma_copies_an_item_and_zeros_behind_it),
        F(dma_goes_on_where_the_item_was_and_skips), F(dma_outside_the_rams_bounds_is_an_error_and_touches_nothing),
        F(a_transfer_of_more_than_64_mib_is_an_error), F(an_access_that_is_not_in_ram_does_nothing),
        F(no_item_can_be_written_by_dma),
        F(the_address_may_be_written_by_halves_the_upper_one_first), F(a_place_behind_the_items_end_reads_as_zeros),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
