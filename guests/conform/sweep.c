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
        if (offset + size > low && offset < high && (r->sizes & size)) {
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
        for (uint32_t offset = 0; offset < f->bytes; offset += size) {
            uint64_t value = is_register(f, offset, size) ? 0 : read(f->base + offset, size);
            if (value) {
                broken_at("has", f->base + offset, size, value, 0);
            }
        }
    }
}

static void note(const struct frame *f)
{
    for (uint32_t offset = 0; offset < f->bytes; offset += 4) {
        before[offset / 4] = read32(f->base + offset);
    }
}

static void compare(const struct frame *f)
{
    for (uint32_t offset = 0; offset < f->bytes; offset += 4) {
        uint32_t now = read32(f->base + offset);
        if (now != before[offset / 4]) {
            broken_at("changed to", f->base + offset, 4, now, before[offset / 4]);
        }
    }
}

void ignores_writes_elsewhere(const struct frame *f)
{
    note(f);
    for (unsigned size = 1; size <= 8; size *= 2) {
        for (uint32_t offset = 0; offset < f->bytes; offset += size) {
            if (!is_register(f, offset, size)) {
                write(f->base + offset, size, UINT64_MAX);
            }
        }
    }
    compare(f);
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

static uint32_t end_of(const struct frame *f) { return f->last < intids() ? f->last : intids(); }

/* Of the word that has the bit of `intid`, what the frame has. */
static uint32_t mask_of(const struct frame *f, uint32_t intid)
{
    uint32_t first = f->first > intid ? f->first - intid : 0;
    return ~0u << first;
}

#define EACH_WORD(f, intid) uint32_t intid = (f)->first & ~31u; intid < end_of(f); intid += 32

static void keeps(uintptr_t at, uint32_t value, uint32_t mask)
{
    write32(at, value);
    SAME(read32(at) & mask, value & mask);
}

void keeps_bits(const struct frame *f, uint32_t reg)
{
    for (EACH_WORD(f, intid)) {
        uintptr_t at = f->base + reg + intid / 8;
        uint32_t was = read32(at), mask = mask_of(f, intid);
        keeps(at, 0, mask);
        keeps(at, 0x12345678, mask);
        keeps(at, ~0u, mask);
        write32(at, was);
    }
}

void sets_and_clears_bits(const struct frame *f, uint32_t sets, uint32_t clears)
{
    for (EACH_WORD(f, intid)) {
        uintptr_t s = f->base + sets + intid / 8, c = f->base + clears + intid / 8;
        uint32_t mask = mask_of(f, intid);
        SAME(read32(s) & mask, 0);
        write32(s, 0x80010001);
        write32(s, 0x00ff0000);
        write32(s, 0);
        write32(c, 0);
        SAME(read32(s) & mask, 0x80ff0001 & mask);
        SAME(read32(c) & mask, 0x80ff0001 & mask);
        write32(c, 0x800f0002);
        SAME(read32(s) & mask, 0x00f00001 & mask);
        SAME(read32(c) & mask, 0x00f00001 & mask);
        write32(s, ~0u);
        SAME(read32(c) & mask, mask);
        write32(c, ~0u);
        SAME(read32(s) & mask, 0);
    }
}

#define PRIORITY_BITS 0xf8u     /* of a byte: more may be there */

void keeps_priorities(const struct frame *f)
{
    uintptr_t at = f->base + IPRIORITYR;
    for (uint32_t intid = f->first; intid < end_of(f); intid++) {
        write8(at + intid, (uint8_t)(intid * 8));
    }
    for (uint32_t intid = f->first; intid < end_of(f); intid += 4) {
        uint32_t want = 0;
        for (uint32_t n = 0; n < 4; n++) {
            SAME(read8(at + intid + n) & PRIORITY_BITS, (intid + n) * 8 & 0xff);
            want |= ((intid + n) * 8 & 0xff) << 8 * n;
        }
        SAME(read32(at + intid) & 0x01010101 * PRIORITY_BITS, want);
        write32(at + intid, 0xa0b0c8d0);
        for (uint32_t n = 0; n < 4; n++) {
            SAME(read8(at + intid + n) & PRIORITY_BITS, 0xa0b0c8d0 >> 8 * n & 0xff);
        }
    }
}

void keeps_edge_or_level(const struct frame *f)
{
    for (uint32_t intid = f->first; intid < end_of(f); intid += 16) {
        uintptr_t at = f->base + ICFGR + intid / 4;
        keeps(at, ~0u, 0xaaaaaaaa);
        keeps(at, 0x88888888, 0xaaaaaaaa);
        keeps(at, 0, 0xaaaaaaaa);
    }
}
