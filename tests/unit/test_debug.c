/* SPDX-License-Identifier: Apache-2.0 */
/* A VM that is debugged from outside: its debug registers, steps, stops, and what its debugger may write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arm64/hcr.h"
#include "core/notification.h"
#include "gic/ich.h"
#include "guest_world.h"
#include "virt/pstate.h"

#define REG(op0, op1, crn, crm, op2) SYSREG_ENC(op0##u, op1##u, crn##u, (uint32_t)(crm), op2##u)
#define MDSCR       REG(2, 0, 0, 2, 2)
#define OSLAR       REG(2, 0, 1, 0, 4)
#define OSLSR       REG(2, 0, 1, 1, 4)
#define DBGBVR(n)   REG(2, 0, 0, n, 4)
#define DBGBCR(n)   REG(2, 0, 0, n, 5)
#define DBGWVR(n)   REG(2, 0, 0, n, 6)
#define DBGWCR(n)   REG(2, 0, 0, n, 7)
#define ESR(class)  ((uint64_t)(class) << 26 | ESR_IL)
#define ADDRESS     UINT64_C(0xffff800012345678)
#define WATCH       (UINT64_C(2) << 3 | UINT64_C(0xf) << 5)     /* stores to the lower word */

static struct notification debugger;
static struct vcpu *v = &world_vcpu[0];

static int begin(void **state)
{
    world_begin(state);
    FAKE_SYSREG(id_aa64dfr0_el1)->value = UINT64_C(5) << 12 | UINT64_C(3) << 20;    /* six breakpoints, four watchpoints */
    FAKE_SYSREG(mdcr_el2)->value = MDCR_GUEST;
    world_vcpu[0].ich.hcr = world_vcpu[1].ich.hcr = ICH_HCR_EN;
    debug_set(&world_vm, &debugger, 1);
    return 0;
}

static void a_debugged_vcpu_brings_its_points_and_its_exceptions_go_to_el2(void **state)
{
    (void)state;
    assert_int_equal(debug_point(&world_vm, 3, ADDRESS, BELAY_POINT_BREAK), BELAY_OK);
    assert_int_equal(debug_point(&world_vm, BELAY_POINT_WATCH + 1, ADDRESS, WATCH), BELAY_OK);
    el0_view_restore(&v->el1.el0);
    assert_int_equal(FAKE_SYSREG(mdcr_el2)->value, MDCR_GUEST | MDCR_TDE);
    assert_int_equal(FAKE_SYSREG(mdscr_el1)->value, MDSCR_MDE);
    assert_int_equal(FAKE_SYSREG(dbgbvr3_el1)->value, ADDRESS);
    assert_int_equal(FAKE_SYSREG(dbgbcr3_el1)->value, 0x1e7);
    assert_int_equal(FAKE_SYSREG(dbgwvr1_el1)->value, ADDRESS & ~UINT64_C(7));
    assert_int_equal(FAKE_SYSREG(dbgwcr1_el1)->value, 7 | WATCH);
    assert_int_equal(FAKE_SYSREG(dbgwcr0_el1)->value, 0);
    el0_view_save(&v->el1.el0);
    assert_int_equal(FAKE_SYSREG(mdcr_el2)->value, MDCR_GUEST);
    assert_int_equal(FAKE_SYSREG(mdscr_el1)->value, 0);
}

static void a_vcpu_that_is_not_debugged_touches_no_debug_register(void **state)
{
    (void)state;
    debug_set(&world_vm, NULL, 0);
    el0_view_restore(&v->el1.el0);
    el0_view_save(&v->el1.el0);
    assert_int_equal(FAKE_SYSREG(mdcr_el2)->writes, 0);
    assert_int_equal(FAKE_SYSREG(mdscr_el1)->writes, 0);
}

static void no_point_can_match_at_el2(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t control = UINT64_C(1) << bit;
        (void)debug_point(&world_vm, 0, ADDRESS, control);
        assert_int_equal(world_vm.points.bcr[0] & ~UINT64_C(0x1e7), 0);
        (void)debug_point(&world_vm, BELAY_POINT_WATCH, ADDRESS, control);
        assert_int_equal(world_vm.points.wcr[0] & ~(7ull | 3 << 3 | 0xff << 5 | 0x1full << 24), 0);
    }
}

static void there_are_as_many_points_as_the_cpu_has(void **state)
{
    (void)state;
    FAKE_SYSREG(id_aa64dfr0_el1)->value = UINT64_C(1) << 12 | UINT64_C(1) << 20;
    assert_int_equal(debug_point(&world_vm, 1, ADDRESS, 1), BELAY_OK);
    assert_int_equal(debug_point(&world_vm, 2, ADDRESS, 1), BELAY_EINVAL);
    assert_int_equal(debug_point(&world_vm, BELAY_POINT_WATCH + 2, ADDRESS, WATCH), BELAY_EINVAL);
    assert_int_equal(debug_point(&world_vm, UINT64_MAX, ADDRESS, WATCH), BELAY_EINVAL);
    el0_view_restore(&v->el1.el0);
    assert_int_equal(FAKE_SYSREG(dbgbcr2_el1)->writes, 0);
}

static void a_step_is_one_instruction_and_no_interrupt(void **state)
{
    (void)state;
    assert_int_equal(debug_write(v, BELAY_REG_STEP, 1), BELAY_OK);
    assert_true(v->context.frame.pstate & PSTATE_SS);
    assert_int_equal(v->el1.el0.mdscr, MDSCR_MDE | MDSCR_SS);
    assert_int_equal(v->ich.hcr & ICH_HCR_EN, 0);
    debug_exception(v, ESR(EC_STEP_LOWER), 7);
    assert_int_equal(world_log.breaks, 1);
    assert_false(v->context.frame.pstate & PSTATE_SS);
    assert_int_equal(v->el1.el0.mdscr, MDSCR_MDE);
    assert_int_equal(v->ich.hcr, ICH_HCR_EN);
    assert_int_equal(debug_read(v, BELAY_REG_STEP), 0);
    assert_int_equal(debug_read(v, BELAY_REG_STOP_ESR), ESR(EC_STEP_LOWER));
    assert_int_equal(debug_read(v, BELAY_REG_STOP_FAR), 0);
}

static void a_watchpoint_tells_its_address(void **state)
{
    (void)state;
    debug_exception(v, ESR(EC_WATCHPOINT_LOWER), ADDRESS);
    assert_int_equal(debug_read(v, BELAY_REG_STOP_FAR), ADDRESS);
    assert_int_equal(debug_write(v, BELAY_REG_STOP_ESR, 0), BELAY_OK);
    assert_int_equal(debug_read(v, BELAY_REG_STOP_ESR), 0);
}

static void a_held_vcpu_does_not_run_with_its_vm(void **state)
{
    (void)state;
    world_vm.domain.state = BELAY_STATE_RUNNING;
    assert_int_equal(*v->context.own_sched.gate, BELAY_STATE_RUNNING);
    assert_int_equal(debug_write(v, BELAY_REG_HELD, 1), BELAY_OK);
    assert_int_equal(*v->context.own_sched.gate, BELAY_STATE_PAUSED);
    assert_int_equal(debug_write(v, BELAY_REG_HELD, 0), BELAY_OK);
    assert_int_equal(*v->context.own_sched.gate, BELAY_STATE_RUNNING);
}

static void every_register_is_read_as_it_was_written(void **state)
{
    static const unsigned special[] = { BELAY_REG_PSTATE, BELAY_REG_STOP_ESR, BELAY_REG_STOP_FAR, BELAY_REG_STEP,
                                        BELAY_REG_HELD, BELAY_REG_ON };

    (void)state;
    for (unsigned n = 0; n < BELAY_REG_COUNT; n++) {
        bool ordinary = true;
        for (unsigned i = 0; i < sizeof special / sizeof special[0]; i++)
            ordinary = ordinary && n != special[i];
        if (ordinary)
            assert_int_equal(debug_write(v, n, 0x1234567890000000 + n), BELAY_OK);
    }
    for (unsigned n = 0; n < BELAY_REG_COUNT; n++)
        if (debug_read(v, n) >> 60 == 1)
            assert_int_equal(debug_read(v, n), 0x1234567890000000 + n);
    assert_int_equal(debug_read(v, 30), 0x123456789000001e);
    assert_int_equal(debug_read(v, BELAY_REG_V0 + 63), 0x1234567890000000 + BELAY_REG_V0 + 63);
    assert_int_equal(debug_read(v, BELAY_REG_COUNT), 0);
    assert_int_equal(debug_write(v, BELAY_REG_COUNT, 0), BELAY_EINVAL);
}

static void what_cannot_be_is_not_written(void **state)
{
    (void)state;
    assert_int_equal(debug_write(v, BELAY_REG_STEP, 2), BELAY_EINVAL);
    assert_int_equal(debug_write(v, BELAY_REG_HELD, 2), BELAY_EINVAL);
    assert_int_equal(debug_write(v, BELAY_REG_STOP_ESR, 1), BELAY_EINVAL);
    assert_int_equal(debug_write(v, BELAY_REG_STOP_FAR, 0), BELAY_EINVAL);
    assert_int_equal(debug_write(v, BELAY_REG_ON, 0), BELAY_EINVAL);
}

/* Modes that an ERET from EL2 takes to EL0 or EL1 where EL1 is AArch64: all others would be the debugger's way into EL2. */
static void no_pstate_leads_to_el2(void **state)
{
    (void)state;
    for (uint64_t a32 = 0; a32 <= PSTATE_A32; a32 += PSTATE_A32)
        for (uint64_t mode = 0; mode < 32; mode++) {
            v->context.frame.pstate = a32;
            bool right = a32 ? mode == 0x10 : mode == 0 || mode == 4 || mode == 5;
            assert_int_equal(debug_write(v, BELAY_REG_PSTATE, PSTATE_NZCV | mode), right ? BELAY_OK : BELAY_EINVAL);
            assert_int_equal(v->context.frame.pstate, right ? PSTATE_NZCV | mode : a32);
        }
    assert_int_equal(debug_write(v, BELAY_REG_PSTATE, UINT64_C(1) << 32 | 0x10), BELAY_EINVAL);
}

static void a_pstate_neither_begins_nor_ends_a_step(void **state)
{
    (void)state;
    assert_int_equal(debug_write(v, BELAY_REG_PSTATE, EL1H | PSTATE_SS | 1u << 20), BELAY_OK);
    assert_int_equal(v->context.frame.pstate, EL1H);
    assert_int_equal(debug_write(v, BELAY_REG_STEP, 1), BELAY_OK);
    assert_int_equal(debug_write(v, BELAY_REG_PSTATE, EL1H), BELAY_OK);
    assert_int_equal(v->context.frame.pstate, EL1H | PSTATE_SS);
}

static void a_break_of_the_guests_own_is_handed_on_once(void **state)
{
    (void)state;
    assert_int_equal(debug_pass(v), BELAY_ESTATE);
    debug_exception(v, ESR(EC_BRK) | 0x800, 0);
    assert_int_equal(debug_pass(v), BELAY_OK);
    assert_exception(v, 0x200, (uint32_t)ESR(EC_BRK) | 0x800);
    assert_int_equal(debug_pass(v), BELAY_ESTATE);
}

static void a_handler_that_begins_with_its_break_does_not_get_it(void **state)
{
    (void)state;
    v->context.frame.pc = GUEST_VBAR + 0x200;
    debug_exception(v, ESR(EC_BRK), 0);
    assert_int_equal(debug_pass(v), BELAY_ESTATE);
    assert_int_equal(v->context.frame.pc, GUEST_VBAR + 0x200);
    assert_int_equal(world_log.ended, BELAY_REASON_NONE);
}

static bool msr(uint32_t encoding, uint64_t value) { return own_debug_sysreg(v, encoding, false, &value); }

static uint64_t mrs(uint32_t encoding)
{
    uint64_t value = 0;

    assert_true(own_debug_sysreg(v, encoding, true, &value));
    return value;
}

/* As a guest that begins to debug itself. */
static void unlock(void)
{
    debug_reset(v);
    assert_true(msr(OSLAR, 0));
}

static void a_guests_own_debugging_rests_while_it_is_debugged_and_goes_on_after(void **state)
{
    (void)state;
    unlock();
    assert_true(msr(MDSCR, MDSCR_SS | MDSCR_KDE | MDSCR_MDE));
    assert_true(msr(DBGBVR(1), ADDRESS));
    assert_true(msr(DBGBCR(1), 0x1e5));
    assert_int_equal(FAKE_SYSREG(mdscr_el1)->writes, 0);
    assert_int_equal(v->el1.el0.mdscr, MDSCR_MDE);
    assert_ptr_equal(v->el1.el0.points, &world_vm.points);
    assert_int_equal(mrs(MDSCR), MDSCR_SS | MDSCR_KDE | MDSCR_MDE);
    debug_set(&world_vm, NULL, 0);
    assert_int_equal(v->el1.el0.mdscr, MDSCR_SS | MDSCR_KDE | MDSCR_MDE);
    el0_view_restore(&v->el1.el0);
    assert_int_equal(FAKE_SYSREG(dbgbvr1_el1)->value, ADDRESS);
    assert_int_equal(FAKE_SYSREG(dbgbcr1_el1)->value, 0x1e5);
    assert_int_equal(FAKE_SYSREG(mdcr_el2)->value, MDCR_GUEST);     /* its exceptions are its own */
}

static void a_guests_points_are_in_the_hardware_while_it_has_them_on(void **state)
{
    (void)state;
    debug_set(&world_vm, NULL, 0);
    unlock();
    assert_true(msr(DBGBVR(0), ADDRESS));
    assert_true(msr(DBGWVR(0), ADDRESS & ~UINT64_C(7)));
    assert_true(msr(DBGWCR(0), 7 | WATCH));
    assert_int_equal(FAKE_SYSREG(dbgwcr0_el1)->value, 0);
    assert_true(msr(MDSCR, MDSCR_MDE));
    assert_int_equal(FAKE_SYSREG(dbgbvr0_el1)->value, ADDRESS);
    assert_int_equal(FAKE_SYSREG(dbgwcr0_el1)->value, 7 | WATCH);
    assert_int_equal(FAKE_SYSREG(mdscr_el1)->value, MDSCR_MDE);
    assert_true(msr(DBGBCR(0), 0x1e7));             /* at once */
    assert_int_equal(FAKE_SYSREG(dbgbcr0_el1)->value, 0x1e7);
    el0_view_save(&v->el1.el0);
    assert_int_equal(FAKE_SYSREG(mdscr_el1)->value, 0);
    assert_true(msr(MDSCR, 0));
    assert_null(v->el1.el0.points);
    assert_int_equal(mrs(DBGBVR(0)), ADDRESS);
    assert_int_equal(mrs(DBGWCR(0)), 7 | WATCH);
}

static void no_point_of_a_guest_can_match_at_el2_or_by_context(void **state)
{
    (void)state;
    debug_set(&world_vm, NULL, 0);
    unlock();
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t control = UINT64_C(1) << bit | 1;
        assert_true(msr(DBGBCR(0), control));
        assert_int_equal(v->own_debug.points.bcr[0] & ~UINT64_C(0x1f001fff), 0);
        assert_int_equal(mrs(DBGBCR(0)) & 1, bit < 20 || bit > 23);
        assert_true(msr(DBGWCR(1), control));
        assert_int_equal(v->own_debug.points.wcr[1] & ~UINT64_C(0x1f001fff), 0);
    }
}

static void the_os_lock_keeps_a_guests_debugging_off(void **state)
{
    (void)state;
    debug_set(&world_vm, NULL, 0);
    debug_reset(v);
    assert_int_equal(mrs(OSLSR), 0xa);              /* after a reset it is on */
    assert_true(msr(MDSCR, MDSCR_SS | MDSCR_MDE));
    assert_int_equal(FAKE_SYSREG(mdscr_el1)->value, 0);
    assert_int_equal(mrs(MDSCR), MDSCR_SS | MDSCR_MDE);
    assert_true(msr(OSLAR, 0));
    assert_int_equal(mrs(OSLSR), 8);
    assert_int_equal(FAKE_SYSREG(mdscr_el1)->value, MDSCR_SS | MDSCR_MDE);
    assert_true(msr(OSLAR, 1));
    assert_int_equal(FAKE_SYSREG(mdscr_el1)->value, 0);
}

static void other_registers_are_not_of_a_guests_debugging(void **state)
{
    uint64_t value = 0;

    (void)state;
    assert_false(own_debug_sysreg(v, OSLAR, true, &value));
    assert_false(own_debug_sysreg(v, OSLSR, false, &value));
    assert_false(own_debug_sysreg(v, DBGBVR(2), true, &value));
    assert_false(own_debug_sysreg(v, REG(3, 0, 0, 4, 0), true, &value));
    assert_false(own_debug_sysreg(v, REG(2, 0, 0, 0, 2), true, &value));
}

static void nothing_is_left_of_a_debugger_that_goes(void **state)
{
    (void)state;
    (void)debug_point(&world_vm, 0, ADDRESS, 1);
    (void)debug_write(v, BELAY_REG_STEP, 1);
    (void)debug_write(&world_vcpu[1], BELAY_REG_HELD, 1);
    debug_set(&world_vm, NULL, 0);
    assert_int_equal(world_vm.points.bcr[0], 0);
    assert_int_equal(v->context.frame.pstate, EL1H);
    assert_int_equal(v->ich.hcr, ICH_HCR_EN);
    assert_int_equal(v->el1.el0.mdscr, 0);
    assert_ptr_equal(world_vcpu[1].context.own_sched.gate, &world_vm.domain.state);
}

static void a_reset_keeps_the_debugger(void **state)
{
    (void)state;
    (void)debug_write(v, BELAY_REG_HELD, 1);
    v->el1.el0 = (struct el0_view){ 0 };        /* el1_reset */
    debug_reset(v);
    assert_int_equal(v->el1.el0.mdscr, MDSCR_MDE);
    assert_ptr_equal(v->el1.el0.points, &world_vm.points);
    assert_ptr_equal(v->context.own_sched.gate, &world_vm.domain.state);
}

static void an_exception_without_a_debugger_is_the_guests(void **state)
{
    (void)state;
    debug_set(&world_vm, NULL, 0);
    debug_exception(v, ESR(EC_BRK), 0);
    assert_int_equal(world_log.breaks, 0);
    assert_exception(v, 0x200, (uint32_t)ESR(EC_UNKNOWN));
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_debugged_vcpu_brings_its_points_and_its_exceptions_go_to_el2),
        T(a_vcpu_that_is_not_debugged_touches_no_debug_register), T(no_point_can_match_at_el2),
        T(there_are_as_many_points_as_the_cpu_has), T(a_step_is_one_instruction_and_no_interrupt),
        T(a_watchpoint_tells_its_address), T(a_held_vcpu_does_not_run_with_its_vm),
        T(every_register_is_read_as_it_was_written), T(what_cannot_be_is_not_written), T(no_pstate_leads_to_el2),
        T(a_pstate_neither_begins_nor_ends_a_step), T(a_break_of_the_guests_own_is_handed_on_once),
        T(a_handler_that_begins_with_its_break_does_not_get_it),
        T(a_guests_own_debugging_rests_while_it_is_debugged_and_goes_on_after),
        T(a_guests_points_are_in_the_hardware_while_it_has_them_on),
        T(no_point_of_a_guest_can_match_at_el2_or_by_context), T(the_os_lock_keeps_a_guests_debugging_off),
        T(other_registers_are_not_of_a_guests_debugging),
        T(nothing_is_left_of_a_debugger_that_goes), T(a_reset_keeps_the_debugger),
        T(an_exception_without_a_debugger_is_the_guests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
