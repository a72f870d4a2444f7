/* SPDX-License-Identifier: Apache-2.0 */
#include "good.h"

#include <elf.h>
#include <string.h>

#include <libfdt.h>

static void add_image(void *to, const char *name, uint32_t position, uint32_t size)
{
    fdt_begin_node(to, name);
    fdt_property_string(to, "compression", "none");
    fdt_property_u32(to, "data-position", position);
    fdt_property_u32(to, "data-size", size);
    fdt_begin_node(to, "hash-1");
    fdt_property_string(to, "algo", "crc32");
    fdt_property_u32(to, "value", position + 1);
    fdt_end_node(to);
    fdt_end_node(to);
}

static void add_service(void *to, const char *name)
{
    fdt_begin_node(to, name);
    fdt_property_string(to, "image", name);
    fdt_property_u32(to, "priority", 100);
    fdt_end_node(to);
}

static void add_phone(void *to)
{
    fdt_begin_node(to, "phone");
    fdt_property_u64(to, "memory", 512 << 20);
    fdt_property_u32(to, "cpus", 0);
    fdt_property_u32(to, "priority", 10);
    fdt_property_u32(to, "weight", 250);
    fdt_property_string(to, "kind", "linux");
    fdt_property_string(to, "kernel", "phone-kernel");
    fdt_property_string(to, "initrd", "phone-initrd");
    fdt_property_string(to, "cmdline", "console=ttyAMA0");
    fdt_property(to, "console", NULL, 0);
    fdt_property(to, "debug", NULL, 0);
    fdt_property(to, "watchdog", NULL, 0);
    fdt_property_u64(to, "watchdog-ns", 10000000000);
    fdt_property_string(to, "on-hang", "restart");
    fdt_property_u64(to, "stop-ns", 60000000000);
    fdt_property(to, "devices", "/rtc\0/gpio", 11);
    fdt_end_node(to);
}

static void add_radio(void *to)
{
    fdt_begin_node(to, "radio");
    fdt_property_u64(to, "memory", 2 << 20);
    fdt_property_u32(to, "cpus", 0);
    fdt_property_u32(to, "priority", 200);
    fdt_property_u64(to, "budget-ns", 300000);
    fdt_property_u64(to, "period-ns", 1000000);
    fdt_property(to, "idle-time", NULL, 0);
    fdt_property(to, "clock-stands", NULL, 0);
    fdt_property(to, "no-autostart", NULL, 0);
    fdt_property_string(to, "kind", "raw");
    fdt_property_string(to, "kernel", "radio-image");
    fdt_property_u64(to, "load-address", 0x40080000);
    fdt_property_string(to, "on-failure", "restart");
    fdt_property_string(to, "on-reset", "stop");
    fdt_end_node(to);
}

static void add_configuration(void *to)
{
    fdt_begin_node(to, "belay");
    fdt_property_string(to, "compatible", "belay,machine-1");
    fdt_begin_node(to, "services");
    add_service(to, "steward");
    add_service(to, "console");
    add_service(to, "watchdog");
    add_service(to, "gdb");
    fdt_end_node(to);
    fdt_begin_node(to, "vms");
    add_phone(to);
    add_radio(to);
    fdt_end_node(to);
    fdt_end_node(to);
}

size_t good_bundle(void *to, size_t size)
{
    fdt_create(to, (int)size);
    fdt_finish_reservemap(to);
    fdt_begin_node(to, "");
    fdt_begin_node(to, "images");
    add_image(to, "steward", 0x2000, 0x1000);
    add_image(to, "console", 0x3000, 0x1000);
    add_image(to, "phone-kernel", 0x4000, 0x10000);
    add_image(to, "phone-initrd", 0x14000, 0x12345);
    add_image(to, "watchdog", 0x27000, 0x1000);
    add_image(to, "gdb", 0x28000, 0x1000);
    add_image(to, "radio-image", 0x30000, GOOD_BUNDLE_BYTES - 0x30000);
    fdt_end_node(to);
    fdt_begin_node(to, "configurations");
    fdt_property_string(to, "default", "belay");
    add_configuration(to);
    fdt_end_node(to);
    fdt_end_node(to);
    return fdt_finish(to) == 0 ? fdt_totalsize(to) : 0;
}

#define CELLS(name, ...) \
    add_cells(to, name, (uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4)

static void add_cells(void *to, const char *name, const uint32_t *cell, size_t count)
{
    void *data;

    if (fdt_property_placeholder(to, name, (int)(count * 4), &data) == 0)
        for (size_t i = 0; i < count; i++)
            fdt32_st((fdt32_t *)data + i, cell[i]);
}

static void add_uart(void *to)
{
    fdt_begin_node(to, "pl011@9000000");
    fdt_property(to, "compatible", "arm,pl011\0arm,primecell", 24);
    CELLS("reg", 0, 0x9000000, 0, 0x1000);
    CELLS("interrupts", 0, 1, 4);
    CELLS("clocks", 0x8000, 0x8000);
    fdt_end_node(to);
}

static void add_bus(void *to)
{
    fdt_begin_node(to, "soc");
    CELLS("#address-cells", 1);
    CELLS("#size-cells", 1);
    fdt_property(to, "ranges", NULL, 0);
    fdt_begin_node(to, "rtc@9010000");
    fdt_property_string(to, "compatible", "arm,pl031");
    CELLS("reg", 0x9010000, 0x1000);
    CELLS("interrupts", 0, 2, 1);
    CELLS("clocks", 0x8000);
    CELLS("iommus", 0x8001, 3);
    fdt_property_string(to, "clock-names", "apb_pclk");
    fdt_end_node(to);
    fdt_end_node(to);
}

static void add_gic(void *to)
{
    fdt_begin_node(to, "intc@8000000");
    fdt_property_string(to, "compatible", "arm,gic-v3");
    CELLS("reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0xf60000);
    fdt_end_node(to);
}

static void add_cpus(void *to)
{
    fdt_begin_node(to, "cpus");
    CELLS("#address-cells", 1);
    CELLS("#size-cells", 0);
    fdt_begin_node(to, "cpu@0");
    CELLS("reg", 0);
    fdt_end_node(to);
    fdt_begin_node(to, "cpu@101");
    CELLS("reg", 0x101);
    fdt_end_node(to);
    fdt_end_node(to);
}

static void add_memory(void *to)
{
    fdt_begin_node(to, "memory@40000000");
    fdt_property_string(to, "device_type", "memory");
    CELLS("reg", 0, 0x40000000, 0, 0x40000000, 8, 0x80000000, 0, 0x1000);
    fdt_end_node(to);
    fdt_begin_node(to, "reserved-memory");
    CELLS("#address-cells", 2);
    CELLS("#size-cells", 2);
    fdt_begin_node(to, "firmware@7f000000");
    CELLS("reg", 0, 0x7f000000, 0, 0x1000000);
    fdt_end_node(to);
    fdt_begin_node(to, "linux,cma");
    CELLS("size", 0, 0x1000000);
    fdt_end_node(to);
    fdt_end_node(to);
}

size_t good_host(void *to, size_t size)
{
    fdt_create(to, (int)size);
    fdt_add_reservemap_entry(to, 0x40001000, 0x2000);
    fdt_finish_reservemap(to);
    fdt_begin_node(to, "");
    CELLS("#address-cells", 2);
    CELLS("#size-cells", 2);
    add_memory(to);
    add_cpus(to);
    add_gic(to);
    add_bus(to);
    add_uart(to);
    fdt_begin_node(to, "psci");
    fdt_property_string(to, "compatible", "arm,psci-1.0");
    fdt_property_string(to, "method", "smc");
    fdt_end_node(to);
    fdt_begin_node(to, "apb-pclk");
    CELLS("clock-frequency", 24000001);
    CELLS("phandle", 0x8000);
    fdt_end_node(to);
    fdt_begin_node(to, "chosen");
    fdt_property_string(to, "stdout-path", "/pl011@9000000:115200n8");
    CELLS("linux,initrd-start", 0x50000000);
    CELLS("linux,initrd-end", 0, 0x50012345);
    fdt_end_node(to);
    fdt_end_node(to);
    return fdt_finish(to) == 0 ? fdt_totalsize(to) : 0;
}

size_t good_elf(void *to, size_t size, uint64_t text)
{
    Elf64_Ehdr *header = to;
    Elf64_Phdr *segment = (Elf64_Phdr *)(header + 1);
    uint64_t high = UINT64_C(1) << 40;

    if (size < GOOD_ELF_BYTES)
        return 0;
    memset(to, 0, size);
    *header = (Elf64_Ehdr){ .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
                            .e_type = ET_EXEC, .e_machine = EM_AARCH64, .e_version = 1, .e_entry = high + text + 0x40,
                            .e_phoff = sizeof *header, .e_phentsize = sizeof *segment, .e_phnum = 3 };
    segment[0] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_offset = UINT64_MAX };
    segment[1] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_offset = 0x1000, .p_vaddr = high + text,
                               .p_paddr = text, .p_filesz = 0x2000, .p_memsz = 0x2000 };
    segment[2] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_offset = 0x3000,
                               .p_vaddr = high + text + 0x2000, .p_paddr = text + 0x2000, .p_filesz = 0x1000,
                               .p_memsz = 0x11000 };
    return GOOD_ELF_BYTES;
}

size_t good_linux(void *to, size_t size, uint64_t text_offset, uint64_t image_size, uint64_t flags)
{
    uint8_t *header = to;

    if (size < GOOD_LINUX_BYTES)
        return 0;
    memset(to, 0, size);
    memcpy(header + 8, &text_offset, 8);
    memcpy(header + 16, &image_size, 8);
    memcpy(header + 24, &flags, 8);
    memcpy(header + 56, "ARM\x64", 4);
    return GOOD_LINUX_BYTES;
}
