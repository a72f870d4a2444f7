/* SPDX-License-Identifier: Apache-2.0 */
/* How a hypercall comes to its function: by which number, from whom, with which registers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/domain.h"
#include "core/portal.h"
#include "entry/hypercall.h"

static struct context caller;
static const char *called;
static const uint64_t *registers;

#define CALL(name) \
    int call_##name(struct context *c, uint64_t *x) { (void)c; called = #name; registers = x; return BELAY_EBUSY; }
CALL(reply) CALL(call) CALL(wait) CALL(notify) CALL(yield) CALL(portal_create) CALL(portal_bind)
CALL(notification_create) CALL(handle_close) CALL(grant) CALL(mem_split) CALL(mem_merge) CALL(mem_info) CALL(map)
CALL(unmap) CALL(domain_create) CALL(domain_watch) CALL(domain_start) CALL(domain_stop) CALL(domain_status)
CALL(domain_destroy) CALL(vcpu_create) CALL(thread_create) CALL(sched) CALL(start) CALL(stats) CALL(exits)
CALL(lateness) CALL(activity) CALL(domain_pause) CALL(domain_resume) CALL(debug) CALL(point) CALL(regs)
CALL(regs_write) CALL(debug_pass) CALL(line_set) CALL(line_create) CALL(irq_ack) CALL(irq_create) CALL(irq_bind)
CALL(irq_assign) CALL(trap) CALL(machine_putc) CALL(machine_off) CALL(trace_start) CALL(trace_stop)

uint32_t grants_begun, grants_done;
void portal_reply(struct context *handler) { (void)handler; called = "portal_reply"; }

static int begin(void **state)
{
    (void)state;
    caller = (struct context){ .frame = { .x = { 10, 11, 12, 13 } } };
    called = NULL;
    return 0;
}

static void a_service_has_its_arguments_in_x0_and_after(void **state)
{
    (void)state;
    hypercall_service(&caller, BELAY_HC_NOTIFY);
    assert_string_equal(called, "notify");
    assert_ptr_equal(registers, &caller.frame.x[0]);
    assert_int_equal((int64_t)caller.frame.x[0], BELAY_EBUSY);
}

/* x0 is the function's number (DEN0028, 2.5), and the answer. */
static void a_guest_has_its_arguments_in_x1_and_after(void **state)
{
    static const unsigned numbers[] = { BELAY_HC_CALL, BELAY_HC_NOTIFY, BELAY_HC_YIELD, BELAY_HC_HANDLE_CLOSE };

    (void)state;
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        caller.frame.x[0] = BELAY_SMCCC(numbers[i]);
        hypercall_guest(&caller, numbers[i]);
        assert_ptr_equal(registers, &caller.frame.x[1]);
        assert_int_equal((int64_t)caller.frame.x[0], BELAY_EBUSY);
    }
}

static void a_guest_makes_no_call_of_a_managers(void **state)
{
    (void)state;
    for (unsigned number = 0; number < 2 * BELAY_HC_COUNT; number++) {
        if (number == BELAY_HC_CALL || number == BELAY_HC_NOTIFY || number == BELAY_HC_YIELD ||
            number == BELAY_HC_HANDLE_CLOSE)
            continue;
        hypercall_guest(&caller, number);
        assert_null(called);
        assert_int_equal((int64_t)caller.frame.x[0], BELAY_ENOSYS);
    }
}

static void a_number_that_no_hypercall_has_is_enosys(void **state)
{
    static const uint64_t none[] = { 17, BELAY_HC_COUNT, 0xffff };

    (void)state;
    for (unsigned i = 0; i < sizeof none / sizeof none[0]; i++) {
        hypercall_service(&caller, none[i]);
        assert_null(called);
        assert_int_equal((int64_t)caller.frame.x[0], BELAY_ENOSYS);
    }
}

static void a_handlers_reply_is_the_portals_and_anothers_is_not(void **state)
{
    struct context client = { 0 };

    (void)state;
    hypercall_service(&caller, BELAY_HC_REPLY);
    assert_string_equal(called, "reply");
    caller.caller = &client;
    hypercall_service(&caller, BELAY_HC_REPLY);
    assert_string_equal(called, "portal_reply");
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_service_has_its_arguments_in_x0_and_after), T(a_guest_has_its_arguments_in_x1_and_after),
        T(a_guest_makes_no_call_of_a_managers), T(a_number_that_no_hypercall_has_is_enosys),
        T(a_handlers_reply_is_the_portals_and_anothers_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
