/* SPDX-License-Identifier: Apache-2.0 */
/* FP and SIMD registers: they are one's own, whoever else runs in between. */
#include "conform.h"
#include "registers.h"
#include "second.h"
#include "trap.h"

/* fp_registers.S: all 32 registers, both halves, from one number; and how many are not as that says. */
void fp_fill(uint64_t seed);
uint64_t fp_differ(uint64_t seed);
uint64_t fp_add(uint64_t a, uint64_t b);        /* doubles, as their bits */
uint64_t fp_divide(uint64_t a, uint64_t b);
void fp_touch(void);                            /* d0 is 0 */

static void registers_hold_what_they_are_given(void)
{
    fp_fill(0x1122334455667788);
    SAME(fp_differ(0x1122334455667788), 0);
    fp_fill(0);
    SAME(fp_differ(0), 0);
    SAME(fp_differ(1) != 0, true);
}

static void calls_keep_them(void)
{
    fp_fill(0xabcdef);
    for (int i = 0; i < 10; i++) {
        (void)hvc(PSCI_VERSION, 0, 0, 0);
        (void)hvc(0x8400ffff, 0, 0, 0);
    }
    SAME(fp_differ(0xabcdef), 0);
}

static void accesses_to_devices_keep_them(void)
{
    fp_fill(0x5a5a5a);
    for (int i = 0; i < 10; i++) {
        (void)read32(GUEST_UART + 0x18);
        (void)read32(GICD_BASE + GICD_TYPER);
    }
    SAME(fp_differ(0x5a5a5a), 0);
}

static void waits_keep_them(void)
{
    enable(TIMER_PPI, 0xa0);
    fp_fill(0x777);
    for (int i = 0; i < 10; i++) {
        uint64_t due = counter() + counter_hz() / 10000;
        timer_set(due);
        while (counter() < due) {
            wfi();
        }
        SAME(ack_soon(), TIMER_PPI);
        timer_stop();
        gic->eoi(TIMER_PPI);
    }
    SAME(fp_differ(0x777), 0);
}

static void preemption_keeps_them(void)
{
    fp_fill(0x999);
    uint64_t end = counter() + counter_hz() / 200;
    while (counter() < end) {
    }
    SAME(fp_differ(0x999), 0);
}

static void interrupts_keep_them(void)
{
    enable(TIMER_PPI, 0xa0);
    fp_fill(0x1234);
    uint64_t end = counter() + counter_hz() / 2000;
    irq_enable();
    while (counter() < end) {
        enable(3, 0x80);
        sgi_self(3);
    }
    irq_disable();
    SAME(interrupts_taken != 0, true);
    SAME(fp_differ(0x1234), 0);
}

static void control_and_status_are_kept(void)
{
    sysreg_write(fpcr, 3ul << 22 | 1ul << 24 | 1ul << 25);      /* RZ, FZ, DN */
    sysreg_write(fpsr, 0x1f);
    (void)hvc(PSCI_VERSION, 0, 0, 0);
    (void)read32(GUEST_UART + 0x18);
    SAME(sysreg_read(fpcr), 3ul << 22 | 1ul << 24 | 1ul << 25);
    SAME(sysreg_read(fpsr) & 0x1f, 0x1f);
    sysreg_write(fpcr, 0);
    sysreg_write(fpsr, 0);
}

static void it_computes(void)
{
    SAME(fp_add(0x3ff8000000000000, 0x4002000000000000), 0x400e000000000000);     /* 1.5 + 2.25 */
    sysreg_write(fpsr, 0);
    SAME(fp_divide(0x3ff0000000000000, 0), 0x7ff0000000000000);
    SAME(sysreg_read(fpsr) & 0x1f, 2);                          /* DZC */
    sysreg_write(fpsr, 0);
}

static void it_traps_where_cpacr_says_so(void)
{
    uint64_t was = sysreg_read(cpacr_el1);
    fp_fill(0x31);
    sysreg_set(cpacr_el1, 0);
    fp_touch();
    struct trap t = trap_one(EC_FP);
    SAME(ISS_OF(t.esr), 0x1e00000);                             /* AArch64: COND 0xe, CV */
    sysreg_set(cpacr_el1, was);
    SAME(fp_differ(0x31), 0);
}

static void it_still_traps_after_others_ran(void)
{
    uint64_t was = sysreg_read(cpacr_el1);
    sysreg_set(cpacr_el1, 0);
    (void)read32(GUEST_UART + 0x18);
    SAME(sysreg_read(cpacr_el1), 0);
    fp_touch();
    trap_one(EC_FP);
    sysreg_set(cpacr_el1, was);
}

static void use_fp(void)
{
    sysreg_set(cpacr_el1, 3ul << 20);
    fp_fill(0x2222);
    for (int i = 0; i < 10; i++) {
        (void)hvc(PSCI_VERSION, 0, 0, 0);
    }
    second.result = fp_differ(0x2222);
}

static void two_cpus_have_registers_of_their_own(void)
{
    if (!second_is_there()) {
        return;
    }
    second_listen();
    SAME(second_on(), true);
    for (int i = 0; i < 10; i++) {
        fp_fill(0x1111);
        second_does(use_fp);
        SAME(second.result, 0);
        SAME(fp_differ(0x1111), 0);
    }
    second_off();
}

const struct promise fp[] = {
    PROMISE(registers_hold_what_they_are_given),
    PROMISE(calls_keep_them),
    PROMISE(accesses_to_devices_keep_them),
    PROMISE(waits_keep_them),
    PROMISE(preemption_keeps_them),
    PROMISE(interrupts_keep_them),
    PROMISE(control_and_status_are_kept),
    PROMISE(it_computes),
    PROMISE(it_traps_where_cpacr_says_so),
    PROMISE(it_still_traps_after_others_ran),
    PROMISE(two_cpus_have_registers_of_their_own),
    { 0 },
};
