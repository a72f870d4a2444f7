/* SPDX-License-Identifier: Apache-2.0 */
/* A virtio-mmio slot in which there is no device (VIRTIO 1.2, 4.2.2), as QEMU's virt board has them. Writes do nothing. */
#ifndef HANDSET_SLOT_H
#define HANDSET_SLOT_H

#include <stdint.h>

#define SLOT_MAGIC      0x000u
#define SLOT_VERSION    0x004u
#define SLOT_DEVICE_ID  0x008u
#define SLOT_VENDOR_ID  0x00cu

/* `offset` is within the slot. */
uint64_t slot_read(uint64_t offset, unsigned size);
#endif
