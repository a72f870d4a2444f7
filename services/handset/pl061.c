/* SPDX-License-Identifier: Apache-2.0 */
#include "pl061.h"

#include "lanes.h"

/* GPIOPeriphID and GPIOPCellID (DDI 0190, 3.3.13 and 3.3.14): part 0x061, designer 0x41, and the PrimeCell class. */
static const uint8_t identification[8] = { 0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

/* Both edges, or the one that GPIOIEV says (3.3.4, 3.3.5). */
void pl061_drive(struct pl061 *g, uint8_t pins)
{
    uint8_t changed = g->pins ^ pins, wanted = g->both | (uint8_t)~(g->event ^ pins);

    g->edges |= changed & wanted & ~g->direction & ~g->level;
    g->pins = pins;
}

static uint8_t raw(const struct pl061 *g)
{
    return g->edges | (g->level & ~g->direction & (uint8_t)~(g->event ^ g->pins));
}

uint8_t pl061_interrupts(const struct pl061 *g)
{
    return raw(g) & g->mask;
}

static uint8_t lines(const struct pl061 *g)
{
    return (g->data & g->direction) | (g->pins & (uint8_t)~g->direction);
}

static uint32_t register_read(const struct pl061 *g, uint32_t offset)
{
    if (offset < PL061_DIR)
        return lines(g) & offset >> 2;
    switch (offset) {
    case PL061_DIR: return g->direction;
    case PL061_IS:  return g->level;
    case PL061_IBE: return g->both;
    case PL061_IEV: return g->event;
    case PL061_IE:  return g->mask;
    case PL061_RIS: return raw(g);
    case PL061_MIS: return pl061_interrupts(g);
    default:        return offset >= PL061_PERIPH_ID0 ? identification[(offset - PL061_PERIPH_ID0) / 4] : 0;
    }
}

static void write_data(struct pl061 *g, uint8_t chosen, uint8_t value)
{
    chosen &= g->direction;
    g->data = (g->data & (uint8_t)~chosen) | (value & chosen);
}

static void register_write(struct pl061 *g, uint32_t offset, uint8_t value)
{
    if (offset < PL061_DIR) {
        write_data(g, (uint8_t)(offset >> 2), value);
        return;
    }
    switch (offset) {
    case PL061_DIR: g->direction = value; break;
    case PL061_IS:  g->level = value; break;
    case PL061_IBE: g->both = value; break;
    case PL061_IEV: g->event = value; break;
    case PL061_IE:  g->mask = value; break;
    case PL061_IC:  g->edges &= (uint8_t)~value; break;
    default:        break;      /* no line has another function that AFSEL could choose */
    }
}

uint64_t pl061_read(const struct pl061 *g, uint64_t offset, unsigned size)
{
    uint32_t lane = offset % 4, at = (uint32_t)offset - lane;

    if (lanes_in_one(offset, size))
        return register_read(g, at) >> lane * 8 & lanes_mask(size);
    if (lanes_in_two(offset, size))
        return register_read(g, at) | (uint64_t)register_read(g, at + 4) << 32;
    return 0;
}

void pl061_write(struct pl061 *g, uint64_t offset, unsigned size, uint64_t value)
{
    if (lanes_in_one(offset, size) && offset % 4 == 0) {
        register_write(g, (uint32_t)offset, (uint8_t)value);
    } else if (lanes_in_two(offset, size)) {
        register_write(g, (uint32_t)offset, (uint8_t)value);
        register_write(g, (uint32_t)offset + 4, (uint8_t)(value >> 32));
    }
}
