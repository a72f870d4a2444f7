/* SPDX-License-Identifier: Apache-2.0 */
/* The generic timer's control registers, CNTV_CTL_EL0 and CNTP_CTL_EL0 (Arm ARM, D17.11). */
#ifndef NUCLEUS_ARM64_TIMER_H
#define NUCLEUS_ARM64_TIMER_H

#include <stdbool.h>
#include <stdint.h>

#define CNT_CTL_ENABLE   1u
#define CNT_CTL_IMASK    2u
#define CNT_CTL_ISTATUS  4u

/* Does, or will, a timer with this control signal an interrupt? */
static inline bool timer_signals(uint64_t ctl)
{
    return (ctl & (CNT_CTL_ENABLE | CNT_CTL_IMASK)) == CNT_CTL_ENABLE;
}
#endif
