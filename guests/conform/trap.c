/* SPDX-License-Identifier: Apache-2.0 */
#include "trap.h"

#include "conform.h"
#include "registers.h"

#define EL1H_MASKED 0x3c5u
#define EL0T_MASKED 0x3c0u
#define PSTATE_IL   (1ul << 20)
#define TOO_MANY    10000u

void (*on_interrupt)(unsigned vector);
unsigned interrupts_taken;
uint64_t trap_resume;           /* run.S: where to go on instead */
extern char run_end[];          /* run.S */
void run_begin(uint64_t pc, uint64_t x0, uint64_t pstate);

static struct trap last;
static bool till_interrupt;

static void interrupt(unsigned vector)
{
    if (on_interrupt) {
        on_interrupt(vector);
        return;
    }
    uint32_t acknowledged = gic->ack();
    if (INTID_OF(acknowledged) < SPURIOUS) {
        interrupts_taken++;
        gic->eoi(acknowledged);
    }
}

/* Goes on in who called run_begin. */
static void leave(struct exception *e)
{
    e->pc = (uintptr_t)run_end;
    e->pstate = EL1H_MASKED;
}

void guest_exception(struct exception *e, unsigned vector)
{
    if (vector % 4 == VECTOR_IRQ % 4 || vector % 4 == VECTOR_FIQ % 4) {
        interrupt(vector);
        if (till_interrupt) {
            leave(e);
        }
        return;
    }
    last = (struct trap){ last.count + 1, vector, e->esr, e->far, e->pc, e->pstate, e->x[0] };
    if (last.count > TOO_MANY) {
        print("conform: exceptions without end: vector %u, esr %lx, pc %lx, far %lx\n", vector, e->esr, e->pc, e->far);
        system_off();
    }
    e->pstate &= ~PSTATE_IL;
    if (vector >= VECTOR_EL0_SYNC) {
        leave(e);
    } else if (trap_resume) {
        e->pc = trap_resume;
    } else if (EC_OF(e->esr) != EC_SVC) {
        e->pc += 4;
    }
}

struct trap trap_take(void)
{
    struct trap t = last;
    last = (struct trap){ 0 };
    return t;
}

void trap_none(void)
{
    struct trap t = trap_take();
    if (!SAME(t.count, 0)) {
        print("conform:   vector %u, esr %lx, pc %lx, far %lx\n", t.vector, t.esr, t.pc, t.far);
    }
}

struct trap trap_one(unsigned ec)
{
    struct trap t = trap_take();
    SAME(t.count, 1);
    SAME(EC_OF(t.esr), ec);
    return t;
}

bool trap_undefined(void)
{
    struct trap t = trap_take();
    if (t.count) {
        SAME(t.esr, ESR_IL);
    }
    return t.count;
}

struct trap run_at_el0(uint64_t pc, uint64_t x0, uint64_t pstate)
{
    run_begin(pc, x0, EL0T_MASKED | pstate);
    return trap_take();
}

void run_until_interrupt(uint64_t pc)
{
    till_interrupt = true;
    run_begin(pc, 0, 0);
    till_interrupt = false;
}

extern uint64_t guest_table[512];
static uint64_t window_middle[512] __attribute__((aligned(PAGE)));
uint64_t window_leaves[WINDOW_PAGES] __attribute__((aligned(PAGE)));

void window_map(unsigned page, uint64_t descriptor)
{
    guest_table[WINDOW >> 30] = (uintptr_t)window_middle | 3;
    window_middle[0] = (uintptr_t)window_leaves | 3;
    window_leaves[page] = 0;
    dsb();
    __asm__ volatile("tlbi vaae1is, %0" : : "r"(window(page) >> 12) : "memory");
    dsb();
    window_leaves[page] = descriptor;
    dsb();
    isb();
}
