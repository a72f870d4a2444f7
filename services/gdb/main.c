/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM's debug service: it has that VM's memory and the right to debug it, and
 * speaks GDB's remote serial protocol with whoever has its stream.
 */
#include "belay/gdb.h"
#include "lib/hypercall.h"
#include "lib/service.h"
#include "session.h"

static struct session session;
static PERSIST uint32_t turns;  /* of the stream, as last seen */

static bool turned(const struct stream *s)
{
    return atomic_load_explicit(&s->turns, memory_order_acquire) != turns;
}

/* A client went, or came, or both. */
static void turn(struct stream *s)
{
    if (!turned(s))
        return;
    turns = s->turns;
    session_end(&session);
    ring_skip(&s->down, s->began);
    (void)hc_notify(GDB_H_MANAGER, STREAM_BIT);     /* there is room for who comes */
    if (turns & 1)
        session_begin(&session);
}

/* One byte at most is heard by the next client: no debugger takes that for an answer. */
static bool send(struct stream *s)
{
    uint8_t byte;
    bool moved = false;

    while (!turned(s) && ring_fill(&s->up) < RING_SIZE && packet_next(&session.packet, &byte)) {
        (void)ring_push(&s->up, byte);
        moved = true;
    }
    return moved;
}

/* What was asked is answered before the next is looked at. */
static bool receive(struct stream *s)
{
    uint8_t byte;

    if (turned(s) || !packet_is_out(&session.packet) || !ring_pop(&s->down, &byte))
        return false;
    session_take(&session, byte);
    return true;
}

/* As much as one ring may hold: then the VM is looked at again. */
static bool move(struct stream *s)
{
    bool moved = false, more = true;

    for (unsigned i = 0; i < RING_SIZE && more; i++) {
        more = send(s);
        more |= receive(s);
        moved |= more;
    }
    if (moved)
        (void)hc_notify(GDB_H_MANAGER, STREAM_BIT);
    return moved;
}

/* A service that died does not know what its debugger has done: that one has to begin anew. */
static void begin(struct stream *s)
{
    session_end(&session);
    if ((turns & 1) && !turned(s)) {
        atomic_store_explicit(&s->ended, turns, memory_order_release);
        (void)hc_notify(GDB_H_MANAGER, STREAM_BIT);
    }
}

_Noreturn void service_main(void)
{
    const struct gdb_config *config = (const void *)(uintptr_t)BELAY_BOOT_INFO;
    struct stream *s = (struct stream *)(uintptr_t)GDB_STREAM_IPA;

    target_init(config, (uint8_t *)(uintptr_t)config->ram);
    begin(s);
    for (;;) {
        turn(s);
        session_look(&session);
        if (!move(s))
            target_wait();
        service_beat();
    }
}
