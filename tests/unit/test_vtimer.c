/* SPDX-License-Identifier: Apache-2.0 */
/* A vCPU's physical timer, which is emulated, and the counter behind it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "arm64/syndrome.h"
#include "core/cpu.h"
#include "core/sched.h"
#include "fake_sysreg.h"
#include "virt/vcpu.h"
#include "virt/vtimer.h"

#define CNTPCT  SYSREG_ENC(3u, 3u, 14u, 0u, 1u)
#define TVAL    SYSREG_ENC(3u, 3u, 14u, 2u, 0u)
#define CTL     SYSREG_ENC(3u, 3u, 14u, 2u, 1u)
#define CVAL    SYSREG_ENC(3u, 3u, 14u, 2u, 2u)
#define NOW     UINT64_C(1000000)

static struct cpu cpu;
static struct vm vm;
static struct vcpu vcpu;
static bool line;
static struct sched sched;
struct cpu *fake_cpu = &cpu;

bool vcpu_loaded(const struct vcpu *v) { return v == &vcpu; }
void vgic_inject_timer(struct vcpu *v) { (void)v; }
void trace_put(struct cpu *c, uint64_t what, uint64_t a, uint64_t b) { (void)c, (void)what, (void)a, (void)b; }
void vgic_set_level(struct vm *m, struct vcpu *v, uint32_t intid, bool level)
{
    assert_ptr_equal(m, &vm);
    assert_ptr_equal(v, &vcpu);
    assert_int_equal(intid, VTIMER_PHYSICAL_PPI);
    line = level;
}

/* When the physical timer's is due, or 0. */
static uint64_t event(void)
{
    return event_queued(&vcpu.timer.physical_event) ? vcpu.timer.physical_event.deadline : 0;
}

static int begin(void **state)
{
    (void)state;
    fake_sysreg_reset();
    memset(&vcpu, 0, sizeof vcpu);
    memset(&cpu, 0, sizeof cpu);
    vcpu.context.domain = &vm.domain;
    vcpu.context.sched = &sched;
    line = false;
    vtimer_reset(&vcpu);
    FAKE_SYSREG(cntpct_el0)->value = NOW;
    return 0;
}

static uint64_t mrs(uint32_t encoding)
{
    uint64_t value = 0;

    assert_true(vtimer_sysreg(&vcpu, encoding, true, &value));
    return value;
}

static void msr(uint32_t encoding, uint64_t value)
{
    assert_true(vtimer_sysreg(&vcpu, encoding, false, &value));
}

/* QEMU 7.2 traps it from EL0, as it does the physical timer. */
static void a_counter_that_traps_is_read_and_not_written(void **state)
{
    uint64_t value = 5;

    (void)state;
    assert_int_equal(mrs(CNTPCT), NOW);
    assert_false(vtimer_sysreg(&vcpu, CNTPCT, false, &value));
}

static void another_register_is_not_the_timers(void **state)
{
    uint64_t value = 0;

    (void)state;
    assert_false(vtimer_sysreg(&vcpu, SYSREG_ENC(3u, 3u, 14u, 0u, 0u), true, &value));
    assert_false(vtimer_sysreg(&vcpu, SYSREG_ENC(3u, 3u, 14u, 2u, 3u), true, &value));
}

static void the_timer_value_is_signed_and_of_32_bits(void **state)
{
    (void)state;
    msr(TVAL, 0xffffffff);
    assert_int_equal(mrs(CVAL), NOW - 1);
    assert_int_equal(mrs(TVAL), 0xffffffff);
    msr(TVAL, UINT64_C(0xffffffff00000064));
    assert_int_equal(mrs(CVAL), NOW + 100);
    assert_int_equal(mrs(TVAL), 100);
}

static void the_line_follows_the_condition(void **state)
{
    (void)state;
    msr(CVAL, NOW + 10);
    msr(CTL, 1);
    assert_false(line);
    assert_int_equal(event(), NOW + 10);
    assert_int_equal(mrs(CTL), 1);
    FAKE_SYSREG(cntpct_el0)->value = NOW + 10;
    timerq_cancel(&cpu.timers, &vcpu.timer.physical_event);
    vcpu.timer.physical_event.fire(&vcpu.timer.physical_event);
    assert_true(line);
    assert_int_equal(mrs(CTL), 5);
    msr(CTL, 3);                            /* masked: the condition stays, the line does not */
    assert_false(line);
    assert_int_equal(mrs(CTL), 7);
    msr(CTL, ~UINT64_C(1));
    assert_int_equal(mrs(CTL), 2);
    assert_int_equal(event(), 0);
}

int main(void)
{
#define PROMISE(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        PROMISE(a_counter_that_traps_is_read_and_not_written),
        PROMISE(another_register_is_not_the_timers),
        PROMISE(the_timer_value_is_signed_and_of_32_bits),
        PROMISE(the_line_follows_the_condition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
