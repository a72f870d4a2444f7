/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI and the SMC Calling Convention as a guest meets them (DEN0022, DEN0028). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "core/machine.h"
#include "fake_sysreg.h"
#include "guest_world.h"
#include "virt/psci.h"

#define HVC  (UINT64_C(0x16) << 26 | 1u << 25)
#define SMC  (UINT64_C(0x17) << 26 | 1u << 25)
#define HVC32 (UINT64_C(0x12) << 26 | 1u << 25)
#define SMC32 (UINT64_C(0x13) << 26 | 1u << 25)
#define ENTRY (GUEST_RAM + 0x80000)
#define POWERDOWN 0x10000u

#define RNDR "S3_3_C2_C4_0"
#define HZ   UINT64_C(1024000)          /* 1,000 ticks are a millisecond */

static struct vcpu *const v = &world_vcpu[0];
static struct cpu cpu;
struct cpu *fake_cpu = &cpu;
struct machine machine;

/* The host's firmware: what it was called with last, and what it answers. */
static unsigned calls;
static uint64_t asked[4], answers[4];

void machine_call(uint64_t x[4])
{
    memcpy(asked, x, sizeof asked);
    memcpy(x, answers, sizeof answers);
    calls++;
}

static int begin(void **state)
{
    static const int8_t none[WORKAROUNDS] = { -1, -1, -1, -1 };

    world_begin(state);
    memcpy(cpu.workaround, none, sizeof none);
    machine = (struct machine){ .psci = true };
    calls = 0;
    FAKE_SYSREG(cntfrq_el0)->value = HZ;
    return 0;
}

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
        begin(state);
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

static void a_workaround_of_the_hosts_firmware_is_a_guests_too(void **state)
{
    (void)state;
    cpu.workaround[WORKAROUND_INDEX(0x80008000)] = 0;
    cpu.workaround[WORKAROUND_INDEX(0x80003fff)] = 1;
    cpu.workaround[WORKAROUND_INDEX(0x80007fff)] = -2;
    assert_int_equal(hvc(0x80000001, 0x80008000, 0, 0), 0);
    assert_int_equal(hvc(0x80000001, 0x80003fff, 0, 0), 1);
    assert_int_equal(hvc(0x80000001, 0x80007fff, 0, 0), -2);
    assert_int_equal(calls, 0);
    assert_int_equal(hvc(0x80008000, 7, 8, 9), 0);
    assert_int_equal(calls, 1);
    assert_int_equal(asked[0], 0x80008000);
    assert_int_equal(asked[1] | asked[2] | asked[3], 0);
    assert_int_equal(v->context.frame.x[3], 9);
    assert_int_equal(call3(SMC, 0x80003fff, 0, 0, 0), 0);
    assert_int_equal(asked[0], 0x80003fff);
    assert_int_equal(hvc(0x80007fff, 0, 0, 0), -1);     /* which could turn it off on this CPU */
    assert_int_equal(calls, 2);
}

/* Where only some CPUs need one, each is asked about itself. */
static void a_workaround_is_its_cpus(void **state)
{
    static struct cpu other = { .workaround = { -1, -1, -1, -1 } };

    (void)state;
    cpu.workaround[WORKAROUND_INDEX(0x80008000)] = 0;
    fake_cpu = &other;
    assert_int_equal(hvc(0x80000001, 0x80008000, 0, 0), -1);
    assert_int_equal(hvc(0x80008000, 0, 0, 0), -1);
    assert_int_equal(calls, 0);
    fake_cpu = &cpu;
}

static void no_other_function_is_taken_for_a_workaround(void **state)
{
    (void)state;
    memset(cpu.workaround, 0, sizeof cpu.workaround);
    for (uint32_t id = 0x80003000; id < 0x80009000; id++)
        if (id != 0x80008000 && id != 0x80007fff && id != 0x80003fff && id != 0x80004000)
            assert_int_equal(hvc(id, 0, 0, 0), -1);
    assert_int_equal(hvc(0x80018000, 0, 0, 0), -1);
    assert_int_equal(hvc(0xc0008000, 0, 0, 0), -1);
    assert_int_equal(calls, 0);
}

#define TRNG(n)    (0x84000050u + (n))
#define RND32      TRNG(3)
#define RND64      0xc4000053u

static void without_a_source_there_is_no_entropy(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 5; n++)
        assert_int_equal(hvc(TRNG(n), 64, 0, 0), -1);
    assert_int_equal(hvc(RND64, 64, 0, 0), -1);
    assert_int_equal(v->context.frame.x[1], 64);
}

static uint64_t next_random;
static uint64_t rndr(void) { return next_random ? next_random++ : 0; }

static void has_rndr(uint64_t first)
{
    FAKE_SYSREG(id_aa64isar0_el1)->value = UINT64_C(1) << 60;
    fake_sysreg_find(RNDR)->on_read = rndr;
    next_random = first;
}

static void the_interface_for_entropy_is_1_0(void **state)
{
    static const uint32_t there[] = { TRNG(0), TRNG(1), TRNG(2), RND32, RND64 };
    static const uint32_t absent[] = { TRNG(4), 0xc4000050, 0xc4000051, 0xc4000052, 0xc4000054, 0x8400000a, 0x80000000, 0 };

    (void)state;
    has_rndr(1);
    assert_int_equal(hvc(TRNG(0), 0, 0, 0), 0x10000);
    for (unsigned i = 0; i < sizeof there / sizeof there[0]; i++) {
        assert_int_equal(hvc(TRNG(1), there[i], 0, 0), 0);
        assert_int_equal(hvc(0x8400000a, there[i], 0, 0), -1);      /* PSCI_FEATURES is of PSCI */
    }
    for (unsigned i = 0; i < sizeof absent / sizeof absent[0]; i++)
        assert_int_equal(hvc(TRNG(1), absent[i], 0, 0), -1);
    assert_int_equal(hvc(TRNG(4), 0, 0, 0), -1);
    assert_int_equal(hvc(0xc4000050, 0, 0, 0), -1);
    assert_int_equal(hvc(TRNG(2), 0, 0, 0), 0x7c2f3903);
    assert_int_equal(v->context.frame.x[3], 0x36cb5ac6);
}

static void random(uint64_t id, uint64_t bits, uint64_t x1, uint64_t x2, uint64_t x3)
{
    const uint64_t *x = v->context.frame.x;

    v->trng_paid = 0;
    assert_int_equal(hvc(id, bits, 5, 6), 0);
    assert_int_equal(x[1], x1);
    assert_int_equal(x[2], x2);
    assert_int_equal(x[3], x3);
}

static void entropy_is_as_many_bits_as_were_asked_for_from_the_lowest_on(void **state)
{
    (void)state;
    has_rndr(UINT64_C(0xa000000000000001));
    random(RND64, 192, UINT64_C(0xa000000000000003), UINT64_C(0xa000000000000002), UINT64_C(0xa000000000000001));
    random(RND64, 129, 1, UINT64_C(0xa000000000000005), UINT64_C(0xa000000000000004));
    random(RND64, 64, 0, 0, UINT64_C(0xa000000000000007));
    random(RND64, 3, 0, 0, 5);
    random(RND32, 96, 0xa0000000, 0xa0000000, 0xa0000000);
    random(RND32, 33, 0, 1, 0xa0000000);
    random(RND32, UINT64_C(0xffffffff00000001), 0, 0, 1);
}

static void no_random(uint64_t id, uint64_t bits, int64_t why)
{
    const uint64_t *x = v->context.frame.x;

    assert_int_equal(hvc(id, bits, 5, 6), why);
    assert_int_equal(x[1] | x[2] | x[3], 0);
}

static void what_is_no_number_of_bits_is_invalid(void **state)
{
    (void)state;
    has_rndr(1);
    no_random(RND64, 0, -2);
    no_random(RND64, 193, -2);
    no_random(RND64, UINT64_MAX, -2);
    no_random(RND64, UINT64_C(0x100000001), -2);
    no_random(RND32, 0, -2);
    no_random(RND32, 97, -2);
    no_random(RND32, 0xffffffff, -2);
}

static uint64_t last_but_one(void) { return next_random++ == 2 ? 0 : UINT64_MAX; }

static void a_number_that_fails_leaves_none(void **state)
{
    (void)state;
    has_rndr(1);
    fake_sysreg_find(RNDR)->on_read = last_but_one;
    no_random(RND64, 192, -3);
}

static void a_vcpu_draws_a_few_at_once_and_one_in_a_millisecond(void **state)
{
    (void)state;
    has_rndr(UINT64_C(1) << 63);
    FAKE_SYSREG(cntpct_el0)->value = 5000000;
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(hvc(RND64, 64, 0, 0), 0);
    no_random(RND64, 64, -3);
    FAKE_SYSREG(cntpct_el0)->value += HZ >> 10;
    assert_int_equal(hvc(RND64, 64, 0, 0), 0);
    no_random(RND64, 64, -3);
    no_random(RND64, 0, -2);
    FAKE_SYSREG(cntpct_el0)->value += UINT64_C(1) << 40;     /* and what it did not draw does not add up */
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(hvc(RND64, 64, 0, 0), 0);
    no_random(RND64, 64, -3);
}

static void the_hosts_firmware_has_entropy_before_the_cpu(void **state)
{
    static const uint64_t some[4] = { 0, 1, 2, 3 }, none[4] = { 0xfffffffd };

    (void)state;
    machine.trng = true;
    memcpy(answers, some, sizeof some);
    random(RND64, 130, 1, 2, 3);
    assert_int_equal(asked[0], RND64);
    assert_int_equal(asked[1], 130);
    random(UINT64_C(0xdeadbeef00000000) | RND32, UINT64_C(0xffffffff00000060), 1, 2, 3);
    assert_int_equal(asked[0], RND32);
    assert_int_equal(asked[1], 0x60);
    memcpy(answers, none, sizeof none);
    no_random(RND32, 1, -3);
    no_random(RND32, 97, -2);
    assert_int_equal(calls, 3);
    for (unsigned i = 0; i < 20; i++)
        hvc(RND64, 192, 0, 0);
    assert_int_equal(calls, 3 + 14);        /* two of its share went before */
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
#define PROMISE(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        PROMISE(versions_are_psci_1_1_and_smccc_1_2),
        PROMISE(smc_is_as_good_as_hvc),
        PROMISE(only_the_function_identifier_of_w0_counts),
        PROMISE(unknown_calls_are_not_supported),
        PROMISE(other_immediates_are_not_supported),
        PROMISE(registers_without_a_result_are_preserved),
        PROMISE(features_names_what_there_is),
        PROMISE(no_firmware_workaround_is_offered),
        PROMISE(a_workaround_of_the_hosts_firmware_is_a_guests_too),
        PROMISE(a_workaround_is_its_cpus),
        PROMISE(no_other_function_is_taken_for_a_workaround),
        PROMISE(without_a_source_there_is_no_entropy),
        PROMISE(the_interface_for_entropy_is_1_0),
        PROMISE(entropy_is_as_many_bits_as_were_asked_for_from_the_lowest_on),
        PROMISE(what_is_no_number_of_bits_is_invalid),
        PROMISE(a_number_that_fails_leaves_none),
        PROMISE(a_vcpu_draws_a_few_at_once_and_one_in_a_millisecond),
        PROMISE(the_hosts_firmware_has_entropy_before_the_cpu),
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
