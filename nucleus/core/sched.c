/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sched.h"

#include "arm64/hcr.h"
#include "arm64/timer.h"
#include "base/assert.h"
#include "base/section.h"
#include "belay/abi.h"
#include "core/budget.h"
#include "core/domain.h"
#include "core/irq.h"
#include "core/trace.h"

#define IDLE_LEVEL 0

BOOT_ONLY void sched_init_cpu(struct cpu *cpu)
{
    for (unsigned i = 0; i < PRIORITIES; i++)
        list_init(&cpu->ready[i]);
    cpu->timers.earliest = UINT64_MAX;
    cpu->programmed = UINT64_MAX;
    cpu->guest_hcr = HCR_GUEST;
    cpu->microsecond = sysreg_read(cntfrq_el0) >> 20;
    sysreg_write(cnthp_cval_el2, UINT64_MAX);
    sysreg_write(cnthp_ctl_el2, 1);
}

static void enqueue(struct cpu *cpu, struct sched *s, uint8_t level)
{
    assert(!s->queued);

    s->level = level;
    s->queued = true;
    list_append(&cpu->ready[level], &s->ready);
    cpu->ready_bits[level / 64] |= UINT64_C(1) << level % 64;
    cpu->ready_count++;
    cpu->reschedule = true;
}

static void dequeue(struct cpu *cpu, struct sched *s)
{
    assert(s->queued && cpu->ready_count > 0);

    s->queued = false;
    list_remove(&s->ready);
    if (list_empty(&cpu->ready[s->level]))
        cpu->ready_bits[s->level / 64] &= ~(UINT64_C(1) << s->level % 64);
    cpu->ready_count--;
    cpu->reschedule = true;
}

static void deplete(struct cpu *cpu, struct sched *s)
{
    s->exhausted++;
    trace(cpu, DEPLETED, s->running, s->ticks, s->period ? budget_next_period(s) : 0);
    if (s->period == 0) {
        budget_give(s);
        sched_rotate(s);
        return;
    }
    s->depleted = true;
    timerq_set(&cpu->timers, &s->replenish, s->priority, budget_next_period(s));
    if (s->queued)
        dequeue(cpu, s);
    if (s->idle_time && s->running->state == CONTEXT_READY && sched_may_run(s))
        enqueue(cpu, s, IDLE_LEVEL);
}

/* Charges the time since the last call to what ran. */
static inline __attribute__((always_inline)) void charge(struct cpu *cpu)
{
    struct sched *s = cpu->sched;
    uint64_t t = now();
    uint64_t used = t - cpu->since;

    cpu->since = t;
    if (s && budget_charge(s, used, t))
        deplete(cpu, s);
}

static void replenish(struct event *e)
{
    struct sched *s = container_of(e, struct sched, replenish);
    struct cpu *cpu = this_cpu();
    assert(s->depleted);

    if (!budget_replenish(s, cpu->since)) {     /* till when all is charged: what it ran in idle time costs it no budget */
        timerq_set(&cpu->timers, e, s->priority, budget_next_period(s));
        return;
    }
    s->depleted = false;
    trace(cpu, REPLENISHED, s->running, (uint64_t)s->remaining, 0);
    bool ready = s->running->state == CONTEXT_READY && sched_may_run(s);
    if (s->queued)
        dequeue(cpu, s);
    if (ready)
        enqueue(cpu, s, s->priority);
}

SELDOM int sched_set(struct context *c, unsigned cpu, unsigned priority, bool idle_time, uint64_t budget, uint64_t period)
{
    struct sched *s = &c->own_sched;

    if (priority == 0 || priority >= PRIORITIES || cpu >= cpus_running)
        return BELAY_EINVAL;
    if (!budget_is_possible(budget, period))
        return BELAY_EINVAL;
    if (c->state != CONTEXT_DORMANT || (s->cpu != this_cpu()->index && event_queued(&s->replenish)))
        return BELAY_ESTATE;
    timerq_cancel(&this_cpu()->timers, &s->replenish);
    *s = (struct sched){ .priority = (uint8_t)priority, .cpu = (uint8_t)cpu, .idle_time = idle_time,
                         .budget = budget, .period = period, .remaining = (int64_t)budget, .running = c,
                         .gate = &c->domain->state, .period_start = now(), .replenish = { .fire = replenish } };
    list_init(&s->ready);
    c->sched = s;
    return BELAY_OK;
}

void sched_ready(struct sched *s)
{
    assert(s->running->state == CONTEXT_READY && s->cpu == this_cpu()->index);

    if (s->depleted) {
        if (s->idle_time)
            enqueue(this_cpu(), s, IDLE_LEVEL);
        return;
    }
    if (s->period && budget_period_is_over(s, now()))
        budget_renew(s, now());
    enqueue(this_cpu(), s, s->priority);
}

void sched_block(struct sched *s)
{
    if (s->queued)
        dequeue(this_cpu(), s);
}

void sched_rotate(struct sched *s)
{
    struct cpu *cpu = this_cpu();

    if (!s->queued)
        return;
    list_remove(&s->ready);
    list_append(&cpu->ready[s->level], &s->ready);
    cpu->reschedule = true;
}

static struct sched *pick(const struct cpu *cpu)
{
#pragma GCC unroll 4
    for (int w = PRIORITIES / 64 - 1; w >= 0; w--)      /* bound: four words */
        if (cpu->ready_bits[w]) {
            unsigned level = (unsigned)w * 64 + 63 - (unsigned)__builtin_clzll(cpu->ready_bits[w]);
            return container_of(cpu->ready[level].next, struct sched, ready);
        }
    return NULL;
}

/* Others of its level wait for their turn: its neighbours are not both the head of the list. */
static inline bool has_equals(const struct sched *s)
{
    return s->ready.next != s->ready.prev;
}

/* Its budget is a time slice, and nobody is there to take turns with. */
static inline bool takes_no_turns(const struct sched *s)
{
    return s->period == 0 && !has_equals(s);
}

/* Whether others could use the time that a guest waits for an interrupt, or its budget goes by: its WFI traps. */
static inline bool wfi_traps(const struct cpu *cpu, const struct sched *s)
{
    return cpu->ready_count > 1 || s->period;
}

/*
 * Events below this priority don't count now: what they are for could not run, and they are looked at when something
 * lower is to. A guest whose WFI doesn't trap may wait and not say so: all count.
 */
static inline unsigned events_from(const struct cpu *cpu, const struct sched *s)
{
    return s && wfi_traps(cpu, s) ? s->level : 0;
}

/*
 * An event comes within a microsecond. One that is for nothing above what runs comes that long after the choice of that
 * at the earliest: it would only make what runs late, by its interrupt. So does any after one that changed nothing: be
 * there hundreds, others have their turns in between.
 */
static __attribute__((noinline)) uint64_t soon(const struct cpu *cpu, uint64_t next)
{
    uint64_t later = cpu->since + cpu->microsecond;
    if (cpu->in_vain == cpu->since)
        return later;
    if (cpu->sched == NULL)
        return next;
    next = timerq_next(&cpu->timers, cpu->sched->level + 1u);
    return next < later ? next : later;
}

/* The next timer interrupt: the first event that counts, or the end of the budget of what runs. */
static inline __attribute__((always_inline)) void program_timer(struct cpu *cpu, unsigned from)
{
    const struct sched *s = cpu->sched;
    uint64_t end = UINT64_MAX;

    if (s && s->budget && !s->depleted && !takes_no_turns(s))
        end = budget_lasts_till(s, cpu->since);
    uint64_t next = cpu->timers.earliest < end ? timerq_next(&cpu->timers, from) : end;
    if (next < end) {
        if (unlikely(next < cpu->since + cpu->microsecond))
            next = soon(cpu, next);
        end = next < end ? next : end;
    }
    if (end != cpu->programmed)
        sysreg_write(cnthp_cval_el2, cpu->programmed = end);
}

/* FP and SIMD trap unless what is in the registers is the context's own. */
static inline void guard_fp(struct cpu *cpu, const struct context *next)
{
    if (unlikely(cpu->fp_open && cpu->fp_owner != next)) {
        cpu->fp_open = false;
        sysreg_write(cptr_el2, CPTR_FP_TRAP);
    } else if (unlikely(cpu->fp_owner == next && !cpu->fp_open)) {
        cpu->fp_open = true;
        sysreg_write(cptr_el2, CPTR_FP_OPEN);
    }
}

static inline __attribute__((always_inline)) void enter(struct cpu *cpu, struct context *next)
{
    assert(next->state == CONTEXT_READY && next->sched == cpu->sched);

    cpu->current = next;
    guard_fp(cpu, next);
    next->class->enter(cpu, next);
}

void switch_to(struct cpu *cpu, struct context *next) { enter(cpu, next); }

/*
 * A guest that waits for an event (WFE) spins on a lock, whose holder may be one of those that wait for their turn here.
 * In two bits: the whole value is a long constant.
 */
static inline void set_wait_traps(struct cpu *cpu, const struct sched *s)
{
    _Static_assert(HCR_TWI == UINT64_C(1) << 13 && HCR_TWE == UINT64_C(1) << 14, "");
    uint64_t traps = (uint64_t)wfi_traps(cpu, s) << 13 | (uint64_t)has_equals(s) << 14;

    cpu->guest_hcr = (cpu->guest_hcr & ~(HCR_TWI | HCR_TWE)) | traps;
}

/*
 * An event that comes within a microsecond, for more than what is to run, is waited for: a switch, what a due event brings,
 * or the way to the guest and back would not be over then. Was it?
 */
SELDOM static __attribute__((noinline)) bool waited_for(const struct cpu *cpu, const struct event *e)
{
    const struct sched *next = pick(cpu);

    if (next ? e->priority <= next->level : timerq_next(&cpu->timers, 0) > cpu->since)
        return false;
    while (now() < e->deadline) {}                      /* bound: the microsecond */
    return true;
}

/*
 * Fires one event, the next one being for the next choice; here, and not in the interrupt, so that what fell due since is
 * taken along. `by`: now, or a little later, to see what comes. True: that was waited for, and nothing has fired.
 */
static __attribute__((noinline)) bool fire_due(struct cpu *cpu, uint64_t by)
{
    const struct sched *s = cpu->sched && cpu->sched->queued ? cpu->sched : pick(cpu);
    struct event *e = timerq_highest_due(&cpu->timers, by);
    uint32_t ready = cpu->ready_count;

    if (e == NULL || (s && e->priority < s->level && wfi_traps(cpu, s)))
        return false;
    if (unlikely(e->deadline > cpu->since))
        return waited_for(cpu, e) || fire_due(cpu, cpu->since);
    timerq_remove(&cpu->timers, e);
    e->fire(e);
    if (cpu->ready_count == ready)
        cpu->in_vain = cpu->since;
    return false;
}

/* Does the virtual timer that is in the hardware fire within a microsecond? */
static inline bool timer_comes_at_once(const struct cpu *cpu)
{
    return sysreg_read(cntv_cval_el0) - sysreg_read(cntvct_el0) <= cpu->microsecond && timer_signals(sysreg_read(cntv_ctl_el0));
}

/*
 * Will the vCPU in the hardware, which waits, preempt `next` at once? A switch
 * there and back takes longer, and its timer would be late by that: it is waited for.
 */
static inline __attribute__((always_inline)) bool loaded_comes_at_once(const struct cpu *cpu, const struct sched *next)
{
    const struct context *c = cpu->loaded;

    return c && c->state == CONTEXT_WAITING && c->sched->priority > next->level && !c->sched->depleted &&
           timer_comes_at_once(cpu);
}

static void wait_for_interrupt(struct cpu *cpu, const struct sched *next)
{
    if (next == NULL) {
        if (traced(cpu, SWITCH) && cpu->sched)
            trace_switch(cpu, NULL, 0);
        cpu->sched = NULL;
        if (cpu->loaded && cpu->loaded->state != CONTEXT_WAITING)
            cpu->loaded->class->leave(cpu->loaded);     /* its pending interrupts would end the WFI at once on some CPUs */
    }
    program_timer(cpu, events_from(cpu, next));
    if (next == NULL)
        wfi();
    else
        while (!irq_waits() && timer_comes_at_once(cpu)) {}     /* bound: the microsecond */
    if (unlikely(cpu->trace.kinds))
        trace_interrupt(cpu);
    irq_handle(cpu);
}

void schedule(struct cpu *cpu)
{
    struct sched *next;

    for (;;) {                                          /* each turn but the last is one interrupt, or event waited for */
        charge(cpu);
        uint64_t by = cpu->since + cpu->microsecond;
        if (unlikely(cpu->timers.earliest <= by) && fire_due(cpu, by))
            continue;
        next = pick(cpu);
        if (likely(next && !loaded_comes_at_once(cpu, next)))
            break;
        wait_for_interrupt(cpu, next);
    }
    if (next != cpu->sched) {
        next->switches++;
        if (traced(cpu, SWITCH))
            trace_switch(cpu, next->running, next->level);
    }
    cpu->sched = next;
    set_wait_traps(cpu, next);
    cpu->reschedule = false;                        /* the way in may take interrupts */
    enter(cpu, next->running);
    program_timer(cpu, events_from(cpu, next));     /* with what the switch has queued */
    if (next->due)
        sched_note_lateness(next);
}
