/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PL031 real-time clock (DDI 0224, r1p3), as a guest sees it. Pure state: no hypercall, no time of its own. Nothing
 * of it has to be done in time: what it says follows from what was written and from the time now.
 */
#ifndef HANDSET_PL031_H
#define HANDSET_PL031_H

#include <stdint.h>

#define PL031_DR    0x000u
#define PL031_MR    0x004u
#define PL031_LR    0x008u
#define PL031_CR    0x00cu
#define PL031_IMSC  0x010u
#define PL031_RIS   0x014u
#define PL031_MIS   0x018u
#define PL031_ICR   0x01cu
#define PL031_PERIPH_ID0 0xfe0u

#define PL031_NEVER UINT64_MAX

/* Times are the machine's seconds since the epoch, which the guest's are too until it sets its clock. Zeroed: after reset. */
struct pl031 {
    uint32_t ahead;         /* how far the guest's clock is ahead of the machine's */
    uint32_t load, match;   /* RTCLR, RTCMR */
    uint32_t mask, raised;  /* RTCIMSC; RTCRIS, as it was at `since` */
    uint64_t since;         /* after that second the clock and RTCMR are compared */
};

/* When its interrupt is raised, or was: PL031_NEVER while it is masked. */
uint64_t pl031_interrupt_at(const struct pl031 *r, uint64_t now);

/* `offset` is within its page. */
uint64_t pl031_read(const struct pl031 *r, uint64_t now, uint64_t offset, unsigned size);
void pl031_write(struct pl031 *r, uint64_t now, uint64_t offset, unsigned size, uint64_t value);
#endif
