/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "arm64.h"
#include "channel.h"
#include "radio.h"
#include "task.h"

#define MULTIFRAME 26           /* frames 12 and 25 of it carry no traffic (TS 45.002) */
#define IDLE_FRAME (-1)
#define PREFILL    2            /* voice frames that wait before the first is sent, so that none ever lacks */

struct job {
    unsigned slot;
    void (*work)(uint64_t frame);
    struct semaphore due;
};

static uint8_t burst[BURST_BITS];           /* what was sent last: the base station sends it back */
static int burst_part = IDLE_FRAME;         /* which of its block's four it is */

/* 0 to 23: the place of a frame's burst among those that carry traffic, or IDLE_FRAME. */
static int traffic(uint64_t frame)
{
    int place = (int)(frame % MULTIFRAME);
    return place % 13 == 12 ? IDLE_FRAME : place - place / 13;
}

static void receive(uint64_t frame)
{
    (void)frame;
    static uint8_t coded[CODED_BITS];
    float samples[BURST_BITS];
    uint8_t bits[BURST_BITS];
    air(burst, samples);
    equalise(samples, bits);
    if (burst_part == IDLE_FRAME) {
        return;
    }
    burst_take(bits, (unsigned)burst_part, coded);
    if (burst_part == BLOCK_BURSTS - 1) {
        uint8_t voice[VOICE_BYTES];
        for (unsigned n = 7; n < 378; n += 41) {
            coded[n] ^= 1;                  /* fading, which the convolutional code mends */
        }
        channel_decode(coded, voice);
        counters.bad += !voice_push(&from_air, voice);
    }
}

static void send(uint64_t frame)
{
    static uint8_t coded[CODED_BITS];
    static bool sending, started;
    int place = traffic(frame);
    if (place == IDLE_FRAME) {
        burst_part = IDLE_FRAME;
        return;
    }
    if (place % BLOCK_BURSTS == 0) {
        uint8_t voice[VOICE_BYTES];
        started = started || voice_waiting(&to_air) >= PREFILL;
        sending = started && voice_pop(&to_air, voice);
        counters.bad += started && !sending;
        if (sending) {
            channel_encode(voice, coded);
        }
    }
    burst_part = sending ? place % BLOCK_BURSTS : IDLE_FRAME;
    burst_make(coded, (unsigned)(place % BLOCK_BURSTS), burst);
}

static void listen(uint64_t frame)
{
    (void)frame;
    static volatile float strongest;
    float samples[BURST_BITS];
    air(burst, samples);
    float strength = monitor(samples);
    strongest = strength > strongest ? strength : strongest;
}

static void frame_done(uint64_t frame, bool in_time)
{
    static uint64_t last_missed = UINT64_MAX;
    if (!in_time && frame != last_missed) {
        counters.missed++;
        last_missed = frame;
    }
}

static void job_task(void *argument)
{
    struct job *job = argument;
    for (uint64_t frame = 0;; frame++) {
        semaphore_take(&job->due);
        job->work(frame);
        uint64_t slot = frame * FRAME_SLOTS + job->slot;
        uint64_t end = counter(), took = end - slot_time(slot);
        counters.late[job->slot] = took > counters.late[job->slot] ? took : counters.late[job->slot];
        frame_done(frame, end <= slot_time(slot + 1));
    }
}

static struct job jobs[] = {
    { .slot = 0, .work = receive },
    { .slot = 3, .work = send },        /* the uplink is three slots behind the downlink */
    { .slot = 6, .work = listen },
};

static void clock_task(void *argument)
{
    (void)argument;
    for (uint64_t slot = 0;; slot++) {
        sleep_until(slot_time(slot));
        counters.frames = slot / FRAME_SLOTS;
        for (unsigned n = 0; n < sizeof jobs / sizeof jobs[0]; n++) {
            if (jobs[n].slot == slot % FRAME_SLOTS) {
                semaphore_give(&jobs[n].due);
            }
        }
        report_clock();
    }
}

void tdma_start(void)
{
    task_create(PRIORITY_CLOCK, clock_task, NULL, true);
    task_create(PRIORITY_RECEIVE, job_task, &jobs[0], false);
    task_create(PRIORITY_SEND, job_task, &jobs[1], false);
    task_create(PRIORITY_LISTEN, job_task, &jobs[2], false);
}
