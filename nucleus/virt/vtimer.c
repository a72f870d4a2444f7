/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/vtimer.h"

#include "arm64/syndrome.h"
#include "arm64/sysreg.h"
#include "base/assert.h"
#include "base/section.h"
#include "core/cpu.h"
#include "core/sched.h"
#include "virt/vcpu.h"

#define CNTPCT     SYSREG_ENC(3, 3, 14, 0, 1)
#define CNTP_TVAL  SYSREG_ENC(3, 3, 14, 2, 0)
#define CNTP_CTL   SYSREG_ENC(3, 3, 14, 2, 1)
#define CNTP_CVAL  SYSREG_ENC(3, 3, 14, 2, 2)

static void virtual_fires(struct event *e)
{
    struct vcpu *v = container_of(e, struct vcpu, timer.virtual_event);

    assert(!vcpu_loaded(v));
    trace(this_cpu(), TIMER, &v->context, e->deadline, VTIMER_VIRTUAL_PPI);
    vgic_inject_timer(v);
}

/* The physical timer's condition is met or not: its line follows, and the event for when it will be. */
static void physical_update(struct vcpu *v)
{
    struct vtimer *t = &v->timer;
    bool due = now() >= t->cntp_cval;

    if (timer_signals(t->cntp_ctl) && !due)
        sched_set_event(&v->context, &t->physical_event, t->cntp_cval);
    else
        timerq_cancel(&this_cpu()->timers, &t->physical_event);
    vm_lock(vcpu_vm(v));
    vgic_set_level(vcpu_vm(v), v, VTIMER_PHYSICAL_PPI, timer_signals(t->cntp_ctl) && due);
    vm_unlock(vcpu_vm(v));
}

static void physical_fires(struct event *e)
{
    struct vcpu *v = container_of(e, struct vcpu, timer.physical_event);

    trace(this_cpu(), TIMER, &v->context, e->deadline, VTIMER_PHYSICAL_PPI);
    physical_update(v);
    if (v->context.state == CONTEXT_READY && v->context.own_sched.due > e->deadline)
        v->context.own_sched.due = e->deadline;
}

void vtimer_stop(struct vcpu *v)
{
    struct cpu *cpu = this_cpu();

    timerq_cancel(&cpu->timers, &v->timer.virtual_event);
    timerq_cancel(&cpu->timers, &v->timer.physical_event);
}

void vtimer_reset(struct vcpu *v)
{
    vtimer_stop(v);
    v->timer = (struct vtimer){ .virtual_event.fire = virtual_fires, .physical_event.fire = physical_fires };
}

/* Has the virtual timer's interrupt reached the guest, which has not ended it yet? */
static bool in_flight(const struct vcpu *v)
{
    for (uint32_t used = v->ich.used; used; used &= used - 1) {     /* bound: ICH_LRS_MAX */
        uint64_t lr = v->ich.lr[__builtin_ctz(used)];
        if ((lr & LR_STATE_MASK) && LR_GET_VINTID(lr) == VTIMER_VIRTUAL_PPI)
            return true;
    }
    return v->gic.word.latch >> VTIMER_VIRTUAL_PPI & v->gic.word.hw >> VTIMER_VIRTUAL_PPI & 1;
}

void vtimer_save(struct vcpu *v)
{
    struct vtimer *t = &v->timer;

    sysreg_read_pair(t->cntv_cval, cntv_cval_el0, t->cntv_ctl, cntv_ctl_el0);
    sysreg_write(cntv_ctl_el0, 0);
    if (v->context.state == CONTEXT_WAITING && timer_signals(t->cntv_ctl) && !in_flight(v)) {
        sched_set_event(&v->context, &t->virtual_event, t->cntv_cval);
        v->context.own_sched.due = t->cntv_cval;
    }
}

void vtimer_restore(struct vcpu *v)
{
    if (event_queued(&v->timer.virtual_event))
        timerq_cancel(&this_cpu()->timers, &v->timer.virtual_event);
    sysreg_write_pair(cntv_cval_el0, v->timer.cntv_cval, cntv_ctl_el0, v->timer.cntv_ctl);
}

SELDOM void vtimer_follow_clock(struct vcpu *v, uint64_t offset)
{
    struct el0_view *view = &v->el1.el0;
    assert(!vcpu_loaded(v));

    if ((view->mdscr & EL0_CLOCK) == 0)
        v->clock.cval = v->timer.cntv_cval;
    v->clock.offset = offset;
    view->clock = &v->clock;
    view->mdscr |= EL0_CLOCK;
    v->timer.cntv_cval = el0_host_time(&v->clock);
    physical_update(v);
}

void vtimer_interrupt(struct vcpu *v)
{
    vgic_inject_timer(v);
}

static uint64_t physical_read(const struct vtimer *t, uint32_t encoding)
{
    switch (encoding) {
    case CNTP_TVAL: return (uint32_t)(t->cntp_cval - now());
    case CNTP_CVAL: return t->cntp_cval;
    default:        return t->cntp_ctl | (t->cntp_ctl & CNT_CTL_ENABLE && now() >= t->cntp_cval ? CNT_CTL_ISTATUS : 0);
    }
}

static void physical_write(struct vtimer *t, uint32_t encoding, uint64_t value)
{
    switch (encoding) {
    case CNTP_TVAL: t->cntp_cval = now() + (uint64_t)(int64_t)(int32_t)value; break;
    case CNTP_CVAL: t->cntp_cval = value; break;
    default:        t->cntp_ctl = value & (CNT_CTL_ENABLE | CNT_CTL_IMASK); break;
    }
}

bool vtimer_sysreg(struct vcpu *v, uint32_t encoding, bool read, uint64_t *value)
{
    if (encoding == CNTPCT) {       /* QEMU 7.2 traps it from EL0 as it does the physical timer */
        *value = now();
        return read;
    }
    if (encoding != CNTP_TVAL && encoding != CNTP_CVAL && encoding != CNTP_CTL)
        return false;
    if (read) {
        *value = physical_read(&v->timer, encoding);
    } else {
        physical_write(&v->timer, encoding, *value);
        physical_update(v);
    }
    return true;
}
