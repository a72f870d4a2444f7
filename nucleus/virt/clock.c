/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/clock.h"

#include "core/cpu.h"
#include "virt/mail.h"
#include "virt/vcpu.h"

/* Those that waited for a timer of theirs go on, to wait for it anew: a WFI may end for nothing. */
void clock_stops_or_goes_on(const struct vm *vm, bool goes_on)
{
    for (unsigned i = 0; i < vm->vcpus; i++) {          /* bound: BELAY_VCPUS_MAX */
        struct vcpu *v = vm->vcpu[i];
        if (v->context.own_sched.cpu != this_cpu()->index)
            continue;
        if (!goes_on) {
            vtimer_stop(v);
            mail_note(v, MAIL_CLOCK);
        } else if (v->context.state == CONTEXT_WAITING) {
            context_release(&v->context);
        }
    }
}

void clock_follow(struct vcpu *v)
{
    (void)__atomic_fetch_and(&v->mail, ~MAIL_CLOCK, __ATOMIC_RELAXED);
    vcpu_evict(v);
    vtimer_follow_clock(v, v->context.domain->paused_for);
}
