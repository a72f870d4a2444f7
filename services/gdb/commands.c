/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include <string.h>

#include "registers.h"

#define ERROR_MEMORY   "E0e"        /* errno's EFAULT, EINVAL and ENOSPC */
#define ERROR_ARGUMENT "E16"
#define ERROR_ROOM     "E1c"
#define INSN_KIND      4            /* of a breakpoint: an A64 instruction */
#define PIECE          256u         /* of memory at a time */

void reply(struct session *s, const char *words)
{
    packet_begin(&s->packet);
    packet_puts(&s->packet, words);
    packet_end(&s->packet);
}

void reply_ok(struct session *s, bool ok)
{
    reply(s, ok ? "OK" : ERROR_ARGUMENT);
}

bool text_thread(struct text *t, unsigned *vcpu)
{
    uint64_t number;

    *vcpu = BELAY_VCPUS_MAX;
    if (text_take_word(t, "-1"))
        return true;
    if (!text_number(t, &number) || number > target_vcpus())
        return false;
    if (number)
        *vcpu = (unsigned)number - 1;
    return true;
}

static bool at_end(const struct text *t)
{
    return t->at == t->end;
}

static void read_registers(struct session *s)
{
    packet_begin(&s->packet);
    if (!registers_put(&s->packet, s->thread))
        packet_begin_again(&s->packet, ERROR_ARGUMENT);
    packet_end(&s->packet);
}

static void read_register(struct session *s, struct text t)
{
    uint64_t number;
    bool right = text_number(&t, &number) && at_end(&t);

    packet_begin(&s->packet);
    if (!right || number > UINT16_MAX || !register_put(&s->packet, s->thread, (unsigned)number))
        packet_begin_again(&s->packet, ERROR_ARGUMENT);
    packet_end(&s->packet);
}

static void write_register(struct session *s, struct text t)
{
    uint64_t number;

    reply_ok(s, text_number(&t, &number) && number <= UINT16_MAX && text_take(&t, '=') &&
                register_take(&t, s->thread, (unsigned)number));
}

/* ADDRESS,LENGTH and then `after`, if it is not 0. */
static bool text_range(struct text *t, char after, uint64_t *address, uint64_t *length)
{
    return text_number(t, address) && text_take(t, ',') && text_number(t, length) &&
           (after ? text_take(t, after) : at_end(t));
}

/* As much as there is room for and as is there, from the first byte on; some of it is enough. */
static void read_memory(struct session *s, struct text t)
{
    struct packet *p = &s->packet;
    uint64_t address, length, done = 0;
    uint8_t bytes[PIECE];

    if (!text_range(&t, 0, &address, &length)) {
        reply(s, ERROR_ARGUMENT);
        return;
    }
    packet_begin(p);
    while (done < length && packet_room(p) >= 2) {
        size_t want = length - done < PIECE ? (size_t)(length - done) : PIECE;
        want = want < packet_room(p) / 2 ? want : packet_room(p) / 2;
        size_t got = target_read(s->thread, address + done, bytes, want);
        packet_put_hex(p, bytes, got);
        done += got;
        if (got < want)
            break;
    }
    if (done == 0 && length > 0)
        packet_begin_again(p, ERROR_MEMORY);
    packet_end(p);
}

/* M: hexadecimal; X: bytes as they are. */
static void write_memory(struct session *s, struct text t, bool binary)
{
    uint64_t address, length;
    uint8_t bytes[PIECE];
    bool right = text_range(&t, ':', &address, &length) && (uint64_t)(t.end - t.at) == (binary ? length : 2 * length);

    while (right && length > 0) {
        size_t n = length < PIECE ? (size_t)length : PIECE;
        for (size_t i = 0; right && i < n; i++) {
            if (binary)
                bytes[i] = (uint8_t)*t.at++;
            else
                right = text_byte(&t, &bytes[i]);
        }
        if (right && !target_write(s->thread, address, bytes, n)) {
            reply(s, ERROR_MEMORY);
            return;
        }
        address += n;
        length -= n;
    }
    reply_ok(s, right);
}

static bool change_soft(const struct session *s, bool set, uint64_t va)
{
    uint64_t pa, left;

    return set ? target_translate(s->thread, va, &pa, &left) && soft_set(va, pa) : soft_clear(va);
}

/* Z sets, z clears: KIND,ADDRESS,LENGTH. */
static void change_point(struct session *s, struct text t, bool set)
{
    uint64_t kind, address, length;
    bool right = text_number(&t, &kind) && text_take(&t, ',') && text_range(&t, 0, &address, &length);

    if (right && kind > POINT_ACCESS) {
        reply(s, "");
        return;
    }
    if (!right || (kind <= POINT_BREAK && length != INSN_KIND)) {
        reply(s, ERROR_ARGUMENT);
        return;
    }
    bool done = kind == POINT_SOFT ? change_soft(s, set, address)
              : set ? point_set((enum point_kind)kind, address, length)
                    : point_clear((enum point_kind)kind, address, length);
    reply(s, done ? "OK" : ERROR_ROOM);
}

/* c, s, C and S, from an address or from where it is: with a signal, which a VM has none of. */
static void go_on(struct session *s, struct text t, bool step, bool with_signal)
{
    enum action action[BELAY_VCPUS_MAX];
    uint64_t address, ignored;
    unsigned one = s->stepper < BELAY_VCPUS_MAX ? s->stepper : s->stop.vcpu;

    if (with_signal && !text_number(&t, &ignored)) {
        reply(s, ERROR_ARGUMENT);
        return;
    }
    if (with_signal)
        (void)text_take(&t, ';');
    if (!at_end(&t) && (!text_number(&t, &address) || !at_end(&t) || !target_set_reg(one, BELAY_REG_PC, address))) {
        reply(s, ERROR_ARGUMENT);
        return;
    }
    for (unsigned i = 0; i < BELAY_VCPUS_MAX; i++)
        action[i] = !step ? ACTION_CONTINUE : i == one ? ACTION_STEP : ACTION_HOLD;
    session_go(s, action);
}

/* One of vCont's, `;ACTION[:THREAD]`, for those that have none yet. */
static bool take_action(struct text *t, enum action action[BELAY_VCPUS_MAX], bool has[BELAY_VCPUS_MAX])
{
    unsigned vcpu = BELAY_VCPUS_MAX;
    uint64_t ignored;

    if (!text_take(t, ';') || at_end(t))
        return false;
    char what = *t->at++;
    if ((what == 'C' || what == 'S') && !text_number(t, &ignored))
        return false;
    if (what != 'c' && what != 'C' && what != 's' && what != 'S')
        return false;
    if (text_take(t, ':') && !text_thread(t, &vcpu))
        return false;
    for (unsigned i = 0; i < BELAY_VCPUS_MAX; i++)
        if (!has[i] && (vcpu == BELAY_VCPUS_MAX || vcpu == i)) {
            action[i] = what == 'c' || what == 'C' ? ACTION_CONTINUE : ACTION_STEP;
            has[i] = true;
        }
    return true;
}

static void resume(struct session *s, struct text t)
{
    enum action action[BELAY_VCPUS_MAX] = { 0 };
    bool has[BELAY_VCPUS_MAX] = { 0 }, any = false;

    while (!at_end(&t)) {
        if (!take_action(&t, action, has)) {
            reply(s, ERROR_ARGUMENT);
            return;
        }
        any = true;
    }
    if (any)
        session_go(s, action);
    else
        reply(s, ERROR_ARGUMENT);
}

/* It is neither the debugger's to end a VM, nor does it stay with one that the debugger leaves. */
static void leave(struct session *s, bool answered)
{
    session_end(s);
    if (answered)
        reply(s, "OK");
}

static void verbose(struct session *s, struct text t)
{
    if (text_take_word(&t, "Cont?"))
        reply(s, "vCont;c;C;s;S");
    else if (text_take_word(&t, "Cont"))
        resume(s, t);
    else if (text_take_word(&t, "Kill"))
        leave(s, true);
    else
        reply(s, "");
}

/* H: the thread that what follows is for. */
static void choose_thread(struct session *s, struct text t)
{
    bool registers = text_take(&t, 'g');
    unsigned vcpu;

    if ((!registers && !text_take(&t, 'c')) || !text_thread(&t, &vcpu)) {
        reply(s, ERROR_ARGUMENT);
        return;
    }
    if (!registers)
        s->stepper = vcpu;
    else if (vcpu < BELAY_VCPUS_MAX)
        s->thread = vcpu;
    reply(s, "OK");
}

static void is_thread_alive(struct session *s, struct text t)
{
    unsigned vcpu;

    reply_ok(s, text_thread(&t, &vcpu) && vcpu < BELAY_VCPUS_MAX && (target_is_on(vcpu) || vcpu == session_first()));
}

void command_answer(struct session *s, struct text t)
{
    char what = at_end(&t) ? 0 : *t.at++;

    if (s->running)                     /* only an interrupt comes then */
        return;
    switch (what) {
    case '?': session_tell_stop(s); break;
    case 'g': read_registers(s); break;
    case 'G': reply_ok(s, registers_take(&t, s->thread)); break;
    case 'p': read_register(s, t); break;
    case 'P': write_register(s, t); break;
    case 'm': read_memory(s, t); break;
    case 'M': write_memory(s, t, false); break;
    case 'X': write_memory(s, t, true); break;
    case 'Z': change_point(s, t, true); break;
    case 'z': change_point(s, t, false); break;
    case 'c': go_on(s, t, false, false); break;
    case 'C': go_on(s, t, false, true); break;
    case 's': go_on(s, t, true, false); break;
    case 'S': go_on(s, t, true, true); break;
    case 'v': verbose(s, t); break;
    case 'H': choose_thread(s, t); break;
    case 'T': is_thread_alive(s, t); break;
    case 'q': query_answer(s, t); break;
    case 'Q': query_set(s, t); break;
    case 'D': leave(s, true); break;
    case 'k': leave(s, false); break;
    default:  reply(s, ""); break;
    }
}
