/* SPDX-License-Identifier: Apache-2.0 */
#include "manager_world.h"

#include <assert.h>
#include <string.h>

#include "lib/cpu.h"
#include "lib/hypercall.h"
#include "lib/service.h"
#include "manager/client.h"
#include "manager/link.h"
#include "manager/stream.h"
#include "manager/uart.h"

enum { RBR_THR = 0, IER = 1, FCR = 2, LCR = 3, LSR = 5, LSR_RECEIVED = 1, LSR_EMPTY = 0x20, WIRE = 1 << 16 };

struct manager_page world_page;
_Alignas(64) uint8_t world_ring[WORLD_CPUS][sizeof(struct belay_trace_ring) +
                                            WORLD_RECORDS * sizeof(struct belay_trace_record)];
struct stream world_streams[MANAGER_STREAMS];
struct manager_config world_config;
unsigned world_requests;
unsigned world_moved[MANAGER_STREAMS];
size_t world_room;

static struct { uint8_t bytes[WIRE]; size_t head, tail; } in, out;      /* as the manager sees them */
static struct frame_decoder decoder;
static uint8_t divisor_latch;

uint8_t port_read(uint32_t port);
void port_write(uint32_t port, uint8_t value);
struct manager_trace *manager_trace(unsigned cpu);
const struct belay_trace_ring *manager_ring(unsigned cpu);
struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5);

uint8_t port_read(uint32_t port)
{
    assert(port == RBR_THR || port == LSR);
    if (port == LSR)
        return (uint8_t)((in.tail < in.head ? LSR_RECEIVED : 0) | (world_room >= UART_FIFO ? LSR_EMPTY : 0));
    return in.tail < in.head ? in.bytes[in.tail++] : 0;
}

void port_write(uint32_t port, uint8_t value)
{
    if (port == LCR)
        divisor_latch = value & 0x80;
    if (port != RBR_THR || divisor_latch)
        return;
    assert(world_room > 0 && out.head < WIRE);
    world_room--;
    out.bytes[out.head++] = value;
}

struct stream *stream_at(unsigned number)
{
    assert(number < MANAGER_STREAMS);
    return &world_streams[number];
}

struct manager_trace *manager_trace(unsigned cpu)
{
    assert(cpu < WORLD_CPUS);
    return &world_page.trace[cpu];
}

const struct belay_trace_ring *manager_ring(unsigned cpu)
{
    assert(cpu < WORLD_CPUS);
    return (const void *)world_ring[cpu];
}

uint64_t counter_now(void) { return 1000; }

struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    (void)a2, (void)a3, (void)a4, (void)a5;
    assert(number == BELAY_HC_NOTIFY);
    world_requests += a0 == MANAGER_H_STEWARD && a1 == MANAGER_BIT_REQUEST;
    if (a0 >= MANAGER_H_STREAM && a0 < MANAGER_H_STREAM + MANAGER_STREAMS && a1 == STREAM_BIT)
        world_moved[a0 - MANAGER_H_STREAM]++;
    return (struct hypercall_result){ BELAY_OK, { 0 } };
}

void world_work(void)
{
    bool moved;

    do {
        moved = false;
        for (unsigned i = 0; i < MANAGER_LINKS; i++) {
            const struct frame *f = link_has_room((enum manager_link)i) ? link_take((enum manager_link)i) : NULL;
            if (f)
                client_frame((enum manager_link)i, f);
            moved |= f != NULL || (link_has_room((enum manager_link)i) && link_has_more((enum manager_link)i));
        }
        moved |= client_work();
        moved |= link_flush();
    } while (moved);
    link_rest();
}

void world_hear(const void *bytes, size_t length)
{
    const uint8_t *from = bytes;

    while (length) {
        size_t some = length < WIRE ? length : WIRE;
        in.head = in.tail = 0;
        memcpy(in.bytes, from, some);
        in.head = some;
        world_work();
        from += some;
        length -= some;
        if (in.tail < in.head)
            return;                     /* it does not read: its answers have no room */
    }
}

void world_send(enum manage_type type, uint16_t channel, uint16_t stream, const void *payload, size_t length)
{
    uint8_t wire[MANAGE_WIRE];
    const struct manage_header h = { .version = MANAGE_VERSION, .type = (uint8_t)type, .channel = channel,
                                     .stream = stream, .sequence = 100u + channel };

    world_hear(wire, frame_put(wire, h, payload, length));
}

const struct frame *world_read(void)
{
    while (out.tail < out.head)
        if (frame_take(&decoder, out.bytes[out.tail++]))
            return &decoder.frame;
    out.head = out.tail = 0;
    return NULL;
}

static void begin(void)
{
    link_init(&world_config);
    client_init(&world_config, world_slots);
    world_work();
    while (world_read())
        continue;
}

void world_start(void)
{
    memset(&world_page, 0, sizeof world_page);
    memset(world_ring, 0, sizeof world_ring);
    memset(world_streams, 0, sizeof world_streams);
    memset(&decoder, 0, sizeof decoder);
    in.head = in.tail = out.head = out.tail = 0;
    world_room = SIZE_MAX;
    world_requests = 0;
    world_config = (struct manager_config){ .version = 1, .has_uart = 1, .rights = { MANAGE_RIGHTS, MANAGE_RIGHTS },
                                             .cpus = WORLD_CPUS, .counter_hz = 500000 };
    for (unsigned vm = 0; vm < 2; vm++)
        world_config.stream[MANAGER_STREAM(MANAGE_CONSOLE, vm)] = 1;
    begin();
}

void world_start_link(void)
{
    world_config.stream[MANAGER_STREAM_VM] = 1;
    begin();
    ring_clear(&world_streams[MANAGER_STREAM_VM].down);     /* goodbye */
    memset(world_moved, 0, sizeof world_moved);
}
