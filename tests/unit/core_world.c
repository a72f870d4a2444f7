/* SPDX-License-Identifier: Apache-2.0 */
#include "core_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/irq.h"
#include "core/machine.h"
#include "core/message.h"
#include "gic/gic.h"

struct cpu *fake_cpu;
struct cpu world_cpu, world_other;
struct cpu *cpus[CPUS_MAX] = { &world_cpu, &world_other };
unsigned cpus_running;
struct domain world_domain[WORLD_DOMAINS];
struct thread world_thread[WORLD_THREADS];
const exit_handler vcpu_exits[64], thread_exits[64];
const struct exits exits_plain, exits_traced;
void (*world_interrupt)(void);
void (*world_sgi)(unsigned cpu);
static uint64_t end;            /* of world_run_to */
static jmp_buf out_of_idle;
static uint32_t interrupted;    /* CPUs that an SGI is pending at */

static uint64_t virtual_counter(void) { return now() - sysreg_read(cntvoff_el2); }

int world_begin(void **state)
{
    (void)state;
    fake_sysreg_reset();
    FAKE_SYSREG(cntvct_el0)->on_read = virtual_counter;
    FAKE_SYSREG(cntpct_el0)->value = WORLD_EPOCH;
    memset(&world_cpu, 0, sizeof world_cpu);
    memset(&world_other, 0, sizeof world_other);
    world_other.index = 1;
    cpus_running = 1;
    interrupted = 0;
    memset(world_domain, 0, sizeof world_domain);
    memset(world_thread, 0, sizeof world_thread);
    fake_cpu = &world_cpu;
    world_interrupt = NULL;
    world_sgi = NULL;
    world_cpu.since = world_other.since = WORLD_EPOCH;
    sched_init_cpu(&world_other);
    sched_init_cpu(&world_cpu);
    for (unsigned i = 0; i < WORLD_DOMAINS; i++) {
        struct domain *d = &world_domain[i];
        d->state = BELAY_STATE_RUNNING;
        domain_init(d);
    }
    for (unsigned i = 0; i < WORLD_THREADS; i++)
        assert_int_equal(context_init(world_context(i), &thread_class, &world_domain[i % WORLD_DOMAINS]), BELAY_OK);
    return 0;
}

struct context *world_context(unsigned n)
{
    return &world_thread[n].context;
}

struct context *world_start(unsigned n, unsigned priority, uint64_t budget, uint64_t period)
{
    struct context *c = world_context(n);

    assert_int_equal(sched_set(c, 0, priority, false, budget, period), BELAY_OK);
    context_wake(c);
    return c;
}

static bool timer_interrupts_by(uint64_t t)
{
    uint64_t at = FAKE_SYSREG(cnthp_cval_el2)->value;

    if (at > t)
        return false;
    if (at > now())
        FAKE_SYSREG(cntpct_el0)->value = at;
    sched_timer(&world_cpu);
    return true;
}

void world_run_to(uint64_t t)
{
    end = WORLD_EPOCH + t;
    assert_true(end >= now());
    if (setjmp(out_of_idle))
        return;
    do {
        if (world_cpu.reschedule)
            schedule(&world_cpu);
    } while (timer_interrupts_by(end));
    FAKE_SYSREG(cntpct_el0)->value = end;
    schedule(&world_cpu);       /* charges what ran till now */
}

/* In idle the only interrupt is the timer's. */
void irq_handle(struct cpu *cpu)
{
    if (world_interrupt) {
        world_interrupt();
        return;
    }
    assert_ptr_equal(cpu, &world_cpu);
    assert_null(cpu->sched);
    if (timer_interrupts_by(end))
        return;
    FAKE_SYSREG(cntpct_el0)->value = end;
    cpu->reschedule = false;    /* it waits on, till there is something to choose or the timer interrupts */
    longjmp(out_of_idle, 1);
}

uint64_t world_used(unsigned n)
{
    return world_context(n)->own_sched.ticks;
}

bool world_runs(unsigned n)
{
    return world_cpu.sched == &world_context(n)->own_sched;
}

void world_on(struct cpu *cpu)
{
    fake_cpu = cpu;
}

void gic_send_sgi(unsigned cpu, uint32_t intid)
{
    assert_int_equal(intid, IRQ_MESSAGE);
    interrupted |= 1u << cpu;
    if (world_sgi)
        world_sgi(cpu);
}

bool world_takes_messages(void)
{
    uint32_t own = 1u << fake_cpu->index;

    if ((interrupted & own) == 0)
        return false;
    interrupted &= ~own;
    message_interrupt(fake_cpu);
    return true;
}

/* In the tests' hands. */
struct irq irqs[IRQS_MAX];

void irq_silence(struct irq *irq)
{
    irq->deliver = NULL;
}

void irq_free(struct irq *irq)
{
    *irq = (struct irq){ 0 };
}

void machine_puts(const char *s) { (void)s; }
void machine_hex(uint64_t value) { (void)value; }
void fp_save(struct fp_state *f) { (void)f; }
void fp_restore(const struct fp_state *f) { (void)f; }
