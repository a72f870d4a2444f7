/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <string.h>

#include "lib/hypercall.h"
#include "link.h"
#include "stream.h"

/* Slot n is client n's. It stays the steward's while it is asked, even when the client is gone meanwhile. */
static struct client {
    bool there;
    bool waits;                     /* for the answer in its slot */
    enum manager_link link;
    struct manage_header request;   /* that it waits for */
} clients[MANAGER_SLOTS];

static struct manager_slot *slots;
static uint32_t rights[MANAGER_LINKS];

#define RIGHT_0       0
#define RIGHT_LIST    MANAGE_RIGHT_LIST
#define RIGHT_CONTROL MANAGE_RIGHT_CONTROL
#define RIGHT_OF(number, name, right, in, out, text) [number] = RIGHT_##right,

static const uint8_t right_of[] = { MANAGE_TYPES(RIGHT_OF) };

/* Of the payload of each request that is answered. */
static const uint8_t length_of[] = {
    [MANAGE_HELLO] = sizeof(struct manage_hello),
    [MANAGE_VM] = sizeof(struct manage_which),
    [MANAGE_VCPU] = sizeof(struct manage_which),
    [MANAGE_CONTROL] = sizeof(struct manage_control),
    [MANAGE_LOG] = sizeof(struct manage_log),
    [MANAGE_OPEN] = sizeof(struct manage_open),
    [MANAGE_GOODBYE] = 0,
};

static const uint8_t right_of_stream[MANAGE_STREAMS] = {
    [MANAGE_CONSOLE] = MANAGE_RIGHT_CONSOLE, [MANAGE_GDB] = MANAGE_RIGHT_DEBUG, [MANAGE_TRACE] = MANAGE_RIGHT_TRACE,
};

void client_init(const struct manager_config *config, struct manager_slot *shared)
{
    slots = shared;
    memset(clients, 0, sizeof clients);
    memcpy(rights, config->rights, sizeof rights);
    stream_init(config);
    for (unsigned link = 0; link < MANAGER_LINKS; link++)
        link_send((enum manager_link)link, (struct manage_header){ .type = MANAGE_GOODBYE }, NULL, 0);
}

static void answer(enum manager_link link, const struct manage_header *request, const void *payload, size_t length)
{
    link_send(link, (struct manage_header){ .type = request->type | MANAGE_ANSWER, .channel = request->channel,
                                            .stream = request->stream, .sequence = request->sequence },
              payload, length);
}

static void refuse(enum manager_link link, const struct manage_header *request, enum manage_error error)
{
    struct manage_status status = { error };

    answer(link, request, &status, sizeof status);
}

static struct client *find(enum manager_link link, uint16_t channel)
{
    for (unsigned i = 0; i < MANAGER_SLOTS; i++)
        if (clients[i].there && clients[i].link == link && clients[i].request.channel == channel)
            return &clients[i];
    return NULL;
}

/* One whose slot the steward has done with. */
static struct client *find_free(void)
{
    for (unsigned i = 0; i < MANAGER_SLOTS; i++)
        if (!clients[i].there && atomic_load_explicit(&slots[i].state, memory_order_acquire) != SLOT_ASKED)
            return &clients[i];
    return NULL;
}

static uint32_t number(const struct client *c)
{
    return (uint32_t)(c - clients);
}

static void leave(struct client *c)
{
    stream_close_all(number(c));
    c->there = false;
}

/* A client that begins again is a new one. */
static void hello(enum manager_link link, const struct frame *f)
{
    struct client *c = find(link, f->header.channel);
    struct manage_hello h;

    memcpy(&h, f->payload, sizeof h);
    if (c)
        leave(c);
    if (h.lowest > MANAGE_VERSION || h.highest < MANAGE_VERSION) {
        refuse(link, &f->header, MANAGE_EVERSION);
        return;
    }
    c = find_free();
    if (c == NULL) {
        refuse(link, &f->header, MANAGE_EBUSY);
        return;
    }
    *c = (struct client){ .there = true, .link = link, .request = f->header };
    atomic_store_explicit(&slots[number(c)].state, SLOT_FREE, memory_order_relaxed);
    const struct manage_welcome w = { .version = MANAGE_VERSION, .payload = MANAGE_PAYLOAD, .rights = rights[link] };
    answer(link, &f->header, &w, sizeof w);
}

/* To the steward, which looks at what the payload says. */
static void ask(struct client *c, const struct frame *f)
{
    struct manager_slot *s = &slots[number(c)];

    c->waits = true;
    c->request = f->header;
    s->type = f->header.type;
    s->length = f->header.length;
    memcpy(s->payload, f->payload, f->header.length);
    atomic_store_explicit(&s->state, SLOT_ASKED, memory_order_release);
    (void)hc_notify(MANAGER_H_STEWARD, MANAGER_BIT_REQUEST);
}

static enum manage_error open_stream(struct client *c, const struct manage_header *h, const struct manage_open *o)
{
    unsigned n = MANAGER_STREAM(o->kind, o->vm);

    if (o->kind >= MANAGE_STREAMS)
        return MANAGE_EPAYLOAD;
    if ((rights[c->link] & right_of_stream[o->kind]) == 0)
        return MANAGE_ERIGHT;
    if (o->vm >= BELAY_VMS_MAX || !stream_is_there(n))
        return MANAGE_ESTREAM;
    if (stream_owner(n) != STREAM_NOBODY)
        return MANAGE_EBUSY;
    const struct manage_opened opened = { .stream = n + 1, .credit = stream_open(n, number(c), o->credit) };
    answer(c->link, h, &opened, sizeof opened);
    return MANAGE_OK;
}

static void open(struct client *c, const struct frame *f)
{
    struct manage_open o;

    memcpy(&o, f->payload, sizeof o);
    enum manage_error error = open_stream(c, &f->header, &o);
    if (error != MANAGE_OK)
        refuse(c->link, &f->header, error);
}

static bool owns(const struct client *c, uint16_t stream)
{
    return stream != 0 && stream_owner(stream - 1u) == number(c);
}

static void close(const struct client *c, const struct manage_header *h)
{
    bool own = owns(c, h->stream);

    if (own)
        stream_close(h->stream - 1u);
    refuse(c->link, h, own ? MANAGE_OK : MANAGE_ESTREAM);
}

/* What has no answer: a stream that was closed meanwhile is nothing wrong. */
static void move(const struct client *c, const struct frame *f)
{
    struct manage_credit credit;

    if (!owns(c, f->header.stream))
        return;
    if (f->header.type == MANAGE_DATA) {
        stream_write(f->header.stream - 1u, f->payload, f->header.length);
    } else if (f->header.length == sizeof credit) {
        memcpy(&credit, f->payload, sizeof credit);
        stream_credit(f->header.stream - 1u, credit.bytes);
    }
}

static void request(struct client *c, const struct frame *f)
{
    switch (f->header.type) {
    case MANAGE_OPEN:  open(c, f); break;
    case MANAGE_CLOSE: close(c, &f->header); break;
    default:           ask(c, f);
    }
}

/* Why a request is refused at the door. */
static enum manage_error check(enum manager_link link, const struct client *c, const struct manage_header *h)
{
    if (h->version != MANAGE_VERSION)
        return MANAGE_EVERSION;
    if (h->type < MANAGE_HELLO || h->type > MANAGE_CLOSE)
        return MANAGE_ETYPE;
    if (h->length != length_of[h->type])
        return MANAGE_EPAYLOAD;
    if (h->type == MANAGE_HELLO)
        return MANAGE_OK;
    if (c == NULL)
        return MANAGE_EHELLO;
    if (right_of[h->type] & ~rights[link])
        return MANAGE_ERIGHT;
    return c->waits ? MANAGE_EBUSY : MANAGE_OK;
}

void client_frame(enum manager_link link, const struct frame *f)
{
    struct client *c = find(link, f->header.channel);

    if (f->header.channel == 0 || f->header.channel >= MANAGE_CHANNELS || f->header.type & MANAGE_ANSWER)
        return;
    if (f->header.version == MANAGE_VERSION && (f->header.type == MANAGE_DATA || f->header.type == MANAGE_CREDIT)) {
        if (c)
            move(c, f);
        return;
    }
    if (f->header.type == MANAGE_GOODBYE) {
        if (c)
            leave(c);
        return;
    }
    enum manage_error error = check(link, c, &f->header);
    if (error != MANAGE_OK)
        refuse(link, &f->header, error);
    else if (f->header.type == MANAGE_HELLO)
        hello(link, f);
    else
        request(c, f);
}

/* The steward's word is taken for what it is, but for its length. */
static bool send_answer(struct client *c)
{
    struct manager_slot *s = &slots[number(c)];

    if (!c->waits || atomic_load_explicit(&s->state, memory_order_acquire) != SLOT_ANSWERED)
        return false;
    answer(c->link, &c->request, s->payload, s->length <= MANAGE_PAYLOAD ? s->length : MANAGE_PAYLOAD);
    c->waits = false;
    atomic_store_explicit(&s->state, SLOT_FREE, memory_order_relaxed);
    return true;
}

/* One frame of a stream for its client. */
static bool send_bytes(const struct client *c, unsigned stream)
{
    static uint8_t bytes[MANAGE_PAYLOAD];
    struct manage_header h = { .channel = c->request.channel, .stream = (uint16_t)(stream + 1) };
    struct manage_credit credit;
    uint32_t count;

    if (stream_failed(stream)) {
        stream_close(stream);
        h.type = MANAGE_CLOSE;
        link_send(c->link, h, NULL, 0);
        return true;
    }
    if ((credit.bytes = stream_take_lost(stream)) != 0)
        h.type = MANAGE_LOST;
    else if ((credit.bytes = stream_take_credit(stream)) != 0)
        h.type = MANAGE_CREDIT;
    if (h.type) {
        link_send(c->link, h, &credit, sizeof credit);
        return true;
    }
    h.type = MANAGE_DATA;
    count = stream_read(stream, bytes, sizeof bytes);
    if (count)
        link_send(c->link, h, bytes, count);
    return count != 0;
}

bool client_work(void)
{
    bool sent = false;

    for (unsigned i = 0; i < MANAGER_SLOTS; i++)
        if (clients[i].there && link_has_room(clients[i].link))
            sent |= send_answer(&clients[i]);
    for (unsigned n = 0; n < MANAGER_STREAMS; n++) {
        uint32_t owner = stream_owner(n);
        if (owner != STREAM_NOBODY && link_has_room(clients[owner].link))
            sent |= send_bytes(&clients[owner], n);
    }
    return sent;
}
