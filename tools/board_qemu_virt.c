/* SPDX-License-Identifier: Apache-2.0 */
#include "board.h"

#include <stddef.h>

#include "units.h"

static const char dma[] = "it reads and writes all memory (DMA), which nothing on this board can hold back";

static const struct device devices[] = {
    { "rtc", "/pl031@9010000", OWNER_FREE, NULL },
    { "gpio", "/pl061@9030000", OWNER_FREE, NULL },
    { "uart0", "/pl011@9000000", OWNER_CONSOLE, "every VM has a UART from it" },
    { "gic", "/intc@8000000", OWNER_NUCLEUS, "every VM has a virtual one" },
    { "timer", "/timer", OWNER_NUCLEUS, "every VM has its own timers" },
    { "psci", "/psci", OWNER_NUCLEUS, "every VM has its own PSCI" },
    { "flash", "/flash@0", OWNER_NOBODY, "the board starts from it" },
    { "fw-cfg", "/fw-cfg@9020000", OWNER_NOBODY, dma },
    { "pcie", "/pcie@10000000", OWNER_NOBODY, dma },
    { "virtio", "/virtio_mmio@a000000", OWNER_NOBODY, dma },
    { NULL, NULL, OWNER_NOBODY, NULL },
};

/* QEMU's CPUs keep the SPSR of a mode in AArch32 from EL2, so that two vCPUs would have each other's: tests/el2/spsr.c. */
#define QEMU_VIRT(name_, gic_) { \
    .name = name_, \
    .gic = gic_, \
    .ram_base = 0x40000000, \
    .memory = 1 * GIB, \
    .memory_max = 255 * GIB, \
    .cpus = 1, \
    .cpus_max = 8, \
    .bundle_offset_max = 128 * MIB, \
    .switch_ns = 2 * USEC, \
    .blocking_ns = 10 * USEC, \
    .lock_ns = 3 * USEC, \
    .one_aarch32 = true, \
    .devices = devices, \
}

const struct board board_qemu_virt = QEMU_VIRT("qemu-virt", 3);
const struct board board_qemu_virt_gicv2 = QEMU_VIRT("qemu-virt-gicv2", 2);
