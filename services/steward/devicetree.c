/* SPDX-License-Identifier: Apache-2.0 */
#include "devicetree.h"

#include <libfdt.h>

#include "handset.h"
#include "lib/text.h"

#define PHANDLE_GIC   1u
#define PHANDLE_CLOCK 2u
#define PHANDLE_GPIO  3u
#define KEY_POWER     116u      /* Linux's input event codes */
#define UART_HZ       24000000u

#define GIC_SPI       0u        /* cells of an interrupt, as in the GIC's binding */
#define GIC_PPI       1u
#define LEVEL_HIGH    4u
#define PPI_CPUS      8

/* libfdt keeps count of nothing after an error, so the first one is kept. */
struct writer {
    void *fdt;
    int error;
};

static void note(struct writer *w, int result)
{
    if (w->error == 0 && result < 0)
        w->error = result;
}

static void begin(struct writer *w, const char *name)
{
    note(w, fdt_begin_node(w->fdt, name));
}

static void begin_at(struct writer *w, const char *name, uint64_t unit)
{
    char full[32];

    text_format(full, sizeof full, "%s@%lx", name, (unsigned long)unit);
    begin(w, full);
}

static void end(struct writer *w)
{
    note(w, fdt_end_node(w->fdt));
}

static void bytes(struct writer *w, const char *name, const void *data, uint32_t size)
{
    note(w, fdt_property(w->fdt, name, data, (int)size));
}

static void string(struct writer *w, const char *name, const char *value)
{
    bytes(w, name, value, (uint32_t)strlen(value) + 1);
}

/* One string after the other, each with its 0: STRINGS("a\0" "b"). */
#define STRINGS(literal) (literal), sizeof(literal)

static void cells(struct writer *w, const char *name, const uint32_t *cell, uint32_t count)
{
    void *to = NULL;

    note(w, fdt_property_placeholder(w->fdt, name, (int)(count * sizeof *cell), &to));
    for (uint32_t i = 0; to && w->error == 0 && i < count; i++)
        fdt32_st((fdt32_t *)to + i, cell[i]);
}

#define CELLS(w, name, ...) \
    cells(w, name, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))
#define CELLS_64(v) (uint32_t)((uint64_t)(v) >> 32), (uint32_t)(v)

static void write_memory(struct writer *w, const struct guest_tree *g)
{
    begin_at(w, "memory", HANDSET_RAM);
    string(w, "device_type", "memory");
    CELLS(w, "reg", CELLS_64(HANDSET_RAM), CELLS_64(g->memory));
    end(w);
}

static void write_cpus(struct writer *w, const struct guest_tree *g)
{
    begin(w, "cpus");
    CELLS(w, "#address-cells", 1);
    CELLS(w, "#size-cells", 0);
    for (uint32_t i = 0; i < g->vcpus; i++) {
        begin_at(w, "cpu", i);
        string(w, "device_type", "cpu");
        string(w, "compatible", "arm,armv8");
        string(w, "enable-method", "psci");
        CELLS(w, "reg", i);
        end(w);
    }
    end(w);
    begin(w, "psci");
    bytes(w, "compatible", STRINGS("arm,psci-1.0\0" "arm,psci-0.2\0" "arm,psci"));
    string(w, "method", "hvc");
    end(w);
}

/* A GICv2's PPIs name the CPUs that have them (arm,gic.yaml). */
static void write_timer(struct writer *w, const struct guest_tree *g)
{
    uint32_t flags = LEVEL_HIGH | (g->gic == 2 ? ((1u << g->vcpus) - 1) << PPI_CPUS : 0);

    begin(w, "timer");
    string(w, "compatible", "arm,armv8-timer");
    bytes(w, "always-on", NULL, 0);
    CELLS(w, "interrupts", GIC_PPI, 13, flags, GIC_PPI, 14, flags, GIC_PPI, 11, flags, GIC_PPI, 10, flags);
    end(w);
}

static void write_gic(struct writer *w, const struct guest_tree *g)
{
    begin_at(w, "intc", HANDSET_DIST);
    string(w, "compatible", g->gic == 2 ? "arm,cortex-a15-gic" : "arm,gic-v3");
    CELLS(w, "#interrupt-cells", 3);
    bytes(w, "interrupt-controller", NULL, 0);
    CELLS(w, "#address-cells", 2);
    CELLS(w, "#size-cells", 2);
    bytes(w, "ranges", NULL, 0);
    if (g->gic == 2) {
        CELLS(w, "reg", CELLS_64(HANDSET_DIST), CELLS_64(HANDSET_DIST_BYTES),
              CELLS_64(HANDSET_GICC), CELLS_64(HANDSET_GICC_BYTES));
    } else {
        CELLS(w, "#redistributor-regions", 1);
        CELLS(w, "reg", CELLS_64(HANDSET_DIST), CELLS_64(HANDSET_DIST_BYTES),
              CELLS_64(HANDSET_REDIST), CELLS_64((uint64_t)HANDSET_REDIST_BYTES * g->vcpus));
    }
    CELLS(w, "phandle", PHANDLE_GIC);
    end(w);
}

static void write_clock(struct writer *w)
{
    begin(w, "apb-pclk");
    string(w, "compatible", "fixed-clock");
    CELLS(w, "#clock-cells", 0);
    CELLS(w, "clock-frequency", UART_HZ);
    string(w, "clock-output-names", "clk24mhz");
    CELLS(w, "phandle", PHANDLE_CLOCK);
    end(w);
}

static void write_registers(struct writer *w, uint32_t address, uint32_t size, uint32_t intid)
{
    CELLS(w, "reg", CELLS_64(address), CELLS_64(size));
    CELLS(w, "interrupts", GIC_SPI, intid - 32, LEVEL_HIGH);
}

static void write_uart(struct writer *w, uint32_t address, uint32_t intid)
{
    begin_at(w, "pl011", address);
    bytes(w, "compatible", STRINGS("arm,pl011\0" "arm,primecell"));
    write_registers(w, address, HANDSET_UART_BYTES, intid);
    bytes(w, "clock-names", STRINGS("uartclk\0" "apb_pclk"));
    CELLS(w, "clocks", PHANDLE_CLOCK, PHANDLE_CLOCK);
    end(w);
}

static void write_rtc(struct writer *w)
{
    begin_at(w, "pl031", HANDSET_RTC);
    bytes(w, "compatible", STRINGS("arm,pl031\0" "arm,primecell"));
    write_registers(w, HANDSET_RTC, HANDSET_DEVICE_BYTES, HANDSET_RTC_INTID);
    string(w, "clock-names", "apb_pclk");
    CELLS(w, "clocks", PHANDLE_CLOCK);
    end(w);
}

/* Its second bank: the first is no flash that a driver could drive. */
static void write_flash(struct writer *w)
{
    begin_at(w, "flash", HANDSET_FLASH + HANDSET_FLASH_BANK);
    string(w, "compatible", "cfi-flash");
    CELLS(w, "reg", CELLS_64(HANDSET_FLASH + HANDSET_FLASH_BANK), CELLS_64(HANDSET_FLASH_BANK));
    CELLS(w, "bank-width", 4);
    end(w);
}

static void write_fw_cfg(struct writer *w)
{
    begin_at(w, "fw-cfg", HANDSET_FW_CFG);
    string(w, "compatible", "qemu,fw-cfg-mmio");
    CELLS(w, "reg", CELLS_64(HANDSET_FW_CFG), CELLS_64(HANDSET_FW_CFG_BYTES));
    bytes(w, "dma-coherent", NULL, 0);
    end(w);
}

static void write_gpio(struct writer *w)
{
    begin_at(w, "pl061", HANDSET_GPIO);
    bytes(w, "compatible", STRINGS("arm,pl061\0" "arm,primecell"));
    write_registers(w, HANDSET_GPIO, HANDSET_DEVICE_BYTES, HANDSET_GPIO_INTID);
    CELLS(w, "#gpio-cells", 2);
    bytes(w, "gpio-controller", NULL, 0);
    string(w, "clock-names", "apb_pclk");
    CELLS(w, "clocks", PHANDLE_CLOCK);
    CELLS(w, "phandle", PHANDLE_GPIO);
    end(w);
    begin(w, "gpio-keys");
    string(w, "compatible", "gpio-keys");
    begin(w, "poweroff");
    string(w, "label", "GPIO Key Poweroff");
    CELLS(w, "linux,code", KEY_POWER);
    CELLS(w, "gpios", PHANDLE_GPIO, HANDSET_POWER_KEY, 0);
    end(w);
    end(w);
}

/* arm,sbsa-gwdt: the control frame is the first. */
static void write_watchdog(struct writer *w)
{
    begin_at(w, "watchdog", HANDSET_WATCHDOG);
    string(w, "compatible", "arm,sbsa-gwdt");
    CELLS(w, "reg", CELLS_64(HANDSET_WATCHDOG + HANDSET_WATCHDOG_FRAME), CELLS_64(HANDSET_WATCHDOG_FRAME),
          CELLS_64(HANDSET_WATCHDOG), CELLS_64(HANDSET_WATCHDOG_FRAME));
    CELLS(w, "interrupts", GIC_SPI, HANDSET_WATCHDOG_INTID - 32, LEVEL_HIGH);
    end(w);
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

/* What is written anew, and what names other nodes of the host, which the guest has not. */
static bool is_left_out(const char *name)
{
    static const char *const names[] = {
        "phandle", "linux,phandle", "interrupt-parent", "interrupts-extended", "reg", "clocks", "status",
        "assigned-clocks", "assigned-clock-parents", "assigned-clock-rates", "iommus", "dmas", "dma-names", "resets",
        "reset-names", "power-domains", "power-domain-names", "msi-parent", "phys", "phy-names", "interconnects",
        "interconnect-names", "operating-points-v2", "mboxes", "memory-region", NULL
    };
    size_t n = strlen(name);

    return is_one_of(name, names) || strncmp(name, "pinctrl-", 8) == 0 ||
           (n > 7 && strcmp(name + n - 7, "-supply") == 0) || (n > 6 && strcmp(name + n - 6, "-gpios") == 0);
}

/* As many clocks as the device has names for, all of them the one that there is. */
static void write_clocks(struct writer *w, const struct guest_tree *g, const struct host_device *d)
{
    uint32_t clock[8];
    int count = fdt_stringlist_count(g->host, d->node, "clock-names");

    if (fdt_getprop(g->host, d->node, "clocks", NULL) == NULL)
        return;
    count = count < 1 ? 1 : count > 8 ? 8 : count;
    for (int i = 0; i < count; i++)
        clock[i] = PHANDLE_CLOCK;
    cells(w, "clocks", clock, (uint32_t)count);
}

static void write_device(struct writer *w, const struct guest_tree *g, const struct host_device *d)
{
    int at;
    uint32_t reg[HOST_REGS_MAX * 4];

    begin(w, d->name);
    fdt_for_each_property_offset(at, g->host, d->node) {
        const char *name;
        int size;
        const void *data = fdt_getprop_by_offset(g->host, at, &name, &size);
        if (data && !is_left_out(name))
            bytes(w, name, data, (uint32_t)size);
    }
    for (uint32_t i = 0; i < d->regs; i++) {
        const uint32_t range[] = { CELLS_64(d->reg[i].address), CELLS_64(d->reg[i].bytes) };
        memcpy(&reg[i * 4], range, sizeof range);
    }
    cells(w, "reg", reg, d->regs * 4);
    write_clocks(w, g, d);
    end(w);
}

static void write_chosen(struct writer *w, const struct guest_tree *g)
{
    begin(w, "chosen");
    string(w, "bootargs", g->cmdline);
    if (g->uart)
        string(w, "stdout-path", "/pl011@9000000");
    if (g->initrd) {
        CELLS(w, "linux,initrd-start", CELLS_64(g->initrd));
        CELLS(w, "linux,initrd-end", CELLS_64(g->initrd + g->initrd_bytes));
    }
    end(w);
    if (g->uart) {
        begin(w, "aliases");
        string(w, "serial0", "/pl011@9000000");
        end(w);
    }
}

static void write_root(struct writer *w, const struct guest_tree *g)
{
    begin(w, "");
    CELLS(w, "interrupt-parent", PHANDLE_GIC);
    CELLS(w, "#address-cells", 2);
    CELLS(w, "#size-cells", 2);
    string(w, "compatible", "linux,dummy-virt");
    write_chosen(w, g);
    write_memory(w, g);
    write_cpus(w, g);
    write_timer(w, g);
    write_gic(w, g);
    write_clock(w);
    if (g->uart)
        write_uart(w, HANDSET_UART, HANDSET_UART_INTID);
    if (g->link)
        write_uart(w, HANDSET_LINK, HANDSET_LINK_INTID);
    if (g->rtc)
        write_rtc(w);
    write_fw_cfg(w);
    if (g->flash)
        write_flash(w);
    if (g->gpio)
        write_gpio(w);
    if (g->watchdog)
        write_watchdog(w);
    for (uint32_t i = 0; i < g->devices; i++)
        write_device(w, g, &g->device[i]);
    end(w);
}

size_t devicetree_write(void *to, size_t size, const struct guest_tree *g)
{
    struct writer w = { to, 0 };

    /* Not looking for names that are there already is most of the time saved. */
    note(&w, fdt_create_with_flags(to, (int)size, FDT_CREATE_FLAG_NO_NAME_DEDUP));
    note(&w, fdt_finish_reservemap(to));
    write_root(&w, g);
    note(&w, fdt_finish(to));
    return w.error == 0 ? fdt_totalsize(to) : 0;
}
