/* SPDX-License-Identifier: Apache-2.0 */
#include "second.h"

#include "conform.h"
#include "guest.h"
#include "registers.h"

#define TIMER_PRIORITY   0xf0
#define ANSWER_PRIORITY  0x70

struct second second __attribute__((aligned(256)));

static void note_entry(uint64_t x0)
{
    second.x0 = x0;
    second.mpidr = sysreg_read(mpidr_el1);
    second.el = sysreg_read(currentel);
    second.daif = sysreg_read(daif);
    second.spsel = sysreg_read(spsel);
    second.sctlr = sysreg_read(sctlr_el1);
    second.cntv_ctl = sysreg_read(cntv_ctl_el0);
    second.cntp_ctl = sysreg_read(cntp_ctl_el0);
}

static void handle(uint32_t acknowledged, uint32_t *held)
{
    uint32_t intid = INTID_OF(acknowledged);
    if (intid >= 32) {
        *held = acknowledged;
        gic->send_sgi(4, TO_FIRST);
        return;
    }
    gic->eoi(acknowledged);
    if (*held != NONE) {
        gic->eoi(*held);
    }
    *held = NONE;
    if (intid == 3) {
        hvc(PSCI_CPU_OFF, 0, 0, 0);
    }
    if (intid == 5) {
        second.work();
    }
    if (intid == 1 || intid == 5) {
        gic->send_sgi(2, TO_FIRST);
    }
}

void second_main(uint64_t x0)
{
    uint32_t held = NONE;

    note_entry(x0);
    gic->init_cpu();
    enable(1, 0x40);
    enable(5, 0x40);
    enable(3, 0x40);
    second.listens = true;
    for (;;) {
        wfi();
        uint32_t acknowledged = gic->ack();
        if (acknowledged != NONE) {
            handle(acknowledged, &held);
        }
    }
}

void second_share(void)
{
    dsb();
    for (uintptr_t at = (uintptr_t)&second; at < (uintptr_t)(&second + 1); at += 16) {
        __asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
    }
    dsb();
}

bool second_is_there(void) { return gic->second_is_there(); }

uint32_t wait_for_any(uint64_t ticks)
{
    uint32_t acknowledged;

    timer_set(counter() + ticks);
    while ((acknowledged = gic->ack()) == NONE) {
        wfi();
    }
    timer_stop();
    gic->eoi(acknowledged);
    return INTID_OF(acknowledged);
}

void expect_sgi(uint32_t sgi) { SAME(wait_for_any(counter_hz()), sgi); }

void ask_second(unsigned to)
{
    gic->send_sgi(1, to);
    expect_sgi(2);
}

void second_does(void (*work)(void))
{
    second.work = work;
    second_share();
    gic->send_sgi(5, TO_SECOND);
    expect_sgi(2);
    second_share();
}

/* Answers wait meanwhile. */
static void nap(void)
{
    set_priority(2, ANSWERS_ONLY);
    gic->set_mask(ANSWERS_ONLY);
    wait_for_any(counter_hz() / 10000);
    gic->set_mask(0xff);
    set_priority(2, ANSWER_PRIORITY);
}

bool second_on(void)
{
    second.listens = false;
    second_share();
    if (hvc(PSCI_CPU_ON, SECOND, (uint64_t)(uintptr_t)second_entry, 0x5ec0d) != 0) {
        return false;
    }
    for (int naps = 0; naps < 1000 && !second.listens; naps++) {
        nap();
        second_share();
    }
    return second.listens;
}

void wait_till_second_is(int64_t state)
{
    for (int naps = 0; naps < 1000 && hvc(PSCI_AFFINITY_INFO, SECOND, 0, 0) != state; naps++) {
        nap();
    }
    SAME(hvc(PSCI_AFFINITY_INFO, SECOND, 0, 0), state);
}

void second_off(void)
{
    gic->send_sgi(3, TO_SECOND);
    wait_till_second_is(AFFINITY_OFF);
}

void second_listen(void)
{
    enable(2, ANSWER_PRIORITY);
    enable(4, 0x80);
    enable(TIMER_PPI, TIMER_PRIORITY);
}
