/* SPDX-License-Identifier: Apache-2.0 */
#include "slot.h"

#define MAGIC   0x74726976u     /* "virt" */
#define VERSION 1u              /* QEMU's of a slot without a device */
#define VENDOR  0x554d4551u     /* "QEMU" */

/* DeviceID 0 tells the driver to look at nothing else. All registers are 32 bits wide (4.2.2.2). */
uint64_t slot_read(uint64_t offset, unsigned size)
{
    if (size != 4)
        return 0;
    switch (offset) {
    case SLOT_MAGIC:     return MAGIC;
    case SLOT_VERSION:   return VERSION;
    case SLOT_VENDOR_ID: return VENDOR;
    default:             return 0;
    }
}
