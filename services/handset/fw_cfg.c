/* SPDX-License-Identifier: Apache-2.0 */
#include "fw_cfg.h"

#define ID_TRADITIONAL 1u       /* and not 2, DMA */

/* As an item's bytes are: numbers that the specification does not call big-endian are little-endian. */
static uint64_t item(const struct fw_cfg_items *items, uint16_t key)
{
    switch (key) {
    case FW_CFG_SIGNATURE: return 'Q' | 'E' << 8 | 'M' << 16 | 'U' << 24;
    case FW_CFG_ID:        return ID_TRADITIONAL;
    case FW_CFG_NB_CPUS:   return items->vcpus & 0xffff;
    default:               return 0;        /* none, or of no bytes but zeros, as a directory of no files (FW_CFG_FILE_DIR) */
    }
}

/* The bytes of an item one after the other, whatever the size of an access; behind its end come zeros. */
uint64_t fw_cfg_read(struct fw_cfg *f, const struct fw_cfg_items *items, uint64_t offset, unsigned size)
{
    uint64_t bytes = f->at < 8 ? item(items, f->key) >> f->at * 8 : 0;

    if (offset != FW_CFG_DATA || (size != 1 && size != 2 && size != 4 && size != 8))
        return 0;
    f->at = f->at < 8 ? f->at + size : f->at;
    return size < 8 ? bytes & ((UINT64_C(1) << size * 8) - 1) : bytes;
}

/* The selector is big-endian. */
void fw_cfg_write(struct fw_cfg *f, uint64_t offset, unsigned size, uint64_t value)
{
    if (offset == FW_CFG_SELECTOR && size == 2)
        *f = (struct fw_cfg){ .key = (uint16_t)((value & 0xff) << 8 | (value >> 8 & 0xff)) };
}
