/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest is told that it has, on a CPU that has everything and on a plain one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "arm64/syndrome.h"
#include "arm64/sysreg.h"
#include "fake_sysreg.h"
#include "virt/idregs.h"

#define ID(crm, op2)      idreg_read(SYSREG_ENC(3u, 0u, 0u, (uint32_t)(crm), (uint32_t)(op2)))
#define FIELD(value, low) ((unsigned)((value) >> (low)) & 0xf)

/* All fields at their greatest known values, as they would be on a CPU of tomorrow; EL0 and EL1 with AArch32. */
static int a_cpu_with_everything(void **state)
{
    static const char names[8][8][16] = {
#define ROW(c) { "S3_0_C0_C" #c "_0", "S3_0_C0_C" #c "_1", "S3_0_C0_C" #c "_2", "S3_0_C0_C" #c "_3", \
                 "S3_0_C0_C" #c "_4", "S3_0_C0_C" #c "_5", "S3_0_C0_C" #c "_6", "S3_0_C0_C" #c "_7" }
        ROW(0), ROW(1), ROW(2), ROW(3), ROW(4), ROW(5), ROW(6), ROW(7),
    };

    (void)state;
    fake_sysreg_reset();
    for (unsigned i = 0; i < 64; i++)
        fake_sysreg_find(names[i / 8][i % 8])->value = UINT64_C(0x7777777777777777);
    FAKE_SYSREG(S3_0_C0_C4_0)->value = UINT64_C(0x1301122130112222);    /* FP and AdvSIMD: 1, DIT 1, CSV2 3 */
    idregs_init();
    return 0;
}

/* The values of a Cortex-A57, r1p0. */
static void a_cortex_a57(void)
{
    fake_sysreg_reset();
    FAKE_SYSREG(S3_0_C0_C4_0)->value = 0x01002222;
    FAKE_SYSREG(S3_0_C0_C5_0)->value = 0x10305106;
    FAKE_SYSREG(S3_0_C0_C6_0)->value = 0x00011120;
    FAKE_SYSREG(S3_0_C0_C7_0)->value = 0x00001124;
    FAKE_SYSREG(S3_0_C0_C1_0)->value = 0x00000131;
    FAKE_SYSREG(S3_0_C0_C1_1)->value = 0x10011011;
    FAKE_SYSREG(S3_0_C0_C1_2)->value = 0x03010066;
    FAKE_SYSREG(S3_0_C0_C2_0)->value = 0x02101110;
    idregs_init();
}

static void there_is_no_level_above_el1(void **state)
{
    uint64_t pfr0 = ID(4, 0);

    (void)state;
    assert_int_equal(FIELD(pfr0, 0), 2);        /* EL0 has AArch32, as the CPU has */
    assert_int_equal(FIELD(pfr0, 4), 1);
    assert_int_equal(FIELD(pfr0, 8), 0);
    assert_int_equal(FIELD(pfr0, 12), 0);
    assert_int_equal(FIELD(ID(7, 1), 8), 0);    /* VH */
    assert_int_equal(FIELD(ID(7, 2), 24), 0);   /* NV */
    assert_int_equal(FIELD(ID(1, 1), 4), 0);    /* AArch32: Security, Virtualization */
    assert_int_equal(FIELD(ID(1, 1), 12), 0);
}

static void what_is_not_virtualised_is_not_offered(void **state)
{
    (void)state;
    for (unsigned low = 28; low < 48; low += 4)
        assert_int_equal(FIELD(ID(4, 0), low), 0);      /* RAS, SVE, SEL2, MPAM, AMU */
    assert_int_equal(FIELD(ID(4, 0), 52), 0);           /* RME */
    assert_int_equal(ID(4, 1) & ~UINT64_C(0xff), 0);    /* MTE, SME, NMI, GCS and the rest */
    assert_int_equal(ID(4, 4), 0);                      /* ID_AA64ZFR0 */
    assert_int_equal(ID(4, 5), 0);                      /* ID_AA64SMFR0 */
    assert_int_equal(FIELD(ID(6, 0), 24), 0);           /* TME */
    for (unsigned low = 4; low < 12; low += 4)
        assert_int_equal(FIELD(ID(6, 1), low), 0);      /* APA, API */
    assert_int_equal(ID(6, 1) >> 24 & 0xff, 0);         /* GPA, GPI */
    assert_int_equal(ID(6, 1) >> 56, 0);                /* XS, LS64 */
    assert_int_equal(FIELD(ID(6, 2), 0), 0);            /* WFxT */
    assert_int_equal(ID(6, 2) >> 8 & 0xfff, 0);         /* GPA3, APA3, MOPS */
    assert_int_equal(FIELD(ID(7, 0), 56), 0);           /* FGT */
    assert_int_equal(FIELD(ID(7, 1), 16), 0);           /* LORegions */
    assert_int_equal(FIELD(ID(7, 1), 40), 0);           /* HCX */
    assert_int_equal(FIELD(ID(7, 2), 12), 0);           /* IESB */
    assert_int_equal(ID(7, 3) | ID(7, 4), 0);           /* TCR2, PIE, E2H0 and their like */
}

static void debug_is_the_least_that_armv8_allows(void **state)
{
    (void)state;
    assert_int_equal(ID(5, 0), 0x00101006);             /* no PMU, trace or SPE; 2 breakpoints, 2 watchpoints */
    assert_int_equal(ID(5, 1), 0);
    assert_int_equal(ID(1, 2), 6);
    assert_int_equal(ID(3, 5), 0);
}

static void the_gic_has_system_registers(void **state)
{
    (void)state;
    assert_int_equal(FIELD(ID(4, 0), 24), 1);
    assert_int_equal(FIELD(ID(1, 1), 28), 1);
}

static void some_fields_stop_at_what_is_virtualised(void **state)
{
    (void)state;
    assert_int_equal(FIELD(ID(4, 0), 56), 1);           /* CSV2 without SCXTNUM */
    assert_int_equal(FIELD(ID(1, 0), 16), 1);
    assert_int_equal(FIELD(ID(7, 0), 0), 2);            /* 40 bits */
    assert_int_equal(FIELD(ID(7, 0), 60), 1);           /* ECV without CNTPOFF */
    a_cortex_a57();
    assert_int_equal(FIELD(ID(4, 0), 56), 0);
    assert_int_equal(FIELD(ID(7, 0), 0), 2);
    assert_int_equal(FIELD(ID(7, 0), 60), 0);
}

static void ordinary_instructions_pass(void **state)
{
    (void)state;
    assert_int_equal(ID(6, 0), UINT64_C(0x7777777770777770));
    assert_int_equal(ID(6, 1), UINT64_C(0x0077777700777007));
    assert_int_equal(FIELD(ID(4, 0), 16), 1);           /* FP, AdvSIMD, DIT */
    assert_int_equal(FIELD(ID(4, 0), 20), 1);
    assert_int_equal(FIELD(ID(4, 0), 48), 1);
    assert_int_equal(ID(4, 1), 0x77);                   /* BTI, SSBS */
    assert_int_equal(FIELD(ID(7, 1), 20), 7);           /* PAN */
    assert_int_equal(FIELD(ID(7, 2), 4), 7);            /* UAO */
}

static void a_cortex_a57_is_what_it_is_less_its_pmu(void **state)
{
    (void)state;
    a_cortex_a57();
    assert_int_equal(ID(4, 0), 0x01000012);
    assert_int_equal(ID(5, 0), 0x00101006);
    assert_int_equal(ID(6, 0), 0x00011120);
    assert_int_equal(ID(7, 0), 0x00000122);
    assert_int_equal(ID(1, 0), 0x00000131);
    assert_int_equal(ID(1, 1), 0x10010001);
    assert_int_equal(ID(2, 0), 0x02101110);
}

static void without_aarch32_its_registers_read_zero(void **state)
{
    (void)state;
    FAKE_SYSREG(S3_0_C0_C4_0)->value = 0x11;
    idregs_init();
    for (unsigned crm = 1; crm <= 3; crm++)
        for (unsigned op2 = 0; op2 < 8; op2++)
            assert_int_equal(ID(crm, op2), 0);
}

int main(void)
{
#define PROMISE(f) cmocka_unit_test_setup(f, a_cpu_with_everything)
    const struct CMUnitTest tests[] = {
        PROMISE(there_is_no_level_above_el1),
        PROMISE(what_is_not_virtualised_is_not_offered),
        PROMISE(debug_is_the_least_that_armv8_allows),
        PROMISE(the_gic_has_system_registers),
        PROMISE(some_fields_stop_at_what_is_virtualised),
        PROMISE(ordinary_instructions_pass),
        PROMISE(a_cortex_a57_is_what_it_is_less_its_pmu),
        PROMISE(without_aarch32_its_registers_read_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
