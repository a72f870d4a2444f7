/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/pack.h"

#include <stdbool.h>
#include <string.h>

/* What the next record is told apart from. */
struct last {
    uint64_t ticks;
    uint32_t who;                       /* context, and domain above it */
    uint64_t a[PACK_KIND + 1], b[PACK_KIND + 1];
};

static uint8_t *put_number(uint8_t *to, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        *to++ = (uint8_t)(n | 0x80);
    *to++ = (uint8_t)n;
    return to;
}

static uint8_t *put_record(uint8_t *to, struct last *l, const struct belay_trace_record *r)
{
    unsigned kind = r->kind & PACK_KIND;
    uint32_t who = r->context | (uint32_t)r->domain << 8;
    uint64_t a = r->a ^ l->a[kind], b = r->b ^ l->b[kind];

    *to++ = (uint8_t)(kind | (who != l->who ? PACK_WHO : 0) | (a ? PACK_A : 0) | (b ? PACK_B : 0));
    to = put_number(to, r->ticks - l->ticks);
    if (who != l->who) {
        to[0] = (uint8_t)who;
        to[1] = (uint8_t)(who >> 8);
        to[2] = (uint8_t)(who >> 16);
        to += 3;
    }
    if (a)
        to = put_number(to, a);
    if (b)
        to = put_number(to, b);
    l->ticks = r->ticks;
    l->who = who;
    l->a[kind] = r->a;
    l->b[kind] = r->b;
    return to;
}

size_t pack_records(uint8_t *to, size_t max, const struct belay_trace_record *r, size_t count, size_t *packed)
{
    struct last last = { 0 };
    uint8_t *at = to + PACK_HEAD;

    *packed = 0;
    if (count == 0 || max < PACK_HEAD + PACK_RECORD_MAX)
        return 0;
    memcpy(to, &r->sequence, PACK_HEAD);
    while (*packed < count && *packed < PACK_RECORDS && (size_t)(at - to) + PACK_RECORD_MAX <= max)
        at = put_record(at, &last, &r[(*packed)++]);
    return (size_t)(at - to);
}

struct reader {
    const uint8_t *at, *end;
    bool wrong;                         /* it has ended before what was asked for, or that is too large */
};

static uint8_t get_byte(struct reader *r)
{
    if (r->at == r->end) {
        r->wrong = true;
        return 0;
    }
    return *r->at++;
}

static uint64_t get_number(struct reader *r)
{
    uint64_t n = 0;

    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = get_byte(r);
        n |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            return n;
    }
    r->wrong = true;
    return 0;
}

static struct belay_trace_record get_record(struct reader *r, struct last *l, uint32_t sequence)
{
    uint8_t head = get_byte(r), kind = head & PACK_KIND;

    l->ticks += get_number(r);
    if (head & PACK_WHO) {
        l->who = get_byte(r);
        l->who |= (uint32_t)get_byte(r) << 8;
        l->who |= (uint32_t)get_byte(r) << 16;
    }
    if (head & PACK_A)
        l->a[kind] ^= get_number(r);
    if (head & PACK_B)
        l->b[kind] ^= get_number(r);
    return (struct belay_trace_record){ .ticks = l->ticks, .kind = kind, .context = (uint8_t)l->who,
                                        .domain = (uint16_t)(l->who >> 8), .sequence = sequence,
                                        .a = l->a[kind], .b = l->b[kind] };
}

int pack_open(const uint8_t *bytes, size_t length, struct belay_trace_record to[PACK_RECORDS])
{
    struct reader r = { bytes + PACK_HEAD, bytes + length, false };
    struct last last = { 0 };
    uint32_t sequence;
    int count = 0;

    if (length < PACK_HEAD)
        return -1;
    memcpy(&sequence, bytes, PACK_HEAD);
    while (r.at < r.end && !r.wrong) {
        if (count == (int)PACK_RECORDS)
            return -1;
        to[count] = get_record(&r, &last, sequence + (uint32_t)count);
        count++;
    }
    return r.wrong ? -1 : count;
}
