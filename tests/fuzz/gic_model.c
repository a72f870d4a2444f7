/* SPDX-License-Identifier: Apache-2.0 */
#include "gic_model.h"

#include <string.h>

void model_reset(struct model *m, unsigned cpus)
{
    memset(m, 0, sizeof *m);
    m->cpus = cpus;
    for (unsigned cpu = 0; cpu < cpus; cpu++) {
        m->asleep[cpu] = true;
        for (unsigned sgi = 0; sgi < 16; sgi++)
            m->private[cpu][sgi].edge = true;
    }
}

struct model_irq *model_irq(struct model *m, unsigned cpu, uint32_t intid)
{
    return intid < 32 ? &m->private[cpu][intid] : &m->spi[intid];
}

static bool pending(const struct model_irq *q)
{
    return q->latch || (q->line && !q->edge);
}

static unsigned target(const struct model *m, const struct model_irq *q)
{
    return q->router < m->cpus ? (unsigned)q->router : MODEL_NOBODY;
}

/* The host interrupt behind it is over once nothing is left for the guest to end. */
static void settle(struct model_irq *q)
{
    q->owed = q->owed && (q->latch || q->active);
}

/* The interrupt that bit or byte `n` of a register array is for; NULL: RES0 in this frame. */
static struct model_irq *array(struct model *m, int redist, uint32_t n)
{
    if (redist >= 0)
        return n < 32 ? &m->private[redist][n] : NULL;
    return n >= 32 && n < MODEL_INTIDS ? &m->spi[n] : NULL;
}

static bool read_bit(const struct model_irq *q, uint32_t block)
{
    switch (block) {
    case 0x080: return q->group1;
    case 0x100: case 0x180: return q->enabled;
    case 0x200: case 0x280: return pending(q);
    default: return q->active;
    }
}

static void write_bit(const struct model *m, struct model_irq *q, bool spi, uint32_t block, bool value)
{
    if (block == 0x080) {
        q->group1 = value;
        return;
    }
    if (!value)
        return;
    switch (block) {
    case 0x100: q->enabled = true; break;
    case 0x180: q->enabled = false; break;
    case 0x200: q->latch = true; break;
    case 0x280: q->latch = false; break;
    case 0x300:
        if (spi && !q->active)
            q->owner = target(m, q);
        q->active = true;
        break;
    case 0x380: q->active = false; break;
    }
    settle(q);
}

static uint32_t control(const struct model *m, int redist, uint32_t offset)
{
    if (redist < 0)
        return offset == 0 ? 0x50 | m->ctlr : offset == 4 ? 0x3780008 : offset == 8 ? 0x43b : 0;
    bool last = (unsigned)redist + 1 == m->cpus;
    switch (offset) {
    case 4: return 0x43b;
    case 8: return 1u << 24 | (unsigned)redist << 8 | (unsigned)last << 4;
    case 12: return (unsigned)redist;
    case 0x14: return m->asleep[redist] ? 6 : 0;
    default: return 0;
    }
}

static uint32_t identification(int redist, uint32_t offset)
{
    switch (offset) {
    case 0xffd0: return 0x44;
    case 0xffe0: return redist < 0 ? 0x92 : 0x93;
    case 0xffe4: return 0xb4;
    case 0xffe8: return 0x3b;
    case 0xfff0: return 0x0d;
    case 0xfff4: return 0xf0;
    case 0xfff8: return 0x05;
    case 0xfffc: return 0xb1;
    default: return 0;
    }
}

static bool in(uint32_t offset, uint32_t from, uint32_t to) { return offset >= from && offset < to; }

uint64_t model_read(struct model *m, int redist, uint32_t offset, unsigned size)
{
    bool sgi_frame = redist >= 0 && offset >= 0x10000, rd_frame = redist >= 0 && !sgi_frame;
    uint64_t value = 0;

    if (sgi_frame)
        offset -= 0x10000;
    if (offset % size || size == 2)
        return 0;
    if (size == 8) {
        if (rd_frame && offset == 8)
            return control(m, redist, 8) | (uint64_t)control(m, redist, 12) << 32;
        if (redist < 0 && in(offset, 0x6100, 0x6900))
            return m->spi[(offset - 0x6000) / 8].router;
        return 0;
    }
    if (!rd_frame && in(offset, 0x400, 0x800)) {
        for (unsigned i = 0; i < size; i++) {
            const struct model_irq *q = array(m, redist, offset - 0x400 + i);
            value |= q ? (uint64_t)q->priority << i * 8 : 0;
        }
        return value;
    }
    if (size != 4)
        return 0;
    if (!sgi_frame && offset < 0x80)
        return control(m, redist, offset);
    if (!sgi_frame && offset >= 0xff80)
        return identification(redist, offset);
    if (rd_frame)
        return 0;
    if (in(offset, 0x80, 0x400))
        for (unsigned i = 0; i < 32; i++) {
            const struct model_irq *q = array(m, redist, offset % 0x80 * 8 + i);
            value |= q && read_bit(q, offset & ~0x7fu) ? 1u << i : 0;
        }
    if (in(offset, 0xc00, 0xd00))
        for (unsigned i = 0; i < 16; i++) {
            const struct model_irq *q = array(m, redist, (offset - 0xc00) * 4 + i);
            value |= q && q->edge ? 2u << i * 2 : 0;
        }
    if (redist < 0 && in(offset, 0x6100, 0x6900))
        value = (uint32_t)(m->spi[(offset - 0x6000) / 8].router >> (offset % 8 ? 32 : 0));
    return value;
}

void model_write(struct model *m, int redist, uint32_t offset, unsigned size, uint64_t value)
{
    bool sgi_frame = redist >= 0 && offset >= 0x10000, rd_frame = redist >= 0 && !sgi_frame;

    if (sgi_frame)
        offset -= 0x10000;
    if (offset % size || size == 2)
        return;
    if (redist < 0 && size >= 4 && in(offset, 0x6100, 0x6900)) {
        uint64_t *router = &m->spi[(offset - 0x6000) / 8].router;
        if (size == 8)
            *router = value;
        else if (offset % 8)
            *router = (uint32_t)*router | value << 32;
        else
            *router = (*router & ~UINT64_C(0xffffffff)) | (uint32_t)value;
        *router &= UINT64_C(0xff00ffffff);
        return;
    }
    if (size == 8)
        return;
    if (!rd_frame && in(offset, 0x400, 0x800)) {
        for (unsigned i = 0; i < size; i++) {
            struct model_irq *q = array(m, redist, offset - 0x400 + i);
            if (q)
                q->priority = (uint8_t)(value >> i * 8);
        }
        return;
    }
    if (size != 4)
        return;
    if (redist < 0 && offset == 0)
        m->ctlr = value & 3;
    if (rd_frame) {
        if (offset == 0x14)
            m->asleep[redist] = value & 2;
        return;
    }
    if (in(offset, 0x80, 0x400))
        for (unsigned i = 0; i < 32; i++) {
            struct model_irq *q = array(m, redist, offset % 0x80 * 8 + i);
            if (q)
                write_bit(m, q, redist < 0, offset & ~0x7fu, value >> i & 1);
        }
    if (in(offset, 0xc00, 0xd00) && !(redist >= 0 && offset == 0xc00))
        for (unsigned i = 0; i < 16; i++) {
            struct model_irq *q = array(m, redist, (offset - 0xc00) * 4 + i);
            if (q)
                q->edge = value >> (i * 2 + 1) & 1;
        }
}

void model_line(struct model *m, unsigned cpu, uint32_t intid, bool level)
{
    struct model_irq *q = model_irq(m, cpu, intid);

    if (q->edge && level && !q->line)
        q->latch = true;
    q->line = level;
}

void model_sgi(struct model *m, unsigned from, uint64_t value, bool group1)
{
    bool others = value >> 40 & 1, here = !(value & UINT64_C(0x00fff0ff00ff0000));

    for (unsigned cpu = 0; cpu < m->cpus; cpu++) {
        struct model_irq *q = &m->private[cpu][value >> 24 & 15];
        if ((others ? cpu != from : here && value >> cpu & 1) && q->group1 == group1)
            q->latch = true;
    }
}

void model_host_fires(struct model *m, unsigned cpu, uint32_t intid)
{
    model_irq(m, cpu, intid)->latch = true;
    model_irq(m, cpu, intid)->owed = true;
}

bool model_forwarded(struct model *m, unsigned cpu, uint32_t intid)
{
    const struct model_irq *q = model_irq(m, cpu, intid);

    return pending(q) && q->enabled && !q->active && m->ctlr >> q->group1 & 1 && (intid < 32 || target(m, q) == cpu);
}

void model_ack(struct model *m, unsigned cpu, uint32_t intid)
{
    struct model_irq *q = model_irq(m, cpu, intid);

    q->active = true;
    q->latch = false;
    q->owner = cpu;
}

void model_deactivate(struct model *m, unsigned cpu, uint32_t intid)
{
    struct model_irq *q = model_irq(m, cpu, intid);

    if (!q->active || (intid >= 32 && q->owner != cpu))
        return;
    q->active = false;
    settle(q);
}
