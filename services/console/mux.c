/* SPDX-License-Identifier: Apache-2.0 */
#include "mux.h"

#include <string.h>

enum { BS = 0x08, LF = 0x0a, CR = 0x0d, ESC = 0x1b, DEL = 0x7f };

/* The room was made sure of: nothing is lost here. */
static void put(struct mux *m, uint8_t byte)
{
    if (byte == ESC)
        m->coloured = m->controlled = true;
    (void)ring_push(&m->out, byte);
}

static void put_text(struct mux *m, const char *text)
{
    while (*text)
        put(m, (uint8_t)*text++);
}

/* What comes next stands on plain ground: ASCII as G0, no colours. */
static void put_plain(struct mux *m)
{
    if (m->coloured)
        put_text(m, "\033(B\033[m");
    m->coloured = false;
}

static void put_prefix(struct mux *m, uint32_t client)
{
    put_plain(m);
    put_text(m, "[");
    put_text(m, m->line[client].name);
    put_text(m, "] ");
}

static void put_end(struct mux *m)
{
    put_plain(m);
    put_text(m, "\r\n");
}

static void close_line(struct mux *m)
{
    if (!m->open)
        return;
    put_end(m);
    m->open = false;
    m->line[m->focus].shown = 0;
}

/* Shows what the client's line has and the terminal has not. */
static void show(struct mux *m, uint32_t client)
{
    struct mux_line *l = &m->line[client];

    if (!m->open || client != m->focus) {
        close_line(m);
        put_prefix(m, client);
        l->shown = 0;
    }
    while (l->shown < l->bytes)
        put(m, l->text[l->shown++]);
    m->open = client == m->focus;
    m->fresh &= !m->open;
}

static void end_line(struct mux *m, uint32_t client)
{
    struct mux_line *l = &m->line[client];

    show(m, client);
    put_end(m);
    m->open = false;
    l->bytes = l->shown = 0;
}

/* A carriage return alone: back to behind the name. Who can't move the cursor begins a new line. */
static void return_carriage(struct mux *m, uint32_t client)
{
    struct mux_line *l = &m->line[client];

    if (l->bytes == 0)
        return;
    if (client != m->focus) {
        end_line(m, client);
        return;
    }
    show(m, client);
    put(m, CR);
    put_prefix(m, client);
    l->bytes = l->shown = 0;
}

static void append(struct mux *m, uint32_t client, const uint8_t *bytes, uint32_t count)
{
    struct mux_line *l = &m->line[client];

    if (l->bytes + count > MUX_LINE)
        end_line(m, client);
    for (uint32_t i = 0; i < count; i++)
        l->text[l->bytes++] = bytes[i];
    m->fresh |= client == m->focus;
}

/*
 * Questions to the terminal (DSR, DA and the like) and settings of modes: they
 * pass at once and are not kept, so that they are not put again when the line is shown again.
 */
static bool passes_once(const uint8_t *bytes, uint32_t count)
{
    static const char finals[] = "cnpqtux";

    return count > 2 && bytes[0] == ESC && bytes[1] == '[' && memchr(finals, bytes[count - 1], sizeof(finals) - 1);
}

static void pass_once(struct mux *m, uint32_t client, const uint8_t *bytes, uint32_t count)
{
    show(m, client);
    for (uint32_t i = 0; i < count; i++)
        put(m, bytes[i]);
}

/* Who can't move the cursor takes characters back from the line before it is shown. */
static void take(struct mux *m, uint32_t client, uint8_t byte)
{
    struct mux_line *l = &m->line[client];
    const uint8_t *pass = NULL;
    uint32_t count = filter_take(&l->filter, client == m->focus, byte, &pass);

    if (count == 1 && *pass == BS && client != m->focus)
        l->bytes -= l->bytes > 0;
    else if (passes_once(pass, count))
        pass_once(m, client, pass, count);
    else if (count != 0)
        append(m, client, pass, count);
}

void mux_output(struct mux *m, uint32_t client, uint8_t byte)
{
    struct mux_line *l = &m->line[client];

    if (byte == LF || byte == CR) {
        filter_reset(&l->filter);
        l->carriage_return = byte == CR;
        if (byte == LF)
            end_line(m, client);
        return;
    }
    if (l->carriage_return) {
        l->carriage_return = false;
        return_carriage(m, client);
    }
    take(m, client, byte);
}

bool mux_has_begun(const struct mux *m)
{
    const struct mux_line *l = &m->line[m->focus % MUX_CLIENTS];

    return m->focus != MUX_NOBODY && l->bytes != 0 && (!m->open || l->shown < l->bytes);
}

void mux_quiet(struct mux *m)
{
    if (mux_has_begun(m))
        show(m, m->focus);
}

bool mux_end_line(struct mux *m)
{
    for (uint32_t client = 0; client < MUX_CLIENTS; client++) {
        if (m->line[client].bytes != 0) {
            end_line(m, client);
            return true;
        }
    }
    close_line(m);      /* one that has a name and no more */
    return false;
}

/* A line of our own. */
static void begin_words(struct mux *m)
{
    close_line(m);
    put_prefix(m, MUX_LOG);
}

static void say(struct mux *m, const char *what, const char *more)
{
    begin_words(m);
    put_text(m, what);
    put_text(m, more);
    put_end(m);
}

/* What a VM has on its line from the time that it controlled the terminal: as if it had not. */
static void strip(struct mux *m, uint32_t client)
{
    struct mux_line *l = &m->line[client];
    uint32_t bytes = l->bytes;
    bool carriage_return = l->carriage_return;

    filter_reset(&l->filter);
    l->carriage_return = false;
    l->bytes = l->shown = 0;
    for (uint32_t i = 0; i < bytes; i++)
        mux_output(m, client, l->text[i]);
    l->carriage_return = carriage_return;
}

void mux_focus(struct mux *m, uint32_t vm)
{
    uint32_t before = m->focus;

    if (vm >= m->vms) {
        say(m, "there is no such VM", "");
        return;
    }
    if (!m->line[vm].has_uart) {
        say(m, m->line[vm].name, " has no console");
        return;
    }
    begin_words(m);
    put_text(m, "keyboard: ");
    put_text(m, m->line[vm].name);
    if (m->controlled)
        put_text(m, "\033[!p");     /* DECSTR: ends the modes that the last one set */
    put_end(m);
    m->focus = vm;
    m->controlled = m->lost = false;
    m->fresh = true;
    if (before != MUX_NOBODY && before != vm)
        strip(m, before);
}

static const char vm_keys[MUX_VMS + 1] = "123456789ABCDEFG";

static void help(struct mux *m)
{
    for (uint32_t vm = 0; vm < m->vms; vm++) {
        begin_words(m);
        put_text(m, "Ctrl-] ");
        put(m, (uint8_t)vm_keys[vm]);
        put_text(m, "  ");
        put_text(m, m->line[vm].name);
        put_text(m, vm == m->focus ? " (keyboard)\r\n" : m->line[vm].has_uart ? "\r\n" : " (no console)\r\n");
    }
    say(m, "Ctrl-] Ctrl-]", "  sends Ctrl-]");
}

static void command(struct mux *m, uint8_t byte)
{
    for (uint32_t vm = 0; vm < MUX_VMS; vm++) {
        if (byte == (uint8_t)vm_keys[vm]) {
            mux_focus(m, vm);
            return;
        }
    }
    help(m);
}

uint32_t mux_input(struct mux *m, uint8_t byte)
{
    bool key = m->key;

    m->key = !key && byte == MUX_KEY;
    if (m->key)
        return MUX_NOBODY;
    if (key && byte != MUX_KEY) {
        command(m, byte);
        return MUX_NOBODY;
    }
    return m->focus;
}

void mux_lost(struct mux *m)
{
    if (m->lost || m->focus == MUX_NOBODY)
        return;
    m->lost = true;
    say(m, m->line[m->focus].name, " does not read its keyboard: what is typed is lost");
}

static void set_name(struct mux_line *l, const char *name)
{
    uint32_t i = 0;

    for (; i < BELAY_NAME_MAX && name[i] > ' ' && name[i] < DEL; i++)
        l->name[i] = name[i];
    l->name[i] = 0;
}

void mux_init(struct mux *m)
{
    memset(m, 0, sizeof(*m));
    m->focus = MUX_NOBODY;
    set_name(&m->line[MUX_LOG], "belay");
}

void mux_add(struct mux *m, const char *name, bool has_uart)
{
    struct mux_line *l = &m->line[m->vms];

    if (m->vms == MUX_VMS)
        return;
    set_name(l, name);
    l->has_uart = has_uart;
    m->vms++;
}
