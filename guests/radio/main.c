/* SPDX-License-Identifier: Apache-2.0 */
#include "radio.h"

#include "arm64.h"
#include "guest.h"
#include "task.h"

struct counters counters;
uint64_t epoch, hz;

uint64_t time_of(uint64_t n, uint64_t numerator, uint64_t denominator)
{
    return epoch + n / denominator * numerator * hz + n % denominator * numerator * hz / denominator;
}

void guest_main(const void *dtb)
{
    hz = counter_hz();
    print("radio: frames of 60/13 ms, 8 slots, voice each 20 ms; %lu counter ticks a second\n", hz);
    kernel_init();
    tdma_start();
    voice_start();
    report_start(bootargs(dtb));
    epoch = counter() + hz / 1000;
    kernel_run();
}
