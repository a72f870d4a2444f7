/* SPDX-License-Identifier: Apache-2.0 */
#include <libfdt.h>

#include "arm64/stage1.h"
#include "base/address.h"
#include "boot/boot.h"
#include "core/cpu.h"
#include "core/start.h"

static struct host host;
uint64_t boot_ticks;
const void *boot_tree;

static void map_host(void)
{
    for (unsigned i = 0; i < host.ram.count; i++)
        boot_map(host.ram.range[i].start, host.ram.range[i].end, S1_DATA);
    for (unsigned i = 0; i < host.gic.frames; i++) {
        uint64_t start = host.gic.frame[i].start, end = start + host.gic.frame[i].bytes;
        boot_map(start & ~(BLOCK_SIZE - 1), (end + BLOCK_SIZE - 1) & ~(BLOCK_SIZE - 1), S1_MMIO);
    }
}

/* Memory that is spoken for is not given to anyone. */
static void claim_memory(void)
{
    ranges_remove(&host.ram, (uintptr_t)image_start, (uintptr_t)image_end);
    ranges_remove(&host.ram, host.bundle.start, host.bundle.end);
    ranges_remove(&host.ram, host.dtb.start, host.dtb.end);
    for (unsigned i = 0; i < host.reserved.count; i++)
        ranges_remove(&host.ram, host.reserved.range[i].start, host.reserved.range[i].end);
}

_Noreturn void boot_main(uint64_t dtb);
_Noreturn void boot_main(uint64_t dtb)
{
    const void *fdt = pa_to_ptr(pa(dtb));

    if (fdt_check_header(fdt) != 0)
        boot_fail("host device tree", "/", "its header is not valid");     /* and no UART is known: this line is lost */
    boot_tree = fdt;
    boot_read_host(fdt, &host);
    host.dtb = (struct range){ dtb, dtb + fdt_totalsize(fdt) };
    host.all_ram = host.ram;
    map_host();
    claim_memory();
    if (host.gic.version == 2)
        boot_use_gicv2();
    gic_init(&host.gic);
    boot_init_cpu();
    boot_start_cpus(&host);
    boot_make_steward(&host);
    start((uintptr_t)image_start, (uintptr_t)boot_end);
}
