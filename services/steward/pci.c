/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device trees: Open Firmware's PCI Bus Binding, 2.1, and Recommended Practice:
 * Interrupt Mapping, 0.9. Configuration space: PCI Local Bus Specification 3.0, 6.1; as memory (ECAM):
 * PCI Express Base Specification 3.0, 7.2.2.
 */
#include "pci.h"

#include <libfdt.h>

#include "memory.h"

#define ECAM_DEVICE     0x8000u         /* of function 0 of each device of bus 0 */
#define DEVICES         32u
#define BUS_BYTES       (ECAM_DEVICE * DEVICES)

enum config { VENDOR = 0x00, COMMAND = 0x04, CLASS = 0x08, BAR0 = 0x10, INTERRUPT = 0x3c };

#define NO_VENDOR       0xffffffffu
#define CLASS_SERIAL    0x0700u         /* communication controller, serial */
#define COMMAND_IO      1u
#define BAR_IO          1u
#define BAR_IO_FLAGS    3u

#define SPACE_MASK      0x03000000u     /* of the first cell of an address */
#define SPACE_IO        0x01000000u

#define CELLS_ADDRESS   3               /* of an address on the bus */
#define CELLS_RANGE     7               /* such an address, one of the parent's in two cells, a size in two */
#define CELLS_MAP       4               /* such an address and a pin; the parent's part follows */
#define GIC_CELLS       3

struct bridge {
    int node;
    const char *name;
    uint64_t ecam, io, io_bytes;        /* physical addresses */
    uint64_t io_bus;                    /* what the bus calls the address `io` */
};

static uint64_t two_cells(const fdt32_t *cell)
{
    return (uint64_t)fdt32_ld(cell) << 32 | fdt32_ld(cell + 1);
}

/* A property of whole entries of so many cells, and how many of them; NULL when it is none. */
static const fdt32_t *entries(const void *fdt, int node, const char *name, int cells, int *count)
{
    int bytes;
    const fdt32_t *p = fdt_getprop(fdt, node, name, &bytes);

    if (p == NULL || bytes == 0 || bytes % (cells * (int)sizeof *p))
        return NULL;
    *count = bytes / (cells * (int)sizeof *p);
    return p;
}

static bool read_ranges(const void *fdt, struct bridge *b)
{
    int count = 0;
    const fdt32_t *range = entries(fdt, b->node, "ranges", CELLS_RANGE, &count);

    for (int i = 0; range && i < count; i++, range += CELLS_RANGE)
        if ((fdt32_ld(range) & SPACE_MASK) == SPACE_IO) {
            b->io_bus = two_cells(range + 1);
            b->io = two_cells(range + CELLS_ADDRESS);
            b->io_bytes = two_cells(range + 5);
            return true;
        }
    return false;
}

/* The bridge hangs on the root, whose addresses and sizes have two cells each: this is looked at, not taken for granted. */
static bool find_bridge(const void *fdt, struct bridge *b, struct problem *why)
{
    int bytes;
    b->node = fdt_node_offset_by_compatible(fdt, -1, "pci-host-ecam-generic");
    const fdt32_t *reg = b->node >= 0 ? fdt_getprop(fdt, b->node, "reg", &bytes) : NULL;

    b->name = b->node >= 0 ? fdt_get_name(fdt, b->node, NULL) : NULL;
    if (reg == NULL || b->name == NULL)
        return problem(why, "the board has no PCI Express");
    if (fdt_parent_offset(fdt, b->node) != 0 || fdt_address_cells(fdt, 0) != 2 || fdt_size_cells(fdt, 0) != 2 ||
        bytes < 16 || two_cells(reg + 2) < BUS_BYTES)
        return problem(why, "host device tree: /%s: reg is not one that is understood", b->name);
    b->ecam = two_cells(reg);
    if (!read_ranges(fdt, b) || b->io % BELAY_PAGE_SIZE || b->io_bus % BELAY_PAGE_SIZE ||
        b->io_bytes < 2 * BELAY_PAGE_SIZE || b->io_bus + 2 * BELAY_PAGE_SIZE > UINT32_MAX)
        return problem(why, "host device tree: /%s: ranges has no I/O ports", b->name);
    return true;
}

/* The interrupt controller's cells behind an entry's first CELLS_MAP and its phandle; how many there are. */
static int parent_cells(const void *fdt, uint32_t phandle, int *address_cells)
{
    int node = fdt_node_offset_by_phandle(fdt, phandle), bytes;
    const fdt32_t *cells = node >= 0 ? fdt_getprop(fdt, node, "#interrupt-cells", &bytes) : NULL;
    const fdt32_t *address = node >= 0 ? fdt_getprop(fdt, node, "#address-cells", &bytes) : NULL;

    if (cells == NULL || fdt32_ld(cells) != GIC_CELLS)
        return -1;
    *address_cells = address ? (int)(fdt32_ld(address) & 3) : 0;
    return *address_cells + GIC_CELLS;
}

/* Which interrupt that device's pin raises. */
static bool map_interrupt(const void *fdt, const struct bridge *b, uint32_t device, uint32_t pin, struct host_irq *irq)
{
    int bytes, mask_count, addresses = 0;
    const fdt32_t *mask = entries(fdt, b->node, "interrupt-map-mask", CELLS_MAP, &mask_count);
    const fdt32_t *map = fdt_getprop(fdt, b->node, "interrupt-map", &bytes);

    if (mask == NULL || map == NULL)
        return false;
    for (int left = bytes / 4; left > CELLS_MAP;) {
        int more = parent_cells(fdt, fdt32_ld(map + CELLS_MAP), &addresses);
        if (more < 0 || left < CELLS_MAP + 1 + more)
            return false;
        if (fdt32_ld(map) == (device << 11 & fdt32_ld(mask)) && fdt32_ld(map + 3) == (pin & fdt32_ld(mask + 3)))
            return host_irq_of(map + CELLS_MAP + 1 + addresses, irq);
        map += CELLS_MAP + 1 + more;
        left -= CELLS_MAP + 1 + more;
    }
    return false;
}

static volatile uint32_t *word(volatile uint8_t *function, enum config at)
{
    return (volatile uint32_t *)(uintptr_t)(function + at);
}

/* Its ports at the start of the window's second page: the bus takes address 0 for none. */
static bool turn_on(volatile uint8_t *function, const struct bridge *b)
{
    *word(function, BAR0) = UINT32_MAX;
    uint32_t size = *word(function, BAR0);

    if ((size & BAR_IO) == 0 || -(size & ~BAR_IO_FLAGS) > BELAY_PAGE_SIZE)
        return false;
    *word(function, BAR0) = (uint32_t)b->io_bus + BELAY_PAGE_SIZE;
    *(volatile uint16_t *)(uintptr_t)(function + COMMAND) = COMMAND_IO;     /* and no more: no bus mastering */
    return true;
}

static bool search(volatile uint8_t *bus, const void *fdt, const struct bridge *b, struct pci_serial *s,
                   struct problem *why)
{
    for (uint32_t device = 0; device < DEVICES; device++) {
        volatile uint8_t *function = bus + device * ECAM_DEVICE;
        if (*word(function, VENDOR) == NO_VENDOR || *word(function, CLASS) >> 16 != CLASS_SERIAL)
            continue;
        uint32_t pin = *word(function, INTERRUPT) >> 8 & 0xff;
        if (!map_interrupt(fdt, b, device, pin, &s->irq))
            return problem(why, "host device tree: /%s: interrupt-map: has no SPI for device %u", b->name, device);
        if (!turn_on(function, b))
            return problem(why, "PCI device %u: its first range is not I/O ports", device);
        s->ports = b->io + BELAY_PAGE_SIZE;
        return true;
    }
    return problem(why, "PCI Express has no serial port");
}

bool pci_find_serial(const void *fdt, struct pci_serial *serial, struct problem *why)
{
    struct bridge b = { 0 };
    struct extent ecam;
    struct view v;

    if (!find_bridge(fdt, &b, why))
        return false;
    if (!memory_take_device(b.ecam, BUS_BYTES, &ecam))
        return problem(why, "host device tree: /%s: somebody has its registers", b.name);
    volatile uint8_t *bus = view_open(&v, VIEW_SERVICE, &ecam, 0, BUS_BYTES, BELAY_MAP_READ | BELAY_MAP_WRITE);
    bool found = bus ? search(bus, fdt, &b, serial, why) : problem(why, "the steward has no room to see PCI Express");
    view_close(&v);
    return found;
}
