/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's EL1 registers leave the hardware and come back, those that few CPUs have among them (nucleus/arm64/el1.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "arm64/el1.h"

#define CPTR_TFP  (UINT64_C(1) << 10)
#define AMAIR     FAKE_SYSREG(amair_el1)
#define AFSR0     FAKE_SYSREG(afsr0_el1)
#define AFSR1     FAKE_SYSREG(afsr1_el1)
#define VDISR     FAKE_SYSREG(S3_4_C12_C1_1)
#define TPIDR2    FAKE_SYSREG(S3_3_C13_C0_5)
#define PFR0      FAKE_SYSREG(id_aa64pfr0_el1)
#define PFR1      FAKE_SYSREG(id_aa64pfr1_el1)
#define AARCH32   0x22u
#define RAS       0x10000000u
#define SME       0x01000000u

static uint64_t zero(void) { return 0; }

/* A CPU with AArch32, and nothing else that is rare. */
static int begin(void **state)
{
    (void)state;
    fake_sysreg_reset();
    PFR0->value = AARCH32;
    AMAIR->on_read = AFSR0->on_read = AFSR1->on_read = zero;
    return 0;
}

static void what_a_cpu_has_always_comes_back(void **state)
{
    struct el1_state s = { .vmpidr = 0x80000003 };

    (void)state;
    FAKE_SYSREG(ttbr0_el1)->value = 0x1000;
    FAKE_SYSREG(vbar_el1)->value = 0x800;
    FAKE_SYSREG(tpidr_el1)->value = 7;
    el1_save(&s);
    FAKE_SYSREG(ttbr0_el1)->value = FAKE_SYSREG(vbar_el1)->value = FAKE_SYSREG(tpidr_el1)->value = 0x666;
    el1_restore(&s);
    assert_int_equal(FAKE_SYSREG(ttbr0_el1)->value, 0x1000);
    assert_int_equal(FAKE_SYSREG(vbar_el1)->value, 0x800);
    assert_int_equal(FAKE_SYSREG(tpidr_el1)->value, 7);
    assert_int_equal(FAKE_SYSREG(vmpidr_el2)->value, 0x80000003);
}

static void a_reset_leaves_nothing_but_the_state_that_el1_is_in(void **state)
{
    struct el1_state s = { .ttbr0 = 5, .vbar = 6, .el0.tpidr_el0 = 7 };

    (void)state;
    el1_reset(&s, 0x80000001);
    assert_int_equal(s.ttbr0 | s.vbar | s.el0.tpidr_el0, 0);
    assert_int_equal(s.vmpidr, 0x80000001);
    assert_int_equal(s.el0.sctlr, 0x30c50830);
    s.aarch32.on = true;
    s.aarch32.ifsr = 9;
    el1_reset(&s, 0x80000001);
    assert_true(s.aarch32.on);
    assert_int_equal(s.aarch32.ifsr, 0);
    assert_int_equal(s.el0.sctlr, 0x00c50838);
}

static void a_cpu_without_what_is_rare_pays_nothing_for_it(void **state)
{
    (void)state;
    el1_find_rare();
    assert_false(el1_rare);
    assert_true(el1_has_aarch32());
    assert_int_equal(AMAIR->value | AFSR0->value | AFSR1->value, 0);    /* as they were found */
}

/* From here on each test finds what those before it had: it is looked for on each CPU, and counts for all. */
static void what_el1_in_aarch32_has_comes_back(void **state)
{
    struct el1_state s = { 0 };

    (void)state;
    el1_use_aarch32(&s);
    assert_true(el1_rare);
    FAKE_SYSREG(spsr_abt)->value = 1;
    FAKE_SYSREG(spsr_und)->value = 2;
    FAKE_SYSREG(spsr_irq)->value = 3;
    FAKE_SYSREG(spsr_fiq)->value = 4;
    FAKE_SYSREG(dacr32_el2)->value = 5;
    FAKE_SYSREG(ifsr32_el2)->value = 6;
    FAKE_SYSREG(fpexc32_el2)->value = 7;
    el1_save_rare(&s);
    el1_restore_rare(&(struct el1_state){ .aarch32.on = true });
    assert_int_equal(FAKE_SYSREG(spsr_abt)->value | FAKE_SYSREG(fpexc32_el2)->value, 0);
    el1_restore_rare(&s);
    assert_int_equal(FAKE_SYSREG(spsr_abt)->value, 1);
    assert_int_equal(FAKE_SYSREG(spsr_und)->value, 2);
    assert_int_equal(FAKE_SYSREG(spsr_irq)->value, 3);
    assert_int_equal(FAKE_SYSREG(spsr_fiq)->value, 4);
    assert_int_equal(FAKE_SYSREG(dacr32_el2)->value, 5);
    assert_int_equal(FAKE_SYSREG(ifsr32_el2)->value, 6);
    assert_int_equal(FAKE_SYSREG(fpexc32_el2)->value, 7);
}

static uint64_t fpexc_untrapped(void)
{
    assert_int_equal(FAKE_SYSREG(cptr_el2)->value & CPTR_TFP, 0);
    return 0;
}

static void fpexc_is_moved_while_fp_does_not_trap_and_then_it_traps_again(void **state)
{
    struct el1_state s = { .aarch32.on = true };

    (void)state;
    FAKE_SYSREG(cptr_el2)->value = 0x33ff;
    FAKE_SYSREG(fpexc32_el2)->on_read = fpexc_untrapped;
    el1_save_rare(&s);
    assert_int_equal(FAKE_SYSREG(cptr_el2)->value, 0x33ff);
    el1_restore_rare(&s);
    assert_int_equal(FAKE_SYSREG(cptr_el2)->value, 0x33ff);
}

static void a_guest_in_aarch64_touches_no_register_of_aarch32(void **state)
{
    struct el1_state s = { 0 };

    (void)state;
    el1_save_rare(&s);
    el1_restore_rare(&s);
    assert_int_equal(FAKE_SYSREG(spsr_abt)->writes + FAKE_SYSREG(fpexc32_el2)->writes + FAKE_SYSREG(cptr_el2)->writes, 0);
}

static void one_guest_finds_nothing_of_another_in_what_the_implementation_defines(void **state)
{
    struct el1_state one = { 0 }, two = { 0 };

    (void)state;
    AFSR1->on_read = NULL;                      /* this one keeps what is written */
    el1_find_rare();
    assert_int_equal(AFSR1->value, 0);
    AFSR1->value = 0x5ec2e7;
    el1_save_rare(&one);
    el1_restore_rare(&two);
    assert_int_equal(AFSR1->value, 0);
    el1_restore_rare(&one);
    assert_int_equal(AFSR1->value, 0x5ec2e7);
}

static void what_no_guest_is_offered_is_zero_for_each(void **state)
{
    (void)state;
    VDISR->value = TPIDR2->value = 0x5ec2e7;
    el1_restore_rare(&(struct el1_state){ 0 });
    assert_int_equal(VDISR->writes + TPIDR2->writes, 0);        /* this CPU has them not */
    PFR0->value |= RAS;
    PFR1->value = SME;
    el1_find_rare();
    el1_restore_rare(&(struct el1_state){ 0 });
    assert_int_equal(VDISR->value, 0);
    assert_int_equal(TPIDR2->value, 0);
}

static void one_cpu_without_aarch32_is_enough(void **state)
{
    (void)state;
    PFR0->value = 0x12;
    el1_find_rare();
    PFR0->value = AARCH32;
    el1_find_rare();
    assert_false(el1_has_aarch32());
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_a_cpu_has_always_comes_back), T(a_reset_leaves_nothing_but_the_state_that_el1_is_in),
        T(a_cpu_without_what_is_rare_pays_nothing_for_it), T(what_el1_in_aarch32_has_comes_back),
        T(fpexc_is_moved_while_fp_does_not_trap_and_then_it_traps_again),
        T(a_guest_in_aarch64_touches_no_register_of_aarch32),
        T(one_guest_finds_nothing_of_another_in_what_the_implementation_defines),
        T(what_no_guest_is_offered_is_zero_for_each), T(one_cpu_without_aarch32_is_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
