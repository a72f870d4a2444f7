/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU's firmware configuration device, as a guest sees it (QEMU's docs/specs/fw_cfg): its traditional interface, by
 * which items are read. Pure state. It has no DMA, and says so: who serves it has no VM's memory.
 */
#ifndef HANDSET_FW_CFG_H
#define HANDSET_FW_CFG_H

#include <stdint.h>

#define FW_CFG_DATA      0x00u
#define FW_CFG_SELECTOR  0x08u
#define FW_CFG_BYTES     0x18u

#define FW_CFG_SIGNATURE 0x0000u
#define FW_CFG_ID        0x0001u
#define FW_CFG_NB_CPUS   0x0005u
#define FW_CFG_FILE_DIR  0x0019u

struct fw_cfg {             /* zeroed: after reset */
    uint32_t at;            /* how much of the item has been read */
    uint16_t key;           /* which item */
};

/* What the items tell of. */
struct fw_cfg_items { uint32_t vcpus; };

uint64_t fw_cfg_read(struct fw_cfg *f, const struct fw_cfg_items *items, uint64_t offset, unsigned size);
void fw_cfg_write(struct fw_cfg *f, uint64_t offset, unsigned size, uint64_t value);
#endif
