/* SPDX-License-Identifier: Apache-2.0 */
/* What the nucleus reads in the host's device tree, and what of it makes it halt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "boot_world.h"
#include "core/machine.h"
#include "good.h"

static _Alignas(8) uint8_t tree[0x4000];
static struct host host;

static int setup(void **state)
{
    (void)state;
    assert_true(good_host(tree, sizeof tree / 2));
    assert_int_equal(fdt_open_into(tree, tree, sizeof tree), 0);
    return 0;
}

static int node(const char *path)
{
    int n = fdt_path_offset(tree, path);

    assert_true(n >= 0);
    return n;
}

static void accepted(void)
{
    if (!world_read_host(tree, &host))
        fail_msg("%s: %s", world_node, world_why);
}

static void refused(const char *where, const char *why)
{
    assert_false(world_read_host(tree, &host));
    assert_string_equal(world_node, where);
    assert_non_null(strstr(world_why, why));
}

static void assert_range(const struct range *r, uint64_t start, uint64_t end)
{
    assert_int_equal(r->start, start);
    assert_int_equal(r->end, end);
}

static void assert_frame(enum gic_frame n, uint64_t start, uint64_t bytes)
{
    assert_int_equal(host.gic.frame[n].start, start);
    assert_int_equal(host.gic.frame[n].bytes, bytes);
}

static void what_the_board_has_is_found(void **state)
{
    (void)state;
    accepted();
    assert_int_equal(host.ram.count, 2);
    assert_range(&host.ram.range[0], 0x40000000, 0x80000000);
    assert_range(&host.ram.range[1], UINT64_C(0x880000000), UINT64_C(0x880001000));
    assert_range(&host.bundle, 0x50000000, 0x50012345);
    assert_int_equal(host.gic.version, 3);
    assert_int_equal(host.gic.frames, 2);
    assert_frame(GIC_DIST, 0x8000000, 0x10000);
    assert_frame(GIC_REDISTS, 0x80a0000, 0xf60000);
    assert_true(machine.psci && machine.psci_smc);
    assert_int_equal(machine.uart, 0x9000000);
    assert_true(world_mapped <= 0x9000000 && world_mapped_end >= 0x9001000);
}

static void what_is_reserved_is_kept_and_what_linux_would_place_is_not(void **state)
{
    (void)state;
    accepted();
    assert_int_equal(host.reserved.count, 2);
    assert_range(&host.reserved.range[0], 0x7f000000, 0x80000000);
    assert_range(&host.reserved.range[1], 0x40001000, 0x40003000);
}

static void the_affinity_of_each_cpu_is_read(void **state)
{
    (void)state;
    accepted();
    assert_int_equal(host.cpus, 2);
    assert_int_equal(host.cpu[0].affinity, 0);
    assert_int_equal(host.cpu[1].affinity, 0x101);
    assert_string_equal(host.cpu[1].name, "cpu@101");
    fdt64_t reg = cpu_to_fdt64(UINT64_C(0x0200000003));
    assert_int_equal(fdt_setprop(tree, node("/cpus/cpu@101"), "reg", &reg, sizeof reg), 0);
    accepted();
    assert_int_equal(host.cpu[1].affinity, UINT64_C(0x0200000003));
    assert_int_equal(fdt_setprop(tree, node("/cpus/cpu@101"), "reg", &reg, 3), 0);
    refused("cpu@101", "not one affinity");
}

static void the_console_may_be_an_alias(void **state)
{
    (void)state;
    int aliases = fdt_add_subnode(tree, 0, "aliases");
    assert_int_equal(fdt_setprop_string(tree, aliases, "serial0", "/pl011@9000000"), 0);
    assert_int_equal(fdt_setprop_string(tree, node("/chosen"), "stdout-path", "serial0:9600"), 0);
    accepted();
    assert_int_equal(machine.uart, 0x9000000);
}

static void a_board_without_a_console_that_is_known_has_none(void **state)
{
    (void)state;
    assert_int_equal(fdt_setprop_string(tree, node("/pl011@9000000"), "compatible", "ns16550a"), 0);
    accepted();
    assert_int_equal(machine.uart, 0);
}

static void a_board_without_psci_has_none(void **state)
{
    (void)state;
    assert_int_equal(fdt_del_node(tree, node("/psci")), 0);
    accepted();
    assert_false(machine.psci);
}

static void psci_is_called_as_it_says(void **state)
{
    (void)state;
    assert_int_equal(fdt_setprop_string(tree, node("/psci"), "method", "hvc"), 0);
    accepted();
    assert_true(machine.psci && !machine.psci_smc);
    assert_int_equal(fdt_setprop_string(tree, node("/psci"), "method", "hvcc"), 0);
    refused("/psci", "method");
}

static void a_part_that_is_missing_is_named(void **state)
{
    (void)state;
    assert_int_equal(fdt_nop_node(tree, node("/memory@40000000")), 0);
    refused("/memory", "there is none");
    setup(state);
    assert_int_equal(fdt_nop_node(tree, node("/intc@8000000")), 0);
    refused("/", "arm,gic-v3");
    setup(state);
    assert_int_equal(fdt_nop_node(tree, node("/chosen")), 0);
    refused("/chosen", "passed no bundle");
    setup(state);
    assert_int_equal(fdt_nop_property(tree, node("/chosen"), "linux,initrd-end"), 0);
    refused("/chosen", "linux,initrd-end");
}

#define RANGES(...) (const fdt64_t[]){ __VA_ARGS__ }
#define RANGE(start, bytes) cpu_to_fdt64(start), cpu_to_fdt64(bytes)

static void make_gicv2(const char *compatible, const fdt64_t *reg, int ranges)
{
    assert_int_equal(fdt_setprop_string(tree, node("/intc@8000000"), "compatible", compatible), 0);
    assert_int_equal(fdt_setprop(tree, node("/intc@8000000"), "reg", reg, ranges * 16), 0);
}

static void a_gicv2_is_four_frames(void **state)
{
    const fdt64_t *reg = RANGES(RANGE(0x8000000, 0x1000), RANGE(0x8010000, 0x2000), RANGE(0x8030000, 0x1000),
                                RANGE(0x8040000, 0x2000));

    (void)state;
    make_gicv2("arm,cortex-a15-gic", reg, 4);
    accepted();
    assert_int_equal(host.gic.version, 2);
    assert_int_equal(host.gic.frames, 4);
    assert_frame(GIC_DIST, 0x8000000, 0x1000);
    assert_frame(GIC_CPU, 0x8010000, 0x2000);
    assert_frame(GIC_HYP, 0x8030000, 0x1000);
    assert_frame(GIC_VCPU, 0x8040000, 0x2000);
    make_gicv2("arm,gic-400", reg, 4);
    accepted();
    make_gicv2("arm,gic-400", reg, 2);              /* it can't be virtualised */
    refused("intc@8000000", "GICD, GICC, GICH and GICV");
}

static void a_frame_of_a_gicv2_too_small_or_off_its_page_is_named(void **state)
{
    (void)state;
    make_gicv2("arm,gic-400", RANGES(RANGE(0x8000000, 0x1000), RANGE(0x8010000, 0x1000), RANGE(0x8030000, 0x1000),
                                     RANGE(0x8040000, 0x2000)), 4);
    refused("intc@8000000", "too small");           /* GICC_DIR is on the second page */
    make_gicv2("arm,gic-400", RANGES(RANGE(0x8000000, 0x1000), RANGE(0x8010000, 0x2000), RANGE(0x8030000, 0x1000),
                                     RANGE(0x8040800, 0x2000)), 4);
    refused("intc@8000000", "not on a page");
}

static void registers_that_wrap_round_are_named(void **state)
{
    (void)state;
    fdt64_t reg[4] = { cpu_to_fdt64(UINT64_MAX - 0xffff), cpu_to_fdt64(0x20000), cpu_to_fdt64(0x80a0000),
                       cpu_to_fdt64(0xf60000) };
    assert_int_equal(fdt_setprop(tree, node("/intc@8000000"), "reg", reg, sizeof reg), 0);
    refused("intc@8000000", "wraps round");
}

static void an_interrupt_controller_too_small_for_its_registers_is_named(void **state)
{
    (void)state;
    fdt64_t reg[4] = { cpu_to_fdt64(0x8000000), cpu_to_fdt64(0x10000), cpu_to_fdt64(0x80a0000), cpu_to_fdt64(0x1000) };
    assert_int_equal(fdt_setprop(tree, node("/intc@8000000"), "reg", reg, sizeof reg), 0);
    refused("intc@8000000", "too small");
}

static void a_bundle_off_its_page_or_empty_is_refused(void **state)
{
    (void)state;
    assert_int_equal(fdt_setprop_u32(tree, node("/chosen"), "linux,initrd-start", 0x50000004), 0);
    refused("/chosen", "start on a page");
    assert_int_equal(fdt_setprop_u32(tree, node("/chosen"), "linux,initrd-start", 0x50013000), 0);
    refused("/chosen", "not be empty");
}

static void a_bundle_where_no_memory_is_is_refused(void **state)
{
    (void)state;
    fdt64_t reg[4] = { cpu_to_fdt64(0x50001000), cpu_to_fdt64(0x30000000), cpu_to_fdt64(0x40000000), cpu_to_fdt64(0x10001000) };
    assert_int_equal(fdt_setprop(tree, node("/memory@40000000"), "reg", reg, sizeof reg), 0);
    assert_true(world_read_host(tree, &host));      /* two pieces, the one behind the other */
    reg[0] = cpu_to_fdt64(0x50002000);
    assert_int_equal(fdt_setprop(tree, node("/memory@40000000"), "reg", reg, sizeof reg), 0);
    refused("/chosen", "where no memory is");
    reg[0] = cpu_to_fdt64(0x80000000);
    assert_int_equal(fdt_setprop(tree, node("/memory@40000000"), "reg", reg, sizeof reg), 0);
    refused("/chosen", "where no memory is");
}

static void more_ranges_than_are_kept_are_refused(void **state)
{
    (void)state;
    fdt64_t reg[2 * (RANGES_MAX + 1)];
    for (unsigned i = 0; i <= RANGES_MAX; i++) {
        reg[2 * i] = cpu_to_fdt64(0x40000000 + i * UINT64_C(0x2000));
        reg[2 * i + 1] = cpu_to_fdt64(0x1000);
    }
    assert_int_equal(fdt_setprop(tree, node("/memory@40000000"), "reg", reg, sizeof reg), 0);
    refused("/memory", "more separate ranges");
}

/* Nodes that end more often than they begin, and then begin. */
static void a_structure_that_does_not_nest_is_refused(void **state)
{
    (void)state;
    fdt32_t *structure = (fdt32_t *)(void *)(tree + fdt_off_dt_struct(tree));
    for (unsigned i = 0; i < 16; i++)
        fdt32_st(structure + i, i < 2 ? (i ? 0 : FDT_BEGIN_NODE) : i < 12 ? FDT_END_NODE : i % 2 ? 0 : FDT_BEGIN_NODE);
    refused("/", "damaged");
}

static void a_hole_cuts_a_range_in_two(void **state)
{
    (void)state;
    struct ranges r = { 0 };
    ranges_add(&r, 0x1000, 0x9000);
    ranges_add(&r, 0x9000, 0x9000);         /* nothing */
    assert_int_equal(r.count, 1);
    ranges_remove(&r, 0x2fff, 0x3001);      /* two pages, by their edges */
    assert_int_equal(r.count, 2);
    assert_range(&r.range[0], 0x1000, 0x2000);
    assert_range(&r.range[1], 0x4000, 0x9000);
    assert_int_equal(ranges_take(&r, 0x2000), 0x7000);
    assert_int_equal(ranges_take(&r, 0x4000), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(what_the_board_has_is_found),
        TEST(what_is_reserved_is_kept_and_what_linux_would_place_is_not),
        TEST(the_affinity_of_each_cpu_is_read),
        TEST(the_console_may_be_an_alias),
        TEST(a_board_without_a_console_that_is_known_has_none),
        TEST(a_board_without_psci_has_none),
        TEST(psci_is_called_as_it_says),
        TEST(a_part_that_is_missing_is_named),
        TEST(a_gicv2_is_four_frames),
        TEST(a_frame_of_a_gicv2_too_small_or_off_its_page_is_named),
        TEST(registers_that_wrap_round_are_named),
        TEST(an_interrupt_controller_too_small_for_its_registers_is_named),
        TEST(a_bundle_off_its_page_or_empty_is_refused),
        TEST(a_bundle_where_no_memory_is_is_refused),
        TEST(more_ranges_than_are_kept_are_refused),
        TEST(a_structure_that_does_not_nest_is_refused),
        TEST(a_hole_cuts_a_range_in_two),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
