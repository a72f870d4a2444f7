/* SPDX-License-Identifier: Apache-2.0 */
/* The device tree that a guest is given, and the host's that devices come from. */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <libfdt.h>

#include "good.h"
#include "steward/devicetree.h"
#include "steward/handset.h"
#include "steward/host.h"

static _Alignas(8) char host[8192], guest[HANDSET_DTB_MAX];
static struct problem why;

#define PROPERTY_CELLS(node, name, ...) \
    cells(node, name, (uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4)

static void cells(int node, const char *name, const uint32_t *cell, size_t count)
{
    fdt32_t big[32];

    for (size_t i = 0; i < count; i++)
        big[i] = cpu_to_fdt32(cell[i]);
    assert_int_equal(fdt_setprop(host, node, name, big, (int)(count * 4)), 0);
}

static int add(int parent, const char *name)
{
    int node = fdt_add_subnode(host, parent, name);

    assert_true(node > 0);
    return node;
}

/* libfdt puts each new node first, so what was said of earlier ones is looked up again. */
static int node(const char *path)
{
    int at = fdt_path_offset(host, path);

    assert_true(at >= 0);
    return at;
}

/* A host like QEMU's, open for changes. */
static int write_host(void **state)
{
    (void)state;
    good_host(host, sizeof host);
    assert_int_equal(fdt_open_into(host, host, sizeof host), 0);
    return 0;
}

static struct guest_tree plain(void)
{
    return (struct guest_tree){ .memory = 512 << 20, .vcpus = 1, .cmdline = "console=ttyAMA0 quiet", .host = host };
}

static const void *property(const char *path, const char *name, int bytes)
{
    int size = 0, at = fdt_path_offset(guest, path);
    const void *p = at >= 0 ? fdt_getprop(guest, at, name, &size) : NULL;

    if (p)
        assert_int_equal(size, bytes);
    return p;
}

static uint64_t cell64(const void *p)
{
    assert_non_null(p);
    return fdt64_ld(p);
}

static void a_guest_finds_qemus_virt_board(void **state)
{
    struct guest_tree g = plain();

    (void)state;
    g.uart = g.watchdog = g.rtc = g.gpio = true;
    g.vcpus = 2;
    g.initrd = 0x48000000;
    g.initrd_bytes = 0x1234;
    assert_true(devicetree_write(guest, sizeof guest, &g) > 500);
    assert_int_equal(fdt_check_full(guest, sizeof guest), 0);
    assert_string_equal(property("/", "compatible", 17), "linux,dummy-virt");
    assert_int_equal(cell64(property("/memory@40000000", "reg", 16)), 0x40000000);
    assert_string_equal(property("/cpus/cpu@1", "enable-method", 5), "psci");
    assert_string_equal(property("/psci", "method", 4), "hvc");
    assert_non_null(property("/timer", "interrupts", 48));
    assert_string_equal(property("/intc@8000000", "compatible", 11), "arm,gic-v3");
    assert_int_equal(cell64((const char *)property("/intc@8000000", "reg", 32) + 24), 0x40000);
    assert_string_equal(property("/pl011@9000000", "compatible", 24), "arm,pl011");
    assert_string_equal(property("/watchdog@9100000", "compatible", 14), "arm,sbsa-gwdt");
    const char *frames = property("/watchdog@9100000", "reg", 32);
    assert_int_equal(cell64(frames), 0x9101000);        /* control */
    assert_int_equal(cell64(frames + 16), 0x9100000);   /* refresh */
    assert_int_equal(fdt32_ld((const fdt32_t *)property("/watchdog@9100000", "interrupts", 12) + 1), 10);
    assert_string_equal(property("/pl031@9010000", "compatible", 24), "arm,pl031");
    assert_int_equal(cell64(property("/pl031@9010000", "reg", 16)), 0x9010000);
    assert_int_equal(fdt32_ld((const fdt32_t *)property("/pl031@9010000", "interrupts", 12) + 1), 2);
    assert_string_equal(property("/fw-cfg@9020000", "compatible", 17), "qemu,fw-cfg-mmio");
    assert_int_equal(cell64((const char *)property("/fw-cfg@9020000", "reg", 16) + 8), 0x18);
    assert_string_equal(property("/pl061@9030000", "compatible", 24), "arm,pl061");
    assert_int_equal(fdt32_ld((const fdt32_t *)property("/pl061@9030000", "interrupts", 12) + 1), 7);
    const fdt32_t *key = property("/gpio-keys/poweroff", "gpios", 12);
    assert_int_equal(fdt_node_offset_by_phandle(guest, fdt32_ld(key)), fdt_path_offset(guest, "/pl061@9030000"));
    assert_int_equal(fdt32_ld(key + 1), 3);
    assert_int_equal(fdt32_ld(property("/gpio-keys/poweroff", "linux,code", 4)), 116);
    assert_string_equal(property("/chosen", "bootargs", 22), "console=ttyAMA0 quiet");
    assert_string_equal(property("/chosen", "stdout-path", 15), "/pl011@9000000");
    assert_int_equal(cell64(property("/chosen", "linux,initrd-end", 8)), 0x48001234);
}

static void a_gicv2_is_as_qemus_virt_board_has_it(void **state)
{
    struct guest_tree g = plain();

    (void)state;
    g.gic = 2;
    g.vcpus = 3;
    assert_true(devicetree_write(guest, sizeof guest, &g) != 0);
    assert_string_equal(property("/intc@8000000", "compatible", 19), "arm,cortex-a15-gic");
    const uint8_t *reg = property("/intc@8000000", "reg", 32);
    assert_int_equal(cell64(reg), 0x08000000);
    assert_int_equal(cell64(reg + 8), 0x10000);
    assert_int_equal(cell64(reg + 16), 0x08010000);
    assert_int_equal(cell64(reg + 24), 0x10000);
    assert_null(property("/intc@8000000", "#redistributor-regions", 4));
    const fdt32_t *timer = property("/timer", "interrupts", 48);
    assert_int_equal(fdt32_ld(timer + 8), 0x704);   /* level, of all three CPUs */
}

static void a_guest_that_manages_has_a_second_uart(void **state)
{
    struct guest_tree g = plain();

    (void)state;
    g.uart = g.link = true;
    assert_true(devicetree_write(guest, sizeof guest, &g));
    assert_string_equal(property("/pl011@9040000", "compatible", 24), "arm,pl011");
    assert_int_equal(fdt32_ld((const fdt32_t *)property("/pl011@9040000", "interrupts", 12) + 1), HANDSET_LINK_INTID - 32);
    assert_string_equal(property("/chosen", "stdout-path", 15), "/pl011@9000000");
    g.link = false;
    assert_true(devicetree_write(guest, sizeof guest, &g));
    assert_int_equal(fdt_path_offset(guest, "/pl011@9040000"), -FDT_ERR_NOTFOUND);
}

static void a_guest_that_starts_from_firmware_has_the_second_bank_of_flash(void **state)
{
    struct guest_tree g = plain();

    (void)state;
    g.flash = true;
    assert_true(devicetree_write(guest, sizeof guest, &g));
    assert_string_equal(property("/flash@4000000", "compatible", 10), "cfi-flash");
    assert_int_equal(cell64(property("/flash@4000000", "reg", 16)), 0x4000000);
    assert_int_equal(cell64((const char *)property("/flash@4000000", "reg", 16) + 8), 0x4000000);
    assert_int_equal(fdt32_ld(property("/flash@4000000", "bank-width", 4)), 4);
    g.flash = false;
    assert_true(devicetree_write(guest, sizeof guest, &g));
    assert_int_equal(fdt_path_offset(guest, "/flash@4000000"), -FDT_ERR_NOTFOUND);
}

static void there_is_no_node_for_what_is_not_there(void **state)
{
    struct guest_tree g = plain();

    (void)state;
    assert_true(devicetree_write(guest, sizeof guest, &g));
    assert_int_equal(fdt_path_offset(guest, "/pl011@9000000"), -FDT_ERR_NOTFOUND);
    assert_int_equal(fdt_path_offset(guest, "/watchdog@9100000"), -FDT_ERR_NOTFOUND);
    assert_int_equal(fdt_path_offset(guest, "/pl031@9010000"), -FDT_ERR_NOTFOUND);
    assert_int_equal(fdt_path_offset(guest, "/gpio-keys"), -FDT_ERR_NOTFOUND);
    assert_int_equal(fdt_path_offset(guest, "/aliases"), -FDT_ERR_NOTFOUND);
    assert_int_equal(fdt_path_offset(guest, "/cpus/cpu@1"), -FDT_ERR_NOTFOUND);
    assert_null(property("/chosen", "stdout-path", 0));
    assert_null(property("/chosen", "linux,initrd-start", 0));
}

static void a_device_is_copied_without_what_names_other_nodes(void **state)
{
    struct guest_tree g = plain();
    struct host_device d;

    (void)state;
    assert_true(host_find_device(host, "/soc/rtc@9010000", &d, &why));
    assert_int_equal(d.irq[0].intid, 34);
    assert_true(d.irq[0].edge);
    g.devices = 1;
    g.device = &d;
    assert_true(devicetree_write(guest, sizeof guest, &g));
    assert_string_equal(property("/rtc@9010000", "compatible", 10), "arm,pl031");
    assert_int_equal(cell64(property("/rtc@9010000", "reg", 16)), 0x9010000);
    assert_non_null(property("/rtc@9010000", "interrupts", 12));
    assert_null(property("/rtc@9010000", "iommus", 0));
    assert_int_equal(fdt_node_offset_by_phandle(guest, fdt32_ld(property("/rtc@9010000", "clocks", 4))),
                     fdt_path_offset(guest, "/apb-pclk"));
}

static void dtc_has_nothing_to_say_against_it(void **state)
{
    struct guest_tree g = plain();
    char file[] = "/tmp/belay-tree-XXXXXX", command[128], said[256] = "";

    (void)state;
    if (system("command -v dtc >/dev/null") != 0)
        skip();
    g.uart = g.watchdog = g.rtc = g.gpio = g.flash = true;
    g.vcpus = 4;
    size_t bytes = devicetree_write(guest, sizeof guest, &g);
    int fd = mkstemp(file);
    assert_int_equal(write(fd, guest, bytes), bytes);
    close(fd);
    snprintf(command, sizeof command, "dtc -I dtb -O dtb -o /dev/null %s 2>&1", file);
    FILE *dtc = popen(command, "r");
    size_t n = fread(said, 1, sizeof said - 1, dtc);
    assert_int_equal(pclose(dtc), 0);
    unlink(file);
    if (n)
        print_error("%s", said);
    assert_int_equal(n, 0);
}

static void a_tree_that_has_no_room_is_not_written_halfway(void **state)
{
    static _Alignas(8) char small[HANDSET_DTB_MAX];
    struct guest_tree g = plain();

    (void)state;
    size_t whole = devicetree_write(guest, sizeof guest, &g);
    for (size_t size = 0; size < whole; size += 7) {
        char *exact = malloc(size);     /* so that a write beyond it is found */
        assert_int_equal(devicetree_write(exact, size, &g), 0);
        free(exact);
    }
    assert_int_equal(devicetree_write(small, whole + 64, &g), whole);
}

static void the_uart_is_the_one_that_stdout_path_names(void **state)
{
    struct host_uart uart;

    (void)state;
    assert_true(host_find_uart(host, &uart, &why));
    assert_int_equal(uart.address, 0x9000000);
    assert_int_equal(uart.irq.intid, 33);
    assert_false(uart.irq.edge);
    assert_int_equal(uart.clock_hz, 24000001);
    fdt_setprop_string(host, add(0, "aliases"), "serial0", "/pl011@9000000");
    fdt_setprop_string(host, node("/chosen"), "stdout-path", "serial0:9600");
    assert_true(host_find_uart(host, &uart, &why));
    assert_int_equal(uart.address, 0x9000000);
}

static void no_uart(const char *words)
{
    struct host_uart uart;

    assert_false(host_find_uart(host, &uart, &why));
    assert_string_equal(why.text, words);
}

static void a_host_without_a_console_is_refused_by_name(void **state)
{
    (void)state;
    fdt_setprop_string(host, node("/chosen"), "stdout-path", "/serial@0");
    no_uart("host device tree: /serial@0: there is no such device");
    fdt_setprop_string(host, node("/chosen"), "stdout-path", "serial7");
    no_uart("host device tree: /chosen: stdout-path is missing or names nothing");
    fdt_setprop_string(host, node("/chosen"), "stdout-path", "/soc/rtc@9010000");
    no_uart("host device tree: /soc/rtc@9010000: is not an arm,pl011");
    write_host(NULL);
    fdt_delprop(host, node("/pl011@9000000"), "interrupts");
    no_uart("host device tree: /pl011@9000000:115200n8: has no interrupt");
    write_host(NULL);
    fdt_del_node(host, node("/chosen"));
    no_uart("host device tree: /chosen: stdout-path is missing or names nothing");
}

static void the_clock_is_the_first_pl031(void **state)
{
    struct host_range registers;

    (void)state;
    assert_true(host_find_rtc(host, &registers));
    assert_int_equal(registers.address, 0x9010000);
    fdt_del_node(host, node("/soc/rtc@9010000"));
    assert_false(host_find_rtc(host, &registers));
}

static void no_device(const char *path, const char *words)
{
    struct host_device d;

    assert_false(host_find_device(host, path, &d, &why));
    assert_string_equal(why.text, words);
}

static void a_device_that_makes_no_sense_is_refused_by_name(void **state)
{
    (void)state;
    no_device("soc/rtc@9010000", "host device tree: soc/rtc@9010000: there is no such device");
    no_device("/", "host device tree: /: there is no such device");
    no_device("", "host device tree: : there is no such device");
    PROPERTY_CELLS(node("/soc/rtc@9010000"), "reg", 0x9010000);
    no_device("/soc/rtc@9010000", "host device tree: /soc/rtc@9010000: reg is not a list of 1 to 4 ranges");
    write_host(NULL);
    PROPERTY_CELLS(node("/soc/rtc@9010000"), "interrupts", 1, 13, 4);
    no_device("/soc/rtc@9010000", "host device tree: /soc/rtc@9010000: has an interrupt that is not an SPI");
    PROPERTY_CELLS(node("/soc/rtc@9010000"), "interrupts", 0, 13);
    no_device("/soc/rtc@9010000", "host device tree: /soc/rtc@9010000: interrupts is not a list of up to 8");
    write_host(NULL);
    PROPERTY_CELLS(node("/soc"), "ranges", 0, 0, 0, 0x1000);
    no_device("/soc/rtc@9010000", "host device tree: /soc/rtc@9010000: there is no such device");
    write_host(NULL);
    PROPERTY_CELLS(node("/soc"), "#size-cells", 0);
    no_device("/soc/rtc@9010000", "host device tree: /soc/rtc@9010000: its bus has odd cell counts");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_guest_finds_qemus_virt_board, write_host),
        cmocka_unit_test(a_gicv2_is_as_qemus_virt_board_has_it),
        cmocka_unit_test(a_guest_that_manages_has_a_second_uart),
        cmocka_unit_test(a_guest_that_starts_from_firmware_has_the_second_bank_of_flash),
        cmocka_unit_test_setup(there_is_no_node_for_what_is_not_there, write_host),
        cmocka_unit_test_setup(a_device_is_copied_without_what_names_other_nodes, write_host),
        cmocka_unit_test_setup(dtc_has_nothing_to_say_against_it, write_host),
        cmocka_unit_test_setup(a_tree_that_has_no_room_is_not_written_halfway, write_host),
        cmocka_unit_test_setup(the_uart_is_the_one_that_stdout_path_names, write_host),
        cmocka_unit_test_setup(the_clock_is_the_first_pl031, write_host),
        cmocka_unit_test_setup(a_host_without_a_console_is_refused_by_name, write_host),
        cmocka_unit_test_setup(a_device_that_makes_no_sense_is_refused_by_name, write_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
