/* SPDX-License-Identifier: Apache-2.0 */
/* The serial port on PCI Express: the bridge of a host's device tree, and a configuration space with what is plugged in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libfdt.h>

#include "steward/memory.h"
#include "steward/pci.h"

#define BUS      0x100000u
#define FUNCTION 0x8000u        /* of each device */
#define ECAM     0x4010000000ull
#define IO       0x3eff0000ull

static _Alignas(4096) uint8_t bus[BUS];
static uint8_t tree[8192];
static struct pci_serial serial;
static struct problem why;
static bool taken;

bool memory_take_device(uint64_t pa, uint64_t bytes, struct extent *e)
{
    assert_true(pa == ECAM || taken);
    *e = (struct extent){ 1, pa, bytes, BELAY_MEM_DEVICE };
    return !taken;
}

void *view_open(struct view *v, enum view_place place, const struct extent *e, uint64_t offset, uint64_t bytes,
                unsigned flags)
{
    (void)place, (void)flags;
    assert_true(offset + bytes <= e->bytes && bytes <= BUS);
    *v = (struct view){ 1, bytes };
    return bus;
}

void view_close(struct view *v)
{
    v->bytes = 0;
}

static void cells(const char *name, const uint32_t *values, unsigned count)
{
    fdt32_t raw[64];

    for (unsigned i = 0; i < count; i++)
        raw[i] = cpu_to_fdt32(values[i]);
    fdt_property(tree, name, raw, (int)(4 * count));
}

#define CELLS(name, ...) cells(name, (const uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4)

/* As QEMU's virt board has it: 16 interrupts, swizzled, of which two lines are here. */
static void write_tree(uint32_t gic_addresses)
{
    fdt_create(tree, sizeof(tree));
    fdt_finish_reservemap(tree);
    fdt_begin_node(tree, "");
    CELLS("#address-cells", 2);
    CELLS("#size-cells", 2);
    fdt_begin_node(tree, "intc");
    CELLS("phandle", 0x8002);
    CELLS("#interrupt-cells", 3);
    CELLS("#address-cells", gic_addresses);
    fdt_end_node(tree);
    fdt_begin_node(tree, "pcie@10000000");
    fdt_property_string(tree, "compatible", "pci-host-ecam-generic");
    CELLS("reg", 0x40, 0x10000000, 0, 0x10000000);
    CELLS("ranges", 0x2000000, 0, 0x10000000, 0, 0x10000000, 0, 0x2eff0000, 0x1000000, 0, 0, 0, 0x3eff0000, 0, 0x10000);
    CELLS("interrupt-map-mask", 0x1800, 0, 0, 7);
    if (gic_addresses == 2)
        CELLS("interrupt-map", 0, 0, 0, 1, 0x8002, 0, 0, 0, 3, 4, 0x800, 0, 0, 1, 0x8002, 0, 0, 0, 4, 4);
    else
        CELLS("interrupt-map", 0, 0, 0, 1, 0x8002, 0, 3, 4, 0x800, 0, 0, 1, 0x8002, 0, 4, 1);
    fdt_end_node(tree);
    fdt_end_node(tree);
    fdt_finish(tree);
}

static uint32_t *word(unsigned device, unsigned at)
{
    return (uint32_t *)(void *)(bus + device * FUNCTION + at);
}

/* What is written to its range comes back as it is: a device of the least size. */
static void plug_in(unsigned device, uint32_t class, uint32_t bar)
{
    *word(device, 0x00) = 0x00021b36;
    *word(device, 0x08) = class << 16 | 0x0201;
    *word(device, 0x10) = bar;
    *word(device, 0x3c) = 0x100;
}

static int setup(void **state)
{
    (void)state;
    memset(bus, 0xff, sizeof(bus));
    plug_in(0, 0x0600, 0);              /* the bridge itself */
    write_tree(2);
    taken = false;
    memset(&serial, 0, sizeof(serial));
    return 0;
}

static bool find(void)
{
    return pci_find_serial(tree, &serial, &why);
}

static void fails(const char *words)
{
    assert_false(find());
    assert_string_equal(why.text, words);
}

static void a_board_without_pci_express_has_none(void **state)
{
    (void)state;
    fdt_nop_node(tree, fdt_path_offset(tree, "/pcie@10000000"));
    fails("the board has no PCI Express");
}

static void a_bus_without_a_serial_port_has_none(void **state)
{
    (void)state;
    fails("PCI Express has no serial port");
}

static void the_port_is_found_behind_others_and_reaches_no_memory(void **state)
{
    (void)state;
    plug_in(1, 0x0200, 0);
    plug_in(5, 0x0700, 1);
    assert_true(find());
    assert_int_equal(serial.ports, IO + BELAY_PAGE_SIZE);
    assert_int_equal(serial.irq.intid, 32 + 4);
    assert_int_equal(*word(5, 0x10), BELAY_PAGE_SIZE);
    assert_int_equal(*word(5, 0x04) & 0xffff, 1);       /* I/O, and no bus master */
    assert_int_equal(*word(1, 0x04), 0xffffffff);       /* the others are left as they are */
}

static void an_interrupt_controller_without_addresses_is_understood_as_well(void **state)
{
    (void)state;
    write_tree(0);
    plug_in(1, 0x0700, 1);
    assert_true(find());
    assert_int_equal(serial.irq.intid, 32 + 4);
    assert_true(serial.irq.edge);
}

static void a_port_whose_interrupt_leads_nowhere_is_named(void **state)
{
    (void)state;
    plug_in(2, 0x0700, 1);
    fails("host device tree: /pcie@10000000: interrupt-map: has no SPI for device 2");
}

static void registers_that_somebody_has_are_named(void **state)
{
    (void)state;
    plug_in(1, 0x0700, 1);
    taken = true;
    fails("host device tree: /pcie@10000000: somebody has its registers");
}

/* The ranges' values and lengths in every wrong way of one byte. */
static void a_tree_with_any_wrong_byte_does_no_harm(void **state)
{
    (void)state;
    plug_in(1, 0x0700, 1);
    for (size_t at = fdt_off_dt_struct(tree); at < fdt_totalsize(tree); at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            write_tree(2);
            tree[at] ^= (uint8_t)(1u << bit);
            taken = true;               /* a wrong address of the bus would be looked at */
            if (fdt_check_full(tree, sizeof(tree)) == 0)
                (void)find();
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(a_board_without_pci_express_has_none), TEST(a_bus_without_a_serial_port_has_none),
        TEST(the_port_is_found_behind_others_and_reaches_no_memory),
        TEST(an_interrupt_controller_without_addresses_is_understood_as_well),
        TEST(a_port_whose_interrupt_leads_nowhere_is_named), TEST(registers_that_somebody_has_are_named),
        TEST(a_tree_with_any_wrong_byte_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
