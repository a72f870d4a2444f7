/* SPDX-License-Identifier: Apache-2.0 */
/* The boot room: runs once, and its memory is then given away. */
#ifndef NUCLEUS_BOOT_BOOT_H
#define NUCLEUS_BOOT_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/cpu_index.h"
#include "belay/abi.h"
#include "gic/gic.h"

extern char image_start[], image_end[], boot_data_start[], boot_end[];
extern char text_start[], rodata_start[], data_start[], bss_start[];

struct range { uint64_t start, end; };

#define RANGES_MAX 16

struct ranges {
    unsigned count;
    struct range range[RANGES_MAX];
};

struct host_cpu {
    uint64_t affinity;              /* as MPIDR_EL1 has it */
    const char *name;               /* in the device tree */
};

/* What the host's device tree says. */
struct host {
    struct ranges ram;              /* whole pages that nobody owns yet */
    struct ranges all_ram;
    struct ranges reserved;
    struct gic_info gic;
    struct range bundle;            /* the initrd, in bytes */
    struct range dtb;
    unsigned cpus;
    struct host_cpu cpu[CPUS_MAX];
    uint64_t cpu_bytes;             /* what the nucleus keeps for those after the first */
    struct belay_boot_info *info;
};

extern const void *boot_tree;       /* the host's device tree, once its header is checked */
extern uint64_t boot_ticks;         /* the counter at the nucleus's first instruction */

/* map.c. boot_map adds whole pages; with the MMU on it takes effect at once. */
void boot_map(uint64_t start, uint64_t end, uint64_t attributes);
/* Pages of the image become others. */
void boot_remap(uintptr_t start, uintptr_t end, uint64_t attributes);

/* gicv2.c: the image becomes one for a GICv2 (gic/version.h). */
void boot_use_gicv2(void);

/* ranges.c */
void ranges_add(struct ranges *r, uint64_t start, uint64_t end);
void ranges_remove(struct ranges *r, uint64_t start, uint64_t end);
/* Whether all from start to end lies in them, be it in several that touch. */
bool ranges_hold(const struct ranges *r, uint64_t start, uint64_t end);
/* Takes whole pages from the end of the last range that has them, aligned; 0 when there is none. */
uint64_t ranges_take(struct ranges *r, uint64_t bytes);

/* devicetree.c */
void boot_read_console(const void *fdt);
void boot_read_host(const void *fdt, struct host *host);

/* cpu.c */
void boot_init_cpu(void);

/* firmware.c: for the CPU that runs this. */
struct cpu;
void boot_read_firmware(struct cpu *cpu);

/* smp.c */
void boot_start_cpus(struct host *host);

/* steward.c */
void boot_make_steward(struct host *host);

/* fail.c: one line, naming the tree, the node and what is wrong with it; then the machine stops. */
_Noreturn void boot_fail(const char *tree, const char *node, const char *what);
#endif
