/* SPDX-License-Identifier: Apache-2.0 */
/* What the radio relies on of its scheduler, its histogram and its channel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../guests/radio/channel.h"
#include "../../guests/radio/histogram.h"
#include "../../guests/radio/sched.h"

static struct sched with_tasks(unsigned low, unsigned high)
{
    struct sched s;
    sched_init(&s);
    sched_add(&s, low);
    sched_add(&s, high);
    return s;
}

static void idle_runs_when_nobody_else_is_ready(void **state)
{
    (void)state;
    struct sched s;
    sched_init(&s);
    assert_int_equal(sched_first(&s), IDLE);
    assert_true(sched_next_wake(&s) == UINT64_MAX);
}

static void the_highest_priority_runs_first(void **state)
{
    (void)state;
    struct sched s = with_tasks(2, 5);
    assert_int_equal(sched_first(&s), 5);
    sched_sleep(&s, 5, 100);
    assert_int_equal(sched_first(&s), 2);
}

static void a_sleeper_wakes_at_its_time_and_not_before(void **state)
{
    (void)state;
    struct sched s = with_tasks(2, 5);
    sched_sleep(&s, 5, 100);
    assert_int_equal(sched_wake(&s, 99), 0);
    assert_int_equal(sched_first(&s), 2);
    assert_int_equal(sched_wake(&s, 100), 1u << 5);
    assert_int_equal(sched_first(&s), 5);
    assert_int_equal(sched_wake(&s, 101), 0);
}

static void the_timer_is_for_the_earliest_sleeper(void **state)
{
    (void)state;
    struct sched s = with_tasks(2, 5);
    sched_sleep(&s, 5, 200);
    sched_sleep(&s, 2, 100);
    assert_true(sched_next_wake(&s) == 100);
    sched_wake(&s, 150);
    assert_true(sched_next_wake(&s) == 200);
}

static void sleepers_of_the_same_time_wake_together(void **state)
{
    (void)state;
    struct sched s = with_tasks(2, 5);
    sched_sleep(&s, 5, 100);
    sched_sleep(&s, 2, 100);
    assert_int_equal(sched_wake(&s, 100), 1u << 5 | 1u << 2);
}

static void a_semaphore_goes_to_the_highest_that_waits(void **state)
{
    (void)state;
    struct sched s = with_tasks(2, 5);
    struct semaphore semaphore = { 0 };
    assert_false(sched_take(&s, &semaphore, 5));
    assert_false(sched_take(&s, &semaphore, 2));
    assert_int_equal(sched_first(&s), IDLE);
    sched_give(&s, &semaphore);
    assert_int_equal(sched_first(&s), 5);
    assert_int_equal(semaphore.waiting, 1u << 2);
}

static void what_is_given_before_it_is_taken_is_not_lost(void **state)
{
    (void)state;
    struct sched s = with_tasks(2, 5);
    struct semaphore semaphore = { 0 };
    sched_give(&s, &semaphore);
    sched_give(&s, &semaphore);
    assert_true(sched_take(&s, &semaphore, 5));
    assert_true(sched_take(&s, &semaphore, 5));
    assert_false(sched_take(&s, &semaphore, 5));
}

static void every_value_is_in_a_bucket_no_wider_than_a_sixteenth_of_it(void **state)
{
    (void)state;
    for (uint64_t value = 0; value < UINT64_MAX / 3; value = value * 3 / 2 + 1) {
        unsigned bucket = histogram_bucket(value);
        assert_true(bucket < HISTOGRAM_BUCKETS);
        assert_true(value <= histogram_bucket_end(bucket));
        assert_true(histogram_bucket_end(bucket) - value <= value / 16);
        assert_true(bucket == 0 || histogram_bucket_end(bucket - 1) < value);
    }
    assert_int_equal(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
    assert_true(histogram_bucket_end(HISTOGRAM_BUCKETS - 1) == UINT64_MAX);
}

static void quantiles_count_from_the_smallest_value(void **state)
{
    (void)state;
    static struct histogram h;
    assert_int_equal(histogram_quantile(&h, 999, 1000), 0);
    for (unsigned n = 0; n < 998; n++) {
        histogram_add(&h, 3);
    }
    histogram_add(&h, 10);
    histogram_add(&h, 1000);
    assert_int_equal(histogram_quantile(&h, 500, 1000), 3);
    assert_int_equal(histogram_quantile(&h, 998, 1000), 3);
    assert_int_equal(histogram_quantile(&h, 999, 1000), 10);
    assert_int_equal(histogram_quantile(&h, 1000, 1000), 1000);
    assert_int_equal(h.worst, 1000);
}

/* A voice frame with libgsm's signature. */
static void some_voice(uint8_t voice[VOICE_BYTES])
{
    for (unsigned n = 0; n < VOICE_BYTES; n++) {
        voice[n] = (uint8_t)(n * 37 + 11);
    }
    voice[0] = 0xd0 | (voice[0] & 0x0f);
}

static void a_voice_frame_comes_through_the_air_as_it_was(void **state)
{
    (void)state;
    uint8_t voice[VOICE_BYTES], heard[VOICE_BYTES], coded[CODED_BITS], received[CODED_BITS], bits[BURST_BITS];
    float samples[BURST_BITS];
    some_voice(voice);
    channel_encode(voice, coded);
    for (unsigned burst = 0; burst < BLOCK_BURSTS; burst++) {
        burst_make(coded, burst, bits);
        air(bits, samples);
        equalise(samples, bits);
        burst_take(bits, burst, received);
    }
    channel_decode(received, heard);
    assert_memory_equal(voice, heard, VOICE_BYTES);
}

static void the_code_mends_scattered_errors_in_the_protected_bits(void **state)
{
    (void)state;
    uint8_t voice[VOICE_BYTES], heard[VOICE_BYTES], coded[CODED_BITS];
    some_voice(voice);
    channel_encode(voice, coded);
    for (unsigned n = 5; n < 378; n += 40) {
        coded[n] ^= 1;
    }
    channel_decode(coded, heard);
    assert_memory_equal(voice, heard, VOICE_BYTES);
}

static void the_training_sequence_is_heard_where_it_was_sent(void **state)
{
    (void)state;
    uint8_t coded[CODED_BITS] = { 0 }, bits[BURST_BITS];
    float with[BURST_BITS], without[BURST_BITS];
    burst_make(coded, 0, bits);
    air(bits, with);
    memset(bits, 0, sizeof bits);
    air(bits, without);
    assert_true(monitor(with) > 2 * monitor(without));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_runs_when_nobody_else_is_ready),
        cmocka_unit_test(the_highest_priority_runs_first),
        cmocka_unit_test(a_sleeper_wakes_at_its_time_and_not_before),
        cmocka_unit_test(the_timer_is_for_the_earliest_sleeper),
        cmocka_unit_test(sleepers_of_the_same_time_wake_together),
        cmocka_unit_test(a_semaphore_goes_to_the_highest_that_waits),
        cmocka_unit_test(what_is_given_before_it_is_taken_is_not_lost),
        cmocka_unit_test(every_value_is_in_a_bucket_no_wider_than_a_sixteenth_of_it),
        cmocka_unit_test(quantiles_count_from_the_smallest_value),
        cmocka_unit_test(a_voice_frame_comes_through_the_air_as_it_was),
        cmocka_unit_test(the_code_mends_scattered_errors_in_the_protected_bits),
        cmocka_unit_test(the_training_sequence_is_heard_where_it_was_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
