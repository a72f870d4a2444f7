/* SPDX-License-Identifier: Apache-2.0 */
#include "remote.h"

#include "belay/stream.h"
#include "client.h"
#include "lib/hypercall.h"

#define TURN 128u           /* bytes of a stream before it is the next one's turn */

#ifdef BELAY_HOST_TEST
struct stream *console_stream(unsigned number);
#else
static struct stream *console_stream(unsigned number)
{
    return (struct stream *)((uintptr_t)CONSOLE_STREAMS_IPA + (uintptr_t)number * STREAM_BYTES);
}
#endif

static bool has_stream[BELAY_VMS_MAX];
static bool has_link;
static bool copied;         /* the manager has not been told of it */

void remote_init(const struct console_config *config)
{
    for (unsigned i = 0; i < BELAY_VMS_MAX; i++)
        has_stream[i] = config->managed && i < config->clients && config->client[i].has_uart;
    has_link = config->managed && config->has_link;
    copied = false;
}

void remote_copy(unsigned vm, uint8_t byte)
{
    if (vm < BELAY_VMS_MAX && has_stream[vm] && stream_is_open(console_stream(vm))) {
        stream_push(console_stream(vm), byte);
        copied = true;
    }
}

static bool give_input(struct stream *s, unsigned client)
{
    uint8_t byte;
    unsigned given = 0;

    while (given < TURN && client_has_room(client) && ring_pop(&s->down, &byte)) {
        (void)client_give(client, byte);
        given++;
    }
    return given != 0;
}

/* No byte of it is lost: a VM whose frames nobody takes sees that its UART has no room. */
static bool take_output(struct stream *s, unsigned client)
{
    uint8_t byte;
    unsigned taken = 0;

    while (taken < TURN && ring_fill(&s->up) < RING_SIZE && client_take(client, &byte)) {
        (void)ring_push(&s->up, byte);
        taken++;
    }
    client_hold(client, stream_wait(s));
    return taken != 0;
}

static bool move_link(void)
{
    struct stream *s = console_stream(BELAY_VMS_MAX);
    bool moved = give_input(s, CLIENT_LINK);

    moved |= take_output(s, CLIENT_LINK);
    moved |= client_update_line(CLIENT_LINK);
    return moved;
}

bool remote_work(void)
{
    bool moved = has_link && move_link(), tell = moved || copied;

    for (unsigned vm = 0; vm < BELAY_VMS_MAX; vm++)
        moved |= has_stream[vm] && give_input(console_stream(vm), vm);
    tell |= moved;
    copied = false;
    if (tell)
        (void)hc_notify(CONSOLE_H_MANAGER, STREAM_BIT);
    return moved;
}

bool remote_waits(void)
{
    bool waits = has_link && ring_fill(&console_stream(BELAY_VMS_MAX)->down) != 0;

    for (unsigned vm = 0; vm < BELAY_VMS_MAX; vm++)
        waits |= has_stream[vm] && ring_fill(&console_stream(vm)->down) != 0;
    return waits;
}
