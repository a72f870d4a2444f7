/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI and the SMC Calling Convention as a guest meets them (DEN0022, DEN0028). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fake_sysreg.h"
#include "guest_world.h"
#include "virt/psci.h"

#define HVC  (UINT64_C(0x16) << 26 | 1u << 25)
#define SMC  (UINT64_C(0x17) << 26 | 1u << 25)
#define HVC32 (UINT64_C(0x12) << 26 | 1u << 25)
#define SMC32 (UINT64_C(0x13) << 26 | 1u << 25)
#define ENTRY (GUEST_RAM + 0x80000)
#define POWERDOWN 0x10000u

static struct vcpu *const v = &world_vcpu[0];

static int64_t call3(uint64_t esr, uint64_t id, uint64_t x1, uint64_t x2, uint64_t x3)
{
    uint64_t *x = v->context.frame.x;

    x[0] = id;
    x[1] = x1;
    x[2] = x2;
    x[3] = x3;
    assert_int_equal(smccc_call(v, esr), SMCCC_ANSWERED);
    return (int64_t)x[0];
}

static int64_t hvc(uint64_t id, uint64_t x1, uint64_t x2, uint64_t x3)
{
    return call3(HVC, id, x1, x2, x3);
}

static void versions_are_psci_1_1_and_smccc_1_2(void **state)
{
    (void)state;
    assert_int_equal(hvc(0x84000000, 0, 0, 0), 0x10001);
    assert_int_equal(hvc(0x80000000, 0, 0, 0), 0x10002);
}

static void smc_is_as_good_as_hvc(void **state)
{
    (void)state;
    assert_int_equal(call3(SMC, 0x84000000, 0, 0, 0), 0x10001);
    assert_advanced(v);
    world_begin(state);
    assert_int_equal(call3(HVC, 0x84000000, 0, 0, 0), 0x10001);
    assert_int_equal(v->context.frame.pc, GUEST_PC);    /* which the CPU had put after the HVC */
}

static void only_the_function_identifier_of_w0_counts(void **state)
{
    (void)state;
    assert_int_equal(hvc(UINT64_C(0xdeadbeef84000000), 0, 0, 0), 0x10001);
    assert_int_equal(hvc(UINT64_C(0xdeadbeef80000000), 0, 0, 0), 0x10002);
}

static void unknown_calls_are_not_supported(void **state)
{
    static const uint32_t ids[] = {
        0x84000005, 0xc4000005, 0x84000007, 0x8400000b, 0x84000010, 0x84000020, 0x8400ffff, 0xc4000000, 0xc4000002,
        0xc4000006, 0xc4000008, 0xc400000a, 0x84010000, 0x80000002, 0x80008000, 0x80007fff, 0x80003fff, 0x84000050,
        0x8600ff00, 0x86000000, 0xc600ff01, 0xc6000040, 0xc600ffff, 0x82000000, 0x04000000, 0x44000003, 0, 0x7fffffff,
        0xbf000000, 0xffffffff,
    };

    (void)state;
    for (unsigned i = 0; i < sizeof ids / sizeof ids[0]; i++)
        assert_int_equal(hvc(ids[i], 0, 0, 0), -1);
}

static void other_immediates_are_not_supported(void **state)
{
    (void)state;
    assert_int_equal(call3(HVC | 1, 0x84000000, 0, 0, 0), -1);
    assert_int_equal(call3(SMC | 0xffff, 0x84000008, 0, 0, 0), -1);
    assert_advanced(v);
    assert_int_equal(world_log.ended, BELAY_REASON_NONE);
}

static void registers_without_a_result_are_preserved(void **state)
{
    static const uint32_t ids[] = { 0x84000000, 0x84000001, 0xc4000004, 0x80000000, 0x8600ff03, 0x12345678 };

    for (unsigned i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        world_begin(state);
        struct frame before = v->context.frame;
        before.x[0] = v->context.frame.x[0] = ids[i];
        smccc_call(v, HVC);
        for (unsigned n = ids[i] == 0x8600ff03 ? 2 : 1; n < 31; n++)
            assert_int_equal(v->context.frame.x[n], before.x[n]);
        assert_int_equal(v->context.frame.pstate, before.pstate);
    }
}

static void features_names_what_there_is(void **state)
{
    static const uint32_t there[] = {
        0x84000000, 0x84000001, 0xc4000001, 0x84000002, 0x84000003, 0xc4000003, 0x84000004, 0xc4000004, 0x84000006,
        0x84000008, 0x84000009, 0x8400000a, 0x80000000,
    };

    (void)state;
    for (unsigned i = 0; i < sizeof there / sizeof there[0]; i++)
        assert_int_equal(hvc(0x8400000a, there[i], 0, 0), 0);
    assert_int_equal(hvc(0x8400000a, 0x84000005, 0, 0), -1);
    assert_int_equal(hvc(0x8400000a, 0xc4000002, 0, 0), -1);
    assert_int_equal(hvc(0x8400000a, 0x8400000e, 0, 0), -1);
    assert_int_equal(hvc(0x8400000a, 0x80000001, 0, 0), -1);
}

static void no_firmware_workaround_is_offered(void **state)
{
    (void)state;
    assert_int_equal(hvc(0x80000001, 0x80000000, 0, 0), 0);
    assert_int_equal(hvc(0x80000001, 0x80000001, 0, 0), 0);
    assert_int_equal(hvc(0x80000001, 0x80000002, 0, 0), -1);
    for (uint32_t workaround = 0x80003fff; workaround != 0; workaround = workaround == 0x80003fff ? 0x80008000 : 0)
        assert_int_equal(hvc(0x80000001, workaround, 0, 0), -1);
}

static void the_vendor_service_says_who_it_is(void **state)
{
    const uint64_t *x = v->context.frame.x;

    (void)state;
    assert_int_equal(hvc(0x8600ff01, 0, 0, 0), 0x7c2f3903);
    assert_int_equal(x[1], 0x7f4e66b2);
    assert_int_equal(x[2], 0x480ad784);
    assert_int_equal(x[3], 0x36cb5ac6);
    assert_int_equal(hvc(0x8600ff03, 7, 7, 0), BELAY_ABI_VERSION);
    assert_int_equal(x[1], 0);
}

static void hypercalls_go_to_the_caller(void **state)
{
    (void)state;
    v->context.frame.x[0] = BELAY_SMCCC(BELAY_HC_YIELD);
    assert_int_equal(smccc_call(v, HVC), BELAY_HC_YIELD);
    v->context.frame.x[0] = BELAY_SMCCC(BELAY_HC_COUNT - 1);
    assert_int_equal(smccc_call(v, SMC), BELAY_HC_COUNT - 1);
    assert_advanced(v);
}

static void cpu_on_starts_a_vcpu_once(void **state)
{
    (void)state;
    assert_int_equal(hvc(0xc4000003, 1, ENTRY, 0x1234567890abcdef), 0);
    assert_int_equal(world_log.starts, 1);
    assert_int_equal(world_log.start.pc, ENTRY);
    assert_int_equal(world_log.start.x0, 0x1234567890abcdef);
    assert_int_equal(hvc(0xc4000003, 1, ENTRY, 0), -4);
    assert_int_equal(hvc(0xc4000003, 0, ENTRY, 0), -4);
    assert_int_equal(world_log.starts, 1);
}

static void cpu_on_of_32_bits_takes_w_registers(void **state)
{
    (void)state;
    assert_int_equal(hvc(0x84000003, UINT64_C(0xffffffff00000001), UINT64_C(0xffff000000000000) | ENTRY,
                         UINT64_C(0xffffffff12345678)), 0);
    assert_int_equal(world_log.start.pc, ENTRY);
    assert_int_equal(world_log.start.x0, 0x12345678);
}

static void cpu_on_refuses_what_is_not_there(void **state)
{
    (void)state;
    assert_int_equal(hvc(0xc4000003, 2, ENTRY, 0), -2);
    assert_int_equal(hvc(0xc4000003, UINT64_C(0x80000001), ENTRY, 0), -2);
    assert_int_equal(hvc(0xc4000003, UINT64_C(0x100000001), ENTRY, 0), -2);
    assert_int_equal(hvc(0xc4000003, UINT64_MAX, ENTRY, 0), -2);
    assert_int_equal(hvc(0xc4000003, 1, 0x09000000, 0), -9);
    assert_int_equal(hvc(0xc4000003, 1, GUEST_ROM, 0), -9);
    assert_int_equal(hvc(0xc4000003, 1, ENTRY + 2, 0), -9);
    assert_int_equal(hvc(0xc4000003, 1, UINT64_MAX, 0), -9);
    world_vcpu[1].context.sched = NULL;
    assert_int_equal(hvc(0xc4000003, 1, ENTRY, 0), -6);
    assert_int_equal(world_log.starts, 0);
}

static void a_started_vcpu_has_the_endianness_of_its_caller(void **state)
{
    (void)state;
    FAKE_SYSREG(sctlr_el1)->value = UINT64_C(1) << 25 | 1;
    hvc(0xc4000003, 1, ENTRY, 0);
    assert_true(world_log.start.big_endian);
    world_begin(state);
    hvc(0xc4000003, 1, ENTRY, 0);
    assert_false(world_log.start.big_endian);
}

static void of_two_that_turn_one_on_one_succeeds(void **state)
{
    (void)state;
    world_race = VCPU_COMING;
    assert_int_equal(hvc(0xc4000003, 1, ENTRY, 0), -5);
    world_race = VCPU_ON;
    assert_int_equal(hvc(0xc4000003, 1, ENTRY, 0), -4);
    assert_int_equal(world_log.starts, 0);
}

static void one_that_comes_on_another_cpu_is_pending_till_it_has_come(void **state)
{
    (void)state;
    world_vcpu[1].power = VCPU_COMING;
    assert_int_equal(hvc(0xc4000003, 1, ENTRY, 0), -5);
    assert_int_equal(hvc(0xc4000003, 1, 2, 0), -5);
    assert_int_equal(hvc(0xc4000004, 1, 0, 0), 2);
    assert_int_equal(hvc(0xc4000004, 0, 1, 0), 0);      /* of a cluster with one that is on */
    hvc(0x84000002, 0, 0, 0);
    assert_int_equal(world_log.offs, 1);                /* and who goes off meanwhile is not the last */
    assert_int_equal(world_log.ended, BELAY_REASON_NONE);
}

static void one_that_leaves_is_on_till_it_has_left_but_no_reason_to_stay(void **state)
{
    (void)state;
    world_vcpu[1].power = VCPU_LEAVING;
    assert_int_equal(hvc(0xc4000003, 1, ENTRY, 0), -4);
    assert_int_equal(hvc(0xc4000004, 1, 0, 0), 0);
    hvc(0x84000002, 0, 0, 0);
    assert_int_equal(world_log.ended, BELAY_REASON_OFF);
}

static void affinity_info_tells_who_is_on(void **state)
{
    (void)state;
    assert_int_equal(hvc(0xc4000004, 0, 0, 0), 0);
    assert_int_equal(hvc(0xc4000004, 1, 0, 0), 1);
    assert_int_equal(hvc(0x84000004, 1, 0, 0), 1);
    assert_int_equal(hvc(0xc4000004, 2, 0, 0), -2);
    for (uint64_t level = 1; level <= 3; level++)
        assert_int_equal(hvc(0xc4000004, 0, level, 0), 0);
    assert_int_equal(hvc(0xc4000004, 0x100, 1, 0), -2);
    assert_int_equal(hvc(0xc4000004, UINT64_C(0x100000000), 3, 0), -2);
    assert_int_equal(hvc(0xc4000004, UINT64_C(0x80000000), 3, 0), -2);
    assert_int_equal(hvc(0xc4000004, 0, 4, 0), -2);
    assert_int_equal(hvc(0xc4000004, 0, UINT64_MAX, 0), -2);
}

static void cpu_off_ends_the_vm_only_with_its_last_vcpu(void **state)
{
    (void)state;
    world_vcpu[1].power = VCPU_ON;
    hvc(0x84000002, 0, 0, 0);
    assert_int_equal(world_log.offs, 1);
    assert_int_equal(world_log.ended, BELAY_REASON_NONE);

    world_begin(state);
    hvc(0x84000002, 0, 0, 0);
    assert_int_equal(world_log.ended, BELAY_REASON_OFF);
}

static void off_and_reset_end_the_vm(void **state)
{
    hvc(0x84000008, 0, 0, 0);
    assert_int_equal(world_log.ended, BELAY_REASON_OFF);
    world_begin(state);
    hvc(0x84000009, 0, 0, 0);
    assert_int_equal(world_log.ended, BELAY_REASON_RESET);
}

static void suspend_waits_as_wfi_does(void **state)
{
    (void)state;
    assert_int_equal(hvc(0x84000001, 0, 0, 0), 0);
    assert_int_equal(hvc(0xc4000001, POWERDOWN | 0x02001234, ENTRY, 0), 0);
    assert_int_equal(world_log.waits, 2);
    assert_int_equal(hvc(0xc4000001, POWERDOWN, 0, 0), -9);
    assert_int_equal(hvc(0xc4000001, 0x04000000, ENTRY, 0), -2);
    assert_int_equal(hvc(0xc4000001, 0x00020000, ENTRY, 0), -2);
    assert_int_equal(hvc(0xc4000001, UINT64_C(0x80000000), ENTRY, 0), -2);
    assert_int_equal(world_log.waits, 2);
}

static void nothing_needs_migration(void **state)
{
    (void)state;
    assert_int_equal(hvc(0x84000006, 0, 0, 0), 2);
}

static void aarch32(void)
{
    v->el1.aarch32.on = true;
    v->context.frame.pstate = 0x13;
}

static void a_caller_in_aarch32_has_no_64_bit_calls(void **state)
{
    static const uint32_t ids[] = { 0xc4000001, 0xc4000003, 0xc4000004, 0xc6000006, 0xc6000001 };

    (void)state;
    aarch32();
    assert_int_equal(call3(HVC32, 0x84000000, 0, 0, 0), 0x10001);
    assert_int_equal(v->context.frame.pc, GUEST_PC);
    for (unsigned i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        assert_int_equal(call3(HVC32, ids[i], 0, 0, 0), -1);
        assert_int_equal(call3(HVC32, 0x8400000a, ids[i], 0, 0), -1);
    }
}

static void an_smc_of_aarch32_goes_on_behind_it_unless_its_condition_fails(void **state)
{
    (void)state;
    aarch32();
    assert_int_equal(call3(SMC32, 0x84000000, 0, 0, 0), 0x10001);
    assert_advanced(v);
    v->context.frame.pc = GUEST_PC;
    assert_int_equal(call3(SMC32 | 1u << 24 | 1u << 19, 0x84000000, 0, 0, 0), 0x84000000);      /* SMCEQ, and Z is 0 */
    assert_advanced(v);
}

static void in_aarch32_a_vcpu_may_begin_with_t32_code(void **state)
{
    (void)state;
    aarch32();
    world_vcpu[1].el1.aarch32.on = true;
    assert_int_equal(call3(HVC32, 0x84000003, 1, ENTRY + 2, 0), -9);
    assert_int_equal(call3(HVC32, 0x84000003, UINT64_C(0xffffffff00000001), UINT64_C(0xffffffff00000000) | (ENTRY + 3), 7), 0);
    assert_int_equal(world_log.start.pc, ENTRY + 3);
    assert_int_equal(world_log.start.x0, 7);
}

int main(void)
{
#define PROMISE(f) cmocka_unit_test_setup(f, world_begin)
    const struct CMUnitTest tests[] = {
        PROMISE(versions_are_psci_1_1_and_smccc_1_2),
        PROMISE(smc_is_as_good_as_hvc),
        PROMISE(only_the_function_identifier_of_w0_counts),
        PROMISE(unknown_calls_are_not_supported),
        PROMISE(other_immediates_are_not_supported),
        PROMISE(registers_without_a_result_are_preserved),
        PROMISE(features_names_what_there_is),
        PROMISE(no_firmware_workaround_is_offered),
        PROMISE(the_vendor_service_says_who_it_is),
        PROMISE(hypercalls_go_to_the_caller),
        PROMISE(cpu_on_starts_a_vcpu_once),
        PROMISE(cpu_on_of_32_bits_takes_w_registers),
        PROMISE(cpu_on_refuses_what_is_not_there),
        PROMISE(a_started_vcpu_has_the_endianness_of_its_caller),
        PROMISE(of_two_that_turn_one_on_one_succeeds),
        PROMISE(one_that_comes_on_another_cpu_is_pending_till_it_has_come),
        PROMISE(one_that_leaves_is_on_till_it_has_left_but_no_reason_to_stay),
        PROMISE(affinity_info_tells_who_is_on),
        PROMISE(cpu_off_ends_the_vm_only_with_its_last_vcpu),
        PROMISE(off_and_reset_end_the_vm),
        PROMISE(suspend_waits_as_wfi_does),
        PROMISE(nothing_needs_migration),
        PROMISE(a_caller_in_aarch32_has_no_64_bit_calls),
        PROMISE(an_smc_of_aarch32_goes_on_behind_it_unless_its_condition_fails),
        PROMISE(in_aarch32_a_vcpu_may_begin_with_t32_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
