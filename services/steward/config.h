/* SPDX-License-Identifier: Apache-2.0 */
/* What the bundle says, checked. Strings and image data lie in the bundle. */
#ifndef STEWARD_CONFIG_H
#define STEWARD_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "belay/abi.h"
#include "belay/bundle.h"

#define IMAGES_MAX 64

struct image {
    const char *name;
    uint32_t position, size;    /* in the bundle */
    uint32_t crc32;
};

struct strings {                /* a property with one string after the other */
    const char *first;
    uint32_t bytes;
};

/* Times of the bundle, in nanoseconds. 0: no budget, or a slice. */
struct timing {
    uint32_t priority;
    uint64_t budget_ns, period_ns;
};

enum vm_kind { VM_LINUX, VM_ELF, VM_RAW, VM_FIRMWARE };   /* firmware: it starts from flash */

struct vm_config {
    const char *name;
    uint64_t memory;
    uint32_t vcpus;
    uint32_t cpu[BELAY_VCPUS_MAX];      /* vCPU n runs on host CPU cpu[n] */
    struct timing timing;
    uint32_t weight;                    /* without a budget: its share among equals, 1 to BELAY_WEIGHT_MAX */
    uint64_t slice_ns[BELAY_VCPUS_MAX]; /* what comes of it: the longest turn of each vCPU */
    bool idle_time;
    bool autostart;
    enum vm_kind kind;
    const char *kernel_name, *initrd_name;  /* initrd: NULL for none */
    const struct image *kernel, *initrd;
    const char *cmdline;
    bool has_load_address;
    uint64_t load_address;
    bool restart_on_failure, restart_on_reset, restart_on_hang;
    bool console, watchdog, debug;
    uint64_t watchdog_ns;               /* within them it has to be fed from the VM's start on; 0: as the VM wants */
    uint64_t stop_ns;                   /* that it has to stop in, its power key pressed; 0: it is stopped at once */
    uint32_t gic;                       /* the version that it wants; 0: the host's */
    uint32_t manages;                   /* enum manage_right: by a second UART; 0: it has none */
    struct strings devices;
};

struct service_config {
    const char *image_name;             /* NULL: there is no such service */
    const struct image *image;
    struct timing timing;
    uint32_t rights;                    /* enum manage_right: of who comes by the second UART; the manager's alone */
    bool needed;                        /* the configuration asks for it */
};

struct config {
    uint32_t images;
    struct image image[IMAGES_MAX];
    struct service_config steward, console, manager, watchdog, gdb;  /* watchdog: if a VM has one */
    uint32_t vms;
    struct vm_config vm[BELAY_VMS_MAX];
};
#endif
