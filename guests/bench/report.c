/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include "guest.h"

#define PAIRS_PER_LINE 6u

void report_loop(const char *row, unsigned calls, uint64_t ticks, uint64_t empty)
{
    print("bench: %s calls %u ticks %lu empty %lu\n", row, calls, ticks, empty);
}

/* Shell's sort, with gaps of 2^n - 1: no recursion, no heap. */
static void sort(uint32_t *samples, unsigned count)
{
    for (unsigned gap = (1u << 12) - 1; gap; gap /= 2) {
        for (unsigned i = gap; i < count; i++) {
            uint32_t sample = samples[i];
            unsigned at = i;

            for (; at >= gap && samples[at - gap] > sample; at -= gap) {
                samples[at] = samples[at - gap];
            }
            samples[at] = sample;
        }
    }
}

static unsigned equal_run(const uint32_t *samples, unsigned count)
{
    unsigned run = 1;

    while (run < count && samples[run] == samples[0]) {
        run++;
    }
    return run;
}

void report_samples(const char *row, uint32_t *samples, unsigned count)
{
    unsigned pairs = 0;

    sort(samples, count);
    for (unsigned done = 0, run; done < count; done += run, pairs++) {
        run = equal_run(samples + done, count - done);
        if (pairs % PAIRS_PER_LINE == 0) {
            print("%sbench: %s samples", pairs ? "\n" : "", row);
        }
        print(" %u:%u", samples[done], run);
    }
    print("\nbench: %s total %u\n", row, count);
}
