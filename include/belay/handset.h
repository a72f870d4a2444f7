/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handset's small devices, as steward and services see them: where they are, what time it is in them, and what their
 * portal is told. One portal serves all of a VM's, which are in two ranges: what it is told of an access is how far into
 * its range that is, and the second range begins so far below what is in it that no offset is of both.
 */
#ifndef BELAY_HANDSET_H
#define BELAY_HANDSET_H

#include <stdint.h>

#include "belay/bundle.h"

#define HANDSET_DEVICES        0x09010000u
#define HANDSET_DEVICES_BYTES  0x00030000u
#define HANDSET_SLOTS          0x0a000000u     /* of virtio-mmio */
#define HANDSET_SLOTS_BYTES    0x00004000u
#define HANDSET_SLOT_BYTES     0x00000200u     /* of each */
#define HANDSET_SLOTS_OFFSET   0x00100000u     /* in their range */
#define HANDSET_RTC            0x09010000u
#define HANDSET_RTC_INTID      34u
#define HANDSET_FW_CFG         0x09020000u
#define HANDSET_FW_CFG_BYTES   0x00000018u
#define HANDSET_GPIO           0x09030000u
#define HANDSET_GPIO_INTID     39u
#define HANDSET_POWER_KEY      3u              /* its line of that */
#define HANDSET_DEVICE_BYTES   0x00001000u     /* of each */

/*
 * Flash of a VM that starts from firmware: two banks, with a portal of their own. The image is mapped at the start of the
 * first; of the second so much is stored.
 */
#define HANDSET_FLASH          0x00000000u
#define HANDSET_FLASH_BANK     0x04000000u     /* bytes */
#define HANDSET_FLASH_STORED   0x00100000u

#define HANDSET_RAM            0x40000000u
#define HANDSET_CMDLINE_MAX    0x00001000u     /* of what firmware fetches, with its NUL */

/* The interrupt lines of a VM's. */
enum handset_line { HANDSET_LINE_RTC, HANDSET_LINE_GPIO, HANDSET_LINES };

/* The host's time: so many seconds since the epoch (1970), when the counter was at `ticks`. */
struct handset_clock {
    uint64_t seconds, ticks;
};

/* Where the service finds it; of no bytes: there is none. */
struct handset_range {
    uint64_t at, bytes;
};

/* What a VM's firmware fetches by fw_cfg, and the VM's RAM, where DMA puts it. */
struct handset_boot {
    struct handset_range ram, kernel, initrd, cmdline;
};

/* What the devices have to know of the machine and its VMs. */
struct handset_config {
    struct handset_clock clock;
    uint32_t vcpus[BELAY_VMS_MAX];
    uint32_t flash[BELAY_VMS_MAX];      /* where the service finds what the second bank stores; 0: it stores nothing */
    struct handset_boot boot[BELAY_VMS_MAX];
};
#endif
