/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <libfdt.h>

#define DEFAULT_UART_HZ 24000000u   /* that of Arm's reference boards */
#define GIC_SPI         0u          /* first cell of an interrupt (the GIC's device tree binding) */
#define GIC_SPI_FIRST   32u
#define IRQ_TYPE_EDGE   3u          /* third cell: rising or falling */

static const void *property(const void *fdt, int node, const char *name, uint32_t *bytes)
{
    int size;
    const void *data = fdt_getprop(fdt, node, name, &size);

    *bytes = data ? (uint32_t)size : 0;
    return data;
}

static uint64_t read_cells(const fdt32_t *cells, int count)
{
    uint64_t v = 0;

    while (count-- > 0)
        v = v << 32 | fdt32_ld(cells++);
    return v;
}

static bool read_regs(const void *fdt, const char *path, int parent, struct host_device *d, struct problem *why)
{
    int address_cells = fdt_address_cells(fdt, parent), size_cells = fdt_size_cells(fdt, parent);
    uint32_t bytes, step;
    const fdt32_t *reg = property(fdt, d->node, "reg", &bytes);

    if (address_cells < 1 || address_cells > 2 || size_cells < 1 || size_cells > 2)
        return problem(why, "host device tree: %s: its bus has odd cell counts", path);
    step = (uint32_t)(address_cells + size_cells);
    if (bytes == 0 || bytes % (step * 4) || bytes / (step * 4) > HOST_REGS_MAX)
        return problem(why, "host device tree: %s: reg is not a list of 1 to %d ranges", path, HOST_REGS_MAX);
    for (d->regs = 0; d->regs < bytes / (step * 4); d->regs++, reg += step)
        d->reg[d->regs] = (struct host_range){ read_cells(reg, address_cells),
                                               read_cells(reg + address_cells, size_cells) };
    return true;
}

bool host_irq_of(const void *cells, struct host_irq *irq)
{
    const fdt32_t *cell = cells;

    *irq = (struct host_irq){ GIC_SPI_FIRST + fdt32_ld(cell + 1), fdt32_ld(cell + 2) & IRQ_TYPE_EDGE };
    return fdt32_ld(cell) == GIC_SPI;
}

static bool read_irqs(const void *fdt, const char *path, struct host_device *d, struct problem *why)
{
    uint32_t bytes;
    const fdt32_t *cell = property(fdt, d->node, "interrupts", &bytes);

    if (bytes % 12 || bytes / 12 > HOST_IRQS_MAX)
        return problem(why, "host device tree: %s: interrupts is not a list of up to %d", path, HOST_IRQS_MAX);
    for (d->irqs = 0; d->irqs < bytes / 12; d->irqs++, cell += 3)
        if (!host_irq_of(cell, &d->irq[d->irqs]))
            return problem(why, "host device tree: %s: has an interrupt that is not an SPI", path);
    return true;
}

/* Addresses on the way from the root are not translated: each bus has an empty `ranges`. */
static bool find_node(const void *fdt, const char *path, uint32_t length, int *parent, int *node)
{
    *parent = -1;
    *node = path[0] == '/' ? 0 : -FDT_ERR_NOTFOUND;
    for (uint32_t at = 1, end; *node >= 0 && at < length; at = end + 1) {
        const char *slash = memchr(path + at, '/', length - at);
        end = slash ? (uint32_t)(slash - path) : length;
        uint32_t bytes;
        if (*node > 0 && (property(fdt, *node, "ranges", &bytes) == NULL || bytes))
            return false;
        *parent = *node;
        *node = fdt_subnode_offset_namelen(fdt, *node, path + at, (int)(end - at));
    }
    return *node > 0;
}

static bool find_device(const void *fdt, const char *path, uint32_t length, struct host_device *d, struct problem *why)
{
    int parent;

    if (!find_node(fdt, path, length, &parent, &d->node))
        return problem(why, "host device tree: %s: there is no such device", path);
    d->name = fdt_get_name(fdt, d->node, NULL);
    return d->name ? read_regs(fdt, path, parent, d, why) && read_irqs(fdt, path, d, why)
                   : problem(why, "host device tree: %s: has no name", path);
}

bool host_find_device(const void *fdt, const char *path, struct host_device *device, struct problem *why)
{
    return find_device(fdt, path, (uint32_t)strlen(path), device, why);
}

static uint32_t clock_of(const void *fdt, int node)
{
    uint32_t bytes;
    const fdt32_t *clocks = property(fdt, node, "clocks", &bytes);
    int clock = bytes >= 4 ? fdt_node_offset_by_phandle(fdt, fdt32_ld(clocks)) : -1;
    const fdt32_t *hz = clock >= 0 ? property(fdt, clock, "clock-frequency", &bytes) : NULL;

    return hz && bytes == 4 ? fdt32_ld(hz) : DEFAULT_UART_HZ;
}

/* "/pl011@9000000:115200n8", or an alias in place of the path: *length is that of the path. */
static const char *stdout_path(const void *fdt, uint32_t *length)
{
    uint32_t bytes;
    int chosen = fdt_subnode_offset(fdt, 0, "chosen");
    const char *path = chosen >= 0 ? property(fdt, chosen, "stdout-path", &bytes) : NULL;

    if (path == NULL || bytes == 0 || path[bytes - 1] != '\0')
        return NULL;
    *length = (uint32_t)strcspn(path, ":");
    if (path[0] == '/')
        return path;
    path = fdt_get_alias_namelen(fdt, path, (int)*length);
    *length = path ? (uint32_t)strlen(path) : 0;
    return path;
}

bool host_find_uart(const void *fdt, struct host_uart *uart, struct problem *why)
{
    struct host_device d;
    uint32_t length;
    const char *path = stdout_path(fdt, &length);

    if (path == NULL)
        return problem(why, "host device tree: /chosen: stdout-path is missing or names nothing");
    if (!find_device(fdt, path, length, &d, why))
        return false;
    if (fdt_node_check_compatible(fdt, d.node, "arm,pl011") != 0)
        return problem(why, "host device tree: %s: is not an arm,pl011", path);
    if (d.irqs == 0)
        return problem(why, "host device tree: %s: has no interrupt", path);
    *uart = (struct host_uart){ d.name, d.reg[0].address, clock_of(fdt, d.node), d.irq[0] };
    return true;
}

bool host_find_rtc(const void *fdt, struct host_range *registers)
{
    char path[128];
    struct host_device d;
    struct problem why;
    int node = fdt_node_offset_by_compatible(fdt, -1, "arm,pl031");

    if (node < 0 || fdt_get_path(fdt, node, path, sizeof path) < 0 || !host_find_device(fdt, path, &d, &why))
        return false;
    *registers = d.reg[0];
    return true;
}
