/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generic watchdog of Arm's Base System Architecture (DEN0094; version 1), as a guest sees it. Pure state: no
 * hypercall, no time of its own. Nothing of it has to be done in time: what it says follows from when it was refreshed
 * last, so WS0 and WS1 are functions of that and of the time now.
 */
#ifndef WATCHDOG_GWDT_H
#define WATCHDOG_GWDT_H

#include <stdbool.h>
#include <stdint.h>

/* Of the two frames, one page each, the refresh frame is first. */
#define GWDT_WRR      0x0000u   /* any write refreshes */
#define GWDT_WCS      0x1000u
#define GWDT_WOR      0x1008u   /* 48 bits */
#define GWDT_WCV      0x1010u   /* 64 bits */
#define GWDT_W_IIDR   0x0fccu   /* in both frames */

#define GWDT_WCS_EN   1u
#define GWDT_WCS_WS0  2u
#define GWDT_WCS_WS1  4u

#define GWDT_NEVER    UINT64_MAX

/* Times are ticks of the guest's own clock, which starts with it at 0. */
struct gwdt {
    uint64_t refreshed;         /* when, last */
    uint64_t offset;            /* WOR */
    bool enabled;
};

/* As after reset, at time 0. With a limit it is enabled. */
struct gwdt gwdt_reset(void);

/*
 * When WS0 and WS1 come; GWDT_NEVER. `limit`, not 0: it is enabled in any case, and WS1 comes that long after the last
 * refresh at the latest.
 */
uint64_t gwdt_ws0_at(const struct gwdt *w, uint64_t limit);
uint64_t gwdt_ws1_at(const struct gwdt *w, uint64_t limit);

/*
 * An access of 4 bytes, or 8 that are two registers; any other is RAZ/WI. `base` is the guest's counter when its clock
 * was 0. A write tells whether it was a refresh, as one of WRR, WCS and WOR is.
 */
uint64_t gwdt_read(const struct gwdt *w, uint64_t limit, uint64_t now, uint64_t base, uint64_t offset, unsigned size);
bool gwdt_write(struct gwdt *w, uint64_t now, uint64_t offset, unsigned size, uint64_t value);
#endif
