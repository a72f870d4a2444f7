/* SPDX-License-Identifier: Apache-2.0 */
#include "share.h"

#include "arm64.h"

#define LEAP_PER_SECOND 333333u     /* of them in a second: three microseconds */

/* QEMU is much slower with a loop that looks at each turn. */
#define NOPS "nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n"

static void compute(uintptr_t touch)
{
    __asm__ volatile(NOPS NOPS NOPS NOPS);
    if (touch) {
        (void)*(volatile uint32_t *)touch;
    }
}

uint64_t share_until(uint64_t end, uintptr_t touch)
{
    uint64_t leap = counter_hz() / LEAP_PER_SECOND, used = 0, last = counter();

    while (last < end) {
        compute(touch);
        uint64_t now = counter();
        used += now - last < leap ? now - last : 0;
        last = now;
    }
    return used;
}

uint64_t share_until_a_leap_of(uint64_t ticks)
{
    uint64_t last = counter(), now = last;

    while (now - last < ticks) {
        last = now;
        compute(0);
        now = counter();
    }
    return now;
}
