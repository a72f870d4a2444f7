/* SPDX-License-Identifier: Apache-2.0 */
#include "core/domain.h"

#include "base/assert.h"
#include "core/context.h"
#include "core/cpu.h"
#include "core/machine.h"
#include "core/portal.h"
#include "core/sched.h"
#include "core/trace.h"

static void hear(struct message *m);
static void stopper_hears(struct message *m);

void domain_init(struct domain *d)
{
    list_init(&d->contexts);
    list_init(&d->mappings);
    list_init(&d->spare_mappings);
    for (unsigned i = 0; i < CPUS_MAX; i++) {
        list_init(&d->callers[i]);
        d->news[i].deliver = hear;
    }
    d->news_to_stopper.deliver = stopper_hears;
}

/* Is it on this CPU? A handler in a call is where its caller is, an idle one is nowhere. */
static bool is_here(const struct context *c, const struct cpu *cpu)
{
    const struct sched *s = c->sched ? c->sched : &c->own_sched;

    return s->priority && s->cpu == cpu->index;
}

/* What was started, or goes on after a pause: then perhaps in a call. What fell due in the pause is due from now on. */
static void start_here(struct domain *d, const struct cpu *cpu)
{
    uint64_t t = now();

    for (struct list *l = d->contexts.next; l != &d->contexts; l = l->next) {   /* bound: CONTEXTS_MAX */
        struct sched *s = &container_of(l, struct context, siblings)->own_sched;
        if (s->priority == 0 || s->cpu != cpu->index)
            continue;
        if (s->due && s->due < t)
            s->due = t;
        if (s->running->state == CONTEXT_READY && !s->queued && sched_may_run(s))
            sched_ready(s);
    }
    portal_wake_callers(d);
}

static void stop_here(const struct domain *d, struct cpu *cpu)
{
    for (struct list *l = d->contexts.next; l != &d->contexts; l = l->next) {   /* bound: CONTEXTS_MAX */
        struct context *c = container_of(l, struct context, siblings);
        if (is_here(c, cpu))
            context_stop(c);
        else if (cpu->fp_owner == c)
            cpu->fp_owner = NULL;
    }
}

/* The end of its chain of calls, wherever that is, does not run either: a handler is its caller's alone. */
static void pause_here(const struct domain *d, const struct cpu *cpu)
{
    for (struct list *l = d->contexts.next; l != &d->contexts; l = l->next) {   /* bound: CONTEXTS_MAX */
        struct context *c = container_of(l, struct context, siblings);
        if (c->own_sched.priority == 0 || c->own_sched.cpu != cpu->index)
            continue;
        sched_block(&c->own_sched);
        context_unload(c);
    }
}

/* Nobody watches it, as is so for the steward: the nucleus says it. */
static void say_end(const struct domain *d)
{
    machine_puts("\nbelay: domain ");
    machine_puts(d->tag);
    machine_puts(" ended: PC ");
    machine_hex(d->culprit->frame.pc);
    machine_puts(" ESR ");
    machine_hex(d->esr);
    machine_puts(" FAR ");
    machine_hex(d->far);
    machine_puts("; it is not restarted\n");
}

/* All CPUs have seen that it ended: nothing of it runs any more. */
static void tell_end(const struct domain *d)
{
    if (d->watcher)
        notification_signal(d->watcher, d->watcher_bits);
    else
        say_end(d);
}

static void settled(struct domain *d);

static void tell(struct domain *d, enum domain_news news)
{
    if (d->class)
        d->class->hears(d, news);
}

/* This CPU sees the newest state, unless it has before. */
static void see(struct domain *d)
{
    struct cpu *cpu = this_cpu();
    uint32_t own = 1u << cpu->index;
    enum belay_state state = __atomic_load_n(&d->state, __ATOMIC_ACQUIRE);

    if ((__atomic_load_n(&d->changing, __ATOMIC_ACQUIRE) & own) == 0)
        return;
    if (state == BELAY_STATE_RUNNING)
        start_here(d, cpu);
    else if (state == BELAY_STATE_PAUSED)
        pause_here(d, cpu);
    else
        stop_here(d, cpu);
    if (state == BELAY_STATE_RUNNING || state == BELAY_STATE_PAUSED)
        tell(d, state == BELAY_STATE_RUNNING ? NEWS_RUNS : NEWS_PAUSES);
    if (__atomic_and_fetch(&d->changing, ~own, __ATOMIC_SEQ_CST) != 0)
        return;
    if (state == BELAY_STATE_PAUSED)
        tell(d, NEWS_PAUSED);
    if (state == BELAY_STATE_ENDED)
        tell_end(d);
    if (d->debugger && state != BELAY_STATE_RUNNING)
        notification_signal(d->debugger, d->debugger_bits);
    settled(d);
}

static void hear(struct message *m)
{
    see(container_of(m - this_cpu()->index, struct domain, news));      /* each CPU has its own */
}

/* No other change goes on, and from here on this one does. */
static bool begin_change(struct domain *d)
{
    uint32_t none = 0, all = (1u << cpus_running) - 1;

    return __atomic_compare_exchange_n(&d->changing, &none, all, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* There was none to make. Who came meanwhile found one, and waits. */
static void cancel_change(struct domain *d)
{
    __atomic_store_n(&d->changing, 0, __ATOMIC_SEQ_CST);
    settled(d);
}

static void change(struct domain *d, enum belay_state to)
{
    uint32_t others = ((1u << cpus_running) - 1) & ~(1u << this_cpu()->index);

    __atomic_store_n(&d->state, to, __ATOMIC_RELEASE);
    for (; others; others &= others - 1) {                              /* bound: CPUS_MAX */
        unsigned i = (unsigned)__builtin_ctz(others);
        message_send(i, &d->news[i]);
    }
    see(d);
}

int domain_start(struct domain *d)
{
    if (!begin_change(d))
        return BELAY_EAGAIN;
    if (d->state != BELAY_STATE_STOPPED) {
        cancel_change(d);
        return BELAY_ESTATE;
    }
    d->holds = 0;
    d->breaking = false;
    d->reason = BELAY_REASON_NONE;
    d->culprit = NULL;
    d->end = END_NOT;
    trace_of_domain(this_cpu(), START, d, 0, 0);
    change(d, BELAY_STATE_RUNNING);
    return BELAY_OK;
}

/* Within a change: it is paused, or was already and somebody had to hear that. */
static void hold(struct domain *d, uint32_t by)
{
    d->holds |= by;
    trace_of_domain(this_cpu(), PAUSE, d, by, 0);
    change(d, BELAY_STATE_PAUSED);
}

static void join_hold(struct domain *d, uint32_t by)
{
    if (d->state == BELAY_STATE_PAUSED) {
        d->holds |= by;
        if (d->debugger)
            notification_signal(d->debugger, d->debugger_bits);
    }
    cancel_change(d);
}

/* The stop that was begun, as far as it can go now: OK when it is complete, or EAGAIN. On the CPU of who wants it. */
static int go_on_stopping(struct domain *d)
{
    if (d->state != BELAY_STATE_STOPPED && begin_change(d))
        change(d, BELAY_STATE_STOPPED);
    if (d->state != BELAY_STATE_STOPPED || __atomic_load_n(&d->changing, __ATOMIC_SEQ_CST))
        return BELAY_EAGAIN;            /* who sees it last will tell */
    for (struct list *l = d->contexts.next; l != &d->contexts; l = l->next)     /* bound: CONTEXTS_MAX */
        context_stop(container_of(l, struct context, siblings));        /* what was started, and never ran */
    if (d->class && d->class->reset)
        d->class->reset(d);
    trace_of_domain(this_cpu(), STOP, d, 0, 0);
    return BELAY_OK;
}

/* Likewise a pause; ESTATE when it can't be paused any more. */
static int go_on_pausing(struct domain *d)
{
    if (d->state == BELAY_STATE_RUNNING || (d->state == BELAY_STATE_PAUSED && (d->holds & d->hold) == 0)) {
        if (!begin_change(d))
            return BELAY_EAGAIN;
        if (d->state == BELAY_STATE_RUNNING)
            hold(d, d->hold);
        else
            join_hold(d, d->hold);
    }
    if (__atomic_load_n(&d->changing, __ATOMIC_SEQ_CST))
        return BELAY_EAGAIN;
    return d->state == BELAY_STATE_PAUSED ? BELAY_OK : BELAY_ESTATE;
}

static int go_on(struct domain *d)
{
    return d->hold ? go_on_pausing(d) : go_on_stopping(d);
}

static void stopper_hears(struct message *m)
{
    struct domain *d = container_of(m, struct domain, news_to_stopper);
    struct context *c = d->stopper;

    if (c == NULL || c->stopping == NULL)
        return;
    c->stopping = NULL;                 /* what settles meanwhile is seen here */
    int result = go_on(d);
    if (result == BELAY_EAGAIN) {
        c->stopping = d;
        return;
    }
    d->stopper = NULL;
    c->frame.x[0] = (uint64_t)(int64_t)result;
    context_wake(c);
    settled(d);
}

bool domain_claim(struct domain *d, struct context *c)
{
    struct context *nobody = NULL;

    return __atomic_compare_exchange_n(&d->stopper, &nobody, c, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* `hold`: a pause; 0: a stop. */
static int stop_or_pause(struct domain *d, struct context *c, uint32_t hold)
{
    if (!domain_claim(d, c))
        return BELAY_EBUSY;
    d->hold = hold;
    int result = go_on(d);
    if (result == BELAY_EAGAIN) {
        c->stopping = d;
        context_block(c, CONTEXT_WAITING);
        return result;
    }
    d->stopper = NULL;
    settled(d);
    return result;
}

int domain_stop(struct domain *d, struct context *c)
{
    return stop_or_pause(d, c, 0);
}

int domain_pause(struct domain *d, struct context *c, uint32_t hold)
{
    assert(hold != 0);

    return stop_or_pause(d, c, hold);
}

int domain_resume(struct domain *d, uint32_t hold)
{
    if (!begin_change(d))
        return BELAY_EAGAIN;
    if (d->state != BELAY_STATE_PAUSED || (d->holds & ~hold)) {
        int result = d->state == BELAY_STATE_PAUSED ? BELAY_OK : BELAY_ESTATE;
        d->holds &= ~hold;
        cancel_change(d);
        return result;
    }
    d->holds = 0;
    tell(d, NEWS_RESUMES);
    trace_of_domain(this_cpu(), RESUME, d, 0, 0);
    change(d, BELAY_STATE_RUNNING);
    return BELAY_OK;
}

bool domain_freeze(struct domain *d, unsigned states)
{
    if (!begin_change(d))
        return false;
    if (states >> d->state & 1)
        return true;
    cancel_change(d);
    return false;
}

void domain_thaw(struct domain *d)
{
    cancel_change(d);
}

static void go_on_breaking(struct domain *d)
{
    if (!__atomic_load_n(&d->breaking, __ATOMIC_SEQ_CST) || !begin_change(d))
        return;
    __atomic_store_n(&d->breaking, false, __ATOMIC_SEQ_CST);
    if (d->state == BELAY_STATE_RUNNING)
        hold(d, BELAY_HOLD_DEBUGGER);
    else
        join_hold(d, BELAY_HOLD_DEBUGGER);
}

/* The message that tells of a resume may still be on its way here, and let it run once more: to the same break. */
void domain_break(struct domain *d, struct context *culprit)
{
    sched_block(culprit->sched);
    __atomic_store_n(&d->breaking, true, __ATOMIC_SEQ_CST);
    go_on_breaking(d);
}

static bool is_up(const struct domain *d)
{
    return d->state == BELAY_STATE_RUNNING || d->state == BELAY_STATE_PAUSED;
}

/* An end that came while another change went on. Whoever begins it here is alone. */
static void go_on_ending(struct domain *d)
{
    if (__atomic_load_n(&d->end, __ATOMIC_SEQ_CST) != END_WANTED || !begin_change(d))
        return;
    if (d->end == END_WANTED && is_up(d)) {
        d->end = END_BEGUN;
        trace(this_cpu(), END, d->culprit, d->reason, d->esr);
        change(d, BELAY_STATE_ENDED);
    } else {
        cancel_change(d);
    }
}

/* All CPUs have seen its newest state: what had to wait for that goes on. */
static void settled(struct domain *d)
{
    const struct context *stopper = __atomic_load_n(&d->stopper, __ATOMIC_SEQ_CST);

    if (stopper && stopper->sched->cpu != this_cpu()->index)
        message_send(stopper->sched->cpu, &d->news_to_stopper);
    else if (stopper && stopper->stopping)
        stopper_hears(&d->news_to_stopper);
    else if (stopper == NULL && is_up(d)) {
        go_on_ending(d);
        go_on_breaking(d);
    }
}

/* Two CPUs may have reason to end it: the first counts. Nothing of it runs on here; elsewhere, when the news is there. */
void domain_end(struct domain *d, struct context *culprit, enum belay_reason reason, uint64_t esr, uint64_t far)
{
    uint32_t not = END_NOT;

    if (__atomic_compare_exchange_n(&d->end, &not, END_CLAIMED, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
        d->reason = reason;
        d->culprit = culprit;
        d->esr = esr;
        d->far = far;
        __atomic_store_n(&d->end, END_WANTED, __ATOMIC_SEQ_CST);
    }
    context_stop(culprit);
    go_on_ending(d);
}
