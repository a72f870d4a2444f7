/* SPDX-License-Identifier: Apache-2.0 */
/* The host's interrupt controller (nucleus/gic/gic.c, gicv3.c), whose registers are memory here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "gic/gic.h"

#define FRAME 0x20000
#define REDISTS 3

static struct cpu cpu;
static _Alignas(8) uint8_t dist[0x10000], redist[REDISTS * FRAME];

static uint32_t *reg(uint8_t *frame, uint32_t offset) { return (uint32_t *)(void *)(frame + offset); }
static uint32_t dist_reg(uint32_t offset) { return *reg(dist, offset); }
static uint8_t *sgi_frame(unsigned n) { return redist + n * FRAME + 0x10000; }

static void make(uint64_t redist_bytes)
{
    gic_init(&(struct gic_info){ .version = 3, .frames = 2, .frame = {
        [GIC_DIST] = { (uintptr_t)dist, sizeof dist }, [GIC_REDISTS] = { (uintptr_t)redist, redist_bytes } } });
}

static int setup(void **state)
{
    (void)state;
    fake_sysreg_reset();
    memset(dist, 0, sizeof dist);
    memset(redist, 0, sizeof redist);
    memset(&cpu, 0, sizeof cpu);
    FAKE_SYSREG(tpidr_el2)->value = (uintptr_t)&cpu;
    *reg(dist, 4) = 2;                              /* 96 INTIDs */
    for (unsigned n = 0; n < REDISTS; n++) {
        *reg(redist + n * FRAME, 8) = n << 8 | (n == REDISTS - 1) << 4;
        *reg(redist + n * FRAME, 12) = 0x01000100 + n;          /* affinity 1.0.1.n */
    }
    FAKE_SYSREG(mpidr_el1)->value = UINT64_C(0x0180000101);     /* 1.0.1.1, and a RES1 bit */
    make(sizeof redist);
    return 0;
}

static void all_spis_are_quiet_and_in_group_1(void **state)
{
    (void)state;
    assert_int_equal(gic_intids(), 96);
    assert_int_equal(dist_reg(0), 0x12);            /* ARE, Group 1 */
    for (unsigned word = 1; word < 3; word++) {
        assert_int_equal(dist_reg(0x080 + word * 4), ~0u);
        assert_int_equal(dist_reg(0x180 + word * 4), ~0u);
        assert_int_equal(dist_reg(0x380 + word * 4), ~0u);
    }
    for (unsigned intid = 32; intid < 96; intid++)
        assert_int_equal(dist[0x400 + intid], 0xa0);
    assert_int_equal(dist[0x400 + 96], 0);
    assert_int_equal(dist[0x400 + 31], 0);
}

static void a_cpu_finds_its_redistributor_by_affinity(void **state)
{
    (void)state;
    *reg(redist + FRAME, 0x14) = 2;                 /* ProcessorSleep */
    cpu.index = 5;
    assert_true(gic_init_cpu(5));
    assert_int_equal(FAKE_SYSREG(ICC_SRE_EL1)->value & 1, 1);       /* and no guest can change it: */
    assert_int_equal(FAKE_SYSREG(ICC_SRE_EL2)->value, 7);
    assert_int_equal(*reg(redist + FRAME, 0x14), 0);
    assert_int_equal(*reg(sgi_frame(1), 0x180), ~0u);
    assert_int_equal(*reg(sgi_frame(0), 0x180), 0);
    assert_int_equal(FAKE_SYSREG(ICC_CTLR_EL1)->value, 2);      /* EOImode */
    assert_int_equal(FAKE_SYSREG(ICC_IGRPEN1_EL1)->value, 1);
    assert_int_equal(FAKE_SYSREG(ICC_PMR_EL1)->value, 0xff);
    gic_enable(27);
    assert_int_equal(*reg(sgi_frame(1), 0x100), 1u << 27);
    gic_set_active(27, true);
    assert_int_equal(*reg(sgi_frame(1), 0x300), 1u << 27);
    gic_set_active(27, false);
    assert_int_equal(*reg(sgi_frame(1), 0x380), 1u << 27);
}

static void a_cpu_without_a_redistributor_is_told(void **state)
{
    (void)state;
    FAKE_SYSREG(mpidr_el1)->value = 7;
    assert_false(gic_init_cpu(0));
}

static void a_region_that_is_too_short_is_not_left(void **state)
{
    (void)state;
    *reg(redist + 2 * FRAME, 8) = 0;                /* nobody says Last */
    FAKE_SYSREG(mpidr_el1)->value = 7;
    assert_false(gic_init_cpu(0));
    make(FRAME);
    FAKE_SYSREG(mpidr_el1)->value = UINT64_C(0x0100000101);
    assert_false(gic_init_cpu(0));
}

static void a_redistributor_that_stays_asleep_is_reported(void **state)
{
    (void)state;
    *reg(redist + FRAME, 0x14) = 6;
    assert_false(gic_init_cpu(0));                  /* memory keeps ChildrenAsleep */
}

static void an_spi_has_its_bit_its_trigger_and_its_cpu(void **state)
{
    (void)state;
    assert_true(gic_init_cpu(0));
    gic_spi_config(70, true, 0);
    assert_int_equal(dist_reg(0xc10), 2u << 12);
    assert_int_equal(dist_reg(0x6000 + 70 * 8), 0x101);
    assert_int_equal(dist_reg(0x6004 + 70 * 8), 1);
    gic_spi_config(70, false, 0);
    assert_int_equal(dist_reg(0xc10), 0);
    gic_enable(70);
    assert_int_equal(dist_reg(0x108), 1u << 6);
    gic_disable(70);
    assert_int_equal(dist_reg(0x188), 1u << 6);
    gic_set_active(70, false);
    assert_int_equal(dist_reg(0x388), 1u << 6);
}

static void an_interrupt_is_acknowledged_ended_and_deactivated(void **state)
{
    (void)state;
    FAKE_SYSREG(ICC_IAR1_EL1)->value = 33;
    assert_int_equal(gic_ack(), 33);
    gic_eoi(33);
    gic_deactivate(33);
    assert_int_equal(FAKE_SYSREG(ICC_EOIR1_EL1)->value, 33);
    assert_int_equal(FAKE_SYSREG(ICC_DIR_EL1)->value, 33);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(all_spis_are_quiet_and_in_group_1, setup),
        cmocka_unit_test_setup(a_cpu_finds_its_redistributor_by_affinity, setup),
        cmocka_unit_test_setup(a_cpu_without_a_redistributor_is_told, setup),
        cmocka_unit_test_setup(a_region_that_is_too_short_is_not_left, setup),
        cmocka_unit_test_setup(a_redistributor_that_stays_asleep_is_reported, setup),
        cmocka_unit_test_setup(an_spi_has_its_bit_its_trigger_and_its_cpu, setup),
        cmocka_unit_test_setup(an_interrupt_is_acknowledged_ended_and_deactivated, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
