/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A full-rate traffic channel (3GPP TS 45.003, 3.1): a voice frame of 260 bits
 * becomes 456 coded bits, interleaved over four bursts; and the way back. The
 * class 1 bits are the first 182, their three parity bits are left 0. Between
 * the two is the air: five taps of delay spread, noise, and an equaliser.
 */
#ifndef RADIO_CHANNEL_H
#define RADIO_CHANNEL_H

#include <stdint.h>

#define VOICE_BYTES   33        /* libgsm's: a signature of four bits, then 260 */
#define CODED_BITS    456
#define BLOCK_BURSTS  4
#define BURST_DATA    114
#define BURST_BITS    148

void channel_encode(const uint8_t voice[VOICE_BYTES], uint8_t coded[CODED_BITS]);
void channel_decode(const uint8_t coded[CODED_BITS], uint8_t voice[VOICE_BYTES]);

/* One of the four bursts of a block: bits 0 and 1. */
void burst_make(const uint8_t coded[CODED_BITS], unsigned burst, uint8_t bits[BURST_BITS]);
void burst_take(const uint8_t bits[BURST_BITS], unsigned burst, uint8_t coded[CODED_BITS]);

void air(const uint8_t bits[BURST_BITS], float samples[BURST_BITS]);
void equalise(const float samples[BURST_BITS], uint8_t bits[BURST_BITS]);

/* How strong a neighbour's training sequence is in the samples, at its best delay. */
float monitor(const float samples[BURST_BITS]);
#endif
