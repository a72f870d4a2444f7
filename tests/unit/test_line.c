/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts of a VM that arrive on another CPU, or while it is stopped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "virt/line.h"
#include "virt/vcpu.h"

#define SPI 33
#define OTHER_SPI 287

struct cpu *fake_cpu, *cpus[CPUS_MAX];
unsigned cpus_running = 2;

static struct cpu cpu[2];
static struct vm vm;
static struct vcpu vcpu;
static struct message *sent;
static char calls[200];         /* of the virtual GIC, in order */
static struct vcpu *holder;     /* has the interrupt on another CPU */
static uint64_t mail;           /* sent to that */

struct vcpu *vgic_holder(struct vm *of, uint32_t intid)
{
    (void)of, (void)intid;
    return holder;
}

void mail_send(struct vcpu *v, uint64_t what)
{
    assert_ptr_equal(v, holder);
    mail |= what;
}

void message_send(unsigned to, struct message *m)
{
    assert_int_equal(to, 1);
    sent = m;
}

static void note(const char *format, uint32_t intid, int level)
{
    size_t n = strlen(calls);

    snprintf(calls + n, sizeof calls - n, format, intid, level);
}

void vgic_set_level(struct vm *of, struct vcpu *v, uint32_t intid, bool level)
{
    assert_ptr_equal(of, &vm);
    assert_null(v);
    note("%u=%d ", intid, level);
}

void vgic_inject_spi(struct vm *of, uint32_t intid)
{
    assert_ptr_equal(of, &vm);
    note("%u fired ", intid, 0);
}

static int begin(void **state)
{
    (void)state;
    memset(&vm, 0, sizeof vm);
    memset(&vcpu, 0, sizeof vcpu);
    cpu[1].index = 1;
    vm.vcpus = 1;
    vm.vcpu[0] = &vcpu;
    vcpu.context.own_sched.cpu = 1;
    vm.domain.state = BELAY_STATE_RUNNING;
    lines_init(&vm);
    fake_cpu = &cpu[1];
    calls[0] = '\0';
    sent = NULL;
    holder = NULL;
    mail = 0;
    return 0;
}

static void a_line_is_driven_at_once_on_the_vms_cpu(void **state)
{
    (void)state;
    line_set(&vm, SPI, true);
    line_set(&vm, SPI, false);
    assert_string_equal(calls, "33=1 33=0 ");
    assert_null(sent);
}

static void a_line_that_another_cpu_drives_arrives_as_it_is_by_then(void **state)
{
    (void)state;
    fake_cpu = &cpu[0];
    line_set(&vm, SPI, true);
    line_set(&vm, OTHER_SPI, true);
    line_set(&vm, SPI, false);
    assert_string_equal(calls, "");
    assert_non_null(sent);
    fake_cpu = &cpu[1];
    sent->deliver(sent);
    assert_string_equal(calls, "33=0 287=1 ");
    sent->deliver(sent);
    assert_string_equal(calls, "33=0 287=1 ");
}

static void what_arrives_while_it_is_stopped_comes_with_its_start(void **state)
{
    (void)state;
    vm.domain.state = BELAY_STATE_STOPPED;
    line_set(&vm, SPI, true);
    line_fired(&vm, OTHER_SPI);
    fake_cpu = &cpu[0];
    line_set(&vm, SPI + 1, true);
    fake_cpu = &cpu[1];
    sent->deliver(sent);
    assert_string_equal(calls, "");
    vm.domain.state = BELAY_STATE_RUNNING;
    lines_bring(&vm);
    assert_string_equal(calls, "33=1 34=1 287 fired ");
}

static void another_cpu_never_touches_the_virtual_gic(void **state)
{
    (void)state;
    fake_cpu = &cpu[0];
    line_set(&vm, SPI, true);
    lines_bring(&vm);
    assert_string_equal(calls, "");
}

static void any_cpu_drives_the_lines_of_a_vm_that_is_spread(void **state)
{
    (void)state;
    vm.spread = true;
    fake_cpu = &cpu[0];
    line_set(&vm, SPI, true);
    line_fired(&vm, OTHER_SPI);
    assert_string_equal(calls, "33=1 287 fired ");
    assert_null(sent);
    assert_int_equal(vm.lock.next, vm.lock.turn);
}

static void what_another_cpu_has_in_its_hands_waits_for_that_one(void **state)
{
    (void)state;
    vm.spread = true;
    holder = &vcpu;
    fake_cpu = &cpu[0];
    line_set(&vm, SPI, true);
    line_fired(&vm, OTHER_SPI);
    line_set(&vm, SPI, false);
    assert_string_equal(calls, "");
    assert_int_equal(mail, MAIL_GIVE);
    lines_bring(&vm);                       /* not yet */
    assert_string_equal(calls, "");
    holder = NULL;
    fake_cpu = &cpu[1];
    lines_bring(&vm);
    assert_string_equal(calls, "33=0 287 fired ");
    lines_bring(&vm);
    assert_string_equal(calls, "33=0 287 fired ");
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_line_is_driven_at_once_on_the_vms_cpu), T(a_line_that_another_cpu_drives_arrives_as_it_is_by_then),
        T(what_arrives_while_it_is_stopped_comes_with_its_start), T(another_cpu_never_touches_the_virtual_gic),
        T(any_cpu_drives_the_lines_of_a_vm_that_is_spread), T(what_another_cpu_has_in_its_hands_waits_for_that_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
