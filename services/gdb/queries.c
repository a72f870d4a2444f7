/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "commands.h"
#include "lib/text.h"
#include "registers.h"

#define LINE    16u             /* bytes of memory in a line */
#define DUMP    256u            /* at most, of a `monitor phys` */

static bool is(struct text t, const char *word)
{
    return text_take_word(&t, word) && (t.at == t.end || *t.at == ':' || *t.at == ';');
}

static bool has(struct text t, const char *word)
{
    for (; t.at != t.end; t.at++)
        if (is(t, word))
            return true;
    return false;
}

static void supported(struct session *s, struct text t)
{
    s->knows_breaks = has(t, "swbreak+") && has(t, "hwbreak+");
    packet_begin(&s->packet);
    packet_puts(&s->packet, "PacketSize=");
    packet_put_number(&s->packet, PACKET_MAX);
    packet_puts(&s->packet, ";QStartNoAckMode+;qXfer:features:read+;vContSupported+;swbreak+;hwbreak+");
    packet_end(&s->packet);
}

/* Those that are on; one where none is, for a debugger has to look at something. */
static void threads(struct session *s)
{
    unsigned first = session_first();

    packet_begin(&s->packet);
    packet_put(&s->packet, 'm');
    for (unsigned i = first; i < target_vcpus(); i++)
        if (i == first || target_is_on(i)) {
            if (i != first)
                packet_put(&s->packet, ',');
            packet_put_number(&s->packet, i + 1);
        }
    packet_end(&s->packet);
}

static void thread_words(struct session *s, struct text t)
{
    char words[32];
    unsigned vcpu;

    if (!text_take(&t, ',') || !text_thread(&t, &vcpu) || vcpu >= BELAY_VCPUS_MAX) {
        reply_ok(s, false);
        return;
    }
    size_t n = text_format(words, sizeof words, "vCPU %u%s", vcpu, target_is_on(vcpu) ? "" : ", off");
    packet_begin(&s->packet);
    packet_put_hex(&s->packet, words, n);
    packet_end(&s->packet);
}

/* target.xml:OFFSET,LENGTH */
static void features(struct session *s, struct text t)
{
    struct packet *p = &s->packet;
    uint64_t offset, length;
    size_t bytes;
    const char *xml = registers_xml(&bytes);

    if (!text_take_word(&t, "target.xml:") || !text_number(&t, &offset) || !text_take(&t, ',') || !text_number(&t, &length)) {
        reply(s, "E00");
        return;
    }
    uint64_t left = offset < bytes ? bytes - offset : 0;
    packet_begin(p);
    uint64_t room = packet_room(p) / 2 - 1;     /* each may have to be escaped */
    uint64_t n = length < left ? length : left;
    n = n < room ? n : room;
    packet_put(p, n < left ? 'm' : 'l');
    for (uint64_t i = 0; i < n; i++)
        packet_put(p, xml[offset + i]);
    packet_end(p);
}

/* `monitor`: what comes is text in hexadecimal, and so is the answer. */
static void say(struct session *s, const char *words)
{
    packet_put_hex(&s->packet, words, strlen(words));
}

static bool word(struct text *t, const char *w)
{
    while (text_take(t, ' '))
        ;
    return text_take_word(t, w);
}

static bool number(struct text *t, uint64_t *value)
{
    (void)word(t, "");                          /* spaces */
    (void)text_take_word(t, "0x");
    return text_number(t, value);
}

static void say_line(struct session *s, uint64_t address, const uint8_t *bytes, size_t n)
{
    char line[24 + 3 * LINE];
    size_t at = text_format(line, sizeof line, "%016lx:", (unsigned long)address);

    for (size_t i = 0; i < n; i++)
        at += text_format(line + at, sizeof line - at, " %02x", bytes[i]);
    (void)text_format(line + at, sizeof line - at, "\n");
    say(s, line);
}

/* phys ADDRESS [LENGTH], numbers in hexadecimal */
static void physical(struct session *s, struct text t)
{
    uint8_t bytes[LINE];
    uint64_t address, length = LINE;

    if (!number(&t, &address) || (t.at != t.end && !number(&t, &length))) {
        say(s, "monitor phys ADDRESS [LENGTH], in hexadecimal\n");
        return;
    }
    if (length > DUMP)
        length = DUMP;
    while (length > 0) {
        size_t want = length < LINE ? (size_t)length : LINE, got = target_read_physical(address, bytes, want);
        if (got == 0) {
            say(s, "no RAM of the VM\n");
            return;
        }
        say_line(s, address, bytes, got);
        address += got;
        length -= got;
    }
}

static void translate(struct session *s, struct text t)
{
    char line[48];
    uint64_t va, pa, left;

    if (!number(&t, &va)) {
        say(s, "monitor translate ADDRESS, in hexadecimal\n");
        return;
    }
    bool mapped = target_translate(s->thread, va, &pa, &left);
    text_format(line, sizeof line, mapped ? "0x%lx\n" : "not mapped\n", (unsigned long)pa);
    say(s, line);
}

static void monitor(struct session *s, struct text t)
{
    char line[128];
    size_t n = 0;
    uint8_t byte;

    while (n < sizeof line && text_byte(&t, &byte))
        line[n++] = (char)byte;
    struct text words = { line, line + n };
    packet_begin(&s->packet);
    if (t.at != t.end)
        say(s, "that is too long\n");
    else if (word(&words, "phys"))
        physical(s, words);
    else if (word(&words, "translate"))
        translate(s, words);
    else
        say(s, "monitor phys ADDRESS [LENGTH]  shows guest physical memory\n"
               "monitor translate ADDRESS      tells where a virtual address leads\n");
    packet_end(&s->packet);
}

void query_answer(struct session *s, struct text t)
{
    if (is(t, "Supported"))
        supported(s, t);
    else if (is(t, "fThreadInfo"))
        threads(s);
    else if (is(t, "sThreadInfo"))
        reply(s, "l");
    else if (text_take_word(&t, "ThreadExtraInfo"))
        thread_words(s, t);
    else if (text_take_word(&t, "Xfer:features:read:"))
        features(s, t);
    else if (text_take_word(&t, "Rcmd,"))
        monitor(s, t);
    else if (is(t, "Attached"))
        reply(s, "1");
    else if (is(t, "C")) {
        packet_begin(&s->packet);
        packet_puts(&s->packet, "QC");
        packet_put_number(&s->packet, s->thread + 1);
        packet_end(&s->packet);
    } else {
        reply(s, "");
    }
}

void query_set(struct session *s, struct text t)
{
    bool quiet = is(t, "StartNoAckMode");

    reply(s, quiet ? "OK" : "");
    s->packet.no_ack |= quiet;
}
