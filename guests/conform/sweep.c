/* SPDX-License-Identifier: Apache-2.0 */
#include "sweep.h"

#include "conform.h"
#include "registers.h"

static uint32_t before[FRAME_BYTES / 4];

static bool is_register(const struct frame *f, uint32_t offset, unsigned size)
{
    for (const struct reg *r = f->regs; r->sizes; r++) {
        uint32_t low = r->offset + f->first * r->bits / 8;
        uint32_t high = r->bytes ? low + r->bytes : r->offset + f->last * r->bits / 8;
        if (offset >= low && offset < high && (r->sizes & size)) {
            return true;
        }
    }
    return false;
}

static uint64_t read(uintptr_t address, unsigned size)
{
    switch (size) {
    case 1:  return *(volatile uint8_t *)address;
    case 2:  return *(volatile uint16_t *)address;
    case 4:  return *(volatile uint32_t *)address;
    default: return *(volatile uint64_t *)address;
    }
}

static void write(uintptr_t address, unsigned size, uint64_t value)
{
    switch (size) {
    case 1:  *(volatile uint8_t *)address = (uint8_t)value; break;
    case 2:  *(volatile uint16_t *)address = (uint16_t)value; break;
    case 4:  *(volatile uint32_t *)address = (uint32_t)value; break;
    default: *(volatile uint64_t *)address = value; break;
    }
}

void reads_as_zero_elsewhere(const struct frame *f)
{
    for (unsigned size = 1; size <= 8; size *= 2) {
        for (uint32_t offset = 0; offset < FRAME_BYTES; offset += size) {
            uint64_t value = is_register(f, offset, size) ? 0 : read(f->base + offset, size);
            if (value) {
                broken_at("has", f->base + offset, size, value, 0);
            }
        }
    }
}

static void note(uintptr_t base)
{
    for (uint32_t offset = 0; offset < FRAME_BYTES; offset += 4) {
        before[offset / 4] = read32(base + offset);
    }
}

static void compare(uintptr_t base)
{
    for (uint32_t offset = 0; offset < FRAME_BYTES; offset += 4) {
        uint32_t now = read32(base + offset);
        if (now != before[offset / 4]) {
            broken_at("changed to", base + offset, 4, now, before[offset / 4]);
        }
    }
}

void ignores_writes_elsewhere(const struct frame *f)
{
    note(f->base);
    for (unsigned size = 1; size <= 8; size *= 2) {
        for (uint32_t offset = 0; offset < FRAME_BYTES; offset += size) {
            if (!is_register(f, offset, size)) {
                write(f->base + offset, size, UINT64_MAX);
            }
        }
    }
    compare(f->base);
}

void ignores_writes_to(uintptr_t address, unsigned bytes)
{
    for (unsigned offset = 0; offset < bytes; offset += 4) {
        uint32_t was = read32(address + offset);
        write32(address + offset, ~was);
        if (read32(address + offset) != was) {
            broken_at("changed to", address + offset, 4, read32(address + offset), was);
        }
    }
}
