/* SPDX-License-Identifier: Apache-2.0 */
#include "fw_cfg.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define ID_TRADITIONAL 1u
#define ID_DMA         2u

/* FWCfgDmaAccess, in the VM's memory; all of it is big-endian. */
struct dma_access { uint32_t control, length; uint64_t address; };

/* Numbers that the specification does not call big-endian are little-endian. */
static struct fw_cfg_bytes number(uint32_t value, uint32_t size, uint8_t room[4])
{
    memcpy(room, &value, sizeof value);
    return (struct fw_cfg_bytes){ room, size };
}

/* An item's bytes; of those that there are not, none. */
static struct fw_cfg_bytes item(const struct fw_cfg_items *items, uint16_t key, uint8_t room[4])
{
    switch (key) {
    case FW_CFG_SIGNATURE:    return (struct fw_cfg_bytes){ (const uint8_t *)"QEMU", 4 };
    case FW_CFG_ID:           return number(ID_TRADITIONAL | (items->ram.size ? ID_DMA : 0), 4, room);
    case FW_CFG_NB_CPUS:      return number(items->vcpus, 2, room);
    case FW_CFG_KERNEL_SIZE:  return number(items->kernel.size, 4, room);
    case FW_CFG_INITRD_SIZE:  return number(items->initrd.size, 4, room);
    case FW_CFG_CMDLINE_SIZE: return number(items->cmdline.size, 4, room);
    case FW_CFG_FILE_DIR:     return number(0, 4, room);       /* of no files */
    case FW_CFG_KERNEL_DATA:  return items->kernel;
    case FW_CFG_INITRD_DATA:  return items->initrd;
    case FW_CFG_CMDLINE_DATA: return items->cmdline;
    default:                  return (struct fw_cfg_bytes){ NULL, 0 };
    }
}

/* The next bytes of the item that is selected; behind its end come zeros. `to` NULL: they are skipped. */
static void take(struct fw_cfg *f, const struct fw_cfg_items *items, uint8_t *to, uint32_t size)
{
    uint8_t room[4];
    struct fw_cfg_bytes b = item(items, f->key, room);
    uint32_t left = f->at < b.size ? b.size - f->at : 0, n = size < left ? size : left;

    if (to && n)
        memcpy(to, b.bytes + f->at, n);
    if (to)
        memset(to + n, 0, size - n);
    f->at += n;
}

static void choose(struct fw_cfg *f, uint16_t key)
{
    f->key = key;
    f->at = 0;
}

static bool good_size(unsigned size)
{
    return size == 1 || size == 2 || size == 4 || size == 8;
}

/* The DMA address reads as "QEMU CFG", by which a driver knows that it is there. */
uint64_t fw_cfg_read(struct fw_cfg *f, const struct fw_cfg_items *items, uint64_t offset, unsigned size)
{
    static const char dma[8] = { 'Q', 'E', 'M', 'U', ' ', 'C', 'F', 'G' };
    uint64_t value = 0;

    if (!good_size(size))
        return 0;
    if (offset == FW_CFG_DATA)
        take(f, items, (uint8_t *)&value, size);
    else if (items->ram.size && offset >= FW_CFG_DMA && offset <= FW_CFG_BYTES - size)
        memcpy(&value, dma + (offset - FW_CFG_DMA), size);
    return value;
}

static uint8_t *ram_at(const struct fw_cfg_items *items, uint64_t address, uint64_t bytes)
{
    uint64_t offset = address - items->ram.address;

    return offset <= items->ram.size && bytes <= items->ram.size - offset ? items->ram.bytes + offset : NULL;
}

static bool read_item(struct fw_cfg *f, const struct fw_cfg_items *items, uint64_t address, uint32_t length)
{
    uint8_t *to = ram_at(items, address, length);

    if (length > FW_CFG_DMA_MAX || (to == NULL && length))
        return false;
    if (length)
        take(f, items, to, length);
    return true;
}

/* No item can be written. */
static bool transfer(struct fw_cfg *f, const struct fw_cfg_items *items, const struct dma_access *a)
{
    uint32_t control = __builtin_bswap32(a->control), length = __builtin_bswap32(a->length);

    if (control & FW_CFG_DMA_SELECT)
        choose(f, (uint16_t)(control >> 16));
    if (control & FW_CFG_DMA_READ)
        return read_item(f, items, __builtin_bswap64(a->address), length);
    if (control & FW_CFG_DMA_WRITE)
        return false;
    if (control & FW_CFG_DMA_SKIP)
        take(f, items, NULL, length);
    return true;
}

/* What it is to do is in memory that the VM may write meanwhile: it is read once. */
static void do_dma(struct fw_cfg *f, const struct fw_cfg_items *items, uint64_t address)
{
    struct dma_access a;
    uint8_t *at = ram_at(items, address, sizeof a);

    if (at == NULL)
        return;
    memcpy(&a, at, sizeof a);
    atomic_signal_fence(memory_order_seq_cst);
    uint32_t done = transfer(f, items, &a) ? 0 : __builtin_bswap32(FW_CFG_DMA_ERROR);
    atomic_thread_fence(memory_order_release);      /* who sees that it is done sees what was read */
    memcpy(at, &done, sizeof done);
}

/* The selector and the DMA address are big-endian. Writing the lower half of the address begins the transfer. */
void fw_cfg_write(struct fw_cfg *f, const struct fw_cfg_items *items, uint64_t offset, unsigned size, uint64_t value)
{
    if (offset == FW_CFG_SELECTOR && size == 2) {
        choose(f, __builtin_bswap16((uint16_t)value));
    } else if (items->ram.size && offset == FW_CFG_DMA && size == 4) {
        f->dma_high = __builtin_bswap32((uint32_t)value);
    } else if (items->ram.size && offset == FW_CFG_DMA && size == 8) {
        do_dma(f, items, __builtin_bswap64(value));
        f->dma_high = 0;
    } else if (items->ram.size && offset == FW_CFG_DMA + 4 && size == 4) {
        do_dma(f, items, (uint64_t)f->dma_high << 32 | __builtin_bswap32((uint32_t)value));
        f->dma_high = 0;
    }
}
