/* SPDX-License-Identifier: Apache-2.0 */
/* A bank of flash (services/handset/cfi.c), used as EDK2's NorFlashDxe and Linux's cfi_cmdset_0001 use it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "handset/cfi.h"

#define BLOCKS 2u
#define BOTH(command) ((uint32_t)(command) << 16 | (command))

static struct cfi flash;
static struct cfi_store store;

static int setup(void **state)
{
    (void)state;
    memset(&flash, 0, sizeof flash);
    store = (struct cfi_store){ malloc(BLOCKS * CFI_BLOCK_BYTES), BLOCKS * CFI_BLOCK_BYTES };
    memset(store.bytes, 0xff, store.size);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(store.bytes);
    return 0;
}

static uint32_t get(uint64_t offset)
{
    return (uint32_t)cfi_read(&flash, &store, offset, 4);
}

static void set(uint64_t offset, uint32_t value)
{
    cfi_write(&flash, &store, offset, 4, value);
}

static void program(uint64_t offset, uint32_t value)
{
    set(offset, BOTH(CFI_PROGRAM));
    set(offset, value);
}

static void assert_status(uint32_t status)
{
    set(0, BOTH(CFI_READ_STATUS));
    assert_int_equal(get(0), BOTH(status));
    assert_int_equal(get(store.size), BOTH(status));
    set(0, BOTH(CFI_READ_ARRAY));
}

static void after_reset_it_reads_what_it_holds(void **state)
{
    (void)state;
    memcpy(store.bytes + 8, "firmware", 8);
    assert_memory_equal(&(uint64_t){ cfi_read(&flash, &store, 8, 8) }, "firmware", 8);
    assert_int_equal(cfi_read(&flash, &store, 9, 1), 'i');
    assert_int_equal(cfi_read(&flash, &store, 10, 2), 'r' | 'm' << 8);
    assert_int_equal(get(store.size), UINT32_MAX);
    assert_int_equal(get(CFI_BANK_BYTES - 4), UINT32_MAX);
}

static void a_word_that_is_programmed_has_bits_cleared_and_none_set(void **state)
{
    (void)state;
    program(0x100, 0x12345678);
    assert_int_equal(get(0x100), BOTH(CFI_READY));      /* the status, until the array is asked for */
    set(0, BOTH(CFI_READ_ARRAY));
    assert_int_equal(get(0x100), 0x12345678);
    program(0x100, 0xffff0000);
    assert_status(CFI_READY);
    assert_int_equal(get(0x100), 0x12340000);
    assert_int_equal(get(0xfc), UINT32_MAX);
    assert_int_equal(get(0x104), UINT32_MAX);
}

static void a_block_is_erased_and_its_neighbour_is_not(void **state)
{
    (void)state;
    program(CFI_BLOCK_BYTES - 4, 1);
    program(CFI_BLOCK_BYTES, 2);
    program(2 * CFI_BLOCK_BYTES - 4, 3);
    set(CFI_BLOCK_BYTES + 0x1234, BOTH(CFI_ERASE));
    set(CFI_BLOCK_BYTES + 0x1234, BOTH(CFI_CONFIRM));
    assert_status(CFI_READY);
    assert_int_equal(get(CFI_BLOCK_BYTES - 4), 1);
    assert_int_equal(get(CFI_BLOCK_BYTES), UINT32_MAX);
    assert_int_equal(get(2 * CFI_BLOCK_BYTES - 4), UINT32_MAX);
}

static void an_erase_that_is_not_confirmed_is_an_error_till_the_status_is_cleared(void **state)
{
    (void)state;
    program(0, 5);
    set(0, BOTH(CFI_ERASE));
    set(0, BOTH(CFI_READ_ARRAY));
    assert_status(CFI_READY | CFI_ERASE_ERROR | CFI_PROGRAM_ERROR);
    assert_int_equal(get(0), 5);
    set(0, BOTH(CFI_CLEAR_STATUS));
    assert_status(CFI_READY);
}

static void a_buffer_of_words_is_programmed_in_one_go(void **state)
{
    (void)state;
    set(0x200, BOTH(CFI_BUFFER));
    assert_int_equal(get(0x200), BOTH(CFI_READY));      /* it is free */
    set(0x200, BOTH(CFI_BUFFER_WORDS - 1));
    for (uint32_t i = 0; i < CFI_BUFFER_WORDS; i++)
        set(0x200 + 4 * i, i);
    set(0x200, BOTH(CFI_CONFIRM));
    assert_status(CFI_READY);
    for (uint32_t i = 0; i < CFI_BUFFER_WORDS; i++)
        assert_int_equal(get(0x200 + 4 * i), i);
    assert_int_equal(get(0x200 + 4 * CFI_BUFFER_WORDS), UINT32_MAX);
}

static void a_buffer_that_is_too_long_or_not_confirmed_is_an_error(void **state)
{
    (void)state;
    set(0, BOTH(CFI_BUFFER));
    set(0, BOTH(CFI_BUFFER_WORDS));
    assert_status(CFI_READY | CFI_ERASE_ERROR | CFI_PROGRAM_ERROR);
    set(0, BOTH(CFI_CLEAR_STATUS));
    set(0, BOTH(CFI_BUFFER));
    set(0, BOTH(0));
    set(0, 7);
    set(0, BOTH(CFI_READ_ARRAY));
    assert_status(CFI_READY | CFI_ERASE_ERROR | CFI_PROGRAM_ERROR);
}

static void programming_where_nothing_is_stored_fails_and_erasing_does_not(void **state)
{
    (void)state;
    program(store.size, 0);
    assert_status(CFI_READY | CFI_PROGRAM_ERROR);
    set(0, BOTH(CFI_CLEAR_STATUS));
    set(store.size, BOTH(CFI_ERASE));
    set(store.size, BOTH(CFI_CONFIRM));
    assert_status(CFI_READY);
    assert_int_equal(get(store.size), UINT32_MAX);
    store.size = 0;
    program(0, 0);
    assert_status(CFI_READY | CFI_PROGRAM_ERROR);
    assert_int_equal(get(0), UINT32_MAX);
}

static void it_tells_what_it_is(void **state)
{
    (void)state;
    set(0, BOTH(CFI_READ_ID));
    assert_int_equal(get(0), BOTH(0x89));
    assert_int_equal(get(4), BOTH(0x18));
    assert_int_equal(get(8), 0);                /* not locked */
    assert_int_equal(get(CFI_BLOCK_BYTES + 8), 0);
    set(4 * 0x55, BOTH(CFI_QUERY));
    assert_int_equal(get(4 * 0x10), BOTH('Q'));
    assert_int_equal(get(4 * 0x11), BOTH('R'));
    assert_int_equal(get(4 * 0x12), BOTH('Y'));
    assert_int_equal(get(4 * 0x13), BOTH(1));
    assert_int_equal(get(4 * 0x31), BOTH('P'));
    assert_int_equal(cfi_read(&flash, &store, 4 * 0x10, 2), 'Q');
    assert_int_equal(cfi_read(&flash, &store, 4 * 0x10 + 1, 1), 0);
    assert_int_equal(get(CFI_BANK_BYTES - 4), 0);
    set(0, BOTH(CFI_READ_ARRAY));
    assert_int_equal(get(4 * 0x10), UINT32_MAX);
}

/* Two chips of 2^n bytes, and as many blocks as they are made of. */
static void its_size_is_that_of_the_bank(void **state)
{
    (void)state;
    set(4 * 0x55, BOTH(CFI_QUERY));
    assert_int_equal(2u << (get(4 * 0x27) & 0xff), CFI_BANK_BYTES);
    uint32_t blocks = 1 + ((get(4 * 0x2d) & 0xff) | (get(4 * 0x2e) & 0xff) << 8);
    uint32_t bytes = 2 * 256 * ((get(4 * 0x2f) & 0xff) | (get(4 * 0x30) & 0xff) << 8);
    assert_int_equal(bytes, CFI_BLOCK_BYTES);
    assert_int_equal(blocks * bytes, CFI_BANK_BYTES);
    assert_int_equal(2u << (get(4 * 0x2a) & 0xff), 4 * CFI_BUFFER_WORDS);
}

static void locks_are_taken_and_mean_nothing(void **state)
{
    (void)state;
    set(0, BOTH(CFI_LOCK_SETUP));
    set(0, BOTH(0x01));
    assert_status(CFI_READY);
    program(0, 7);
    set(0, BOTH(CFI_LOCK_SETUP));
    set(0, BOTH(CFI_CONFIRM));
    assert_status(CFI_READY);
    assert_int_equal(get(0), 7);
}

static void odd_accesses_do_nothing(void **state)
{
    (void)state;
    cfi_write(&flash, &store, 1, 4, BOTH(CFI_QUERY));
    cfi_write(&flash, &store, CFI_BANK_BYTES, 4, BOTH(CFI_QUERY));
    cfi_write(&flash, &store, 0, 16, BOTH(CFI_QUERY));
    assert_int_equal(get(0), UINT32_MAX);
    assert_int_equal(cfi_read(&flash, &store, 1, 2), 0);
    assert_int_equal(cfi_read(&flash, &store, UINT64_MAX & ~7ull, 8), 0);
}

static void what_a_restart_may_have_kept_is_safe(void **state)
{
    (void)state;
    memset(&flash, 0xff, sizeof flash);
    (void)get(0);
    set(0, BOTH(CFI_READ_ARRAY));
    assert_int_equal(get(0), UINT32_MAX);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(after_reset_it_reads_what_it_holds), T(a_word_that_is_programmed_has_bits_cleared_and_none_set),
        T(a_block_is_erased_and_its_neighbour_is_not),
        T(an_erase_that_is_not_confirmed_is_an_error_till_the_status_is_cleared),
        T(a_buffer_of_words_is_programmed_in_one_go), T(a_buffer_that_is_too_long_or_not_confirmed_is_an_error),
        T(programming_where_nothing_is_stored_fails_and_erasing_does_not), T(it_tells_what_it_is),
        T(its_size_is_that_of_the_bank), T(locks_are_taken_and_mean_nothing), T(odd_accesses_do_nothing),
        T(what_a_restart_may_have_kept_is_safe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
