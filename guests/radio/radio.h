/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The radio: a handset's TDMA frames and voice, as a real-time guest.
 *
 * A frame is 60/13 ms and has 8 slots of 15/26 ms. At each slot's boundary the
 * timer releases the frame clock (tdma.c), the task of the highest priority,
 * which gives three slots of a frame to a task each: one receives and equalises
 * a burst, one sends one, one listens to a neighbour. Each must be finished by
 * the end of its slot; a frame of which any is late is missed.
 *
 * Each 20 ms two tasks of lower priority (voice.c) encode a voice frame, and
 * decode one that has been through the bursts. What they make is compared with
 * checksums known before, so a spoiled register shows: such a frame, or a late
 * one, is bad. So is each time that the idle task finds its FP registers changed.
 *
 * Words of /chosen/bootargs: seconds=N ends after N s by SYSTEM_OFF, crash=N
 * fails after N s.
 */
#ifndef RADIO_H
#define RADIO_H

#include <stdbool.h>
#include <stdint.h>

#define FRAME_SLOTS 8

/* Priorities: higher numbers go first. */
enum {
    PRIORITY_REPORT = 1, PRIORITY_MICROPHONE, PRIORITY_EARPIECE,
    PRIORITY_LISTEN, PRIORITY_SEND, PRIORITY_RECEIVE, PRIORITY_CLOCK,
};

struct counters {
    uint64_t frames, missed;    /* TDMA frames that ended, and those of them that missed a deadline */
    uint64_t voice, bad;        /* voice frames, and how many of them were late or wrong */
    uint64_t late[FRAME_SLOTS]; /* the longest time from a slot's boundary to the end of its work, in ticks */
    uint64_t voice_late;        /* the same of voice frames */
};

extern struct counters counters;
extern uint64_t epoch;                  /* the counter at the first slot's start */
extern uint64_t hz;                     /* ticks of the counter a second */

/* epoch + n * numerator / denominator seconds, exact for ever: n is split so that nothing overflows. */
uint64_t time_of(uint64_t n, uint64_t numerator, uint64_t denominator);

static inline uint64_t slot_time(uint64_t slot) { return time_of(slot, 15, 26000); }

void tdma_start(void);
void voice_start(void);

/* Each second one line, sent a few characters a slot: report_clock is called at each slot's start. */
void report_start(const char *args);
void report_clock(void);

/* Voice frames on their way between the tasks. Push and pop are false when full or empty. */
struct voice_queue;
extern struct voice_queue to_air, from_air;
bool voice_push(struct voice_queue *q, const uint8_t *voice);
bool voice_pop(struct voice_queue *q, uint8_t *voice);
unsigned voice_waiting(const struct voice_queue *q);
#endif
