/* SPDX-License-Identifier: Apache-2.0 */
#include "pl031.h"

#include "lanes.h"

/* RTCPeriphID and RTCPCellID (DDI 0224, 3.3.9 and 3.3.10): part 0x031, designer 0x41, revision 0, and the PrimeCell class. */
static const uint8_t identification[8] = { 0x31, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

static uint32_t count(const struct pl031 *r, uint64_t now)
{
    return (uint32_t)now + r->ahead;
}

/* When the clock and RTCMR are the same next. */
static uint64_t match_at(const struct pl031 *r)
{
    uint64_t first = r->since + 1;

    return first + (uint32_t)(r->match - count(r, first));
}

static uint32_t raw(const struct pl031 *r, uint64_t now)
{
    return r->raised || now >= match_at(r);
}

uint64_t pl031_interrupt_at(const struct pl031 *r, uint64_t now)
{
    if (r->mask == 0)
        return PL031_NEVER;
    return r->raised ? now : match_at(r);
}

static uint32_t register_read(const struct pl031 *r, uint64_t now, uint32_t offset)
{
    switch (offset) {
    case PL031_DR:   return count(r, now);
    case PL031_MR:   return r->match;
    case PL031_LR:   return r->load;
    case PL031_CR:   return 1;          /* it always runs */
    case PL031_IMSC: return r->mask;
    case PL031_RIS:  return raw(r, now);
    case PL031_MIS:  return raw(r, now) & r->mask;
    default:         return offset >= PL031_PERIPH_ID0 ? identification[(offset - PL031_PERIPH_ID0) / 4] : 0;
    }
}

static void set_clock(struct pl031 *r, uint64_t now, uint32_t value)
{
    r->load = value;
    r->ahead = value - (uint32_t)now;
    r->since = now - 1;
}

static void set_match(struct pl031 *r, uint64_t now, uint32_t value)
{
    r->match = value;
    r->since = now - 1;
}

/* What is compared with anew, is so from this second on; a match that was before is kept. */
static void register_write(struct pl031 *r, uint64_t now, uint32_t offset, uint32_t value)
{
    if (now >= match_at(r)) {
        r->raised = 1;
        r->since = now;
    }
    switch (offset) {
    case PL031_MR:   set_match(r, now, value); break;
    case PL031_LR:   set_clock(r, now, value); break;
    case PL031_IMSC: r->mask = value & 1; break;
    case PL031_ICR:  r->raised &= ~value; break;
    default:         break;
    }
}

uint64_t pl031_read(const struct pl031 *r, uint64_t now, uint64_t offset, unsigned size)
{
    uint32_t lane = offset % 4, at = (uint32_t)offset - lane;

    if (lanes_in_one(offset, size))
        return register_read(r, now, at) >> lane * 8 & lanes_mask(size);
    if (lanes_in_two(offset, size))
        return register_read(r, now, at) | (uint64_t)register_read(r, now, at + 4) << 32;
    return 0;
}

void pl031_write(struct pl031 *r, uint64_t now, uint64_t offset, unsigned size, uint64_t value)
{
    if (lanes_in_one(offset, size) && offset % 4 == 0) {
        register_write(r, now, (uint32_t)offset, (uint32_t)value & lanes_mask(size));
    } else if (lanes_in_two(offset, size)) {
        register_write(r, now, (uint32_t)offset, (uint32_t)value);
        register_write(r, now, (uint32_t)offset + 4, (uint32_t)(value >> 32));
    }
}
