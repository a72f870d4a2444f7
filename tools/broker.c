/* SPDX-License-Identifier: Apache-2.0 */
#include "broker.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "error.h"
#include "lib/frame.h"

#define PIECE        4096u                              /* bytes of a client before it is the next one's turn */
#define PIECE_GROWS  (2 * PIECE + MANAGE_WIRE)          /* on the way, at most: the channel and the sum may need escapes */
#define TO_MACHINE   (4 * PIECE_GROWS)
#define TO_CLIENT    (256u * 1024)

/* Bytes on their way out. */
struct queue {
    uint8_t *bytes;
    size_t size, begin, end;
};

struct client {
    int fd;                     /* -1: there is none */
    struct frame_decoder in;
    struct queue out;
};

struct broker {
    int machine, listener;
    bool heard;                 /* the machine's manager has begun */
    bool gone;                  /* the machine has ended */
    uint32_t goodbyes;          /* a bit for each channel whose client is gone, while there is no room to say so */
    struct frame_decoder in;
    struct queue out;
    struct client clients[BROKER_CLIENTS];      /* channel n + 1 */
};

static void queue_make(struct queue *q, size_t size)
{
    *q = (struct queue){ .bytes = allocate(size), .size = size };
}

static size_t queue_room(const struct queue *q)
{
    return q->size - (q->end - q->begin);
}

static void queue_put(struct queue *q, const uint8_t *bytes, size_t length)
{
    if (q->size - q->end < length) {
        memmove(q->bytes, q->bytes + q->begin, q->end - q->begin);
        q->end -= q->begin;
        q->begin = 0;
    }
    memcpy(q->bytes + q->end, bytes, length);
    q->end += length;
}

/* False: nobody takes them any more. */
static bool queue_send(struct queue *q, int fd)
{
    ssize_t done = send(fd, q->bytes + q->begin, q->end - q->begin, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (done > 0)
        q->begin += (size_t)done;
    if (q->begin == q->end)
        q->begin = q->end = 0;
    return done >= 0 || errno == EAGAIN || errno == EINTR;
}

static bool frame_send(struct queue *q, const struct frame *f, uint16_t channel)
{
    uint8_t wire[MANAGE_WIRE];
    struct manage_header header = f->header;
    header.channel = channel;
    size_t length = frame_put(wire, header, f->payload, header.length);
    if (queue_room(q) < length)
        return false;
    queue_put(q, wire, length);
    return true;
}

static uint16_t channel_of(const struct broker *b, const struct client *c)
{
    return (uint16_t)(c - b->clients + 1);
}

static void say_goodbyes(struct broker *b)
{
    static const struct frame goodbye = { .header = { .version = MANAGE_VERSION, .type = MANAGE_GOODBYE } };
    for (uint16_t channel = 1; channel <= BROKER_CLIENTS; channel++) {
        if (b->goodbyes >> channel & 1 && frame_send(&b->out, &goodbye, channel))
            b->goodbyes &= ~(1u << channel);
    }
}

/* What it had open in the machine is closed there. */
static void let_go(struct broker *b, struct client *c)
{
    close(c->fd);
    free(c->out.bytes);
    *c = (struct client){ .fd = -1 };
    b->goodbyes |= 1u << channel_of(b, c);
    say_goodbyes(b);
}

static void accept_client(struct broker *b)
{
    int fd = accept4(b->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    for (size_t i = 0; fd >= 0 && i < BROKER_CLIENTS; i++) {
        struct client *c = &b->clients[i];
        if (c->fd < 0 && !(b->goodbyes >> channel_of(b, c) & 1)) {
            *c = (struct client){ .fd = fd };
            queue_make(&c->out, TO_CLIENT);
            return;
        }
    }
    if (fd >= 0)
        close(fd);          /* there are too many: it sees the end, and says so */
}

/* There is room for all that a piece can come to. */
static void read_client(struct broker *b, struct client *c)
{
    uint8_t bytes[PIECE];
    ssize_t length = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR)) {
        let_go(b, c);
        return;
    }
    for (ssize_t i = 0; i < length; i++) {
        if (frame_take(&c->in, bytes[i]))
            frame_send(&b->out, &c->in.frame, channel_of(b, c));
    }
}

/* The manager in the machine knows none of its clients any more, or never knew one. */
static void begin_anew(struct broker *b)
{
    for (size_t i = 0; b->heard && i < BROKER_CLIENTS; i++) {
        if (b->clients[i].fd >= 0)
            let_go(b, &b->clients[i]);
    }
    b->heard = true;
    b->goodbyes = 0;
}

static void take_frame(struct broker *b, const struct frame *f)
{
    if (f->header.channel == 0 && f->header.type == MANAGE_GOODBYE)
        begin_anew(b);
    if (f->header.channel == 0 || f->header.channel > BROKER_CLIENTS)
        return;
    struct client *c = &b->clients[f->header.channel - 1];
    if (c->fd >= 0 && !frame_send(&c->out, f, f->header.channel))
        let_go(b, c);
}

static void read_machine(struct broker *b)
{
    uint8_t bytes[PIECE];
    ssize_t length = recv(b->machine, bytes, sizeof(bytes), MSG_DONTWAIT);
    b->gone = length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR);
    for (ssize_t i = 0; i < length; i++) {
        if (frame_take(&b->in, bytes[i]))
            take_frame(b, &b->in.frame);
    }
}

struct broker *broker_begin(int machine, int listener)
{
    struct broker *b = allocate(sizeof(*b));
    b->machine = machine;
    b->listener = listener;
    queue_make(&b->out, TO_MACHINE);
    for (size_t i = 0; i < BROKER_CLIENTS; i++)
        b->clients[i].fd = -1;
    return b;
}

void broker_wants(struct broker *b, struct pollfd *files)
{
    bool room = b->heard && queue_room(&b->out) >= PIECE_GROWS;
    files[0] = (struct pollfd){ .fd = b->gone ? -1 : b->machine, .events = POLLIN };
    if (b->out.begin < b->out.end)
        files[0].events |= POLLOUT;
    files[1] = (struct pollfd){ .fd = b->listener, .events = POLLIN };
    for (size_t i = 0; i < BROKER_CLIENTS; i++) {
        const struct client *c = &b->clients[i];
        files[2 + i] = (struct pollfd){ .fd = c->fd, .events = (short)((room ? POLLIN : 0) |
                                                                       (c->out.begin < c->out.end ? POLLOUT : 0)) };
    }
}

static void turn_of_client(struct broker *b, struct client *c, short events)
{
    if (c->fd >= 0 && events & POLLOUT && !queue_send(&c->out, c->fd))
        let_go(b, c);
    bool room = queue_room(&b->out) >= PIECE_GROWS;
    if (c->fd >= 0 && room && events & (POLLIN | POLLHUP | POLLERR))
        read_client(b, c);
    else if (c->fd >= 0 && events & (POLLHUP | POLLERR))
        let_go(b, c);           /* what it still wanted has no room */
}

void broker_turn(struct broker *b, const struct pollfd *files)
{
    if (files[0].revents & (POLLIN | POLLHUP | POLLERR))
        read_machine(b);
    if (files[0].revents & POLLOUT)
        b->gone |= !queue_send(&b->out, b->machine);
    say_goodbyes(b);
    for (size_t i = 0; i < BROKER_CLIENTS; i++)
        turn_of_client(b, &b->clients[i], files[2 + i].revents);
    if (files[1].revents & POLLIN)
        accept_client(b);
}

void broker_end(struct broker *b)
{
    for (size_t i = 0; i < BROKER_CLIENTS; i++) {
        if (b->clients[i].fd >= 0)
            close(b->clients[i].fd);
        free(b->clients[i].out.bytes);
    }
    free(b->out.bytes);
    free(b);
}
