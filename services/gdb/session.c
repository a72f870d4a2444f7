/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <string.h>

#include "commands.h"

#define SIGNAL_INTERRUPT 2
#define SIGNAL_TRAP      5

void session_begin(struct session *s)
{
    packet_init(&s->packet);
    s->attached = s->over = s->running = s->was_up = s->knows_breaks = false;
    s->interrupted = s->down = false;
    s->thread = 0;
    s->stepper = BELAY_VCPUS_MAX;
    s->stop = (struct stop){ STOP_NONE, 0, 0 };
}

unsigned session_first(void)
{
    for (unsigned i = 0; i < target_vcpus(); i++)
        if (target_is_on(i))
            return i;
    return 0;
}

/* Of a watchpoint, the address that it watches: the debugger knows it by that. */
static void tell_watch(struct packet *p, uint64_t address)
{
    static const char *const names[] = { [POINT_WRITE] = "watch:", [POINT_READ] = "rwatch:", [POINT_ACCESS] = "awatch:" };
    uint64_t va;

    packet_puts(p, names[point_watching(address, &va)]);
    packet_put_number(p, va);
    packet_put(p, ';');
}

void session_tell_stop(struct session *s)
{
    struct packet *p = &s->packet;

    packet_begin(p);
    if (s->down) {
        packet_puts(p, "W00");
    } else {
        packet_put(p, 'T');
        packet_put(p, '0');
        packet_put(p, hex_char(s->interrupted ? SIGNAL_INTERRUPT : SIGNAL_TRAP));
        if (s->knows_breaks && s->stop.kind == STOP_BREAK)
            packet_puts(p, "swbreak:;");
        if (s->knows_breaks && s->stop.kind == STOP_HARDWARE)
            packet_puts(p, "hwbreak:;");
        if (s->stop.kind == STOP_WATCH)
            tell_watch(p, s->stop.address);
        packet_puts(p, "thread:");
        packet_put_number(p, s->stop.vcpu + 1);
        packet_put(p, ';');
    }
    packet_end(p);
}

/* The VM stands still, for that reason. */
static void stopped(struct session *s, struct stop stop, bool interrupted)
{
    s->running = false;
    s->stop = stop;
    s->interrupted = interrupted;
    s->thread = stop.vcpu;
    s->stepper = BELAY_VCPUS_MAX;
}

void session_go(struct session *s, const enum action action[BELAY_VCPUS_MAX])
{
    s->was_up = !target_is_down();
    s->down = false;
    s->running = true;
    if (!target_go(action) && s->was_up)        /* nothing of it can have run */
        session_look(s);
}

void session_look(struct session *s)
{
    struct stop stop;

    if (!s->running)
        return;
    if (target_stopped(&stop)) {
        stopped(s, stop, false);
    } else if (target_is_down()) {
        if (!s->was_up)                         /* it waits for a start */
            return;
        stopped(s, (struct stop){ STOP_NONE, 0, 0 }, false);
        s->down = true;
    } else {
        s->was_up = true;
        return;
    }
    session_tell_stop(s);
}

static void interrupt(struct session *s)
{
    struct stop stop;

    if (!s->attached || s->over || !s->running)
        return;
    target_stop();
    if (target_stopped(&stop))                  /* at the same time, and told instead */
        stopped(s, stop, false);
    else
        stopped(s, (struct stop){ STOP_NONE, session_first(), 0 }, true);
    s->down = s->was_up && target_is_down();
    session_tell_stop(s);
}

static void attach(struct session *s)
{
    struct stop stop;

    s->attached = target_attach();
    if (s->attached && !target_stopped(&stop))
        stop = (struct stop){ STOP_NONE, session_first(), 0 };
    if (s->attached)
        stopped(s, stop, false);
}

static void command(struct session *s)
{
    struct packet *p = &s->packet;

    if (s->over)
        return;
    if (!s->attached)
        attach(s);
    if (s->attached) {
        command_answer(s, (struct text){ p->data, p->data + p->bytes });
        return;
    }
    packet_begin(p);
    packet_puts(p, "E01");
    packet_end(p);
}

void session_take(struct session *s, uint8_t byte)
{
    switch (packet_take(&s->packet, byte)) {
    case PACKET_COMMAND:   command(s); break;
    case PACKET_INTERRUPT: interrupt(s); break;
    default:               break;
    }
}

void session_end(struct session *s)
{
    if (s->attached)
        target_detach();
    s->attached = s->running = false;
    s->over = true;
}
