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

unsigned model_highest(struct model *m, unsigned cpu)
{
    unsigned highest = 256;

    for (uint32_t i = 0; i < MODEL_INTIDS; i++) {
        unsigned priority = model_irq(m, cpu, i)->priority & 0xf8u;
        if (priority < highest && model_forwarded(m, cpu, i))
            highest = priority;
    }
    return highest;
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

/* GICv2 */

void model_v2_reset(struct model *m, unsigned cpus)
{
    model_reset(m, cpus);
    for (unsigned cpu = 0; cpu < cpus; cpu++)
        for (unsigned sgi = 0; sgi < 16; sgi++)
            m->private[cpu][sgi].enabled = true;
    for (uint32_t n = 32; n < MODEL_INTIDS; n++)
        m->spi[n].router = cpus == 1 ? 0 : MODEL_NOBODY;
}

static struct model_irq *banked(struct model *m, unsigned cpu, uint32_t n)
{
    return n < 32 ? &m->private[cpu][n] : n < MODEL_INTIDS ? &m->spi[n] : NULL;
}

/* Registers of a byte an interrupt, by their first; -1: there is none. */
static int byte_register(const struct model *m, unsigned cpu, const struct model_irq *q, uint32_t first, uint32_t n)
{
    switch (first) {
    case 0x400: return q->priority;
    case 0x800: return m->cpus == 1 ? 0 : n < 32 ? 1 << cpu : q->senders;
    case 0xf10: case 0xf20: return q->senders;
    default: return -1;
    }
}

static uint32_t byte_block(uint32_t offset)
{
    return in(offset, 0x400, 0x800) ? 0x400 : in(offset, 0x800, 0xc00) ? 0x800 : in(offset, 0xf10, 0xf20) ? 0xf10 :
           in(offset, 0xf20, 0xf30) ? 0xf20 : 0;
}

static uint32_t v2_identification(uint32_t offset)
{
    static const uint8_t id[12] = { 4, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1 };

    return id[(offset - 0xfd0) / 4];
}

uint64_t model_v2_read(struct model *m, unsigned cpu, uint32_t offset, unsigned size)
{
    uint32_t block = byte_block(offset);
    uint64_t value = 0;

    if (offset % size || size == 2 || size == 8)
        return 0;
    for (unsigned i = 0; block && i < size; i++) {
        const struct model_irq *q = banked(m, cpu, offset - block + i);
        value |= q ? (uint64_t)byte_register(m, cpu, q, block, offset - block + i) << i * 8 : 0;
    }
    if (size != 4)
        return value;
    if (offset < 0x80)
        return offset == 0 ? m->ctlr : offset == 4 ? (m->cpus - 1) << 5 | 8 : offset == 8 ? 0x43b : 0;
    if (offset >= 0xfd0)
        return v2_identification(offset);
    for (unsigned i = 0; in(offset, 0x80, 0x400) && i < 32; i++) {
        const struct model_irq *q = banked(m, cpu, offset % 0x80 * 8 + i);
        value |= q && read_bit(q, offset & ~0x7fu) ? 1u << i : 0;
    }
    for (unsigned i = 0; in(offset, 0xc00, 0xd00) && i < 16; i++) {
        const struct model_irq *q = banked(m, cpu, (offset - 0xc00) * 4 + i);
        value |= q && q->edge ? 2u << i * 2 : 0;
    }
    return value;
}

static void write_byte(const struct model *m, struct model_irq *q, uint32_t block, uint32_t n, uint8_t value)
{
    uint8_t cpus = (uint8_t)((1u << m->cpus) - 1);

    switch (block) {
    case 0x400: q->priority = value; break;
    case 0x800:
        if (n >= 32 && m->cpus > 1) {
            q->senders = value & cpus;
            q->router = q->senders ? (unsigned)__builtin_ctz(q->senders) : MODEL_NOBODY;
        }
        break;
    case 0xf10: q->senders &= (uint8_t)~value; break;
    case 0xf20: q->senders |= value & cpus; break;
    }
    if (block >= 0xf10)
        q->latch = q->senders != 0;
}

static void send(struct model *m, unsigned from, uint32_t value)
{
    unsigned filter = value >> 24 & 3;

    for (unsigned cpu = 0; cpu < m->cpus; cpu++) {
        struct model_irq *q = &m->private[cpu][value & 15];
        if (filter == 0 ? value >> 16 >> cpu & 1 : filter == 1 ? cpu != from : cpu == from) {
            q->senders |= (uint8_t)(1u << from);
            q->latch = true;
        }
    }
}

void model_v2_write(struct model *m, unsigned cpu, uint32_t offset, unsigned size, uint64_t value)
{
    uint32_t block = byte_block(offset), bits = offset & ~0x7fu;

    if (offset % size || size == 2 || size == 8)
        return;
    for (unsigned i = 0; block && i < size; i++) {
        struct model_irq *q = banked(m, cpu, offset - block + i);
        if (q)
            write_byte(m, q, block, offset - block + i, (uint8_t)(value >> i * 8));
    }
    if (size != 4)
        return;
    if (offset == 0)
        m->ctlr = value & 3;
    if (offset == 0xf00)
        send(m, cpu, (uint32_t)value);
    for (unsigned i = 0; in(offset, 0x80, 0x400) && i < 32; i++) {
        uint32_t n = offset % 0x80 * 8 + i;
        struct model_irq *q = banked(m, cpu, n);
        if (q && !(n < 16 && in(bits, 0x100, 0x300)))
            write_bit(m, q, n >= 32, bits, value >> i & 1);
    }
    for (unsigned i = 0; in(offset, 0xc04, 0xd00) && i < 16; i++) {
        struct model_irq *q = banked(m, cpu, (offset - 0xc00) * 4 + i);
        if (q)
            q->edge = value >> (i * 2 + 1) & 1;
    }
}

void model_v2_ack_sgi(struct model *m, unsigned cpu, uint32_t intid, unsigned sender)
{
    struct model_irq *q = &m->private[cpu][intid];

    model_ack(m, cpu, intid);
    q->senders &= (uint8_t)~(1u << sender);
    q->latch = q->senders != 0;
}
