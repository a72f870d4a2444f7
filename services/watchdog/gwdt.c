/* SPDX-License-Identifier: Apache-2.0 */
#include "gwdt.h"

#define OFFSET_MAX    ((UINT64_C(1) << 48) - 1)
#define LOW(v)        ((v) & UINT32_MAX)

/* Architecture version 1; implementer Arm: JEP106 code 0x3b, after 4 continuations. */
#define IIDR          (1u << 16 | 4u << 8 | 0x3bu)

/* Before the guest says how long, there is no end to it. */
struct gwdt gwdt_reset(void)
{
    return (struct gwdt){ .refreshed = 0, .offset = OFFSET_MAX };
}

static uint64_t period(const struct gwdt *w, uint64_t limit)
{
    return limit && limit / 2 < w->offset ? limit / 2 : w->offset;
}

static uint64_t at(const struct gwdt *w, uint64_t limit, unsigned periods)
{
    return w->enabled || limit ? w->refreshed + periods * period(w, limit) : GWDT_NEVER;
}

uint64_t gwdt_ws0_at(const struct gwdt *w, uint64_t limit)
{
    return at(w, limit, 1);
}

uint64_t gwdt_ws1_at(const struct gwdt *w, uint64_t limit)
{
    return at(w, limit, 2);
}

static uint32_t status(const struct gwdt *w, uint64_t limit, uint64_t now)
{
    return (w->enabled || limit ? GWDT_WCS_EN : 0) | (now >= gwdt_ws0_at(w, limit) ? GWDT_WCS_WS0 : 0) |
           (now >= gwdt_ws1_at(w, limit) ? GWDT_WCS_WS1 : 0);
}

/* What is waited for; after that, what was waited for last. */
static uint64_t compare_value(const struct gwdt *w, uint64_t limit, uint64_t now)
{
    uint64_t first = w->refreshed + period(w, limit);

    return (w->enabled || limit) && now >= first ? first + period(w, limit) : first;
}

static uint64_t register_read(const struct gwdt *w, uint64_t limit, uint64_t now, uint64_t base, uint64_t offset)
{
    switch (offset) {
    case GWDT_WCS:              return status(w, limit, now);
    case GWDT_WOR:              return LOW(w->offset);
    case GWDT_WOR + 4:          return w->offset >> 32;
    case GWDT_WCV:              return LOW(compare_value(w, limit, now) + base);
    case GWDT_WCV + 4:          return (compare_value(w, limit, now) + base) >> 32;
    case GWDT_W_IIDR:
    case GWDT_WCS + GWDT_W_IIDR: return IIDR;
    default:                    return 0;
    }
}

static bool register_write(struct gwdt *w, uint64_t now, uint64_t offset, uint32_t value)
{
    switch (offset) {
    case GWDT_WRR:     break;
    case GWDT_WCS:     w->enabled = value & GWDT_WCS_EN; break;
    case GWDT_WOR:     w->offset = (w->offset & ~(uint64_t)UINT32_MAX) | value; break;
    case GWDT_WOR + 4: w->offset = LOW(w->offset) | (uint64_t)(value & 0xffff) << 32; break;
    default:           return false;
    }
    w->refreshed = now;
    return true;
}

static bool whole_registers(uint64_t offset, unsigned size)
{
    return (size == 4 || size == 8) && offset % size == 0;
}

uint64_t gwdt_read(const struct gwdt *w, uint64_t limit, uint64_t now, uint64_t base, uint64_t offset, unsigned size)
{
    if (!whole_registers(offset, size))
        return 0;
    uint64_t low = register_read(w, limit, now, base, offset);
    return size == 4 ? low : low | register_read(w, limit, now, base, offset + 4) << 32;
}

bool gwdt_write(struct gwdt *w, uint64_t now, uint64_t offset, unsigned size, uint64_t value)
{
    if (!whole_registers(offset, size))
        return false;
    bool refresh = register_write(w, now, offset, (uint32_t)value);
    return (size == 8 && register_write(w, now, offset + 4, (uint32_t)(value >> 32))) || refresh;
}
