/* SPDX-License-Identifier: Apache-2.0 */
/* belay gdb: passes bytes on between a debugger and the debug service of a VM. */
#include "manage_commands.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "door.h"
#include "error.h"
#include "interrupt.h"
#include "link.h"
#include "run.h"
#include "view.h"

#define ROOM 32768u                 /* bytes that may be on their way here */

const char gdb_help[] =
    "belay gdb VM [options]\n"
    "Lets a debugger at a VM whose configuration says debug: yes. It speaks GDB's remote protocol on\n"
    "standard input and output, for GDB's  target remote | belay gdb VM\n"
    "The VM stands still from the debugger's first word on, and goes on when it leaves.\n"
    "  --listen PORT       waits at that TCP port of this computer instead, for one debugger after the other\n"
    "  --listen PATH       at a socket of that name, which has a / in it\n"
    VIEW_HELP;

struct session {
    struct link link;
    int in, out;                    /* the debugger */
    uint16_t stream;
    uint32_t may_send;              /* bytes that the machine has room for */
    uint8_t bytes[4096];            /* from the debugger, on their way */
    size_t length, sent;
    bool ends;
};

static const char *listen_at;       /* NULL: standard input and output */
static int signals;                 /* readable when one has come */

static void open_stream(struct session *s, const char *name)
{
    struct manage_vm vm;
    const struct manage_open request = { MANAGE_GDB, (uint16_t)link_find(&s->link, name, &vm), ROOM };
    struct manage_opened opened;
    if (vm.state == MANAGE_ABSENT)
        die("%s is not there; belay create %s", name, name);
    enum manage_error error = link_ask(&s->link, MANAGE_OPEN, &request, sizeof(request), &opened, sizeof(opened));
    if (error == MANAGE_ESTREAM)
        die("%s cannot be debugged; write 'debug: yes' in its configuration", name);
    if (error == MANAGE_EBUSY)
        die("%s: another debugger has it; end that one first", name);
    if (error)
        die("%s: %s", name, s->link.failure);
    s->stream = (uint16_t)opened.stream;
    s->may_send = opened.credit;
}

static void write_out(struct session *s, const uint8_t *bytes, size_t length)
{
    while (length > 0 && !s->ends) {
        ssize_t done = write(s->out, bytes, length);
        s->ends = done < 0 && errno != EINTR;
        bytes += done > 0 ? done : 0;
        length -= done > 0 ? (size_t)done : 0;
    }
}

static void take_frame(struct session *s, const struct frame *f)
{
    struct manage_credit credit = { f->header.length };
    if (f->header.stream != s->stream)
        return;
    if (f->header.type == MANAGE_DATA) {
        write_out(s, f->payload, f->header.length);
        link_send(&s->link, MANAGE_CREDIT, s->stream, &credit, sizeof(credit));
    } else if (f->header.type == MANAGE_CREDIT && f->header.length == sizeof(credit)) {
        memcpy(&credit, f->payload, sizeof(credit));
        s->may_send += credit.bytes;
    } else if (f->header.type == MANAGE_CLOSE) {
        s->ends = true;
        say("the machine has ended the session: its debug service began anew; the VM runs on");
    }
}

static void read_in(struct session *s)
{
    ssize_t length = read(s->in, s->bytes, sizeof(s->bytes));
    s->ends |= length == 0 || (length < 0 && errno != EINTR);
    s->length = length > 0 ? (size_t)length : 0;
    s->sent = 0;
}

static void send_on(struct session *s)
{
    while (s->sent < s->length && s->may_send) {
        size_t length = s->length - s->sent;
        length = length < s->may_send ? length : s->may_send;
        length = length < MANAGE_PAYLOAD ? length : MANAGE_PAYLOAD;
        link_send(&s->link, MANAGE_DATA, s->stream, s->bytes + s->sent, length);
        s->sent += length;
        s->may_send -= (uint32_t)length;
    }
}

static void turn(struct session *s)
{
    struct pollfd files[] = {
        { .fd = s->link.fd, .events = POLLIN },
        { .fd = s->sent < s->length ? -1 : s->in, .events = POLLIN },
        { .fd = signals, .events = POLLIN },
    };
    if (poll(files, 3, -1) < 0)
        return;
    if (files[0].revents && !link_read(&s->link))
        die("the machine has ended");
    for (const struct frame *f; (f = link_take(&s->link)) != NULL;)
        take_frame(s, f);
    if (files[1].revents)
        read_in(s);
    send_on(s);
}

/* When the link is closed the machine lets the VM go on, whatever the debugger has said till then. */
static void serve(const struct view *v, const char *name, int in, int out)
{
    static struct session s;
    s = (struct session){ .in = in, .out = out };
    link_open(&s.link, v->socket, v->machine);
    open_stream(&s, name);
    while (!s.ends && !interrupted())
        turn(&s);
    link_close(&s.link);
}

static void serve_all(const struct view *v, const char *name)
{
    struct door door;
    door_open(&door, listen_at);
    say("%s: waits for GDB's  target remote %s", name, door.name);
    while (!interrupted()) {
        int fd = door_wait(&door, signals);
        if (fd < 0)
            continue;
        serve(v, name, fd, fd);
        close(fd);
    }
    door_close(&door);
}

static bool own_option(int letter, const char *argument)
{
    if (letter != 'l')
        return false;
    listen_at = argument;
    return true;
}

int command_gdb(int argc, char **argv)
{
    struct view v;
    int first = view_options(&v, argc, argv, gdb_help, "l:", own_option, 1, 1);
    if (v.help)
        return EXIT_ALL_WELL;
    signals = interrupt_begin(listen_at != NULL);    /* else Ctrl-C is for the debugger, which says what it wants */
    if (listen_at)
        serve_all(&v, argv[first]);
    else
        serve(&v, argv[first], STDIN_FILENO, STDOUT_FILENO);
    return interrupted() ? interrupted() : EXIT_ALL_WELL;
}
