/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lowest layer of the GDB remote serial protocol (GDB's manual, E.1):
 * packets `$data#sum`, acknowledgements, escapes, and the interrupt.
 */
#ifndef GDB_PACKET_H
#define GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX 4096u        /* of a command's data, escapes undone, and of a whole reply */

enum packet_event { PACKET_NOTHING, PACKET_COMMAND, PACKET_INTERRUPT };

struct packet {
    enum { PACKET_OUTSIDE, PACKET_DATA, PACKET_ESCAPED, PACKET_SUM1, PACKET_SUM2 } state;
    uint8_t sum, told;          /* of what came, and as it should be */
    bool no_ack;                /* from QStartNoAckMode on */
    bool too_long;
    size_t bytes;
    char data[PACKET_MAX];      /* the command */
    size_t out, sent;           /* what goes out, and how much of it has gone */
    char reply[PACKET_MAX + 8];
    size_t reply_start;         /* of the last packet in `reply`, which may be wanted again */
};

void packet_init(struct packet *p);

/* A byte came. PACKET_COMMAND: data[0..bytes) is one, till the next byte. */
enum packet_event packet_take(struct packet *p, uint8_t byte);

/* A reply is begun, filled (what has no room is dropped) and ended, which makes it go out. */
void packet_begin(struct packet *p);
void packet_begin_again(struct packet *p, const char *s);       /* with that in place of what was put */
void packet_put(struct packet *p, char c);
void packet_puts(struct packet *p, const char *s);
void packet_put_hex(struct packet *p, const void *bytes, size_t n);
void packet_put_number(struct packet *p, uint64_t value);
size_t packet_room(const struct packet *p);     /* for how many plain bytes */
void packet_end(struct packet *p);

/* The next byte that goes out; false: there is none. */
bool packet_next(struct packet *p, uint8_t *byte);
static inline bool packet_is_out(const struct packet *p) { return p->sent == p->out; }
#endif
