/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of a VM that is paused: vCPUs and their timers on the real scheduler and real domains, with fakes below them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arm64/syndrome.h"
#include "core/mem.h"
#include "core_world.h"
#include "virt/vcpu.h"

#define POOL_PAGES 16
#define CNTP_CTL   SYSREG_ENC(3, 3, 14, 2, 1)
#define CNTP_CVAL  SYSREG_ENC(3, 3, 14, 2, 2)
#define T(t)       (WORLD_EPOCH + (t))
#define CVAL       FAKE_SYSREG(cntv_cval_el0)->value
#define OFFSET     FAKE_SYSREG(cntvoff_el2)->value

static _Alignas(4096) uint8_t memory[POOL_PAGES][4096];
static struct mem pool;
static struct vm *vm;
static struct vcpu *v, *other;          /* of one VM, priorities 200 and 10 */
static struct context *service;         /* thread 0, priority 250: waits, unless a test has it run */
static struct context *manager;         /* thread 1, which runs when nothing else does */
static unsigned injected;
static bool physical_line;

/* The fakes. */

void vgic_inject_timer(struct vcpu *of)
{
    injected++;
    vcpu_wake_by_timer(of);
}

void vgic_set_level(struct vm *m, struct vcpu *of, uint32_t intid, bool level)
{
    (void)m, (void)of, (void)intid;
    physical_line = level;
}

/* The world. */

static void make(bool stands)
{
    pool = (struct mem){ .base = ptr_to_pa(memory), .size = sizeof memory };
    vm = vm_create(&pool, stands, 4, 'v');
    assert_non_null(vm);
    vm->domain.state = BELAY_STATE_RUNNING;
    v = vcpu_create(vm, false);
    other = vcpu_create(vm, false);
    assert_int_equal(sched_set(&v->context, 0, 200, false, 0, 0), BELAY_OK);
    assert_int_equal(sched_set(&other->context, 0, 10, false, 0, 0), BELAY_OK);
    vcpu_start(v, &(struct vcpu_entry){ 0 });
    vcpu_start(other, &(struct vcpu_entry){ 0 });
}

static void begin_with(void **state, bool stands)
{
    world_begin(state);
    for (unsigned i = 1; i < VMIDS; i++) {
        domain_free_vmid(i);
        domains[i] = NULL;
    }
    make(stands);
    injected = 0;
    physical_line = false;
    manager = world_start(1, 1, 0, 0);
    service = world_start(0, 250, 0, 0);
    context_block(service, CONTEXT_WAITING);
    world_run_to(0);
    assert_true(world_cpu.sched == &v->context.own_sched);
}

static int begin(void **state)
{
    begin_with(state, true);
    return 0;
}

static bool runs(const struct vcpu *of) { return world_cpu.sched == &of->context.own_sched; }

static void set_timer(uint64_t cval)
{
    CVAL = cval;
    FAKE_SYSREG(cntv_ctl_el0)->value = CNT_CTL_ENABLE;
}

static void wait_till(uint64_t t)
{
    set_timer(T(t));
    vcpu_wait(v);
}

static void pause_from_to(uint64_t from, uint64_t to)
{
    world_run_to(from);
    assert_int_equal(domain_pause(&vm->domain, manager, BELAY_HOLD_MANAGER), BELAY_OK);
    world_run_to(to);
    assert_true(world_runs(1));
    assert_int_equal(OFFSET, 0);
    assert_int_equal(domain_resume(&vm->domain, BELAY_HOLD_MANAGER), BELAY_OK);
    world_run_to(to);
}

static void the_counter_is_behind_by_what_the_pauses_took(void **state)
{
    (void)state;
    pause_from_to(100, 1100);
    assert_true(runs(v));
    assert_int_equal(OFFSET, 1000);
    world_run_to(1150);
    assert_int_equal(sysreg_read(cntvct_el0), T(150));
    pause_from_to(1200, 1500);
    assert_int_equal(OFFSET, 1300);
}

static void a_clock_that_runs_is_the_hosts(void **state)
{
    begin_with(state, false);
    set_timer(T(500));
    vcpu_wait(v);
    pause_from_to(100, 1100);
    assert_int_equal(FAKE_SYSREG(cntvoff_el2)->writes, 0);
    assert_true(runs(v));                   /* what fell due is due */
    assert_int_equal(injected, 1);
    assert_int_equal(CVAL, T(500));
}

static void all_vcpus_are_behind_alike(void **state)
{
    (void)state;
    pause_from_to(100, 1100);
    vcpu_wait(v);
    world_run_to(1110);
    assert_true(runs(other));
    assert_int_equal(OFFSET, 1000);
}

static void everybody_else_counts_as_the_host_does(void **state)
{
    (void)state;
    pause_from_to(100, 1100);
    assert_int_equal(OFFSET, 1000);
    context_wake(service);
    world_run_to(1110);
    assert_true(world_runs(0));
    assert_ptr_equal(world_cpu.loaded, &v->context);
    assert_int_equal(OFFSET, 0);
    context_block(service, CONTEXT_WAITING);
    world_run_to(1120);
    assert_true(runs(v));
    assert_int_equal(OFFSET, 1000);
}

/* By its own clock while it has it, by the host's while anybody else is in the CPU: it fires at one and the same moment. */
static void a_timer_goes_by_its_clock(void **state)
{
    (void)state;
    set_timer(T(500));
    pause_from_to(100, 1100);
    assert_int_equal(CVAL, T(500));
    context_wake(service);
    world_run_to(1110);
    assert_int_equal(CVAL, T(1500));
    context_block(service, CONTEXT_WAITING);
    world_run_to(1120);
    assert_int_equal(CVAL, T(500));
}

static void a_timer_at_the_end_of_all_times_stays_there(void **state)
{
    (void)state;
    set_timer(UINT64_MAX - 5);
    pause_from_to(100, 1100);
    assert_int_equal(CVAL, UINT64_MAX - 5);
    context_wake(service);
    world_run_to(1110);
    assert_int_equal(CVAL, UINT64_MAX);
    context_block(service, CONTEXT_WAITING);
    pause_from_to(1120, 1200);
    assert_int_equal(CVAL, UINT64_MAX - 5);
}

static void what_waits_for_its_timer_waits_as_long_as_it_would_have(void **state)
{
    (void)state;
    wait_till(500);
    world_run_to(50);
    assert_true(runs(other));
    pause_from_to(100, 1100);
    assert_true(runs(v));                   /* for nothing, which a WFI may */
    assert_int_equal(injected, 0);
    vcpu_wait(v);
    world_run_to(1499);
    assert_true(runs(other));
    assert_int_equal(injected, 0);
    world_run_to(1500);
    assert_true(runs(v));
    assert_int_equal(injected, 1);
    assert_int_equal(OFFSET, 1000);
}

static void how_late_it_ran_is_told_by_the_hosts_clock(void **state)
{
    const struct sched *s = &v->context.own_sched;

    (void)state;
    pause_from_to(100, 1100);
    wait_till(500);
    world_run_to(1120);
    context_wake(service);
    world_run_to(1530);
    context_block(service, CONTEXT_WAITING);
    world_run_to(1530);
    assert_true(runs(v));
    assert_int_equal(s->late, 30);
}

static void a_timer_in_the_hardware_is_due_by_the_hosts_clock(void **state)
{
    const struct sched *s = &v->context.own_sched;

    (void)state;
    pause_from_to(100, 1100);
    wait_till(500);
    context_wake(service);
    world_run_to(1510);                     /* a service runs: it leaves the vCPU in the hardware */
    assert_ptr_equal(world_cpu.loaded, &v->context);
    vtimer_interrupt(v);
    context_block(service, CONTEXT_WAITING);
    world_run_to(1520);
    assert_true(runs(v));
    assert_int_equal(s->late, 10);
}

static void the_physical_timer_is_the_hosts(void **state)
{
    uint64_t at = T(500), on = CNT_CTL_ENABLE;

    (void)state;
    assert_true(vtimer_sysreg(v, CNTP_CVAL, false, &at));
    assert_true(vtimer_sysreg(v, CNTP_CTL, false, &on));
    pause_from_to(100, 400);
    assert_false(physical_line);
    world_run_to(500);
    assert_true(physical_line);
    on = 0;
    assert_true(vtimer_sysreg(v, CNTP_CTL, false, &on));
    on = CNT_CTL_ENABLE;
    at = T(700);
    assert_true(vtimer_sysreg(v, CNTP_CVAL, false, &at));
    assert_true(vtimer_sysreg(v, CNTP_CTL, false, &on));
    assert_false(physical_line);
    pause_from_to(600, 1100);               /* it fell due meanwhile */
    assert_true(physical_line);
}

static void a_vcpu_that_comes_on_later_has_the_clock_of_the_others(void **state)
{
    (void)state;
    vcpu_wait(v);
    world_run_to(10);
    vcpu_off(other);
    assert_int_equal(vcpu_power(other), VCPU_OFF);
    pause_from_to(100, 1100);
    vcpu_wait(v);
    assert_int_equal(vcpu_turn_on(other, &(struct vcpu_entry){ 0 }), VCPU_OFF);
    world_run_to(1110);
    assert_true(runs(other));
    assert_int_equal(OFFSET, 1000);
}

static void a_vm_that_starts_anew_has_the_hosts_clock(void **state)
{
    (void)state;
    pause_from_to(100, 1100);
    assert_int_equal(domain_stop(&vm->domain, manager), BELAY_OK);
    world_run_to(1200);
    assert_int_equal(OFFSET, 0);
    vcpu_start(v, &(struct vcpu_entry){ 0 });
    assert_int_equal(domain_start(&vm->domain), BELAY_OK);
    world_run_to(1210);
    assert_true(runs(v));
    assert_int_equal(OFFSET, 0);
}

/* The message that tells a CPU of a resume may come after what lets a vCPU run there. */
static void a_cpu_that_has_not_heard_of_the_resume_yet_does_not_turn_the_clock_back(void **state)
{
    (void)state;
    assert_int_equal(domain_stop(&vm->domain, manager), BELAY_OK);
    cpus_running = 2;
    assert_int_equal(sched_set(&other->context, 1, 10, false, 0, 0), BELAY_OK);
    vm_place(vm);
    vcpu_start(v, &(struct vcpu_entry){ 0 });
    world_on(&world_other);
    vcpu_start(other, &(struct vcpu_entry){ 0 });
    world_on(&world_cpu);
    assert_int_equal(domain_start(&vm->domain), BELAY_OK);
    world_run_to(90);
    world_on(&world_other);
    while (world_takes_messages())
        ;
    schedule(&world_other);
    assert_true(world_other.current == &other->context);
    set_timer(T(500));
    vcpu_wait(other);
    world_on(&world_cpu);
    world_run_to(100);
    assert_int_equal(domain_pause(&vm->domain, manager, BELAY_HOLD_MANAGER), BELAY_EAGAIN);
    world_on(&world_other);
    while (world_takes_messages())
        ;
    world_on(&world_cpu);
    while (world_takes_messages())
        ;
    assert_int_equal(vm->domain.state, BELAY_STATE_PAUSED);
    world_run_to(1100);
    OFFSET = 0;                             /* each CPU has its own */
    assert_int_equal(domain_resume(&vm->domain, BELAY_HOLD_MANAGER), BELAY_OK);
    world_on(&world_other);
    sched_ready(&other->context.own_sched);     /* as when its budget is replenished */
    schedule(&world_other);
    assert_true(world_other.current == &other->context);
    if (world_other.reschedule)             /* it came anew */
        schedule(&world_other);
    assert_int_equal(OFFSET, 1000);
    assert_int_equal(CVAL, T(500));
    while (world_takes_messages())
        ;
    assert_int_equal(OFFSET, 1000);
    assert_int_equal(CVAL, T(500));
    world_on(&world_cpu);
}

int main(void)
{
#define PROMISE(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        PROMISE(the_counter_is_behind_by_what_the_pauses_took),
        PROMISE(a_clock_that_runs_is_the_hosts),
        PROMISE(all_vcpus_are_behind_alike),
        PROMISE(everybody_else_counts_as_the_host_does),
        PROMISE(a_timer_goes_by_its_clock),
        PROMISE(a_timer_at_the_end_of_all_times_stays_there),
        PROMISE(what_waits_for_its_timer_waits_as_long_as_it_would_have),
        PROMISE(how_late_it_ran_is_told_by_the_hosts_clock),
        PROMISE(a_timer_in_the_hardware_is_due_by_the_hosts_clock),
        PROMISE(the_physical_timer_is_the_hosts),
        PROMISE(a_vcpu_that_comes_on_later_has_the_clock_of_the_others),
        PROMISE(a_vm_that_starts_anew_has_the_hosts_clock),
        PROMISE(a_cpu_that_has_not_heard_of_the_resume_yet_does_not_turn_the_clock_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
