/* SPDX-License-Identifier: Apache-2.0 */
#include "link.h"

#include "lib/hypercall.h"
#include "stream.h"
#include "uart.h"

#define TURN 256u               /* bytes of a link before it is the other's turn */

static struct link {
    bool there;
    bool more;                  /* it ended its last turn with bytes left */
    struct frame_decoder in;
    struct ring out;
} links[MANAGER_LINKS];

_Static_assert(RING_SIZE >= 2 * MANAGE_WIRE, "two frames wait at most");

void link_init(const struct manager_config *config)
{
    links[MANAGER_LINK_UART].there = config->has_uart;
    links[MANAGER_LINK_VM].there = config->stream[MANAGER_STREAM_VM];
    if (config->has_uart)
        uart_init();
}

static bool get(enum manager_link link, uint8_t *byte)
{
    return link == MANAGER_LINK_UART ? uart_get(byte) : ring_pop(&stream_at(MANAGER_STREAM_VM)->up, byte);
}

static const struct frame *take(enum manager_link link)
{
    struct link *l = &links[link];
    uint8_t byte;

    l->more = l->there;
    for (unsigned n = 0; l->there && n < TURN; n++) {
        if (!get(link, &byte)) {
            l->more = false;
            break;
        }
        if (frame_take(&l->in, byte))
            return &l->in.frame;
    }
    return NULL;
}

/* Whoever waits for room in the VM's ring is told: perhaps no answer follows. */
const struct frame *link_take(enum manager_link link)
{
    const struct frame *f = take(link);

    if (link == MANAGER_LINK_VM && links[link].there && stream_is_waited_for(stream_at(MANAGER_STREAM_VM)))
        stream_moved(MANAGER_STREAM_VM);
    return f;
}

bool link_has_more(enum manager_link link)
{
    return links[link].more;
}

bool link_has_room(enum manager_link link)
{
    return RING_SIZE - ring_fill(&links[link].out) >= MANAGE_WIRE;
}

void link_send(enum manager_link link, struct manage_header header, const void *payload, size_t length)
{
    static uint8_t wire[MANAGE_WIRE];
    header.version = MANAGE_VERSION;
    size_t bytes = frame_put(wire, header, payload, length);

    for (size_t i = 0; i < bytes; i++)
        (void)ring_push(&links[link].out, wire[i]);
}

static bool flush_uart(struct ring *out)
{
    uint8_t byte;
    bool moved = false;

    while (ring_fill(out)) {                /* bound: what it holds */
        uint32_t room = uart_room();
        if (room == 0)
            break;
        for (; room && ring_pop(out, &byte); room--)
            uart_put(byte);
        moved = true;
    }
    return moved;
}

static bool flush_vm(struct ring *out)
{
    struct stream *s = stream_at(MANAGER_STREAM_VM);
    uint8_t byte;
    bool moved = false;

    while (ring_fill(&s->down) < RING_SIZE && ring_pop(out, &byte)) {   /* bound: what it holds */
        (void)ring_push(&s->down, byte);
        moved = true;
    }
    return moved;
}

bool link_flush(void)
{
    bool moved = links[MANAGER_LINK_UART].there && flush_uart(&links[MANAGER_LINK_UART].out);

    if (links[MANAGER_LINK_VM].there && flush_vm(&links[MANAGER_LINK_VM].out)) {
        stream_moved(MANAGER_STREAM_VM);
        moved = true;
    }
    return moved;
}

void link_rest(void)
{
    if (links[MANAGER_LINK_UART].there)
        uart_want(link_has_room(MANAGER_LINK_UART), ring_fill(&links[MANAGER_LINK_UART].out) != 0);
}
