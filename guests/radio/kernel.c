/* SPDX-License-Identifier: Apache-2.0 */
#include "task.h"

#include "arm64.h"
#include "gic.h"
#include "guest.h"

#define STACK_BYTES    8192
#define PSTATE_TASK    0x345        /* EL1 on SP_EL1; D, A and F masked, I not */
#define ESR_EC_SVC     0x15

struct task {                       /* switch.S knows sp and the FP registers */
    void *sp;
    uint64_t timed;
    uint64_t fpcr, fpsr;
    _Alignas(16) uint8_t fp[32][16];
    _Alignas(16) uint8_t stack[STACK_BYTES];
};

/* kernel_interrupt and kernel_sync return the task that goes on. */
struct task *current;
struct task *kernel_interrupt(uint64_t now);
struct task *kernel_sync(struct exception *e);

/* fp_guard.S */
void fp_fill(void);
bool fp_intact(void);

struct histogram release_latency;
volatile uint64_t fp_lost;

static struct task tasks[TASKS];
static struct sched sched;

static unsigned current_task(void) { return (unsigned)(current - tasks); }

static struct task *first(void) { return &tasks[sched_first(&sched)]; }

void kernel_init(void)
{
    sched_init(&sched);
    current = &tasks[IDLE];
    gic_init();
    gic_init_cpu();
    gic_enable(TIMER_PPI, 0x80);
}

void task_create(unsigned priority, void (*entry)(void *), void *argument, bool timed)
{
    struct task *task = &tasks[priority];
    struct exception *frame = (struct exception *)(void *)(task->stack + STACK_BYTES) - 1;
    *frame = (struct exception){
        .x = { (uintptr_t)argument }, .pc = (uintptr_t)entry, .pstate = PSTATE_TASK,
    };
    task->sp = frame;
    task->timed = timed;
    sched_add(&sched, priority);
}

/* Lets a task of higher priority go first, or any when the caller is not ready. Interrupts are masked. */
static void reschedule(void)
{
    if (first() != current) {
        __asm__ volatile("svc #0" : : : "memory");
    }
}

void kernel_run(void)
{
    irq_disable();
    reschedule();
    irq_enable();
    for (;;) {
        fp_fill();
        while (fp_intact()) {
            wfi();
        }
        fp_lost++;
    }
}

/* A time in the past is a release too, and a late one. */
void sleep_until(uint64_t ticks)
{
    uint64_t daif = irq_save();
    uint64_t now = counter();
    if (ticks > now) {
        sched_sleep(&sched, current_task(), ticks);
        timer_set(sched_next_wake(&sched));
        reschedule();
    } else if (current->timed) {
        histogram_add(&release_latency, now - ticks);
    }
    irq_restore(daif);
}

void semaphore_take(struct semaphore *semaphore)
{
    uint64_t daif = irq_save();
    if (!sched_take(&sched, semaphore, current_task())) {
        reschedule();
    }
    irq_restore(daif);
}

void semaphore_give(struct semaphore *semaphore)
{
    uint64_t daif = irq_save();
    sched_give(&sched, semaphore);
    reschedule();
    irq_restore(daif);
}

/* `now`: the counter at the vector. What became due since then fires once more. */
static void timer_interrupt(uint64_t now)
{
    for (uint32_t woken = sched_wake(&sched, now); woken; woken &= woken - 1) {
        unsigned task = (unsigned)__builtin_ctz(woken);
        if (tasks[task].timed) {
            histogram_add(&release_latency, now - sched.wake[task]);
        }
    }
    uint64_t next = sched_next_wake(&sched);
    if (next == UINT64_MAX) {
        timer_stop();
    } else {
        timer_set(next);
    }
}

struct task *kernel_interrupt(uint64_t now)
{
    uint32_t ack = gic_ack(), intid = GIC_INTID(ack);
    if (intid == TIMER_PPI) {
        timer_interrupt(now);
    }
    if (intid < GIC_SPURIOUS) {
        gic_eoi(ack);
    }
    return first();
}

struct task *kernel_sync(struct exception *e)
{
    static bool failed;             /* to tell of it may fail as well: there is no UART */
    uint64_t esr = sysreg_read(esr_el1);
    if (esr >> 26 != ESR_EC_SVC) {
        if (failed) {
            crash();
        }
        failed = true;
        print("radio: task %u fails: esr %lx, pc %lx, far %lx\n", current_task(), esr, e->pc, sysreg_read(far_el1));
        crash();
    }
    return first();
}
