/* SPDX-License-Identifier: Apache-2.0 */
/* The steward's reader of the bundle: a good one, and what is said of each bad one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "good.h"
#include "belay/handset.h"
#include "steward/bundle.h"
#include "steward/tree.h"

#define TREE_BYTES   8192
#define BUNDLE_BYTES GOOD_BUNDLE_BYTES

static char tree[TREE_BYTES];
static struct config config;
static struct problem why;

/* A good bundle, open for changes. */
static int write_bundle(void **state)
{
    (void)state;
    good_bundle(tree, sizeof tree);
    assert_int_equal(fdt_open_into(tree, tree, sizeof tree), 0);
    return 0;
}

/* In a copy of just the bytes that the steward maps, so that a read beyond them is found. */
static bool read_bundle(void)
{
    fdt_pack(tree);
    uint64_t bytes = tree_bytes(tree, sizeof tree, BUNDLE_BYTES);
    static char *copy;
    free(copy);
    copy = malloc(bytes);
    memcpy(copy, tree, bytes);
    return bundle_read(copy, BUNDLE_BYTES, 2, &config, &why);
}

static void refused(const char *words)
{
    assert_false(read_bundle());
    assert_string_equal(why.text, words);
}

static int node(const char *path)
{
    int at = fdt_path_offset(tree, path);

    assert_true(at >= 0);
    return at;
}

#define IMAGE  "/images/phone-kernel"
#define CONFIG "/configurations/belay"
#define PHONE  CONFIG "/vms/phone"
#define RADIO  CONFIG "/vms/radio"

static void a_good_bundle_is_read_in_full(void **state)
{
    (void)state;
    assert_true(read_bundle());
    assert_int_equal(config.images, 7);
    assert_string_equal(config.steward.image->name, "steward");
    assert_int_equal(config.console.timing.priority, 100);
    assert_int_equal(config.vms, 2);

    const struct vm_config *phone = &config.vm[0], *radio = &config.vm[1];
    assert_string_equal(phone->name, "phone");
    assert_int_equal(phone->kind, VM_LINUX);
    assert_int_equal(phone->kernel->position, 0x4000);
    assert_int_equal(phone->initrd->size, 0x12345);
    assert_int_equal(phone->initrd->crc32, 0x14001);
    assert_string_equal(phone->cmdline, "console=ttyAMA0");
    assert_true(phone->console && !phone->restart_on_failure && phone->restart_on_reset);
    assert_int_equal(phone->devices.bytes, 11);
    assert_string_equal(phone->devices.first, "/rtc");

    assert_int_equal(phone->weight, 250);
    assert_int_equal(radio->weight, BELAY_WEIGHT_DEFAULT);
    assert_int_equal(radio->memory, 2 << 20);
    assert_int_equal(radio->vcpus, 1);
    assert_int_equal(radio->timing.budget_ns, 300000);
    assert_true(phone->debug && !radio->debug);
    assert_true(radio->clock_stands && !phone->clock_stands);
    assert_true(phone->autostart && !radio->autostart);
    assert_true(phone->watchdog && phone->restart_on_hang && !radio->watchdog);
    assert_true(radio->restart_on_hang);    /* as on-failure */
    assert_int_equal(phone->watchdog_ns, 10000000000);
    assert_true(phone->stop_ns == 60000000000 && radio->stop_ns == 0);
    assert_true(radio->idle_time && !radio->console && radio->restart_on_failure && !radio->restart_on_reset);
    assert_true(radio->has_load_address);
    assert_null(radio->initrd);
    assert_string_equal(radio->cmdline, "");
}

static void configurations_may_come_before_images(void **state)
{
    (void)state;
    /* libfdt puts a new node first. */
    fdt_del_node(tree, node("/images/radio-image"));
    int images = fdt_add_subnode(tree, 0, "more");
    fdt_set_name(tree, images, "images");
    int image = fdt_add_subnode(tree, images, "radio-image");
    fdt_setprop_u32(tree, image, "data-size", 4096);
    fdt_setprop_u32(tree, image, "data-position", 0x30000);
    int hash = fdt_add_subnode(tree, image, "hash-1");
    fdt_setprop_string(tree, hash, "algo", "crc32");
    fdt_setprop_u32(tree, hash, "value", 7);
    assert_true(read_bundle());
    assert_int_equal(config.vm[1].kernel->crc32, 7);
}

static void image_data_lies_inside_the_bundle(void **state)
{
    (void)state;
    fdt_setprop_u32(tree, node("/images/radio-image"), "data-size", BUNDLE_BYTES - 0x30000 + 1);
    refused("/images/radio-image: data-size 0xd0001 is 0 or reaches beyond the bundle's end");
    write_bundle(NULL);
    fdt_setprop_u32(tree, node(IMAGE), "data-size", 0);
    refused(IMAGE ": data-size 0x0 is 0 or reaches beyond the bundle's end");
    write_bundle(NULL);
    fdt_setprop_u32(tree, node(IMAGE), "data-size", UINT32_MAX);
    refused(IMAGE ": data-size 0xffffffff is 0 or reaches beyond the bundle's end");
    write_bundle(NULL);
    fdt_setprop_u32(tree, node(IMAGE), "data-position", 0x4004);
    refused(IMAGE ": data-position 0x4004 is not the start of a page behind the tree");
    write_bundle(NULL);
    fdt_setprop_u32(tree, node(IMAGE), "data-position", 0);
    refused(IMAGE ": data-position 0x0 is not the start of a page behind the tree");
}

static void every_image_has_a_hash_that_is_known(void **state)
{
    (void)state;
    fdt_del_node(tree, node(IMAGE "/hash-1"));
    refused(IMAGE ": hash-1 is missing");
    write_bundle(NULL);
    fdt_setprop_string(tree, node(IMAGE "/hash-1"), "algo", "sha256");
    refused(IMAGE "/hash-1: algo is not crc32");
    write_bundle(NULL);
    fdt_delprop(tree, node(IMAGE "/hash-1"), "value");
    refused(IMAGE "/hash-1: value is missing");
}

static void properties_have_their_type(void **state)
{
    (void)state;
    fdt_setprop_u32(tree, node(PHONE), "memory", 4096);
    refused(PHONE ": memory is not two cells");
    write_bundle(NULL);
    fdt_setprop_u64(tree, node(PHONE), "priority", 10);
    refused(PHONE ": priority is not one cell");
    write_bundle(NULL);
    fdt_setprop(tree, node(PHONE), "cmdline", "abc", 3);
    refused(PHONE ": cmdline is not one string");
    write_bundle(NULL);
    fdt_setprop(tree, node(PHONE), "kind", "linux\0elf", 10);
    refused(PHONE ": kind is not one string");
    write_bundle(NULL);
    fdt_setprop(tree, node(PHONE), "devices", "/rtc", 4);
    refused(PHONE ": devices is not a list of strings");
}

static void one_vm_at_most_manages_with_rights_that_there_are(void **state)
{
    (void)state;
    fdt_setprop_u32(tree, node(PHONE), "manages", 32);
    refused(PHONE ": manages 0x20 has rights that there are not");
    write_bundle(NULL);
    fdt_setprop_u32(tree, node(PHONE), "manages", 31);
    fdt_setprop_u32(tree, node(RADIO), "manages", 1);
    refused(RADIO ": manages, and so does phone");
}

static void a_vm_is_checked_value_by_value(void **state)
{
    static const struct { const char *path, *property, *value, *words; } wrong[] = {
        { PHONE, "kind", "unix", PHONE ": kind: \"unix\" is none of its values" },
        { PHONE, "on-failure", "panic", PHONE ": on-failure: \"panic\" is none of its values" },
        { PHONE, "on-hang", "bark", PHONE ": on-hang: \"bark\" is none of its values" },
        { PHONE, "on-reset", "", PHONE ": on-reset: \"\" is none of its values" },
        { PHONE, "kernel", "nothing", PHONE ": there is no /images/nothing" },
        { PHONE, "initrd", "nothing", PHONE ": there is no /images/nothing" },
        { RADIO, "initrd", "phone-initrd", RADIO ": initrd is for kind \"linux\", or beside a payload" },
        { PHONE, "payload", "phone-kernel", PHONE ": payload is for kind \"firmware\" alone" },
        { CONFIG "/services/console", "image", "nothing", CONFIG "/services/console: there is no /images/nothing" },
        { CONFIG "/services/watchdog", "image", "nothing", CONFIG "/services/watchdog: there is no /images/nothing" },
        { CONFIG "/services/gdb", "image", "nothing", CONFIG "/services/gdb: there is no /images/nothing" },
        { CONFIG, "compatible", "belay,machine-2", CONFIG ": compatible is not belay,machine-1" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        write_bundle(NULL);
        fdt_setprop_string(tree, node(wrong[i].path), wrong[i].property, wrong[i].value);
        refused(wrong[i].words);
    }
}

static void write_firmware(const char *payload, const char *cmdline)
{
    write_bundle(NULL);
    fdt_setprop_string(tree, node(RADIO), "kind", "firmware");
    fdt_delprop(tree, node(RADIO), "load-address");
    if (payload)
        fdt_setprop_string(tree, node(RADIO), "payload", payload);
    assert_int_equal(fdt_setprop_string(tree, node(RADIO), "cmdline", cmdline), 0);
}

static void firmware_may_have_a_kernel_to_fetch_with_an_initrd_and_a_command_line(void **state)
{
    static char line[HANDSET_CMDLINE_MAX + 1];

    (void)state;
    memset(line, 'x', sizeof line - 1);
    write_firmware(NULL, line);         /* which it does not fetch */
    assert_true(read_bundle());
    assert_null(config.vm[1].payload);
    write_firmware("phone-kernel", line + 1);
    fdt_setprop_string(tree, node(RADIO), "initrd", "phone-initrd");
    assert_true(read_bundle());
    assert_ptr_equal(config.vm[1].payload, config.vm[0].kernel);
    assert_ptr_equal(config.vm[1].initrd, config.vm[0].initrd);
    write_firmware("phone-kernel", line);
    refused(RADIO ": cmdline is longer than firmware can fetch");
    write_firmware("nothing", "");
    refused(RADIO ": there is no /images/nothing");
}

static void numbers_are_in_their_range(void **state)
{
    static const uint32_t none[BELAY_VCPUS_MAX + 1];

    (void)state;
    fdt_setprop_u32(tree, node(PHONE), "priority", 0);
    refused(PHONE ": priority 0 is not in 1 to 255");
    write_bundle(NULL);
    fdt_setprop_u32(tree, node(PHONE), "priority", 256);
    refused(PHONE ": priority 256 is not in 1 to 255");
    fdt_setprop_u32(tree, node(PHONE), "priority", 255);
    fdt_setprop_u32(tree, node(PHONE), "weight", 1001);
    refused(PHONE ": weight 1001 is not in 1 to 1000");
    fdt_setprop_u32(tree, node(PHONE), "weight", 0);
    refused(PHONE ": weight 0 is not in 1 to 1000");
    write_bundle(NULL);
    fdt_setprop_u64(tree, node(PHONE), "watchdog-ns", 3600000000001);
    refused(PHONE ": watchdog-ns is more than an hour");
    write_bundle(NULL);
    fdt_setprop_u64(tree, node(PHONE), "stop-ns", 3600000000001);
    refused(PHONE ": stop-ns is more than an hour");
    write_bundle(NULL);
    fdt_setprop_u64(tree, node(RADIO), "budget-ns", 1000001);
    refused(RADIO ": budget-ns is 0 or longer than period-ns");
    write_bundle(NULL);
    fdt_delprop(tree, node(RADIO), "budget-ns");
    refused(RADIO ": budget-ns is 0 or longer than period-ns");
    write_bundle(NULL);
    fdt_setprop_u64(tree, node(PHONE), "memory", 0x1001);
    refused(PHONE ": memory is not a number of pages");
    write_bundle(NULL);
    fdt_setprop_u64(tree, node(PHONE), "memory", UINT64_MAX & ~0xfffull);
    refused(PHONE ": memory is not a number of pages");
    write_bundle(NULL);
    fdt_setprop_u32(tree, node(PHONE), "cpus", 2);
    refused(PHONE ": cpus: this host has no CPU 2");
    write_bundle(NULL);
    fdt_setprop(tree, node(PHONE), "cpus", none, sizeof none);
    refused(PHONE ": cpus is not a list of 1 to 8 CPUs");
    write_bundle(NULL);
    fdt_setprop(tree, node(PHONE), "cpus", none, 3);
    refused(PHONE ": cpus is not a list of 1 to 8 CPUs");
}

static void only_a_raw_image_has_a_load_address(void **state)
{
    (void)state;
    fdt_setprop_u64(tree, node(PHONE), "load-address", 0x40000000);
    refused(PHONE ": load-address is for kind \"raw\" alone");
}

static void in_aarch32(const char *vm)
{
    write_bundle(NULL);
    fdt_setprop(tree, node(vm), "aarch32", NULL, 0);
    fdt_delprop(tree, node(vm), "debug");
}

static void aarch32_has_its_limits(void **state)
{
    (void)state;
    in_aarch32(PHONE);
    fdt_setprop_u64(tree, node(PHONE), "memory", 0xc0000000);
    assert_true(read_bundle());
    assert_true(config.vm[0].aarch32);
    assert_false(config.vm[1].aarch32);
    in_aarch32(PHONE);
    fdt_setprop_u64(tree, node(PHONE), "memory", 0xc0001000);
    refused(PHONE ": aarch32 with more than 3 GiB of memory");
    in_aarch32(PHONE);
    fdt_setprop(tree, node(PHONE), "debug", NULL, 0);
    refused(PHONE ": aarch32 can not be debugged");
    in_aarch32(RADIO);
    fdt_delprop(tree, node(RADIO), "load-address");
    fdt_setprop_string(tree, node(RADIO), "kind", "elf");
    fdt_delprop(tree, node(RADIO), "load-address");
    refused(RADIO ": aarch32 is not for kind \"elf\"");
}

static void nothing_is_there_twice(void **state)
{
    (void)state;
    /* libfdt itself refuses a name that is there, but not one that is changed into it. */
    fdt_set_name(tree, node("/images/phone-initrd"), "phone-kernel");
    refused("/images/phone-kernel: is there twice");
    write_bundle(NULL);
    fdt_set_name(tree, node(RADIO), "phone");
    refused(PHONE ": is there twice");
    write_bundle(NULL);
    fdt_set_name(tree, node(CONFIG "/services/console"), "steward");
    refused(CONFIG "/services/steward: is there twice");
    write_bundle(NULL);
    int hash = fdt_add_subnode(tree, node(IMAGE), "hash-2");
    fdt_setprop_string(tree, hash, "algo", "crc32");
    fdt_setprop_u32(tree, hash, "value", 1);
    fdt_set_name(tree, hash, "hash-1");
    refused(IMAGE ": hash-1 is there twice");
}

static void a_property_that_is_there_twice_is_refused(void **state)
{
    (void)state;
    /* "on-reset" and "on-rese" differ in the strings block: make the second name the first. */
    fdt_setprop_string(tree, node(RADIO), "on-resex", "stop");
    for (char *s = tree; s < tree + TREE_BYTES - 9; s++)
        if (memcmp(s, "on-resex", 9) == 0)
            memcpy(s, "on-reset", 9);
    refused(RADIO ": on-reset is there twice");
}

static void names_of_vms_are_plain(void **state)
{
    static const char *const bad[] = { "Phone", "1st", "a_b", "phone-with-a-long-name", "a@0" };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char words[120] = CONFIG "/vms/";
        write_bundle(NULL);
        fdt_set_name(tree, node(PHONE), bad[i]);
        strcat(words, bad[i]);
        strcat(words, ": that is no name for a VM");
        refused(words);
    }
}

static void a_problem_is_printable_whatever_the_bundle_holds(void **state)
{
    (void)state;
    fdt_set_name(tree, node(PHONE), "\033[2J\n\xff");
    refused(CONFIG "/vms/?[2J??: that is no name for a VM");
}

static void services_are_those_that_there_are(void **state)
{
    (void)state;
    fdt_set_name(tree, node(CONFIG "/services/console"), "net");
    refused(CONFIG "/services/net: no service has that name");
    write_bundle(NULL);
    fdt_del_node(tree, node(CONFIG "/services/console"));
    refused(CONFIG "/services: console is missing");
    write_bundle(NULL);
    fdt_del_node(tree, node(CONFIG "/services/watchdog"));
    refused(CONFIG "/services: watchdog is missing, which phone has");
    write_bundle(NULL);
    fdt_del_node(tree, node(CONFIG "/services/watchdog"));
    fdt_delprop(tree, node(PHONE), "watchdog");
    assert_true(read_bundle());
    write_bundle(NULL);
    fdt_del_node(tree, node(CONFIG "/vms/phone"));
    fdt_del_node(tree, node(CONFIG "/vms/radio"));
    refused(CONFIG "/vms: there is none");
}

static void there_may_be_too_many(void **state)
{
    char name[] = "vm-aa";

    (void)state;
    for (int i = 0; i < BELAY_VMS_MAX; i++) {
        name[4] = (char)('a' + i);
        int at = fdt_add_subnode(tree, node(CONFIG "/vms"), name);
        fdt_setprop_u64(tree, at, "memory", 4096);
        fdt_setprop_u32(tree, at, "cpus", 0);
        fdt_setprop_u32(tree, at, "priority", 1);
        fdt_setprop_string(tree, at, "kind", "elf");
        fdt_setprop_string(tree, at, "kernel", "radio-image");
    }
    assert_false(read_bundle());
    assert_non_null(strstr(why.text, ": is more than 16 VMs"));
}

static void a_damaged_tree_is_refused_wherever_it_ends(void **state)
{
    (void)state;
    fdt_pack(tree);
    uint32_t size = fdt_size_dt_struct(tree);
    for (uint32_t bytes = 0; bytes < size; bytes++) {
        write_bundle(NULL);
        fdt_pack(tree);
        fdt_set_size_dt_struct(tree, bytes);
        static struct config partial;
        assert_false(tree_bytes(tree, sizeof tree, BUNDLE_BYTES) != 0 &&
                     bundle_read(tree, BUNDLE_BYTES, 2, &partial, &why));
    }
}

static void what_is_no_tree_is_not_taken_for_one(void **state)
{
    (void)state;
    fdt_pack(tree);
    assert_int_equal(tree_bytes(tree, sizeof tree, fdt_totalsize(tree) - 1), 0);
    assert_int_equal(tree_bytes(tree, sizeof(struct fdt_header) - 1, BUNDLE_BYTES), 0);
    assert_in_range(tree_bytes(tree, sizeof(struct fdt_header), BUNDLE_BYTES), 1000, fdt_totalsize(tree));
    fdt_set_magic(tree, 0xd00dfeee);
    assert_int_equal(tree_bytes(tree, sizeof tree, BUNDLE_BYTES), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_good_bundle_is_read_in_full, write_bundle),
        cmocka_unit_test_setup(configurations_may_come_before_images, write_bundle),
        cmocka_unit_test_setup(image_data_lies_inside_the_bundle, write_bundle),
        cmocka_unit_test_setup(every_image_has_a_hash_that_is_known, write_bundle),
        cmocka_unit_test_setup(properties_have_their_type, write_bundle),
        cmocka_unit_test_setup(one_vm_at_most_manages_with_rights_that_there_are, write_bundle),
        cmocka_unit_test_setup(a_vm_is_checked_value_by_value, write_bundle),
        cmocka_unit_test_setup(firmware_may_have_a_kernel_to_fetch_with_an_initrd_and_a_command_line, write_bundle),
        cmocka_unit_test_setup(numbers_are_in_their_range, write_bundle),
        cmocka_unit_test_setup(only_a_raw_image_has_a_load_address, write_bundle),
        cmocka_unit_test_setup(aarch32_has_its_limits, write_bundle),
        cmocka_unit_test_setup(nothing_is_there_twice, write_bundle),
        cmocka_unit_test_setup(a_property_that_is_there_twice_is_refused, write_bundle),
        cmocka_unit_test_setup(names_of_vms_are_plain, write_bundle),
        cmocka_unit_test_setup(a_problem_is_printable_whatever_the_bundle_holds, write_bundle),
        cmocka_unit_test_setup(services_are_those_that_there_are, write_bundle),
        cmocka_unit_test_setup(there_may_be_too_many, write_bundle),
        cmocka_unit_test_setup(a_damaged_tree_is_refused_wherever_it_ends, write_bundle),
        cmocka_unit_test_setup(what_is_no_tree_is_not_taken_for_one, write_bundle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
