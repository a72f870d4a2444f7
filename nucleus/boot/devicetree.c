/* SPDX-License-Identifier: Apache-2.0 */
/* What the host has, from its device tree (Devicetree Specification v0.4), in one pass over its nodes. */
#include <libfdt.h>

#include "arm64/stage1.h"
#include "base/address.h"
#include "base/string.h"
#include "boot/boot.h"
#include "core/machine.h"

#define TREE "host device tree"

struct cells { int address, size; };

#define UARTS_MAX 4
#define DEPTH_MAX 8

struct found {
    int chosen;
    unsigned uarts;
    struct { int node, parent; } uart[UARTS_MAX];
};

static uint64_t read_cells(const fdt32_t *p, int cells)
{
    uint64_t v = 0;

    for (; cells > 0; cells--, p++)
        v = v << 32 | fdt32_ld(p);
    return v;
}

/* The last answer is kept: most devices hang on one bus. */
static struct cells parent_cells(const void *fdt, int parent)
{
    static struct { int parent; struct cells cells; } last = { .parent = -1 };

    if (parent == last.parent)
        return last.cells;
    struct cells c = { fdt_address_cells(fdt, parent), fdt_size_cells(fdt, parent) };
    if (c.address < 1 || c.address > 2 || c.size < 1 || c.size > 2)
        boot_fail(TREE, fdt_get_name(fdt, parent, NULL), "#address-cells and #size-cells must be 1 or 2");
    last.parent = parent;
    last.cells = c;
    return c;
}

/* Entry n of a node's reg: false behind the last. */
static bool read_reg(const void *fdt, int node, struct cells c, int n, struct range *out)
{
    int length;
    const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &length);
    int entry = c.address + c.size;

    if (reg == NULL || length % (entry * 4) || length == 0)
        boot_fail(TREE, fdt_get_name(fdt, node, NULL), "reg is missing or has a wrong length");
    if ((n + 1) * entry * 4 > length)
        return false;
    reg += n * entry;
    out->start = read_cells(reg, c.address);
    uint64_t size = read_cells(reg + c.address, c.size);
    if (size > UINT64_MAX - out->start)
        boot_fail(TREE, fdt_get_name(fdt, node, NULL), "reg wraps round the address space");
    out->end = out->start + size;
    return true;
}

static void map_uart(const struct range *reg)
{
    boot_map(reg->start & ~(BLOCK_SIZE - 1), (reg->start | (BLOCK_SIZE - 1)) + 1, S1_MMIO);
    machine.uart = reg->start;
}

/* The path in /chosen/stdout-path, or the name of an alias; what follows a colon is for the driver. Its length, or 0. */
static int stdout_path(const void *fdt, int chosen, const char **path)
{
    int length = 0;

    *path = chosen < 0 ? NULL : fdt_getprop(fdt, chosen, "stdout-path", &length);
    if (*path == NULL || length < 2)
        return 0;
    const char *colon = memchr(*path, ':', (size_t)length);
    return colon ? (int)(colon - *path) : length - 1;
}

void boot_read_console(const void *fdt)
{
    const char *path;
    int length = stdout_path(fdt, fdt_path_offset(fdt, "/chosen"), &path);
    int node = length ? fdt_path_offset_namelen(fdt, path, length) : -1;
    struct range reg;

    if (node < 0 || fdt_node_check_compatible(fdt, node, "arm,pl011") != 0)
        return;
    if (read_reg(fdt, node, parent_cells(fdt, fdt_parent_offset(fdt, node)), 0, &reg))
        map_uart(&reg);
}

/* As boot_read_console, by what the pass over all nodes has found; an alias is left to that. */
static void choose_console(const void *fdt, const struct found *found)
{
    const char *path;
    int length = stdout_path(fdt, found->chosen, &path);
    struct range reg;

    for (unsigned i = 0; i < found->uarts; i++) {
        const char *name = fdt_get_name(fdt, found->uart[i].node, NULL);
        int n = (int)strlen(name);
        if (length == n + 1 && path[0] == '/' && memcmp(path + 1, name, (size_t)n) == 0) {
            if (read_reg(fdt, found->uart[i].node, parent_cells(fdt, found->uart[i].parent), 0, &reg))
                map_uart(&reg);
            return;
        }
    }
    boot_read_console(fdt);
}

static void read_chosen(const void *fdt, int node, struct host *host)
{
    int length;
    const fdt32_t *start = fdt_getprop(fdt, node, "linux,initrd-start", &length);
    if (start == NULL || (length != 4 && length != 8))
        boot_fail(TREE, "/chosen", "no linux,initrd-start: the boot loader passed no bundle");
    host->bundle.start = read_cells(start, length / 4);
    const fdt32_t *end = fdt_getprop(fdt, node, "linux,initrd-end", &length);
    if (end == NULL || (length != 4 && length != 8))
        boot_fail(TREE, "/chosen", "no linux,initrd-end: the boot loader passed no bundle");
    host->bundle.end = read_cells(end, length / 4);
    if (host->bundle.start >= host->bundle.end || !page_aligned(host->bundle.start))
        boot_fail(TREE, "/chosen", "linux,initrd-start and -end: the bundle must start on a page and not be empty");
}

static void read_memory(const void *fdt, int node, struct host *host)
{
    struct range reg;

    for (int n = 0; read_reg(fdt, node, parent_cells(fdt, 0), n, &reg); n++)
        ranges_add(&host->ram, (reg.start + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1), reg.end & ~(PAGE_SIZE - 1));
}

static void read_reserved(const void *fdt, int parent, struct host *host)
{
    int node;
    struct range reg;

    fdt_for_each_subnode(node, fdt, parent)
        if (fdt_getprop(fdt, node, "reg", NULL))        /* one without is for the operating system to place */
            for (int n = 0; read_reg(fdt, node, parent_cells(fdt, parent), n, &reg); n++)
                ranges_add(&host->reserved, reg.start, reg.end);
}

/* A CPU's reg is its affinity (Devicetree Specification, 3.8; arm/cpus.yaml), without a size. */
static void read_cpu(const void *fdt, int node, struct host *host)
{
    const char *name = fdt_get_name(fdt, node, NULL);
    int length;
    const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &length);

    if (reg == NULL || (length != 4 && length != 8))
        boot_fail(TREE, name, "reg is missing or is not one affinity");
    if (host->cpus < CPUS_MAX)                          /* more stay off */
        host->cpu[host->cpus++] = (struct host_cpu){ read_cells(reg, length / 4), name };
}

static void read_psci(const void *fdt, int node)
{
    int length;
    const char *method = fdt_getprop(fdt, node, "method", &length);

    if (method == NULL || length != 4 || (memcmp(method, "smc", 4) != 0 && memcmp(method, "hvc", 4) != 0))
        boot_fail(TREE, "/psci", "method must be \"smc\" or \"hvc\"");
    machine.psci = true;
    machine.psci_smc = memcmp(method, "smc", 3) == 0;
}

/* GICD and the first redistributor region (arm,gic-v3.yaml); GICD, GICC, GICH and GICV (arm,gic.yaml), each whole pages. */
static void read_gic(const void *fdt, int node, int parent, unsigned version, struct host *host)
{
    static const uint64_t least[4][GIC_FRAMES_MAX] = { [2] = { 0x1000, 0x2000, 0x1000, 0x2000 }, [3] = { 0x10000, 0x20000 } };
    const char *name = fdt_get_name(fdt, node, NULL);
    struct cells c = parent_cells(fdt, parent);
    struct gic_info *gic = &host->gic;

    *gic = (struct gic_info){ .version = version, .frames = version == 2 ? 4 : 2 };
    for (unsigned i = 0; i < gic->frames; i++) {
        struct range r;
        if (!read_reg(fdt, node, c, (int)i, &r))
            boot_fail(TREE, name, version == 2 ? "reg must name GICD, GICC, GICH and GICV: a GICv2 that can be virtualised"
                                               : "reg must name a distributor and a redistributor region");
        gic->frame[i].start = r.start;
        gic->frame[i].bytes = r.end - r.start;
        if (gic->frame[i].bytes < least[version][i] || !page_aligned(r.start))
            boot_fail(TREE, name, version == 2 ? "reg is too small for a GICv2, or not on a page"
                                               : "reg is too small for a GICv3, or not on a page");
    }
}

/* `word` is a literal, and its length known to the compiler. */
static inline __attribute__((always_inline)) bool named(const char *name, const char *word)
{
    size_t n = __builtin_strlen(word);

    return name[0] == word[0] && strncmp(name, word, n) == 0 && (name[n] == 0 || name[n] == '@');
}

static bool compatible(const void *fdt, int node, const char *with)
{
    return fdt_node_check_compatible(fdt, node, with) == 0;
}

/* The nodes are known by their generic names (Devicetree Specification, 2.2.2), which costs less than each one's compatible. */
static void read_node(const void *fdt, int node, int parent, int depth, struct host *host, struct found *found)
{
    const char *name = fdt_offset_ptr(fdt, (unsigned)node + FDT_TAGSIZE, 1);    /* fdt_next_tag has checked it */

    if (depth == 1 && named(name, "memory")) {
        read_memory(fdt, node, host);
    } else if (depth == 1 && named(name, "chosen")) {
        found->chosen = node;
        read_chosen(fdt, node, host);
    } else if (depth == 1 && named(name, "reserved-memory")) {
        read_reserved(fdt, node, host);
    } else if (depth == 2 && named(name, "cpu")) {
        read_cpu(fdt, node, host);
    } else if (named(name, "psci")) {
        read_psci(fdt, node);
    } else if (named(name, "intc") || named(name, "interrupt-controller")) {
        if (compatible(fdt, node, "arm,gic-v3"))
            read_gic(fdt, node, parent, 3, host);
        else if (compatible(fdt, node, "arm,cortex-a15-gic") || compatible(fdt, node, "arm,gic-400"))
            read_gic(fdt, node, parent, 2, host);
    } else if ((named(name, "pl011") || named(name, "serial") || named(name, "uart")) && found->uarts < UARTS_MAX) {
        if (compatible(fdt, node, "arm,pl011")) {
            found->uart[found->uarts].node = node;
            found->uart[found->uarts++].parent = parent;
        }
    }
}

static void read_memory_reservations(const void *fdt, struct host *host)
{
    for (int n = 0; n < fdt_num_mem_rsv(fdt); n++) {
        uint64_t start, size;
        if (fdt_get_mem_rsv(fdt, n, &start, &size) == 0 && size <= UINT64_MAX - start)
            ranges_add(&host->reserved, start, start + size);
    }
}

/* As fdt_next_tag, which calls a function for each letter of a node's name: names are most of what a board has. */
static uint32_t next_tag(const void *fdt, int at, int *next)
{
    const char *node = fdt_offset_ptr(fdt, (unsigned)at, FDT_TAGSIZE + 1);
    const char *name = node ? node + FDT_TAGSIZE : NULL, *end = NULL;

    if (name && fdt_version(fdt) >= 17 && fdt32_ld((const fdt32_t *)node) == FDT_BEGIN_NODE)
        end = memchr(name, 0, fdt_size_dt_struct(fdt) - (unsigned)at - FDT_TAGSIZE);
    if (end == NULL)
        return fdt_next_tag(fdt, at, next);
    *next = (at + 2 * (int)FDT_TAGSIZE + (int)(end - name)) & -(int)FDT_TAGSIZE;
    return FDT_BEGIN_NODE;
}

void boot_read_host(const void *fdt, struct host *host)
{
    int path[DEPTH_MAX] = { 0 };        /* the node at each depth on the way to this one */
    struct found found = { .chosen = -1 };
    int depth = -1, at = 0, next = 0;
    uint32_t tag;

    /* By tags: fdt_next_node would read each name three times, and a board has its start-up time to keep. */
    for (; (tag = next_tag(fdt, at, &next)) != FDT_END && next >= 0; at = next) {
        if (tag == FDT_END_NODE) {
            if (depth-- < 0)
                break;
        } else if (tag == FDT_BEGIN_NODE && ++depth < DEPTH_MAX) {
            path[depth] = at;
            read_node(fdt, at, depth ? path[depth - 1] : -1, depth, host, &found);
        }
    }
    if (next < 0 || tag != FDT_END)
        boot_fail(TREE, "/", "its structure is damaged");
    choose_console(fdt, &found);
    if (host->ram.count == 0)
        boot_fail(TREE, "/memory", "there is none");
    if (host->bundle.end == 0)
        boot_fail(TREE, "/chosen", "there is none: the boot loader passed no bundle");
    if (!ranges_hold(&host->ram, host->bundle.start, host->bundle.end))
        boot_fail(TREE, "/chosen", "linux,initrd-start and -end: the boot loader says that the bundle is where no memory is");
    if (host->gic.version == 0)
        boot_fail(TREE, "/", "no interrupt controller that is compatible with arm,gic-v3, arm,gic-400 or arm,cortex-a15-gic");
    read_memory_reservations(fdt, host);
}
