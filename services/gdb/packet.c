/* SPDX-License-Identifier: Apache-2.0 */
#include "packet.h"

#include "hex.h"

#define ESCAPE     '}'
#define ESCAPE_XOR 0x20
#define INTERRUPT  3

void packet_init(struct packet *p)
{
    p->state = PACKET_OUTSIDE;
    p->no_ack = p->too_long = false;
    p->bytes = p->out = p->sent = p->reply_start = 0;
}

/* Who sends a command has got the last reply, and will not want it again. */
static void acknowledge(struct packet *p, char how)
{
    if (packet_is_out(p))
        p->out = p->sent = p->reply_start = 0;
    if (!p->no_ack && p->out < sizeof p->reply)
        p->reply[p->out++] = how;
}

static void keep(struct packet *p, char c)
{
    if (p->bytes < PACKET_MAX)
        p->data[p->bytes++] = c;
    else
        p->too_long = true;
}

static enum packet_event end_of_command(struct packet *p, uint8_t byte)
{
    p->state = PACKET_OUTSIDE;
    if (hex_digit((char)byte) < 0 || p->told != (p->sum & 0xf0) || hex_digit((char)byte) != (p->sum & 15)) {
        acknowledge(p, '-');
        return PACKET_NOTHING;
    }
    acknowledge(p, '+');
    if (p->too_long) {
        packet_begin(p);
        packet_puts(p, "E22");
        packet_end(p);
        return PACKET_NOTHING;
    }
    return PACKET_COMMAND;
}

/* Outside of a packet: acknowledgements, and noise. */
static enum packet_event outside(struct packet *p, uint8_t byte)
{
    if (byte == '$') {
        p->state = PACKET_DATA;
        p->sum = 0;
        p->bytes = 0;
        p->too_long = false;
    } else if (byte == '-' && !p->no_ack && packet_is_out(p)) {
        p->sent = p->reply_start;
    }
    return byte == INTERRUPT ? PACKET_INTERRUPT : PACKET_NOTHING;
}

enum packet_event packet_take(struct packet *p, uint8_t byte)
{
    switch (p->state) {
    case PACKET_OUTSIDE:
        return outside(p, byte);
    case PACKET_DATA:
        if (byte == '$')                /* the end of the one before was lost */
            return outside(p, byte);
        if (byte == '#') {
            p->state = PACKET_SUM1;
            return PACKET_NOTHING;
        }
        p->sum = (uint8_t)(p->sum + byte);
        if (byte == ESCAPE)
            p->state = PACKET_ESCAPED;
        else
            keep(p, (char)byte);
        return PACKET_NOTHING;
    case PACKET_ESCAPED:
        p->sum = (uint8_t)(p->sum + byte);
        keep(p, (char)(byte ^ ESCAPE_XOR));
        p->state = PACKET_DATA;
        return PACKET_NOTHING;
    case PACKET_SUM1:
        p->told = hex_digit((char)byte) < 0 ? 1 : (uint8_t)(hex_digit((char)byte) << 4);    /* 1: never right */
        p->state = PACKET_SUM2;
        return PACKET_NOTHING;
    default:
        return end_of_command(p, byte);
    }
}

/* An acknowledgement that has not gone yet stays before it. */
void packet_begin(struct packet *p)
{
    if (packet_is_out(p))
        p->out = p->sent = 0;
    p->reply_start = p->out;
    if (p->out < sizeof p->reply)
        p->reply[p->out++] = '$';
}

void packet_begin_again(struct packet *p, const char *s)
{
    p->out = p->reply_start + 1;
    packet_puts(p, s);
}

size_t packet_room(const struct packet *p)
{
    size_t limit = p->reply_start + PACKET_MAX - 3;     /* and the sum */

    if (limit > sizeof p->reply - 3)
        limit = sizeof p->reply - 3;
    return p->out < limit ? limit - p->out : 0;
}

static void put_plain(struct packet *p, char c)
{
    if (packet_room(p) > 0)
        p->reply[p->out++] = c;
}

void packet_put(struct packet *p, char c)
{
    if (c != '$' && c != '#' && c != '*' && c != ESCAPE) {
        put_plain(p, c);
    } else if (packet_room(p) > 1) {
        put_plain(p, ESCAPE);
        put_plain(p, (char)(c ^ ESCAPE_XOR));
    }
}

void packet_puts(struct packet *p, const char *s)
{
    while (*s)
        packet_put(p, *s++);
}

void packet_put_hex(struct packet *p, const void *bytes, size_t n)
{
    for (const uint8_t *b = bytes; n > 0 && packet_room(p) > 1; n--, b++) {
        put_plain(p, hex_char(*b >> 4));
        put_plain(p, hex_char(*b));
    }
}

void packet_put_number(struct packet *p, uint64_t value)
{
    unsigned shift = 60;

    while (shift > 0 && value >> shift == 0)
        shift -= 4;
    for (;; shift -= 4) {
        packet_put(p, hex_char((unsigned)(value >> shift)));
        if (shift == 0)
            break;
    }
}

void packet_end(struct packet *p)
{
    uint8_t sum = 0;

    for (size_t i = p->reply_start + 1; i < p->out; i++)
        sum = (uint8_t)(sum + (uint8_t)p->reply[i]);
    if (p->out + 3 > sizeof p->reply)       /* no room was left even to begin */
        return;
    p->reply[p->out++] = '#';
    p->reply[p->out++] = hex_char(sum >> 4);
    p->reply[p->out++] = hex_char(sum);
}

bool packet_next(struct packet *p, uint8_t *byte)
{
    if (packet_is_out(p))
        return false;
    *byte = (uint8_t)p->reply[p->sent++];
    return true;
}
