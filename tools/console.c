/* SPDX-License-Identifier: Apache-2.0 */
#include "manage_commands.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "interrupt.h"
#include "link.h"
#include "run.h"
#include "terminal.h"
#include "view.h"

#define ROOM      32768u            /* bytes that may be on their way here */
#define KEY       0x1d              /* Ctrl-] */

const char console_help[] =
    "belay console VM [options]\n"
    "Connects this terminal to the UART of a VM, besides the console that belay run shows.\n"
    "Keys go to the guest, Ctrl-C as well; after Ctrl-]: q ends it, Ctrl-] types a Ctrl-].\n"
    VIEW_HELP;

struct session {
    struct link link;
    const char *name;
    uint16_t stream;
    uint32_t may_send;              /* bytes that the machine has room for */
    uint32_t owed;                  /* bytes that were shown, and not said to be */
    uint8_t keys[4096];             /* on their way */
    size_t keys_length, keys_sent;
    bool key;                       /* Ctrl-] was typed: the next key is ours */
    bool input_ends, ends;
    bool terminal;
};

static int signals;                 /* readable when one has come */

static void attach(struct session *s, const char *name)
{
    struct manage_vm vm;
    const struct manage_open request = { MANAGE_CONSOLE, (uint16_t)link_find(&s->link, name, &vm), ROOM };
    struct manage_opened opened;
    enum manage_error error = link_ask(&s->link, MANAGE_OPEN, &request, sizeof(request), &opened, sizeof(opened));
    if (error == MANAGE_ESTREAM)
        die("%s has no console; its configuration says console: no", name);
    if (error == MANAGE_EBUSY)
        die("%s: another belay console has it; end that one first", name);
    if (error)
        die("%s: %s", name, s->link.failure);
    s->name = name;
    s->stream = (uint16_t)opened.stream;
    s->may_send = opened.credit;
}

static void write_all(struct session *s, const uint8_t *bytes, size_t length)
{
    while (length > 0 && !interrupted()) {
        ssize_t done = write(STDOUT_FILENO, bytes, length);
        if (done < 0 && errno != EINTR && errno != EAGAIN) {
            s->ends = true;
            return;
        }
        if (done < 0 && errno == EAGAIN)
            poll(&(struct pollfd){ .fd = STDOUT_FILENO, .events = POLLOUT }, 1, -1);
        bytes += done > 0 ? done : 0;
        length -= done > 0 ? (size_t)done : 0;
    }
}

static void show(struct session *s, const struct frame *f)
{
    write_all(s, f->payload, f->header.length);
    s->owed += f->header.length;
    if (s->owed >= ROOM / 4) {
        const struct manage_credit credit = { s->owed };
        link_send(&s->link, MANAGE_CREDIT, s->stream, &credit, sizeof(credit));
        s->owed = 0;
    }
}

static void take_frame(struct session *s, const struct frame *f)
{
    struct manage_credit credit = { 0 };
    if (f->header.stream != s->stream)
        return;
    memcpy(&credit, f->payload, f->header.length < sizeof(credit) ? 0 : sizeof(credit));
    if (f->header.type == MANAGE_DATA)
        show(s, f);
    else if (f->header.type == MANAGE_CREDIT)
        s->may_send += credit.bytes;
    else if (f->header.type == MANAGE_LOST)
        say("%s: %u bytes are lost here: it writes faster than this terminal shows%s", s->name, credit.bytes,
            s->terminal ? "\r" : "");
    else if (f->header.type == MANAGE_CLOSE)
        s->ends = true;
}

/* On a terminal Ctrl-] begins what is for us; a pipe's bytes pass as they are. */
static void take_key(struct session *s, uint8_t key)
{
    if (s->terminal && !s->key && key == KEY) {
        s->key = true;
        return;
    }
    if (s->key && (key == 'q' || key == '.'))
        s->ends = true;
    else
        s->keys[s->keys_length++] = key;
    s->key = false;
}

static void read_keys(struct session *s)
{
    uint8_t bytes[sizeof(s->keys)];
    ssize_t length = read(STDIN_FILENO, bytes, sizeof(bytes));
    s->input_ends = length == 0 || (length < 0 && errno != EINTR && errno != EAGAIN);
    s->keys_length = s->keys_sent = 0;
    for (ssize_t i = 0; i < length && !s->ends; i++)
        take_key(s, bytes[i]);
}

static void send_keys(struct session *s)
{
    size_t length = s->keys_length - s->keys_sent;
    if (length > s->may_send)
        length = s->may_send;
    if (length > MANAGE_PAYLOAD)
        length = MANAGE_PAYLOAD;
    if (length == 0)
        return;
    link_send(&s->link, MANAGE_DATA, s->stream, s->keys + s->keys_sent, length);
    s->keys_sent += length;
    s->may_send -= (uint32_t)length;
}

static void turn(struct session *s)
{
    bool keys_wait = s->keys_sent < s->keys_length;
    struct pollfd files[] = {
        { .fd = s->link.fd, .events = POLLIN },
        { .fd = s->input_ends || keys_wait ? -1 : STDIN_FILENO, .events = POLLIN },
        { .fd = signals, .events = POLLIN },
    };
    if (poll(files, 3, keys_wait && s->may_send ? 0 : -1) < 0)
        return;
    if (files[0].revents && !link_read(&s->link)) {
        say("the machine has ended");
        s->ends = true;
    }
    for (const struct frame *f; (f = link_take(&s->link)) != NULL;)
        take_frame(s, f);
    if (files[1].revents)
        read_keys(s);
    send_keys(s);
}

int command_console(int argc, char **argv)
{
    static struct session s;
    struct view v;
    int first = view_options(&v, argc, argv, console_help, "", NULL, 1, 1);
    if (v.help)
        return EXIT_ALL_WELL;
    link_open(&s.link, v.socket, v.machine);
    attach(&s, argv[first]);
    s.terminal = isatty(STDIN_FILENO);
    if (s.terminal)
        say("%s's console; Ctrl-] q ends it", s.name);
    signals = interrupt_begin(true);
    terminal_take(true);
    while (!s.ends && !interrupted())
        turn(&s);
    terminal_give_back();
    if (s.terminal)
        fputc('\n', stderr);
    link_close(&s.link);
    return interrupted() ? interrupted() : EXIT_ALL_WELL;
}
