/* SPDX-License-Identifier: Apache-2.0 */
/* What VMs' firmware fetches, in the address space of the service behind fw_cfg (services/steward/fetched.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "belay/console.h"
#include "steward/fetched.h"
#include "steward/load.h"

#define SERVICE 7u
#define RAM     40u         /* handle of the first VM's */
#define MIB     UINT64_C(0x100000)
#define BLOCK   (2 * MIB)
#define PLACES  32u

/* The nucleus's side: what is mapped, and whether to be written. */
static struct { uint64_t ipa, bytes; unsigned flags; } mapped[PLACES];
static unsigned count;

static void map(uint64_t ipa, uint64_t bytes, unsigned flags)
{
    for (unsigned i = 0; i < count; i++)
        assert_true(ipa + bytes <= mapped[i].ipa || mapped[i].ipa + mapped[i].bytes <= ipa);
    assert_true(count < PLACES && ipa >= CONSOLE_BOOT_IPA);
    mapped[count].ipa = ipa;
    mapped[count].bytes = bytes;
    mapped[count++].flags = flags;
}

struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    assert_int_equal(a0, SERVICE);
    if (number == BELAY_HC_MAP) {
        assert_true(a1 >= RAM && a2 == 0 && a3 % BLOCK == 0);
        map(a3, a4, (unsigned)a5);
    } else {
        assert_int_equal(number, BELAY_HC_UNMAP);
        assert_true(count && mapped[count - 1].ipa == a1 && mapped[count - 1].bytes == a2);
        count--;
    }
    return (struct hypercall_result){ BELAY_OK, { 0 } };
}

uint64_t load_address(const struct image *image)
{
    return 0x48000000u + image->position;
}

int load_map(const struct image *image, handle_t domain, uint64_t ipa, unsigned flags)
{
    assert_int_equal(domain, SERVICE);
    assert_int_equal(ipa % BLOCK, load_address(image) % BLOCK);     /* so that blocks can be mapped */
    map(ipa, (image->size + 0xfff) & ~0xfffu, flags);
    return BELAY_OK;
}

static const struct image firmware = { "fd", 0x1000, 0x200000, 0 }, kernel = { "kernel", 0x600000, 0x1f6e008, 0 },
                          initrd = { "initrd", 0x201000, 0x1ff001, 0 }, small = { "grub", 0x7ff000, 1, 0 };
static struct config config = {
    .vms = 4,
    .vm = { { .memory = 64 * MIB, .kind = VM_LINUX, .kernel = &kernel, .initrd = &initrd },
            { .memory = 256 * MIB, .kind = VM_FIRMWARE, .kernel = &firmware, .payload = &kernel, .initrd = &initrd },
            { .memory = 64 * MIB, .kind = VM_FIRMWARE, .kernel = &firmware },
            { .memory = 3 * MIB, .kind = VM_FIRMWARE, .kernel = &firmware, .payload = &small } },
};
static struct handset_boot boot[BELAY_VMS_MAX];

static int setup(void **state)
{
    (void)state;
    count = 0;
    memset(boot, 0, sizeof boot);
    return fetched_map_images(&config, SERVICE, boot);
}

static void images_of_vms_that_fetch_are_seen_and_no_others(void **state)
{
    (void)state;
    assert_int_equal(count, 3);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(mapped[i].flags, BELAY_MAP_READ);
    assert_true(boot[1].kernel.at == mapped[0].ipa && boot[1].kernel.bytes == kernel.size);
    assert_true(boot[1].initrd.at == mapped[1].ipa && boot[1].initrd.bytes == initrd.size);
    assert_true(boot[3].kernel.at == mapped[2].ipa && boot[3].kernel.bytes == 1 && boot[3].initrd.bytes == 0);
    assert_true(boot[0].ram.bytes == 0 && boot[0].kernel.bytes == 0 && boot[2].ram.bytes == 0 && boot[2].kernel.bytes == 0);
}

static void ram_is_seen_only_of_who_fetches_and_till_it_is_forgotten(void **state)
{
    (void)state;
    for (unsigned i = 0; i < config.vms; i++)
        assert_int_equal(fetched_map_ram(SERVICE, RAM + i, &boot[i]), BELAY_OK);
    assert_int_equal(count, 5);
    assert_true(mapped[3].bytes == 256 * MIB && mapped[3].flags == (BELAY_MAP_READ | BELAY_MAP_WRITE));
    assert_true(boot[1].ram.at == mapped[3].ipa && boot[3].ram.at == mapped[4].ipa && boot[3].ram.bytes == 3 * MIB);
    for (unsigned i = config.vms; i-- > 0;)
        fetched_unmap_ram(SERVICE, &boot[i]);
    assert_int_equal(count, 3);
}

/* As the nucleus has them: one for each block that is not mapped whole, and one for each GiB that has any. */
static void there_is_room_for_all_tables(void **state)
{
    uint64_t blocks[PLACES * 2], tables = 0, last_gib = 0;
    const struct fetched_size size = fetched_size(&config);
    unsigned n = 0;

    (void)state;
    for (unsigned i = 0; i < config.vms; i++)
        (void)fetched_map_ram(SERVICE, RAM + i, &boot[i]);
    assert_true(count <= size.mappings);
    for (unsigned i = 0; i < count; i++) {
        uint64_t end = mapped[i].ipa + mapped[i].bytes;
        if (mapped[i].ipa % BLOCK)
            blocks[n++] = mapped[i].ipa / BLOCK;
        if (end % BLOCK)
            blocks[n++] = end / BLOCK;
        last_gib = end > last_gib << 30 ? (end + (1u << 30) - 1) >> 30 : last_gib;
    }
    for (unsigned i = 0; i < n; i++) {
        bool first = true;
        for (unsigned j = 0; j < i; j++)
            first = first && blocks[j] != blocks[i];
        tables += first;
    }
    tables += last_gib - CONSOLE_BOOT_IPA / (1u << 30);
    assert_in_range(tables, 1, size.tables);
}

static void where_nobody_fetches_there_is_nothing(void **state)
{
    static const struct config none = { .vms = 1, .vm = { { .memory = 64 * MIB, .kind = VM_LINUX, .kernel = &kernel } } };
    const struct fetched_size size = fetched_size(&none);

    (void)state;
    assert_true(size.mappings == 0 && size.tables == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(images_of_vms_that_fetch_are_seen_and_no_others, setup),
        cmocka_unit_test_setup(ram_is_seen_only_of_who_fetches_and_till_it_is_forgotten, setup),
        cmocka_unit_test_setup(there_is_room_for_all_tables, setup),
        cmocka_unit_test(where_nobody_fetches_there_is_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
