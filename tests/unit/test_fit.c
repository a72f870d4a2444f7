/* SPDX-License-Identifier: Apache-2.0 */
/* The bundle that `belay pack` writes (tools/fit.c), read back as the nucleus and the steward do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <libfdt.h>
#include <zlib.h>

#include "check.h"
#include "fit.h"
#include "units.h"

#define LARGE (3 * MIB + 17)

static const char machine[] =
    "board: qemu-virt\n"
    "services: {console: {priority: 90, budget: 400us, period: 4ms}}\n"
    "vms:\n"
    "  - name: phone\n"
    "    linux: {kernel: kernel, initrd: small, cmdline: \"console=ttyAMA0 a b\"}\n"
    "    memory: 64M\n"
    "    cpus: [0, 0]\n"
    "    priority: 10\n"
    "    devices: [rtc, gpio]\n"
    "  - name: second\n"
    "    linux: {kernel: kernel}\n"
    "    memory: 32M\n"
    "    priority: 9\n"
    "    console: no\n"
    "    watchdog: 10s\n"
    "    on-hang: restart\n"
    "    stop: 5s\n"
    "  - name: radio\n"
    "    raw: {image: small, load-address: 0x40010000}\n"
    "    cmdline: slots=8\n"
    "    memory: 2M\n"
    "    priority: 200\n"
    "    budget: 300us\n"
    "    period: 1ms\n"
    "    deadline: 100us\n"
    "    idle-time: yes\n"
    "    debug: yes\n"
    "    autostart: no\n"
    "    on-failure: restart\n"
    "    on-reset: stop\n"
    "  - name: loader\n"
    "    firmware: firmware\n"
    "    linux: {kernel: kernel, initrd: small, cmdline: quiet}\n"
    "    memory: 16M\n"
    "    priority: 8\n";

static char folder[] = "/tmp/belay-fit-XXXXXX";
static const uint8_t *bundle;
static size_t bundle_size;

static void write_file(const char *name, size_t size, uint8_t first)
{
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < size; i++)
        fputc(i == 0 ? first : (int)(i * 7 % 251), file);
    fclose(file);
}

static void write_kernel(void)
{
    static const uint8_t header[64] = { [16] = 0, [18] = 0x40, [56] = 'A', [57] = 'R', [58] = 'M', [59] = 0x64 };
    FILE *file = fopen("kernel", "r+b");
    assert_non_null(file);
    fwrite(header, 1, sizeof(header), file);
    fclose(file);
}

static char steward[] = "steward.svc", console[] = "console.svc", manager[] = "manager.svc",
            watchdog[] = "watchdog.svc", gdb[] = "gdb.svc";
static const struct parts parts = { .steward = steward, .console = console, .manager = manager, .watchdog = watchdog,
                                    .gdb = gdb };

/* Packs; the result is mapped. */
static const uint8_t *pack(uint32_t timestamp, size_t *size)
{
    struct report r = { .file = "machine.yaml" };
    struct config c;
    struct fit fit;
    bool good = config_load(&c, "machine.yaml", &r) && check_config(&c);
    report_print(&r, stderr);
    assert_true(good);
    char *wrong = fit_make(&fit, &c, &parts, timestamp);
    assert_null(wrong);
    int fd = memfd_create("bundle", 0);
    assert_true(fd >= 0);
    wrong = fit_write(&fit, fd);
    assert_null(wrong);
    *size = fit.size;
    const uint8_t *data = mmap(NULL, fit.size, PROT_READ, MAP_PRIVATE, fd, 0);
    assert_true(data != MAP_FAILED);
    assert_int_equal(lseek(fd, 0, SEEK_END), fit.size);
    close(fd);
    fit_free(&fit);
    config_free(&c);
    return data;
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || chdir(folder) < 0)
        return -1;
    write_file("kernel", LARGE, 0);
    write_kernel();
    write_file("small", 5000, 1);
    write_file("firmware", 9000, 7);
    write_file("manager.svc", 100, 4);
    write_file("steward.svc", 4097, 2);
    write_file("console.svc", 1, 3);
    write_file("watchdog.svc", 2, 5);
    write_file("gdb.svc", 3, 6);
    FILE *yaml = fopen("machine.yaml", "w");
    fputs(machine, yaml);
    fclose(yaml);
    bundle = pack(0, &bundle_size);
    return 0;
}

static int tear_down(void **state)
{
    static const char *const files[] = { "kernel", "small", "firmware", "steward.svc", "console.svc", "manager.svc",
                                         "watchdog.svc", "gdb.svc", "machine.yaml" };
    (void)state;
    munmap((void *)(uintptr_t)bundle, bundle_size);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlink(files[i]);
    return rmdir(folder);
}

static int node(const char *path)
{
    int offset = fdt_path_offset(bundle, path);
    assert_true(offset >= 0);
    return offset;
}

static const void *property(const char *path, const char *name, int size)
{
    int length;
    const void *value = fdt_getprop(bundle, node(path), name, &length);
    assert_non_null(value);
    if (size >= 0)
        assert_int_equal(length, size);
    return value;
}

static uint32_t u32(const char *path, const char *name)
{
    return fdt32_ld(property(path, name, 4));
}

static uint64_t u64(const char *path, const char *name)
{
    return fdt64_ld(property(path, name, 8));
}

static bool has(const char *path, const char *name)
{
    return fdt_getprop(bundle, node(path), name, NULL) != NULL;
}

#define PHONE  BELAY_BUNDLE_CONFIG "/vms/phone"
#define LOADER BELAY_BUNDLE_CONFIG "/vms/loader"
#define SECOND BELAY_BUNDLE_CONFIG "/vms/second"
#define RADIO  BELAY_BUNDLE_CONFIG "/vms/radio"

static void the_tree_is_a_fit(void **state)
{
    (void)state;
    assert_int_equal(fdt_check_full(bundle, bundle_size), 0);
    assert_string_equal(property("/", "description", -1), "Belay bundle");
    assert_int_equal(u32("/", "#address-cells"), 1);
    assert_int_equal(u32("/", "timestamp"), 0);
    assert_string_equal(property("/configurations", "default", -1), "belay");
    assert_string_equal(property(BELAY_BUNDLE_CONFIG, "compatible", -1), BELAY_BUNDLE_COMPATIBLE);
}

/* Each image lies in the bundle, page-aligned or block-aligned, and its hash is right. */
static void images_are_where_the_tree_says(void **state)
{
    int image, count = 0;
    uint64_t end = fdt_totalsize(bundle);
    (void)state;
    fdt_for_each_subnode(image, bundle, node("/images")) {
        char path[64];
        snprintf(path, sizeof(path), "/images/%s", fdt_get_name(bundle, image, NULL));
        uint64_t position = u32(path, "data-position"), size = u32(path, "data-size");
        assert_int_equal(position % (size >= 2 * MIB ? 2 * MIB : BELAY_BUNDLE_ALIGN), 0);
        assert_true(position >= end && position + size <= bundle_size);
        end = position + size;
        strcat(path, "/hash-1");
        assert_string_equal(property(path, "algo", -1), "crc32");
        assert_int_equal(u32(path, "value"), crc32_z(0, bundle + position, size));
        count++;
    }
    assert_int_equal(count, 8);     /* five services, the kernel, the small file and the firmware once each */
}

static void the_bytes_are_the_files(void **state)
{
    FILE *file = fopen("kernel", "rb");
    uint8_t *expected = malloc(LARGE);
    (void)state;
    assert_int_equal(fread(expected, 1, LARGE, file), LARGE);
    fclose(file);
    assert_int_equal(u32("/images/phone-kernel", "data-size"), LARGE);
    assert_memory_equal(bundle + u32("/images/phone-kernel", "data-position"), expected, LARGE);
    free(expected);
}

static void images_have_their_kind(void **state)
{
    (void)state;
    assert_string_equal(property("/images/steward", "type", -1), "firmware");
    assert_string_equal(property("/images/steward", "os", -1), "belay");
    assert_string_equal(property("/images/phone-kernel", "type", -1), "kernel");
    assert_string_equal(property("/images/phone-initrd", "type", -1), "ramdisk");
    assert_string_equal(property("/images/phone-kernel", "arch", -1), "arm64");
}

static void a_linux_has_all_its_properties(void **state)
{
    (void)state;
    assert_int_equal(u64(PHONE, "memory"), 64 * MIB);
    const fdt32_t *cpus = property(PHONE, "cpus", 8);
    assert_true(cpus[0] == 0 && cpus[1] == 0);
    assert_int_equal(u32(PHONE, "priority"), 10);
    assert_string_equal(property(PHONE, "kind", -1), "linux");
    assert_string_equal(property(PHONE, "kernel", -1), "phone-kernel");
    assert_string_equal(property(PHONE, "initrd", -1), "phone-initrd");
    assert_string_equal(property(PHONE, "cmdline", -1), "console=ttyAMA0 a b");
    assert_string_equal(property(PHONE, "on-failure", -1), "stop");
    assert_string_equal(property(PHONE, "on-reset", -1), "restart");
    assert_memory_equal(property(PHONE, "devices", 30), "/pl031@9010000\0/pl061@9030000", 30);
    assert_true(has(PHONE, "console"));
    assert_false(has(PHONE, "watchdog") || has(PHONE, "watchdog-ns") || has(PHONE, "on-hang"));
    assert_false(has(PHONE, "budget-ns") || has(PHONE, "period-ns"));
    assert_false(has(PHONE, "deadline-ns") || has(PHONE, "idle-time") || has(PHONE, "weight"));
    assert_false(has(PHONE, "no-autostart"));
}

static void a_raw_image_has_all_its_properties(void **state)
{
    (void)state;
    assert_string_equal(property(RADIO, "kind", -1), "raw");
    assert_int_equal(u64(RADIO, "load-address"), 0x40010000);
    assert_int_equal(u64(RADIO, "budget-ns"), 300 * USEC);
    assert_int_equal(u64(RADIO, "period-ns"), MSEC);
    assert_int_equal(u64(RADIO, "deadline-ns"), 100 * USEC);
    assert_string_equal(property(RADIO, "cmdline", -1), "slots=8");
    assert_string_equal(property(RADIO, "on-failure", -1), "restart");
    assert_string_equal(property(RADIO, "on-reset", -1), "stop");
    assert_true(has(RADIO, "idle-time"));
    assert_true(has(RADIO, "no-autostart"));
}

static void what_two_share_is_there_once(void **state)
{
    (void)state;
    assert_string_equal(property(SECOND, "kernel", -1), "phone-kernel");
    assert_string_equal(property(RADIO, "kernel", -1), "phone-initrd");
    assert_false(has(SECOND, "console") || has(SECOND, "initrd") || has(SECOND, "cmdline"));
}

static void firmware_has_what_it_fetches_beside_it(void **state)
{
    (void)state;
    assert_string_equal(property(LOADER, "kind", -1), "firmware");
    assert_string_equal(property(LOADER, "kernel", -1), "loader-image");
    assert_string_equal(property(LOADER, "payload", -1), "phone-kernel");
    assert_string_equal(property(LOADER, "initrd", -1), "phone-initrd");
    assert_string_equal(property(LOADER, "cmdline", -1), "quiet");
    assert_false(has(PHONE, "payload"));
}

static void who_may_be_debugged_is_said_and_who_does_it_is_there(void **state)
{
    (void)state;
    assert_true(has(RADIO, "debug"));
    assert_false(has(PHONE, "debug"));
    assert_int_equal(u32(BELAY_BUNDLE_CONFIG "/services/gdb", "priority"), 80);
}

static void a_watchdog_has_its_limit_and_what_comes_of_it(void **state)
{
    (void)state;
    assert_true(has(SECOND, "watchdog"));
    assert_int_equal(u64(SECOND, "watchdog-ns"), 10 * SEC);
    assert_string_equal(property(SECOND, "on-hang", -1), "restart");
    assert_int_equal(u32(BELAY_BUNDLE_CONFIG "/services/watchdog", "priority"), 110);
}

static void a_linux_is_told_to_stop_and_others_that_say_so(void **state)
{
    (void)state;
    assert_int_equal(u64(PHONE, "stop-ns"), 60 * SEC);
    assert_int_equal(u64(SECOND, "stop-ns"), 5 * SEC);
    assert_false(has(RADIO, "stop-ns"));
}

static void vms_stand_in_the_order_of_the_file(void **state)
{
    int vm = fdt_first_subnode(bundle, node(BELAY_BUNDLE_CONFIG "/vms"));
    (void)state;
    assert_string_equal(fdt_get_name(bundle, vm, NULL), "phone");
    vm = fdt_next_subnode(bundle, vm);
    assert_string_equal(fdt_get_name(bundle, vm, NULL), "second");
    vm = fdt_next_subnode(bundle, vm);
    assert_string_equal(fdt_get_name(bundle, vm, NULL), "radio");
}

static void services_have_priorities_and_budgets(void **state)
{
    (void)state;
    assert_string_equal(property(BELAY_BUNDLE_CONFIG "/services/console", "image", -1), "console");
    assert_int_equal(u32(BELAY_BUNDLE_CONFIG "/services/console", "priority"), 90);
    assert_int_equal(u64(BELAY_BUNDLE_CONFIG "/services/console", "budget-ns"), 400 * USEC);
    assert_int_equal(u64(BELAY_BUNDLE_CONFIG "/services/console", "period-ns"), 4 * MSEC);
    assert_int_equal(u32(BELAY_BUNDLE_CONFIG "/services/steward", "priority"), 120);
}

static void the_same_input_gives_the_same_bytes(void **state)
{
    size_t size;
    const uint8_t *again = pack(0, &size);
    (void)state;
    assert_int_equal(size, bundle_size);
    assert_memory_equal(again, bundle, size);
    munmap((void *)(uintptr_t)again, size);
}

static void a_missing_service_is_named(void **state)
{
    struct report r = { .file = "machine.yaml" };
    struct config c;
    struct fit fit;
    (void)state;
    assert_true(config_load(&c, "machine.yaml", &r) && check_config(&c));
    struct parts without = parts;
    without.steward = (char *)"nothing.svc";
    char *wrong = fit_make(&fit, &c, &without, 0);
    assert_string_equal(wrong, "nothing.svc: does not exist");
    free(wrong);
    fit_free(&fit);
    config_free(&c);
}

static void a_full_disk_is_an_error(void **state)
{
    struct report r = { .file = "machine.yaml" };
    struct config c;
    struct fit fit;
    int ends[2];
    (void)state;
    assert_true(config_load(&c, "machine.yaml", &r) && check_config(&c));
    assert_null(fit_make(&fit, &c, &parts, 0));
    assert_int_equal(pipe(ends), 0);
    char *wrong = fit_write(&fit, ends[1]);     /* has no size that could be set */
    assert_non_null(wrong);
    free(wrong);
    close(ends[0]);
    close(ends[1]);
    fit_free(&fit);
    config_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tree_is_a_fit),
        cmocka_unit_test(images_are_where_the_tree_says),
        cmocka_unit_test(the_bytes_are_the_files),
        cmocka_unit_test(images_have_their_kind),
        cmocka_unit_test(a_linux_has_all_its_properties),
        cmocka_unit_test(a_raw_image_has_all_its_properties),
        cmocka_unit_test(what_two_share_is_there_once),
        cmocka_unit_test(a_linux_is_told_to_stop_and_others_that_say_so),
        cmocka_unit_test(a_watchdog_has_its_limit_and_what_comes_of_it),
        cmocka_unit_test(firmware_has_what_it_fetches_beside_it),
        cmocka_unit_test(who_may_be_debugged_is_said_and_who_does_it_is_there),
        cmocka_unit_test(vms_stand_in_the_order_of_the_file),
        cmocka_unit_test(services_have_priorities_and_budgets),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(a_missing_service_is_named),
        cmocka_unit_test(a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
