/* SPDX-License-Identifier: Apache-2.0 */
/* The generic timer's counters, and who may use what of it (Arm ARM, D11.1 and D11.3). */
#include "conform.h"
#include "guest.h"
#include "registers.h"
#include "second.h"
#include "trap.h"

#define ENABLE  1u

static uint64_t cnt(void) { isb(); return sysreg_read(cntpct_el0); }

static void counters_go_forwards(void)
{
    uint64_t physical_was = cnt(), virtual_was = counter();
    for (int i = 0; i < 1000; i++) {
        uint64_t p = cnt(), v = counter();
        SAME(p >= physical_was && v >= virtual_was, true);
        physical_was = p, virtual_was = v;
    }
    SAME(counter_hz() != 0, true);
}

static void counters_go_at_one_pace(void)
{
    uint64_t least = 0, most = UINT64_MAX, sign = UINT64_C(1) << 63;    /* of what the virtual one is ahead, or behind */
    for (int i = 0; i < 100; i++) {
        uint64_t before = cnt(), v = counter(), after = cnt();
        least = v - after + sign > least ? v - after + sign : least;
        most = v - before + sign < most ? v - before + sign : most;
    }
    SAME(least <= most, true);
}

static void counters_and_the_frequency_can_not_be_written(void)
{
    sysreg_write(S3_3_C14_C0_1, 0);           /* CNTPCT_EL0, which assemblers know to read only */
    trap_one(EC_UNKNOWN);
    sysreg_write(S3_3_C14_C0_2, 0);
    trap_one(EC_UNKNOWN);
}

/* mrs x0, REGISTER; svc #0 */
#define AT_EL0(name, reg) \
    __asm__(".text\n.balign 4096\n" #name ":\n\tmrs x0, " #reg "\n\tsvc #0\n"); extern char name[];
AT_EL0(reads_cntvct, cntvct_el0)
AT_EL0(reads_cntpct, cntpct_el0)
AT_EL0(reads_cntfrq, cntfrq_el0)
AT_EL0(reads_cntv_ctl, cntv_ctl_el0)
AT_EL0(reads_cntp_ctl, cntp_ctl_el0)

static void expect_at_el0(const char *code, unsigned ec)
{
    window_map(0, (uintptr_t)code | MAP_NORMAL | MAP_EL0 | MAP_READ);
    struct trap t = run_at_el0(window(0), 0, 0);
    if (!SAME(EC_OF(t.esr), ec)) {
        print("conform:   at pc %lx, esr %lx, cntkctl %lx\n", t.pc, t.esr, sysreg_read(cntkctl_el1));
    }
}

static void el0_has_of_it_what_cntkctl_lets_it(void)
{
    static const struct { const char *code; uint64_t allows; } rows[] = {
        { reads_cntpct, 1 }, { reads_cntvct, 2 }, { reads_cntv_ctl, 1 << 8 }, { reads_cntp_ctl, 1 << 9 },
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sysreg_set(cntkctl_el1, 0);
        expect_at_el0(rows[i].code, EC_SYSREG);
        sysreg_set(cntkctl_el1, rows[i].allows);
        expect_at_el0(rows[i].code, EC_SVC);
    }
    sysreg_set(cntkctl_el1, 0);
    expect_at_el0(reads_cntfrq, EC_SYSREG);
    sysreg_set(cntkctl_el1, 2);
    expect_at_el0(reads_cntfrq, EC_SVC);
    sysreg_set(cntkctl_el1, 0);
}

static void cntkctl_keeps_what_it_is_given(void)
{
    sysreg_set(cntkctl_el1, 0x3f7);
    SAME(sysreg_read(cntkctl_el1) & 0x3ff, 0x3f7);
    sysreg_set(cntkctl_el1, 0);
    SAME(sysreg_read(cntkctl_el1), 0);
}

static void wfe(void) { __asm__ volatile("wfe" : : : "memory"); }

static void a_wait_for_an_event_ends_with_one(void)
{
    for (int i = 0; i < 100; i++) {
        __asm__ volatile("sev\n\twfe\n\tsevl\n\twfe" : : : "memory");
    }
    trap_none();
}

/* CNTKCTL_EL1: EVNTEN, and EVNTI 10: every 2048 ticks of the virtual counter. */
static void a_wait_for_an_event_ends_by_the_counters_events(void)
{
    sysreg_set(cntkctl_el1, 10u << 4 | 1u << 2);
    uint64_t end = counter() + 100 * 2048;
    while (counter() < end) {
        wfe();
    }
    sysreg_set(cntkctl_el1, 0);
    SAME(counter() - end <= counter_hz(), true);
}

static void a_cpu_comes_on_with_its_timers_off(void)
{
    if (!second_is_there()) {
        return;
    }
    second_listen();
    SAME(second_on(), true);
    SAME(second.cntv_ctl & ENABLE, 0);
    SAME(second.cntp_ctl & ENABLE, 0);
    second_off();
}

static void timers_of_el2_and_el3_are_undefined_here(void)
{
    (void)sysreg_read(S3_4_C14_C2_1);       /* CNTHP_CTL_EL2 */
    trap_one(EC_UNKNOWN);
    (void)sysreg_read(S3_4_C14_C1_0);       /* CNTHCTL_EL2 */
    trap_one(EC_UNKNOWN);
    (void)sysreg_read(S3_4_C14_C0_3);       /* CNTVOFF_EL2 */
    trap_one(EC_UNKNOWN);
}

const struct promise counters[] = {
    PROMISE(counters_go_forwards),
    PROMISE(counters_go_at_one_pace),
    PROMISE(counters_and_the_frequency_can_not_be_written),
    PROMISE(el0_has_of_it_what_cntkctl_lets_it),
    PROMISE(cntkctl_keeps_what_it_is_given),
    PROMISE(a_wait_for_an_event_ends_with_one),
    PROMISE(a_wait_for_an_event_ends_by_the_counters_events),
    PROMISE(a_cpu_comes_on_with_its_timers_off),
    PROMISE(timers_of_el2_and_el3_are_undefined_here),
    { 0 },
};
