/* SPDX-License-Identifier: Apache-2.0 */
#include "second.h"

#include "conform.h"
#include "guest.h"
#include "registers.h"

#define GICR_TYPER_LAST  (1u << 4)

struct second second __attribute__((aligned(256)));

static void answer(uint64_t sgi)
{
    dsb();
    sysreg_set(ICC_SGI1R, sgi << 24 | 1);
}

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

static void handle(uint32_t intid, uint32_t *held)
{
    if (intid >= 32) {
        *held = intid;
        answer(4);
        return;
    }
    gic_eoi(intid);
    if (*held != NONE) {
        gic_eoi(*held);
    }
    *held = NONE;
    if (intid == 3) {
        hvc(PSCI_CPU_OFF, 0, 0, 0);
    }
    if (intid == 5) {
        second.work();
    }
    answer(2);
}

void second_main(uint64_t x0)
{
    uint32_t held = NONE;

    note_entry(x0);
    gic_init_cpu();
    gic_enable(1, 0x40);
    gic_enable(5, 0x40);
    gic_enable(3, 0x40);
    for (;;) {
        wfi();
        uint32_t intid = gic_ack();
        if (intid != NONE) {
            handle(intid, &held);
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

bool second_is_there(void) { return !(read32(GICR_BASE + 8) & GICR_TYPER_LAST); }

uint32_t wait_for_any(uint64_t ticks)
{
    uint32_t intid;

    timer_set(counter() + ticks);
    while ((intid = gic_ack()) == NONE) {
        wfi();
    }
    timer_stop();
    gic_eoi(intid);
    return intid;
}

void send_sgi(uint32_t sgi, uint64_t how) { sysreg_set(ICC_SGI1R, (uint64_t)sgi << 24 | how); }
void expect_sgi(uint32_t sgi) { SAME(wait_for_any(counter_hz()), sgi); }

void ask_second(uint64_t how)
{
    send_sgi(1, how);
    expect_sgi(2);
}

void second_does(void (*work)(void))
{
    second.work = work;
    second_share();
    send_sgi(5, 2);
    expect_sgi(2);
    second_share();
}

/* Answers wait meanwhile. */
static void nap(void)
{
    set(2, ICENABLER);
    wait_for_any(counter_hz() / 10000);
    set(2, ISENABLER);
}

bool second_on(void)
{
    write32(SECOND_SGIS + ICENABLER, ~0u);      /* as it was left; it listens when it has enabled the last of them */
    second_share();
    if (hvc(PSCI_CPU_ON, SECOND, (uint64_t)(uintptr_t)second_entry, 0x5ec0d) != 0) {
        return false;
    }
    for (int naps = 0; naps < 1000 && (read32(SECOND_SGIS + ISENABLER) & 8) == 0; naps++) {
        nap();
    }
    second_share();
    return true;
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
    send_sgi(3, 2);
    wait_till_second_is(AFFINITY_OFF);
}

void second_listen(void)
{
    gic_enable(2, 0x70);
    gic_enable(4, 0x80);
    gic_enable(TIMER_PPI, 0xf0);
}
