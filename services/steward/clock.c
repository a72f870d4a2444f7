/* SPDX-License-Identifier: Apache-2.0 */
#include "clock.h"

#include "host.h"
#include "lib/cpu.h"
#include "memory.h"

/* RTCDR is its first register (DDI 0224, 3.3.1). */
static bool read_seconds(const struct extent *registers, uint64_t *seconds)
{
    struct view v;
    const volatile uint32_t *rtcdr = view_open(&v, VIEW_SERVICE, registers, 0, sizeof *rtcdr, BELAY_MAP_READ);

    if (rtcdr)
        *seconds = *rtcdr;
    view_close(&v);
    return rtcdr != NULL;
}

bool clock_read(const void *host, struct handset_clock *clock)
{
    struct host_range registers;
    struct extent page;

    *clock = (struct handset_clock){ .ticks = counter_now() };
    if (!host_find_rtc(host, &registers) || !memory_take_device(registers.address, BELAY_PAGE_SIZE, &page))
        return false;
    bool read = read_seconds(&page, &clock->seconds);
    clock->ticks = counter_now();
    memory_give(&page, false);
    return read;
}
