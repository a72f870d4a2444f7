/* SPDX-License-Identifier: Apache-2.0 */
#include "channel.h"

#include <stdbool.h>
#include <string.h>

#define CLASS1_BITS  182
#define CONV_BITS    189        /* class 1, parity, tail */
#define CONV_CODED   (2 * CONV_BITS)
#define CLASS2_BITS  78
#define STATES       16         /* both trellises remember four bits */

static bool voice_bit(const uint8_t *voice, unsigned n) { return voice[(n + 4) / 8] >> (7 - (n + 4) % 8) & 1; }

static void set_voice_bit(uint8_t *voice, unsigned n, bool value)
{
    voice[(n + 4) / 8] |= (uint8_t)(value << (7 - (n + 4) % 8));
}

/* The two code bits for five input bits, the newest being bit 0: G0 = 1 + D3 + D4, G1 = 1 + D + D3 + D4. */
#define G0(w)    (((w) ^ (w) >> 3 ^ (w) >> 4) & 1)
#define PAIR(w)  (G0(w) << 1 | (G0(w) ^ ((w) >> 1 & 1)))
#define PAIRS(w) PAIR(w), PAIR(w + 1), PAIR(w + 2), PAIR(w + 3), PAIR(w + 4), PAIR(w + 5), PAIR(w + 6), PAIR(w + 7)
static const uint8_t code_pair[32] = { PAIRS(0), PAIRS(8), PAIRS(16), PAIRS(24) };

void channel_encode(const uint8_t voice[VOICE_BYTES], uint8_t coded[CODED_BITS])
{
    unsigned window = 0;
    for (unsigned n = 0; n < CONV_BITS; n++) {
        window = (window << 1 | (n < CLASS1_BITS && voice_bit(voice, n))) & 31;
        unsigned pair = code_pair[window];
        coded[2 * n] = pair >> 1;
        coded[2 * n + 1] = pair & 1;
    }
    for (unsigned n = 0; n < CLASS2_BITS; n++) {
        coded[CONV_CODED + n] = voice_bit(voice, CLASS1_BITS + n);
    }
}

/*
 * Viterbi's algorithm. A state is the last four bits. One step: `cost` of each
 * window of five bits is added to the best way to its older four, which end in
 * `half` or half + 8 for two states each. Gives a bit for each state that came
 * from half + 8.
 */
static uint16_t step(const float cost[2 * STATES], const float from[STATES], float to[STATES])
{
    unsigned choice = 0;
    for (unsigned half = 0; half < STATES / 2; half++) {
        float low = from[half], high = from[half + STATES / 2];
        unsigned even = 2 * half, odd = even + 1;
        float a = low + cost[even], b = high + cost[even + STATES];
        float c = low + cost[odd], d = high + cost[odd + STATES];
        to[even] = a <= b ? a : b;
        to[odd] = c <= d ? c : d;
        choice |= (unsigned)(a > b) << even | (unsigned)(c > d) << odd;
    }
    return (uint16_t)choice;
}

static void begin(float metric[STATES])
{
    for (unsigned state = 0; state < STATES; state++) {
        metric[state] = state ? 1e6f : 0;
    }
}

/* Back along the choices from the state that the last step ended in. */
static void trace(const uint16_t *choice, unsigned steps, unsigned state, uint8_t *bits)
{
    while (steps-- > 0) {
        bits[steps] = state & 1;
        state = state >> 1 | (choice[steps] >> state & 1) << 3;
    }
}

static void deconvolve(const uint8_t coded[CONV_CODED], uint8_t bits[CONV_BITS])
{
    static const float distance[4] = { 0, 1, 1, 2 };
    uint16_t choice[CONV_BITS];
    float metric[2][STATES], cost[4][2 * STATES];
    for (unsigned n = 0; n < 4 * 2 * STATES; n++) {
        cost[n % 4][n / 4] = distance[code_pair[n / 4] ^ n % 4];
    }
    begin(metric[0]);
    for (unsigned n = 0; n < CONV_BITS; n++) {
        unsigned received = coded[2 * n] << 1 | coded[2 * n + 1];
        choice[n] = step(cost[received], metric[n % 2], metric[(n + 1) % 2]);
    }
    trace(choice, CONV_BITS, 0, bits);      /* the tail leads to state 0 */
}

void channel_decode(const uint8_t coded[CODED_BITS], uint8_t voice[VOICE_BYTES])
{
    uint8_t bits[CONV_BITS];
    deconvolve(coded, bits);
    memset(voice, 0, VOICE_BYTES);
    voice[0] = 0xd0;                        /* libgsm's signature */
    for (unsigned n = 0; n < CLASS1_BITS; n++) {
        set_voice_bit(voice, n, bits[n]);
    }
    for (unsigned n = 0; n < CLASS2_BITS; n++) {
        set_voice_bit(voice, CLASS1_BITS + n, coded[CONV_CODED + n]);
    }
}

/* Normal burst: 3 tail bits, 57 data, a flag, 26 training, a flag, 57 data, 3 tail bits (TS 45.002, 5.2.3). */
static const uint8_t training[26] = { 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1 };
#define TRAINING_AT 61

static unsigned data_at(unsigned n) { return n < 57 ? 3 + n : 88 + (n - 57); }

/* Where coded bit k goes in its burst (TS 45.003, 3.1.3, over four bursts). */
static unsigned interleaved(unsigned k) { return 2 * (49 * k % 57) + (k % 8) / 4; }

void burst_make(const uint8_t coded[CODED_BITS], unsigned burst, uint8_t bits[BURST_BITS])
{
    memset(bits, 0, BURST_BITS);
    memcpy(bits + TRAINING_AT, training, sizeof training);
    for (unsigned k = burst; k < CODED_BITS; k += BLOCK_BURSTS) {
        bits[data_at(interleaved(k))] = coded[k];
    }
}

void burst_take(const uint8_t bits[BURST_BITS], unsigned burst, uint8_t coded[CODED_BITS])
{
    for (unsigned k = burst; k < CODED_BITS; k += BLOCK_BURSTS) {
        coded[k] = bits[data_at(interleaved(k))];
    }
}

static const float tap[5] = { 0.9f, 0.45f, -0.25f, 0.15f, -0.1f };

/* What five bits, the newest being bit 0, sound like. */
static float heard(unsigned window)
{
    float sum = 0;
    for (unsigned n = 0; n < 5; n++) {
        sum += window >> n & 1 ? tap[n] : -tap[n];
    }
    return sum;
}

/* From -1 to 1, the same in every run (xorshift). */
static float noise(void)
{
    static uint32_t seed = 2463534242u;
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return (float)(int32_t)seed * 0x1p-31f;
}

void air(const uint8_t bits[BURST_BITS], float samples[BURST_BITS])
{
    unsigned window = 0;
    for (unsigned n = 0; n < BURST_BITS; n++) {
        window = (window << 1 | bits[n]) & 31;
        samples[n] = heard(window) + 0.3f * noise();
    }
}

/* Maximum likelihood: the same trellis, the costs being distances of what is heard. */
void equalise(const float samples[BURST_BITS], uint8_t bits[BURST_BITS])
{
    uint16_t choice[BURST_BITS];
    float expected[2 * STATES], metric[2][STATES], cost[2 * STATES];
    for (unsigned window = 0; window < 2 * STATES; window++) {
        expected[window] = heard(window);
    }
    begin(metric[0]);
    for (unsigned n = 0; n < BURST_BITS; n++) {
        for (unsigned window = 0; window < 2 * STATES; window++) {
            float difference = samples[n] - expected[window];
            cost[window] = difference * difference;
        }
        choice[n] = step(cost, metric[n % 2], metric[(n + 1) % 2]);
    }
    const float *last = metric[BURST_BITS % 2];
    trace(choice, BURST_BITS, last[8] < last[0] ? 8 : 0, bits);     /* three tail bits lead to one of these */
}

float monitor(const float samples[BURST_BITS])
{
    float best = 0;
    for (unsigned delay = 0; delay + sizeof training <= BURST_BITS; delay++) {
        float sum = 0;
        for (unsigned n = 0; n < sizeof training; n++) {
            sum += training[n] ? samples[delay + n] : -samples[delay + n];
        }
        best = sum > best ? sum : best;
    }
    return best / (float)sizeof training;
}
