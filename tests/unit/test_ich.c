/* SPDX-License-Identifier: Apache-2.0 */
/* The world switch of the virtual CPU interface (nucleus/gic/ich.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "arm64/sysreg.h"
#include "gic/ich.h"

#define LR0  FAKE_SYSREG(S3_4_C12_C12_0)
#define LR3  FAKE_SYSREG(S3_4_C12_C12_3)
#define VTR(lrs, prebits, pribits)  (((lrs) - 1u) | ((prebits) - 1u) << 26 | ((pribits) - 1u) << 29)

static uint32_t active_ppis;
static unsigned active_writes;
static uint64_t empty_lrs;

void gic_set_ppis_active(uint32_t ppis, bool active);

void gic_set_ppis_active(uint32_t ppis, bool active)
{
    active_ppis = active ? active_ppis | ppis : active_ppis & ~ppis;
    active_writes++;
}

static uint64_t elrsr(void) { return empty_lrs; }

static int setup(void **state)
{
    (void)state;
    fake_sysreg_reset();
    active_ppis = active_writes = 0;
    empty_lrs = 0;
    FAKE_SYSREG(ICH_ELRSR_EL2)->on_read = elrsr;
    FAKE_SYSREG(ICH_VTR_EL2)->value = VTR(4, 5, 5);
    ich_init_cpu();
    return 0;
}

static void the_hardware_says_what_there_is(void **state)
{
    (void)state;
    assert_int_equal(ich_lrs(), 4);
    assert_int_equal(ich_priority_bits(), 5);
}

static void each_list_register_is_its_own(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 16; n++)
        ich_lr_write(n, 100 + n);
    for (unsigned n = 0; n < 16; n++)
        assert_int_equal(ich_lr_read(NULL, n), 100 + n);
}

static void only_list_registers_in_use_move(void **state)
{
    (void)state;
    struct ich_state s;

    ich_reset(&s);
    s.used = 1u << 3;
    s.lr[0] = 111;
    s.lr[3] = LR_PENDING | 33;
    ich_restore(&s);
    assert_int_equal(LR0->value, 0);
    assert_int_equal(LR3->value, LR_PENDING | 33);
    LR3->value = LR_ACTIVE | 33;
    ich_save(&s);
    assert_int_equal(s.lr[3], LR_ACTIVE | 33);
    assert_int_equal(s.lr[0], 111);
    assert_int_equal(LR3->value, 0);        /* the next vCPU's do not need it */
}

static void an_interrupt_that_the_guest_ended_does_not_move(void **state)
{
    (void)state;
    struct ich_state s;

    ich_reset(&s);
    s.used = 9;
    s.lr[0] = LR_PENDING | 32;
    s.lr[3] = LR_PENDING | 33;
    ich_restore(&s);
    empty_lrs = 1;
    ich_save(&s);
    assert_int_equal(s.used, 8);
    assert_int_equal(s.ended, 1);
}

static void the_interface_comes_back_as_it_was(void **state)
{
    (void)state;
    struct ich_state s;

    ich_reset(&s);
    assert_int_equal(s.hcr, ICH_HCR_EN);
    ich_restore(&s);
    assert_int_equal(FAKE_SYSREG(ICH_HCR_EL2)->value, ICH_HCR_EN);
    FAKE_SYSREG(ICH_VMCR_EL2)->value = 0xf8000003;
    FAKE_SYSREG(S3_4_C12_C8_0)->value = 4;
    FAKE_SYSREG(S3_4_C12_C9_0)->value = 8;
    ich_save(&s);
    FAKE_SYSREG(ICH_VMCR_EL2)->value = 0;
    FAKE_SYSREG(S3_4_C12_C8_0)->value = 0;
    FAKE_SYSREG(S3_4_C12_C9_0)->value = 0;
    ich_restore(&s);
    assert_int_equal(FAKE_SYSREG(ICH_VMCR_EL2)->value, 0xf8000003);
    assert_int_equal(FAKE_SYSREG(S3_4_C12_C8_0)->value, 4);
    assert_int_equal(FAKE_SYSREG(S3_4_C12_C9_0)->value, 8);
    assert_int_equal(FAKE_SYSREG(S3_4_C12_C9_1)->writes, 0);    /* which a CPU of 5 bits has not got */
}

static void no_maintenance_interrupt_comes_while_no_vcpu_is_loaded(void **state)
{
    (void)state;
    struct ich_state s;

    ich_reset(&s);
    s.hcr = ICH_HCR_EN | ICH_HCR_NPIE | ICH_HCR_LRENPIE;
    ich_restore(&s);
    FAKE_SYSREG(ICH_HCR_EL2)->value |= 3u << 27;    /* EOIcount */
    ich_save(&s);
    assert_int_equal(FAKE_SYSREG(ICH_HCR_EL2)->value, 0);
    assert_int_equal(ICH_HCR_EOICOUNT(s.hcr), 3);
}

static void a_host_timer_follows_its_vcpu(void **state)
{
    (void)state;
    struct ich_state s;

    ich_reset(&s);
    s.used = 1;
    s.lr[0] = LR_PENDING | LR_HW | LR_PINTID(27) | 27;
    s.ppis = 1u << 27;
    ich_restore(&s);
    assert_int_equal(active_ppis, 1u << 27);
    ich_save(&s);
    assert_int_equal(active_ppis, 0);
    assert_int_equal(s.ppis, 1u << 27);
    ich_restore(&s);
    empty_lrs = 1;                          /* the guest ended it, and the hardware the host's */
    active_ppis = active_writes = 0;
    ich_save(&s);
    assert_int_equal(active_writes, 0);
    assert_int_equal(s.ppis, 0);
}

static void the_interface_signals_by_group_and_priority(void **state)
{
    (void)state;
    const uint64_t open = 0xf8000003;

    assert_true(ich_signals(open, LR_PENDING | LR_GROUP1 | LR_PRIORITY(0xa0)));
    assert_true(ich_signals(open, LR_PENDING | LR_PRIORITY(0xa0)));
    assert_false(ich_signals(open & ~2ull, LR_PENDING | LR_GROUP1 | LR_PRIORITY(0xa0)));
    assert_false(ich_signals(open & ~1ull, LR_PENDING | LR_PRIORITY(0xa0)));
    assert_false(ich_signals(open, LR_PENDING | LR_PRIORITY(0xf8)));
    assert_false(ich_signals(open, LR_ACTIVE | LR_PRIORITY(0xa0)));
    assert_false(ich_signals(open, LR_ACTIVE | LR_PENDING | LR_PRIORITY(0xa0)));
}

/* From here on the CPUs are not alike: what all have is the least, or the most where it is to be saved. */
static void of_cpus_that_differ_what_all_have_counts(void **state)
{
    (void)state;
    FAKE_SYSREG(ICH_VTR_EL2)->value = VTR(2, 4, 4);
    ich_init_cpu();
    assert_int_equal(ich_lrs(), 2);
    assert_int_equal(ich_priority_bits(), 4);
    FAKE_SYSREG(ICH_VTR_EL2)->value = VTR(4, 5, 5);
    ich_init_cpu();
    assert_int_equal(ich_lrs(), 2);
    assert_int_equal(ich_priority_bits(), 4);
}

static void all_active_priorities_of_many_levels_come_back(void **state)
{
    struct ich_state s;
    struct fake_sysreg *reg[2][4] = {
        { FAKE_SYSREG(S3_4_C12_C8_0), FAKE_SYSREG(S3_4_C12_C8_1), FAKE_SYSREG(S3_4_C12_C8_2), FAKE_SYSREG(S3_4_C12_C8_3) },
        { FAKE_SYSREG(S3_4_C12_C9_0), FAKE_SYSREG(S3_4_C12_C9_1), FAKE_SYSREG(S3_4_C12_C9_2), FAKE_SYSREG(S3_4_C12_C9_3) },
    };

    (void)state;
    FAKE_SYSREG(ICH_VTR_EL2)->value = VTR(4, 7, 8);     /* 128 levels: four registers of each group */
    ich_init_cpu();
    ich_reset(&s);
    ich_restore(&s);
    for (unsigned i = 0; i < 8; i++)
        reg[i / 4][i % 4]->value = 1u << i;
    ich_save(&s);
    for (unsigned i = 0; i < 8; i++)
        reg[i / 4][i % 4]->value = 0;
    ich_restore(&s);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(reg[i / 4][i % 4]->value, 1u << i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_hardware_says_what_there_is, setup),
        cmocka_unit_test_setup(each_list_register_is_its_own, setup),
        cmocka_unit_test_setup(only_list_registers_in_use_move, setup),
        cmocka_unit_test_setup(an_interrupt_that_the_guest_ended_does_not_move, setup),
        cmocka_unit_test_setup(the_interface_comes_back_as_it_was, setup),
        cmocka_unit_test_setup(no_maintenance_interrupt_comes_while_no_vcpu_is_loaded, setup),
        cmocka_unit_test_setup(a_host_timer_follows_its_vcpu, setup),
        cmocka_unit_test_setup(the_interface_signals_by_group_and_priority, setup),
        cmocka_unit_test_setup(of_cpus_that_differ_what_all_have_counts, setup),
        cmocka_unit_test_setup(all_active_priorities_of_many_levels_come_back, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
