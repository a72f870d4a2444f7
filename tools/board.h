/* SPDX-License-Identifier: Apache-2.0 */
/* What the tool knows of a board before it runs: how much it has, and whose its devices are. */
#ifndef TOOLS_BOARD_H
#define TOOLS_BOARD_H

#include <stdbool.h>
#include <stdint.h>

enum owner {
    OWNER_FREE,         /* a VM may have it */
    OWNER_NUCLEUS,
    OWNER_CONSOLE,
    OWNER_NOBODY,       /* not safe to give away: see `why` */
};

struct device {
    const char *name;   /* in a configuration */
    const char *path;   /* in the host's device tree */
    enum owner owner;
    const char *why;
};

struct board {
    const char *name;
    uint32_t gic;                   /* the version of its interrupt controller, and of each VM's */
    uint64_t ram_base;
    uint64_t memory, memory_max;    /* default and most */
    uint32_t cpus, cpus_max;
    uint64_t bundle_offset_max;     /* the loader puts the bundle at half of RAM, or here */
    uint64_t switch_ns;             /* a switch to another context and back, at most */
    uint64_t blocking_ns;           /* the nucleus is not preempted for longer, but where it waits for a lock */
    uint64_t lock_ns;               /* another CPU holds a VM's lock for no longer */
    bool one_aarch32;               /* a CPU may have one vCPU in AArch32: it loses what another would need */
    const struct device *devices;   /* ends with a NULL name */
};

extern const struct board board_qemu_virt, board_qemu_virt_gicv2;

#define BOARD_NAMES "qemu-virt or qemu-virt-gicv2"
/* NULL when there is no such board. */
const struct board *board_find(const char *name);
/* By friendly name or device tree path; NULL when the board has no such device. */
const struct device *board_device(const struct board *, const char *name);
/* The names of the devices that a VM may have, with commas between. */
const char *board_free_devices(const struct board *);
#endif
