/* SPDX-License-Identifier: Apache-2.0 */
#include "voice.h"

#include <stdatomic.h>
#include <string.h>

#include "belay/console.h"
#include "lib/cpu.h"
#include "lib/text.h"
#include "log.h"

#define LINE      256u
#define RING      32768u        /* a power of two; the registers of 16 VMs that die at once */
#define PIECE     24u           /* characters that a call carries */
#define STACK     4096u

#define BIT_WORK   1u
#define BIT_ANSWER 1u

static struct {
    bool running;
    uint64_t hz;
    handle_t thread, log, control;
    handle_t wake, answered;    /* notifications: work for the thread; for the steward: a control call is answered */
    char ring[RING];
    _Atomic uint32_t head, tail;        /* written by the steward, by the thread */
    uint64_t request[2];
    uint64_t answer;
    _Atomic uint32_t asked, answers;    /* control calls */
    _Alignas(16) uint8_t stack[STACK];
} voice;

static void put_directly(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        hc_machine_putc(BELAY_H_MACHINE, text[i]);
}

/* Lines that have no room are lost: the console has been down for long. */
static void put_in_ring(const char *text, uint32_t bytes)
{
    uint32_t head = atomic_load_explicit(&voice.head, memory_order_relaxed);

    if (RING - (head - atomic_load_explicit(&voice.tail, memory_order_acquire)) < bytes)
        return;
    for (uint32_t i = 0; i < bytes; i++)
        voice.ring[(head + i) % RING] = text[i];
    atomic_store_explicit(&voice.head, head + bytes, memory_order_release);
    hc_notify(voice.wake, BIT_WORK);
}

/* All that is said is kept, too. */
static size_t format_line(char *line, const char *format, va_list args)
{
    const struct belay_boot_info *info = (const void *)(uintptr_t)BELAY_BOOT_INFO;
    size_t n = text_format_args(line, LINE - 1, format, args);

    log_add(counter_now() - info->boot_ticks, line);
    line[n++] = '\n';
    return n;
}

void say(const char *format, ...)
{
    char line[LINE];
    va_list args;

    va_start(args, format);
    size_t n = format_line(line, format, args);
    va_end(args);
    if (voice.running)
        put_in_ring(line, (uint32_t)n);
    else
        put_directly(line, n);
}

void say_directly(const char *format, ...)
{
    char line[LINE];
    va_list args;

    va_start(args, format);
    put_directly(line, format_line(line, format, args));
    va_end(args);
}

void fatal(const char *format, ...)
{
    char line[LINE];
    va_list args;

    va_start(args, format);
    text_format_args(line, sizeof line, format, args);
    va_end(args);
    say_directly("belay: %s; halted", line);
    for (;;)
        hc_machine_off(BELAY_H_MACHINE, MACHINE_HALT);
}

/* A piece of what is in the ring; tells whether there was any. The console may take less than it is given. */
static bool speak(void)
{
    uint32_t tail = atomic_load_explicit(&voice.tail, memory_order_relaxed);
    uint32_t bytes = atomic_load_explicit(&voice.head, memory_order_acquire) - tail;
    uint64_t words[4] = { 0 }, reply[4];

    if (bytes == 0)
        return false;
    words[0] = bytes < PIECE ? bytes : PIECE;
    for (uint32_t i = 0; i < words[0]; i++)
        words[1 + i / 8] |= (uint64_t)(uint8_t)voice.ring[(tail + i) % RING] << (i % 8 * 8);
    uint64_t taken = hc_call(voice.log, words, reply) == BELAY_OK ? reply[0] : 0;
    if (taken == 0) {       /* it is full: the worker that empties it needs time */
        uint64_t bits;
        hc_wait(voice.wake, counter_now() + voice.hz / 1000, &bits);
    }
    atomic_store_explicit(&voice.tail, tail + (uint32_t)(taken < words[0] ? taken : words[0]), memory_order_release);
    return true;
}

static bool ask(void)
{
    uint32_t asked = atomic_load_explicit(&voice.asked, memory_order_acquire);
    const uint64_t words[4] = { voice.request[0], voice.request[1] };
    uint64_t reply[4];

    if (asked == atomic_load_explicit(&voice.answers, memory_order_relaxed))
        return false;
    voice.answer = hc_call(voice.control, words, reply) == BELAY_OK ? reply[0] : (uint64_t)BELAY_EINVAL;
    atomic_store_explicit(&voice.answers, asked, memory_order_release);
    hc_notify(voice.answered, BIT_ANSWER);
    return true;
}

static void voice_main(void)
{
    uint64_t bits;

    for (;;) {
        bool worked = ask();
        worked |= speak();
        if (!worked)
            hc_wait(voice.wake, 0, &bits);
    }
}

int voice_start(handle_t log, handle_t control, const struct voice_timing *timing)
{
    int error = hc_notification_create(BELAY_H_SELF, &voice.wake);

    voice.hz = ((const struct belay_boot_info *)(uintptr_t)BELAY_BOOT_INFO)->counter_hz;
    voice.log = log;
    voice.control = control;
    error = error ? error : hc_notification_create(BELAY_H_SELF, &voice.answered);
    error = error ? error : hc_thread_create(BELAY_H_SELF, (uintptr_t)voice.stack + STACK, &voice.thread);
    error = error ? error : hc_sched(voice.thread, timing->cpu, timing->priority, 0, timing->budget, timing->period);
    error = error ? error : hc_start(voice.thread, (uintptr_t)voice_main, 0, 0, 0);
    voice.running = error == BELAY_OK;
    return error;
}

handle_t voice_thread(void)
{
    return voice.thread;
}

bool voice_control(uint64_t what, uint64_t client, uint64_t *answer)
{
    uint32_t asked = atomic_load_explicit(&voice.asked, memory_order_relaxed);
    uint64_t deadline = counter_now() + voice.hz, bits;

    if (!voice.running || asked != atomic_load_explicit(&voice.answers, memory_order_acquire))
        return false;           /* it hangs in an earlier one */
    voice.request[0] = what;
    voice.request[1] = client;
    atomic_store_explicit(&voice.asked, asked + 1, memory_order_release);
    hc_notify(voice.wake, BIT_WORK);
    while (atomic_load_explicit(&voice.answers, memory_order_acquire) != asked + 1)
        if (hc_wait(voice.answered, deadline, &bits) != BELAY_OK)
            return false;
    *answer = voice.answer;
    return true;
}

void voice_flush(void)
{
    uint64_t until = counter_now() + 3 * voice.hz, waiting = 1, bits;

    while (voice.running && counter_now() < until) {
        bool said = atomic_load_explicit(&voice.head, memory_order_relaxed) ==
                    atomic_load_explicit(&voice.tail, memory_order_acquire);
        if (said && voice_control(CONSOLE_FLUSH, 0, &waiting) && waiting == 0)
            return;
        hc_wait(voice.answered, counter_now() + voice.hz / 1000, &bits);
    }
}
