/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes that come by the second UART: the decoder of frames and the manager's door. The first byte says how the input is
 * meant: as bytes of the wire, or as right frames, whose header and payload it is.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "manager_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each of a type, a channel, a stream, a length, and so many bytes. */
static void send_frames(const uint8_t *data, size_t size)
{
    while (size >= 4) {
        size_t length = data[3] < size - 4 ? data[3] : size - 4;
        world_send((enum manage_type)data[0], data[1] % 18, data[2], data + 4, length);
        data += 4 + length;
        size -= 4 + length;
    }
}

/* The steward answers what it was asked. */
static void answer(uint8_t with)
{
    for (unsigned i = 0; i < MANAGER_SLOTS; i++)
        if (world_slots[i].state == SLOT_ASKED) {
            assert(world_slots[i].type >= MANAGE_MACHINE && world_slots[i].type <= MANAGE_LOG);
            assert(world_slots[i].length <= 8);
            world_slots[i].length = with * 4u;
            world_slots[i].state = SLOT_ANSWERED;
        }
    world_work();
}

static void drain(void)
{
    const struct frame *f;

    while ((f = world_read()) != NULL)
        assert(f->header.version == MANAGE_VERSION && f->header.channel < MANAGE_CHANNELS);
}

/* Whatever was before, a client that comes now is served. */
static void check_that_it_lives(void)
{
    static const struct manage_hello hello = { 1, 1 };
    const struct frame *f;
    bool welcome = false;

    world_hear("\xc0", 1);
    for (uint16_t channel = 1; channel < MANAGE_CHANNELS; channel++)
        world_send(MANAGE_GOODBYE, channel, 0, NULL, 0);
    drain();
    world_send(MANAGE_HELLO, 1, 0, &hello, sizeof(hello));
    while ((f = world_read()) != NULL)
        welcome |= f->header.type == (MANAGE_HELLO | MANAGE_ANSWER) && f->payload[0] == MANAGE_OK;
    assert(welcome);
    for (unsigned i = 0; i < MANAGER_STREAMS; i++)
        assert(!stream_is_open(&world_streams[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    world_start();
    for (unsigned i = 0; i < 100; i++)
        ring_push(&world_streams[0].up, (uint8_t)i);
    if (data[0] & 1)
        world_hear(data + 1, size - 1);
    else
        send_frames(data + 1, size - 1);
    drain();
    answer(data[0] >> 1);
    drain();
    check_that_it_lives();
    return 0;
}
