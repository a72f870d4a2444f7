/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/clock.h"

#include "core/cpu.h"
#include "virt/mail.h"
#include "virt/vcpu.h"

/* As own_stage1 finds it: another one was the last that this CPU's TLB knows, or none was. */
void clock_note(struct vcpu *v)
{
    struct vcpu **last = &vcpu_vm(v)->last_loaded[this_cpu()->index];

    if (*last == v)
        *last = NULL;
    mail_note(v, MAIL_CLOCK);
}

/* Those that wait for a timer of theirs will go on, to wait for it anew: a WFI may end for nothing. */
static void stop(struct vcpu *v)
{
    vtimer_stop(v);
    clock_note(v);
    if (v->context.state == CONTEXT_WAITING)
        context_release(&v->context);
}

void clock_hears(struct vm *vm, enum domain_news news)
{
    for (unsigned i = 0; i < vm->vcpus && news == NEWS_PAUSES; i++)     /* bound: BELAY_VCPUS_MAX */
        if (vm->vcpu[i]->context.own_sched.cpu == this_cpu()->index)
            stop(vm->vcpu[i]);
    if (news == NEWS_PAUSED)
        vm->paused_at = now();
    if (news == NEWS_RESUMES)
        vm->paused_for += now() - vm->paused_at;
}

void clock_follow(struct vcpu *v)
{
    (void)__atomic_fetch_and(&v->mail, ~MAIL_CLOCK, __ATOMIC_RELAXED);
    vcpu_evict(v);
    vtimer_follow_clock(v, vcpu_vm(v)->paused_for);
}
