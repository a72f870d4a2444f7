/* SPDX-License-Identifier: Apache-2.0 */
/* The device tree that a guest is given: that of QEMU's virt board, with what this VM has and nothing else. */
#ifndef STEWARD_DEVICETREE_H
#define STEWARD_DEVICETREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host.h"

#define DEVICES_MAX 8           /* passed through to one VM */

struct guest_tree {
    uint64_t memory;
    uint32_t vcpus;
    uint32_t gic;                   /* 2 or 3 */
    const char *cmdline;
    uint64_t initrd, initrd_bytes;  /* 0: there is none */
    bool uart, watchdog, rtc, gpio, flash;
    bool link;                      /* a second one, by which it manages */
    const void *host;           /* the host's tree, of the devices */
    uint32_t devices;
    const struct host_device *device;
};

/* Writes the tree; returns its size, 0 when `size` is too small for it. */
size_t devicetree_write(void *to, size_t size, const struct guest_tree *g);
#endif
