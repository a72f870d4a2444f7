/* SPDX-License-Identifier: Apache-2.0 */
/* How late a context runs after its waits: vCPUs and their timers on the real scheduler, with fakes below them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arm64/syndrome.h"
#include "core/mem.h"
#include "core/notification.h"
#include "core_world.h"
#include "virt/vcpu.h"

#define POOL_PAGES 16
#define CNTP_CTL   SYSREG_ENC(3, 3, 14, 2, 1)
#define CNTP_CVAL  SYSREG_ENC(3, 3, 14, 2, 2)
#define T(t)       (WORLD_EPOCH + (t))

static _Alignas(4096) uint8_t memory[POOL_PAGES][4096];
static struct mem pool;
static struct vm *vm;
static struct vcpu *v, *other;          /* of one VM, priorities 200 and 10 */
static struct context *above;           /* thread 0, priority 250: waits, unless a test has it run */
static struct context *manager;         /* thread 1, which runs when nothing else does */
static bool enabled;                    /* the vCPUs' interrupts are */

/* The fakes. */

void vgic_inject_timer(struct vcpu *of)
{
    if (enabled)
        vcpu_wake_by_timer(of);
}

void vgic_set_level(struct vm *m, struct vcpu *of, uint32_t intid, bool level)
{
    (void)m, (void)intid;
    if (enabled && level)
        vcpu_wake(of);
}

/* The world. */

static void make(void)
{
    pool = (struct mem){ .base = ptr_to_pa(memory), .size = sizeof memory };
    vm = vm_create(&pool, false, 4, 'v');
    assert_non_null(vm);
    vm->domain.state = BELAY_STATE_RUNNING;
    v = vcpu_create(vm, false);
    other = vcpu_create(vm, false);
    assert_int_equal(sched_set(&v->context, 0, 200, false, 0, 0), BELAY_OK);
    assert_int_equal(sched_set(&other->context, 0, 10, false, 0, 0), BELAY_OK);
    vcpu_start(v, &(struct vcpu_entry){ 0 });
    vcpu_start(other, &(struct vcpu_entry){ 0 });
}

static int begin(void **state)
{
    world_begin(state);
    for (unsigned i = 1; i < VMIDS; i++) {
        domain_free_vmid(i);
        domains[i] = NULL;
    }
    enabled = true;
    make();
    manager = world_start(1, 1, 0, 0);
    above = world_start(0, 250, 0, 0);
    context_block(above, CONTEXT_WAITING);
    world_run_to(0);
    assert_true(world_cpu.sched == &v->context.own_sched);
    return 0;
}

static uint64_t last(const struct sched *s) { return s->late > 0 ? (uint64_t)s->late : 0; }

/* As the hypercall tells it. */
static void assert_late(const struct context *c, unsigned wakes, uint64_t total, uint64_t worst)
{
    const struct sched *s = &c->own_sched;

    assert_int_equal(s->wakes + (s->late > 0), wakes);
    assert_int_equal(s->late_total + last(s), total);
    assert_int_equal(last(s) > s->late_worst ? last(s) : s->late_worst, worst);
}

/* The higher one comes, and goes at `t`. */
static void it_comes(void) { context_wake(above); }

static void it_goes_at(uint64_t t)
{
    world_run_to(t);
    assert_true(world_runs(0));
    context_block(above, CONTEXT_WAITING);
    world_run_to(t);
}

static void set_timer(uint64_t t)
{
    FAKE_SYSREG(cntv_cval_el0)->value = T(t);
    FAKE_SYSREG(cntv_ctl_el0)->value = CNT_CTL_ENABLE;
}

static bool runs(const struct vcpu *of) { return world_cpu.sched == &of->context.own_sched; }

/* It sets its timer to 100, and waits. */
static void wait_till_100(void)
{
    set_timer(100);
    vcpu_wait(v);
    world_run_to(10);
    assert_true(runs(other));
}

static void a_timer_is_due_at_its_deadline_however_late_it_is_looked_at(void **state)
{
    (void)state;
    wait_till_100();
    it_comes();
    it_goes_at(130);        /* no event below it was looked at till then */
    assert_true(runs(v));
    assert_late(&v->context, 1, 30, 30);
}

static void an_interrupt_is_due_when_it_comes(void **state)
{
    (void)state;
    wait_till_100();
    it_comes();
    world_run_to(50);
    vcpu_wake(v);
    world_run_to(60);
    vcpu_wake(v);           /* one wait, one wake */
    it_goes_at(80);
    assert_true(runs(v));
    assert_late(&v->context, 1, 30, 30);
}

static void an_interrupt_after_the_timer_does_not_make_it_less_late(void **state)
{
    (void)state;
    wait_till_100();
    it_comes();
    world_run_to(110);
    vcpu_wake(v);
    it_goes_at(120);
    assert_late(&v->context, 1, 20, 20);
}

static void a_timer_in_the_hardware_is_due_at_its_deadline(void **state)
{
    (void)state;
    set_timer(100);
    vcpu_wait(v);
    it_comes();
    world_run_to(107);      /* a service runs: it leaves the vCPU in the hardware */
    assert_true(world_cpu.loaded == &v->context);
    vtimer_interrupt(v);
    it_goes_at(110);
    assert_true(runs(v));
    assert_late(&v->context, 1, 10, 10);
}

static void the_physical_timer_is_due_at_its_deadline(void **state)
{
    uint64_t at = T(100), on = CNT_CTL_ENABLE;

    (void)state;
    assert_true(vtimer_sysreg(v, CNTP_CVAL, false, &at));
    assert_true(vtimer_sysreg(v, CNTP_CTL, false, &on));
    set_timer(500);
    vcpu_wait(v);
    world_run_to(10);
    it_comes();
    it_goes_at(140);
    assert_true(runs(v));
    assert_late(&v->context, 1, 40, 40);
}

static void a_notification_is_due_when_it_is_signalled_and_its_deadline_at_that(void **state)
{
    struct context *worker = world_start(2, 240, 0, 0);
    struct notification n;
    uint64_t bits;

    (void)state;
    notification_init(&n);
    world_run_to(10);
    assert_int_equal(notification_wait(&n, worker, 0, &bits), BELAY_OK);
    it_comes();
    world_run_to(20);
    notification_signal(&n, 1);
    it_goes_at(35);
    assert_true(world_runs(2));
    assert_late(worker, 1, 15, 15);
    assert_int_equal(notification_wait(&n, worker, T(50), &bits), BELAY_OK);
    it_comes();
    it_goes_at(60);
    assert_true(world_runs(2));
    assert_late(worker, 2, 25, 15);
}

static void who_is_preempted_is_not_woken(void **state)
{
    (void)state;
    it_comes();
    it_goes_at(5);
    assert_true(runs(v));
    assert_late(&v->context, 0, 0, 0);
    wait_till_100();
    it_comes();
    it_goes_at(130);
    it_comes();
    it_goes_at(400);
    assert_late(&v->context, 1, 30, 30);
    assert_true(runs(v));
    vcpu_wait(v);
    assert_late(&v->context, 1, 30, 30);
}

static void the_worst_of_many_is_kept_and_each_vcpu_has_its_own(void **state)
{
    static const uint64_t late[] = { 30, 70, 1, 20 };
    uint64_t t = 0;

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        vcpu_wait(v);
        world_run_to(t += 10);
        it_comes();
        world_run_to(t += 10);
        vcpu_wake(v);
        it_goes_at(t += late[i]);
    }
    assert_late(&v->context, 4, 121, 70);
    assert_late(&other->context, 0, 0, 0);
    assert_late(manager, 0, 0, 0);
}

static void what_falls_due_in_a_pause_is_due_after_it(void **state)
{
    (void)state;
    wait_till_100();
    assert_int_equal(domain_pause(&vm->domain, manager, BELAY_HOLD_MANAGER), BELAY_OK);
    world_run_to(1000);
    assert_int_equal(v->context.state, CONTEXT_READY);
    it_comes();
    world_run_to(2000);
    assert_int_equal(domain_resume(&vm->domain, BELAY_HOLD_MANAGER), BELAY_OK);
    it_goes_at(2040);
    assert_true(runs(v));
    assert_late(&v->context, 1, 40, 40);
}

static void a_timer_after_a_pause_is_due_at_its_deadline(void **state)
{
    (void)state;
    wait_till_100();
    assert_int_equal(domain_pause(&vm->domain, manager, BELAY_HOLD_MANAGER), BELAY_OK);
    world_run_to(50);
    assert_int_equal(domain_resume(&vm->domain, BELAY_HOLD_MANAGER), BELAY_OK);
    it_comes();
    it_goes_at(130);
    assert_late(&v->context, 1, 30, 30);
}

static void a_stop_forgets_how_late_it_was_and_what_it_was_due_for(void **state)
{
    (void)state;
    wait_till_100();
    it_comes();
    it_goes_at(130);
    set_timer(1000);
    vcpu_wait(v);
    world_run_to(140);
    it_comes();
    world_run_to(150);
    vcpu_wake(v);
    assert_int_not_equal(v->context.own_sched.due, 0);
    assert_int_equal(domain_stop(&vm->domain, manager), BELAY_OK);
    assert_late(&v->context, 0, 0, 0);
    vm->domain.state = BELAY_STATE_RUNNING;
    vcpu_start(v, &(struct vcpu_entry){ 0 });
    it_goes_at(900);
    assert_true(runs(v));
    assert_late(&v->context, 0, 0, 0);
}

static void one_that_is_not_there_any_more_leaves_nothing_to_the_next(void **state)
{
    (void)state;
    wait_till_100();
    it_comes();
    it_goes_at(130);
    assert_late(&v->context, 1, 30, 30);
    assert_int_equal(domain_stop(&vm->domain, manager), BELAY_OK);
    make();
    world_run_to(140);
    assert_late(&v->context, 0, 0, 0);
}

/* The counter is read out of order: it was chosen before it was due. */
static void it_is_never_less_than_not_late(void **state)
{
    (void)state;
    vcpu_wait(v);
    vcpu_wake(v);
    v->context.own_sched.due += 5;
    world_run_to(0);
    vcpu_wait(v);
    assert_late(&v->context, 0, 0, 0);
}

static void a_timer_without_its_interrupt_ends_no_wait(void **state)
{
    (void)state;
    enabled = false;
    wait_till_100();
    world_run_to(200);
    assert_int_equal(v->context.state, CONTEXT_WAITING);
    assert_true(runs(other));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, begin)
    const struct CMUnitTest tests[] = {
        TEST(a_timer_is_due_at_its_deadline_however_late_it_is_looked_at), TEST(an_interrupt_is_due_when_it_comes),
        TEST(an_interrupt_after_the_timer_does_not_make_it_less_late),
        TEST(a_timer_in_the_hardware_is_due_at_its_deadline), TEST(the_physical_timer_is_due_at_its_deadline),
        TEST(a_notification_is_due_when_it_is_signalled_and_its_deadline_at_that), TEST(who_is_preempted_is_not_woken),
        TEST(the_worst_of_many_is_kept_and_each_vcpu_has_its_own), TEST(what_falls_due_in_a_pause_is_due_after_it),
        TEST(a_timer_after_a_pause_is_due_at_its_deadline),
        TEST(a_stop_forgets_how_late_it_was_and_what_it_was_due_for),
        TEST(one_that_is_not_there_any_more_leaves_nothing_to_the_next), TEST(it_is_never_less_than_not_late),
        TEST(a_timer_without_its_interrupt_ends_no_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
