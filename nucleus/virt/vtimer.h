/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A vCPU's timers. The virtual timer is the hardware's while the vCPU is
 * loaded, and an event of the timer queue while it is not and waits: one that
 * is ready finds its interrupt when it comes into the hardware again. The
 * physical timer is always emulated (CNTP_* trap), so that the nucleus keeps
 * time by its own.
 */
#ifndef NUCLEUS_VIRT_VTIMER_H
#define NUCLEUS_VIRT_VTIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/sysreg.h"
#include "arm64/timer.h"
#include "core/timerq.h"

#define VTIMER_VIRTUAL_PPI   27
#define VTIMER_PHYSICAL_PPI  30

struct vtimer {
    uint64_t cntv_cval, cntv_ctl;   /* while not loaded; by the host's clock */
    uint64_t cntp_cval, cntp_ctl;
    struct event virtual_event;     /* the virtual timer's, while not loaded and waiting */
    struct event physical_event;
};

struct vcpu;

void vtimer_reset(struct vcpu *v);
void vtimer_stop(struct vcpu *v);      /* its events are in no queue any more */
void vtimer_save(struct vcpu *v);      /* the vCPU leaves the hardware */
void vtimer_restore(struct vcpu *v);   /* the vCPU comes into the hardware */

/* After vtimer_stop: its virtual counter is so far behind the host's from here on. It is not in the hardware, nor waits. */
void vtimer_follow_clock(struct vcpu *v, uint64_t offset);

/* Does the virtual timer that is in the hardware signal? */
static inline bool vtimer_is_due(void)
{
    uint64_t ctl = sysreg_read(cntv_ctl_el0);

    return timer_signals(ctl) && ctl & CNT_CTL_ISTATUS;
}

/* The host's PPI 27 fired: the loaded vCPU's virtual timer. */
void vtimer_interrupt(struct vcpu *v);

/* CNTP_CTL_EL0, CNTP_CVAL_EL0, CNTP_TVAL_EL0 and, to read, CNTPCT_EL0 by their encoding; false for another register. */
bool vtimer_sysreg(struct vcpu *v, uint32_t encoding, bool read, uint64_t *value);
#endif
