/* SPDX-License-Identifier: Apache-2.0 */
#include <gsm.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "arm64.h"
#include "channel.h"
#include "radio.h"
#include "task.h"

#define SAMPLES     160
#define SECOND      50          /* voice frames: after so many the speech, and both codecs, start again */
#define QUEUE       8           /* power of two; voice frames under way are fewer */
#define ENCODED_CRC 0x426f9f6e  /* of a second of frames, the same on every machine: GSM 06.10 is exact */
#define DECODED_CRC 0xaa61f471  /* of their samples */

struct voice_queue {
    uint32_t in, out;           /* one task pushes, one pops */
    uint8_t frame[QUEUE][VOICE_BYTES];
};

struct voice_queue to_air, from_air;

unsigned voice_waiting(const struct voice_queue *q)
{
    return __atomic_load_n(&q->in, __ATOMIC_ACQUIRE) - __atomic_load_n(&q->out, __ATOMIC_ACQUIRE);
}

bool voice_push(struct voice_queue *q, const uint8_t *voice)
{
    if (voice_waiting(q) == QUEUE) {
        return false;
    }
    memcpy(q->frame[q->in % QUEUE], voice, VOICE_BYTES);
    __atomic_store_n(&q->in, q->in + 1, __ATOMIC_RELEASE);
    return true;
}

bool voice_pop(struct voice_queue *q, uint8_t *voice)
{
    if (voice_waiting(q) == 0) {
        return false;
    }
    memcpy(voice, q->frame[q->out % QUEUE], VOICE_BYTES);
    __atomic_store_n(&q->out, q->out + 1, __ATOMIC_RELEASE);
    return true;
}

/* A vowel: pulses of the vocal cords, the pitch falling through the second, through two formants (Q12). */
struct speech {
    int32_t to_pulse;
    int32_t first[2], second[2];
};

static int32_t formant(int32_t input, int32_t a1, int32_t a2, int32_t memory[2])
{
    int32_t output = input + (a1 * memory[0] - a2 * memory[1]) / 4096;
    memory[1] = memory[0];
    memory[0] = output;
    return output;
}

static void speak(struct speech *s, unsigned frame, gsm_signal samples[SAMPLES])
{
    for (unsigned n = 0; n < SAMPLES; n++) {
        bool pulse = s->to_pulse-- == 0;
        if (pulse) {
            s->to_pulse = 55 + (int32_t)frame / 2;
        }
        int32_t value = formant(formant(pulse ? 1500 : 0, 7190, 3697, s->first), 4200, 3400, s->second);
        samples[n] = (gsm_signal)(value > 30000 ? 30000 : value < -30000 ? -30000 : value);
    }
}

/* One direction of the codec, and what it made since the second began. */
struct codec {
    gsm state;
    uint64_t frames;
    uLong crc;
};

static void codec_begin(struct codec *c)
{
    if (c->frames % SECOND == 0) {
        gsm_destroy(c->state);
        c->state = gsm_create();
        c->crc = crc32(0, Z_NULL, 0);
    }
}

/* False when a second is over and was not as it must be. */
static bool codec_end(struct codec *c, const void *made, unsigned bytes, uLong expected)
{
    c->crc = crc32(c->crc, made, bytes);
    return ++c->frames % SECOND != 0 || c->crc == expected;
}

static bool encode(struct codec *c, uint8_t voice[VOICE_BYTES])
{
    static struct speech speech;
    gsm_signal samples[SAMPLES];
    codec_begin(c);
    if (c->frames % SECOND == 0) {
        speech = (struct speech){ 0 };
    }
    speak(&speech, (unsigned)(c->frames % SECOND), samples);
    gsm_encode(c->state, samples, voice);
    return codec_end(c, voice, VOICE_BYTES, ENCODED_CRC);
}

static bool decode(struct codec *c, uint8_t voice[VOICE_BYTES])
{
    gsm_signal samples[SAMPLES];
    codec_begin(c);
    bool valid = gsm_decode(c->state, voice, samples) == 0;
    return codec_end(c, samples, sizeof samples, DECODED_CRC) && valid;
}

/*
 * The earpiece's frames are half a period after the microphone's, so that their
 * work is never due at once. Each third of the microphone's begins a little
 * before a slot in which a burst is received, and so is interrupted half way.
 */
static uint64_t encode_time(uint64_t frame) { return time_of(frame + 1, 1, 50) - hz / 40000; }
static uint64_t decode_time(uint64_t frame) { return time_of(2 * frame + 1, 1, 100); }

static void frame_done(uint64_t from, uint64_t until, bool good)
{
    uint64_t end = counter();
    counters.voice_late = end - from > counters.voice_late ? end - from : counters.voice_late;
    counters.bad += !good || end > until;
}

static void microphone(void *argument)
{
    (void)argument;
    static struct codec encoder;
    for (uint64_t frame = 0;; frame++) {
        uint8_t voice[VOICE_BYTES];
        sleep_until(encode_time(frame));
        bool good = encode(&encoder, voice) && voice_push(&to_air, voice);
        frame_done(encode_time(frame), encode_time(frame + 1), good);
        counters.voice++;
    }
}

/* Once voice has come through the air it must never stop. */
static void earpiece(void *argument)
{
    (void)argument;
    static struct codec decoder;
    for (uint64_t frame = 0;; frame++) {
        uint8_t voice[VOICE_BYTES];
        sleep_until(decode_time(frame));
        bool good = voice_pop(&from_air, voice) ? decode(&decoder, voice) : frame < QUEUE;
        frame_done(decode_time(frame), decode_time(frame + 1), good);
    }
}

void voice_start(void)
{
    task_create(PRIORITY_MICROPHONE, microphone, NULL, true);
    task_create(PRIORITY_EARPIECE, earpiece, NULL, true);
}

/* All that libgsm allocates are its states, under 1 KiB each; there are two. */
#define STATE_BYTES 1024
static struct { _Alignas(16) uint8_t bytes[STATE_BYTES]; } states[2];
static bool state_used[2];

void *calloc(size_t count, size_t size)
{
    for (unsigned n = 0; n < 2; n++) {
        if (!state_used[n] && count * size <= STATE_BYTES) {
            state_used[n] = true;
            return memset(states[n].bytes, 0, STATE_BYTES);
        }
    }
    return NULL;
}

void free(void *memory)
{
    for (unsigned n = 0; n < 2; n++) {
        if (memory == states[n].bytes) {
            state_used[n] = false;
        }
    }
}
