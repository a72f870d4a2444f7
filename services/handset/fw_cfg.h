/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU's firmware configuration device, as a guest sees it (QEMU's docs/specs/fw_cfg): its traditional interface, by which
 * items are read, and where there is memory of the VM's its DMA. Pure state beside the items and that memory.
 */
#ifndef HANDSET_FW_CFG_H
#define HANDSET_FW_CFG_H

#include <stdint.h>

#define FW_CFG_DATA      0x00u
#define FW_CFG_SELECTOR  0x08u
#define FW_CFG_DMA       0x10u
#define FW_CFG_BYTES     0x18u

/* Items. */
#define FW_CFG_SIGNATURE    0x0000u
#define FW_CFG_ID           0x0001u
#define FW_CFG_NB_CPUS      0x0005u
#define FW_CFG_KERNEL_SIZE  0x0008u
#define FW_CFG_INITRD_SIZE  0x000bu
#define FW_CFG_KERNEL_DATA  0x0011u
#define FW_CFG_INITRD_DATA  0x0012u
#define FW_CFG_CMDLINE_SIZE 0x0014u
#define FW_CFG_CMDLINE_DATA 0x0015u
#define FW_CFG_FILE_DIR     0x0019u

/* What a DMA access does; in its upper half is the item to select. */
#define FW_CFG_DMA_ERROR  0x01u
#define FW_CFG_DMA_READ   0x02u
#define FW_CFG_DMA_SKIP   0x04u
#define FW_CFG_DMA_SELECT 0x08u
#define FW_CFG_DMA_WRITE  0x10u

#define FW_CFG_DMA_MAX    0x4000000u    /* bytes of a transfer: a call that takes too long is one that hangs */

struct fw_cfg {             /* zeroed: after reset */
    uint32_t at;            /* how much of the item has been read */
    uint32_t dma_high;      /* of the address of a DMA access that is written by halves */
    uint16_t key;           /* which item */
};

struct fw_cfg_bytes { const uint8_t *bytes; uint32_t size; };

/* What the items tell of, and the VM's RAM, which begins at `address` of the VM's. Of no bytes: there is no DMA. */
struct fw_cfg_items {
    uint32_t vcpus;
    struct fw_cfg_bytes kernel, initrd, cmdline;
    struct { uint8_t *bytes; uint64_t size, address; } ram;
};

uint64_t fw_cfg_read(struct fw_cfg *f, const struct fw_cfg_items *items, uint64_t offset, unsigned size);
void fw_cfg_write(struct fw_cfg *f, const struct fw_cfg_items *items, uint64_t offset, unsigned size, uint64_t value);
#endif
