/* SPDX-License-Identifier: Apache-2.0 */
/* Each trapped register is answered, or undefined; nothing else happens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fake_sysreg.h"
#include "guest_world.h"
#include "virt/idregs.h"
#include "virt/sysreg_trap.h"

#define REG(op0, op1, crn, crm, op2) SYSREG_ENC(op0##u, op1##u, crn##u, crm##u, op2##u)
#define UNDEFINED 0x02000000u

static struct vcpu *const v = &world_vcpu[0];

static bool mrs(unsigned rt, uint32_t encoding) { return sysreg_trap(v, encoding | rt << 5 | 1); }
static bool msr(uint32_t encoding, unsigned rt) { return sysreg_trap(v, encoding | rt << 5); }

static void assert_undefined(bool answered)
{
    assert_false(answered);
    assert_exception(v, 0x200, UNDEFINED);
}

static void sgi_registers_send_interrupts(void **state)
{
    (void)state;
    assert_true(msr(REG(3, 0, 12, 11, 5), 5));
    assert_int_equal(world_log.sgi, 0x5555555555555555);
    assert_true(world_log.sgi_group1);
    assert_advanced(v);
    assert_true(msr(REG(3, 0, 12, 11, 7), 31));
    assert_int_equal(world_log.sgi, 0);
    assert_false(world_log.sgi_group1);
    assert_true(msr(REG(3, 0, 12, 11, 6), 1));
    assert_int_equal(world_log.sgis, 3);
}

static void sgi_registers_can_not_be_read(void **state)
{
    assert_undefined(mrs(5, REG(3, 0, 12, 11, 5)));
    world_begin(state);
    assert_undefined(mrs(5, REG(3, 0, 12, 11, 7)));
    assert_int_equal(world_log.sgis, 0);
}

static void a_late_end_of_an_interrupt_is_the_virtual_gics(void **state)
{
    assert_true(msr(REG(3, 0, 12, 11, 1), 5));              /* ICC_DIR_EL1 */
    assert_int_equal(world_log.deactivated, 0x5555555555555555);
    assert_int_equal(world_log.deactivations, 1);
    assert_advanced(v);
    world_begin(state);
    assert_undefined(mrs(5, REG(3, 0, 12, 11, 1)));
    assert_int_equal(world_log.deactivations, 0);
}

static void the_physical_timer_is_emulated(void **state)
{
    (void)state;
    assert_true(msr(REG(3, 3, 14, 2, 2), 7));
    assert_int_equal(v->timer.cntp_cval, 0x7777777777777777);
    assert_true(mrs(8, REG(3, 3, 14, 2, 2)));
    assert_int_equal(v->context.frame.x[8], 0x7777777777777777);
}

static void identification_registers_are_the_filtered_ones(void **state)
{
    (void)state;
    FAKE_SYSREG(S3_0_C0_C4_0)->value = UINT64_C(0x0000000111112222);
    idregs_init();
    assert_true(mrs(3, REG(3, 0, 0, 4, 0)));
    assert_int_equal(v->context.frame.x[3], 0x01110012);
    assert_advanced(v);
    assert_true(mrs(3, REG(3, 0, 0, 7, 7)));        /* reserved: reads 0 */
    assert_int_equal(v->context.frame.x[3], 0);
    assert_true(mrs(31, REG(3, 0, 0, 4, 0)));       /* to XZR */
}

static void identification_registers_can_not_be_written(void **state)
{
    (void)state;
    assert_undefined(msr(REG(3, 0, 0, 4, 0), 0));
}

static void registers_beside_the_identification_space_are_undefined(void **state)
{
    static const uint32_t beside[] = { REG(3, 0, 0, 0, 7), REG(3, 0, 0, 8, 0), REG(3, 1, 0, 0, 4), REG(3, 0, 1, 4, 0) };

    for (unsigned i = 0; i < sizeof beside / sizeof beside[0]; i++) {
        world_begin(state);
        assert_undefined(mrs(0, beside[i]));
    }
}

static void actlr_ignores_writes_and_the_lock_of_debug_is_one(void **state)
{
    (void)state;
    assert_true(msr(REG(3, 0, 1, 0, 1), 5));
    assert_true(mrs(6, REG(3, 0, 1, 0, 1)));
    assert_int_equal(v->context.frame.x[6], 0);
    assert_true(msr(REG(2, 0, 1, 0, 4), 5));        /* OSLAR_EL1 */
    assert_true(mrs(6, REG(2, 0, 1, 1, 4)));        /* OSLSR_EL1 */
    assert_int_equal(v->context.frame.x[6], 8 | 2);
}

static void a_direction_that_a_register_has_not_is_undefined(void **state)
{
    assert_undefined(mrs(5, REG(2, 0, 1, 0, 4)));
    world_begin(state);
    assert_undefined(msr(REG(2, 0, 1, 1, 4), 5));
    world_begin(state);
    assert_undefined(mrs(5, REG(1, 0, 7, 14, 2)));
}

static void two_breakpoints_and_two_watchpoints_are_there_and_no_more(void **state)
{
    for (uint32_t n = 0; n < 16; n++)
        for (uint32_t op2 = 4; op2 < 8; op2++) {
            world_begin(state);
            bool answered = msr(SYSREG_ENC(2u, 0u, 0u, n, op2), 5);
            assert_int_equal(answered, n < 2);
            if (answered)
                assert_advanced(v);
        }
}

static void a_guest_can_step_and_break(void **state)
{
    (void)state;
    v->context.frame.x[5] = 0xf00f | 1u << 13;
    assert_true(msr(REG(2, 0, 0, 2, 2), 5));
    assert_int_equal(FAKE_SYSREG(mdscr_el1)->value, 0xb001);            /* MDE, KDE, TDCC, SS */
    assert_true(mrs(6, REG(2, 0, 0, 2, 2)));
    assert_int_equal(v->context.frame.x[6], 0xb001);
}

static void set_way_maintenance_cleans_caches_that_exist(void **state)
{
    static const uint32_t operations[] = { REG(1, 0, 7, 6, 2), REG(1, 0, 7, 10, 2), REG(1, 0, 7, 14, 2) };
    struct fake_sysreg *cisw = FAKE_SYSREG(S1_0_C7_C14_2);

    (void)state;
    FAKE_SYSREG(clidr_el1)->value = 0x0a200023;     /* level 1: separate caches, level 2: unified */
    FAKE_SYSREG(ccsidr_el1)->value = 0x701fe07a;    /* 256 sets of 16 ways, lines of 64 bytes */
    FAKE_SYSREG(csselr_el1)->value = 1;
    for (unsigned i = 0; i < 3; i++) {
        v->context.frame.x[5] = 0xb0000bc0 | 1 << 1;
        assert_true(msr(operations[i], 5));
        assert_int_equal(cisw->value, 0xb0000bc2);
        assert_int_equal(FAKE_SYSREG(csselr_el1)->value, 1);
    }
    assert_int_equal(cisw->writes, 3);
    for (uint64_t level = 2; level < 8; level++) {
        v->context.frame.x[5] = level << 1;
        assert_true(msr(operations[2], 5));
    }
    assert_int_equal(cisw->writes, 3);
}

static void set_way_maintenance_of_a_set_or_way_that_is_not_there_does_nothing(void **state)
{
    struct fake_sysreg *cisw = FAKE_SYSREG(S1_0_C7_C14_2);

    (void)state;
    FAKE_SYSREG(clidr_el1)->value = 0x0a200023;
    FAKE_SYSREG(ccsidr_el1)->value = 0x000fe012;    /* 128 sets of 3 ways, lines of 64 bytes */
    for (uint64_t way = 0; way < 4; way++)
        for (uint64_t set = 0; set < 256; set++) {
            unsigned before = cisw->writes;
            v->context.frame.x[5] = way << 30 | set << 6 | 1 << 1;
            assert_true(msr(REG(1, 0, 7, 14, 2), 5));
            assert_int_equal(cisw->writes - before, way < 3 && set < 128);
        }
}

static void what_is_not_there_is_undefined_both_ways(void **state)
{
    static const uint32_t absent[] = {
        REG(3, 3, 9, 12, 0), REG(3, 0, 9, 14, 1), REG(3, 3, 9, 13, 0), REG(3, 3, 14, 8, 0),     /* PMU */
        REG(3, 0, 10, 4, 0), REG(3, 0, 10, 4, 7),                                   /* LORegions */
        REG(3, 0, 5, 3, 0), REG(3, 0, 5, 4, 0),                                     /* RAS */
        REG(3, 0, 13, 0, 7), REG(3, 3, 13, 0, 7),                                   /* SCXTNUM */
        REG(3, 1, 15, 2, 0), REG(3, 1, 11, 0, 2), REG(3, 0, 15, 0, 0),              /* implementation defined */
        REG(2, 1, 0, 0, 2), REG(3, 3, 13, 2, 0), REG(3, 0, 9, 9, 0), REG(3, 0, 1, 2, 1),    /* trace, AMU, SPE */
        REG(3, 7, 15, 15, 7), REG(0, 0, 0, 0, 0),
    };

    for (unsigned i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        world_begin(state);
        assert_undefined(mrs(0, absent[i]));
        world_begin(state);
        assert_undefined(msr(absent[i], 0));
    }
}

static void every_encoding_is_answered_or_undefined(void **state)
{
    for (uint32_t iss = 0; iss <= 0x3ffc1f; iss++) {
        if ((iss & 0x3ffc1f) != iss)
            continue;
        world_begin(state);
        if (sysreg_trap(v, iss | 4 << 5))
            assert_advanced(v);
        else
            assert_exception(v, 0x200, UNDEFINED);
        for (unsigned n = 0; n < 31; n++)
            if (n != 4)
                assert_int_equal(v->context.frame.x[n], UINT64_C(0x1111111111111111) * (n % 16));
    }
}

int main(void)
{
#define PROMISE(f) cmocka_unit_test_setup(f, world_begin)
    const struct CMUnitTest tests[] = {
        PROMISE(sgi_registers_send_interrupts),
        PROMISE(sgi_registers_can_not_be_read),
        PROMISE(a_late_end_of_an_interrupt_is_the_virtual_gics),
        PROMISE(the_physical_timer_is_emulated),
        PROMISE(identification_registers_are_the_filtered_ones),
        PROMISE(identification_registers_can_not_be_written),
        PROMISE(registers_beside_the_identification_space_are_undefined),
        PROMISE(actlr_ignores_writes_and_the_lock_of_debug_is_one),
        PROMISE(a_direction_that_a_register_has_not_is_undefined),
        PROMISE(two_breakpoints_and_two_watchpoints_are_there_and_no_more),
        PROMISE(a_guest_can_step_and_break),
        PROMISE(set_way_maintenance_cleans_caches_that_exist),
        PROMISE(set_way_maintenance_of_a_set_or_way_that_is_not_there_does_nothing),
        PROMISE(what_is_not_there_is_undefined_both_ways),
        PROMISE(every_encoding_is_answered_or_undefined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
