/* SPDX-License-Identifier: Apache-2.0 */
/* The host's GICv2 (nucleus/gic/gic.c, gicv2.c), and its virtual interface (ich.c), whose registers are memory here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "gic/gic.h"
#include "gic/ich.h"

static struct cpu cpu;
static _Alignas(8) uint8_t dist[0x1000], cpuif[0x2000], hyp[0x1000];

static uint32_t *reg(uint8_t *frame, uint32_t offset) { return (uint32_t *)(void *)(frame + offset); }
static uint32_t *lr(unsigned n) { return reg(hyp, 0x100 + 4 * n); }

static int setup(void **state)
{
    (void)state;
    fake_sysreg_reset();
    fake_gicv2 = fake_gicv2_interface = true;
    memset(dist, 0, sizeof dist);
    memset(cpuif, 0, sizeof cpuif);
    memset(hyp, 0, sizeof hyp);
    memset(&cpu, 0, sizeof cpu);
    FAKE_SYSREG(tpidr_el2)->value = (uintptr_t)&cpu;
    *reg(dist, 4) = 2;                              /* 96 INTIDs */
    *reg(dist, 0x800) = 0x04040404;                 /* this CPU is number 2 */
    *reg(hyp, 4) = 3 | 4u << 26 | 4u << 29;         /* four list registers, five bits of priority */
    cpu.index = 5;
    gic_init(&(struct gic_info){ .version = 2, .frames = 4, .frame = {
        [GIC_DIST] = { (uintptr_t)dist, sizeof dist }, [GIC_CPU] = { (uintptr_t)cpuif, sizeof cpuif },
        [GIC_HYP] = { (uintptr_t)hyp, sizeof hyp }, [GIC_VCPU] = { 0x8040000, 0x2000 } } });
    assert_true(gic_init_cpu(5));
    ich_init_cpu();
    return 0;
}

static void all_is_quiet_and_of_one_priority(void **state)
{
    (void)state;
    assert_int_equal(gic_intids(), 96);
    assert_int_equal(*reg(dist, 0), 1);
    for (unsigned word = 0; word < 3; word++) {
        assert_int_equal(*reg(dist, 0x180 + word * 4), ~0u);
        assert_int_equal(*reg(dist, 0x280 + word * 4), ~0u);
        assert_int_equal(*reg(dist, 0x380 + word * 4), ~0u);
        assert_int_equal(*reg(dist, 0x080 + word * 4), 0);      /* the group is not ours to change */
    }
    for (unsigned intid = 0; intid < 96; intid++)
        assert_int_equal(dist[0x400 + intid], 0xa0);
}

static void the_cpu_interface_ends_in_two_steps(void **state)
{
    (void)state;
    assert_int_equal(*reg(cpuif, 0), 1 | 1 << 9);
    assert_int_equal(*reg(cpuif, 4), 0xff);
}

static void an_spi_goes_to_the_cpu_whose_number_the_distributor_told(void **state)
{
    (void)state;
    gic_spi_config(70, true, 5);
    assert_int_equal(*reg(dist, 0xc10), 2u << 12);
    assert_int_equal(dist[0x800 + 70], 4);
    assert_int_equal(dist[0x800 + 69], 0);
    assert_int_equal(dist[0x800 + 71], 0);
    gic_enable(70);
    assert_int_equal(*reg(dist, 0x108), 1u << 6);
    gic_set_active(70, true);
    assert_int_equal(*reg(dist, 0x308), 1u << 6);
}

static void the_only_cpu_of_a_board_is_number_0(void **state)
{
    (void)state;
    memset(dist + 0x800, 0, 32);                    /* RAZ/WI */
    assert_true(gic_init_cpu(0));
    gic_spi_route(40, 0);
    assert_int_equal(dist[0x800 + 40], 1);
}

static void a_private_interrupt_is_in_the_distributor(void **state)
{
    (void)state;
    gic_enable(27);
    assert_int_equal(*reg(dist, 0x100), 1u << 27);
    gic_set_ppis_active(1u << 27, true);
    assert_int_equal(*reg(dist, 0x300), 1u << 27);
    gic_set_ppis_active(1u << 27, false);
    assert_int_equal(*reg(dist, 0x380), 1u << 27);
}

static void an_sgi_names_its_target(void **state)
{
    (void)state;
    gic_send_sgi(5, 3);
    assert_int_equal(*reg(dist, 0xf00), 4u << 16 | 3);
}

static void an_interrupt_is_acknowledged_ended_and_deactivated(void **state)
{
    (void)state;
    *reg(cpuif, 0x0c) = 33;
    assert_int_equal(GIC_INTID(gic_ack()), 33);
    gic_eoi(33);
    assert_int_equal(*reg(cpuif, 0x10), 33);
    assert_int_equal(*reg(cpuif, 0x1000), 0);
    gic_deactivate(33);
    assert_int_equal(*reg(cpuif, 0x1000), 33);
}

static void an_sgi_is_ended_and_deactivated_with_its_sender(void **state)
{
    (void)state;
    *reg(cpuif, 0x0c) = 6u << 10 | 2;
    uint64_t ack = gic_ack();
    assert_int_equal(GIC_INTID(ack), 2);
    gic_eoi(ack);
    assert_int_equal(*reg(cpuif, 0x10), 6u << 10 | 2);
    assert_int_equal(*reg(cpuif, 0x1000), 6u << 10 | 2);
    *reg(cpuif, 0x1000) = 0;
    gic_deactivate(2);                              /* is done */
    assert_int_equal(*reg(cpuif, 0x1000), 0);
}

static void a_list_register_has_the_form_of_gich_lr(void **state)
{
    (void)state;
    assert_int_equal(ich_lrs(), 4);
    assert_int_equal(ich_priority_bits(), 5);
    assert_false(ich_traps_dir());
    ich_lr_write(0, LR_PENDING | LR_HW | LR_PINTID(27) | LR_PRIORITY(0xa0) | LR_VINTID(30));
    assert_int_equal(*lr(0), 1u << 31 | 1u << 28 | 20u << 23 | 27u << 10 | 30);
    ich_lr_write(3, LR_ACTIVE | LR_PENDING | LR_GROUP1 | LR_EOI | LR_PRIORITY(0xff) | LR_VINTID(287));
    assert_int_equal(*lr(3), 1u << 30 | 3u << 28 | 31u << 23 | 1u << 19 | 287);
    ich_lr_write(1, LR_PENDING | LR_SOURCE(5) | LR_VINTID(3));
    assert_int_equal(*lr(1), 1u << 28 | 5u << 10 | 3);
    ich_lr_write(2, 0);
    assert_int_equal(*lr(2), 0);
}

static void of_a_list_register_the_hardware_changes_the_state(void **state)
{
    (void)state;
    struct ich_state s;

    ich_reset(&s);
    s.used = 5;
    s.lr[0] = LR_PENDING | LR_SOURCE(3) | LR_PRIORITY(0xa7) | LR_VINTID(2);
    s.lr[2] = LR_PENDING | LR_HW | LR_PINTID(40) | LR_VINTID(41);
    ich_restore(&s);
    *lr(0) = (*lr(0) & ~(3u << 28)) | 2u << 28;
    *lr(2) |= 3u << 28;
    assert_int_equal(ich_lr_read(&s, 0), LR_ACTIVE | LR_SOURCE(3) | LR_PRIORITY(0xa7) | LR_VINTID(2));
    assert_int_equal(ich_lr_read(&s, 2), LR_ACTIVE | LR_PENDING | LR_HW | LR_PINTID(40) | LR_VINTID(41));
    *reg(hyp, 0x30) = 0xfe;                         /* GICH_ELRSR0: the second has ended */
    ich_save(&s);
    assert_int_equal(s.used, 1);
    assert_int_equal(s.ended, 4);
    assert_int_equal(s.lr[0], LR_ACTIVE | LR_SOURCE(3) | LR_PRIORITY(0xa7) | LR_VINTID(2));
    assert_int_equal(*lr(0), 0);
}

static void the_interface_comes_back_as_it_was(void **state)
{
    (void)state;
    struct ich_state s;

    ich_reset(&s);
    s.hcr = ICH_HCR_EN | ICH_HCR_NPIE;
    ich_restore(&s);
    assert_int_equal(*reg(hyp, 0), ICH_HCR_EN | ICH_HCR_NPIE);
    *reg(hyp, 0) |= 3u << 27;                       /* EOIcount */
    *reg(hyp, 8) = 0xf8000201;
    *reg(hyp, 0xf0) = 0x10;
    ich_save(&s);
    assert_int_equal(*reg(hyp, 0), 0);
    assert_int_equal(ICH_HCR_EOICOUNT(s.hcr), 3);
    *reg(hyp, 8) = *reg(hyp, 0xf0) = 0;
    ich_restore(&s);
    assert_int_equal(*reg(hyp, 8), 0xf8000201);
    assert_int_equal(*reg(hyp, 0xf0), 0x10);
    assert_true(ich_signals(ich_vmcr_read(), LR_PENDING | LR_PRIORITY(0xa0)));
    assert_false(ich_signals(ich_vmcr_read(), LR_PENDING | LR_GROUP1 | LR_PRIORITY(0xa0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(all_is_quiet_and_of_one_priority, setup),
        cmocka_unit_test_setup(the_cpu_interface_ends_in_two_steps, setup),
        cmocka_unit_test_setup(an_spi_goes_to_the_cpu_whose_number_the_distributor_told, setup),
        cmocka_unit_test_setup(the_only_cpu_of_a_board_is_number_0, setup),
        cmocka_unit_test_setup(a_private_interrupt_is_in_the_distributor, setup),
        cmocka_unit_test_setup(an_sgi_names_its_target, setup),
        cmocka_unit_test_setup(an_interrupt_is_acknowledged_ended_and_deactivated, setup),
        cmocka_unit_test_setup(an_sgi_is_ended_and_deactivated_with_its_sender, setup),
        cmocka_unit_test_setup(a_list_register_has_the_form_of_gich_lr, setup),
        cmocka_unit_test_setup(of_a_list_register_the_hardware_changes_the_state, setup),
        cmocka_unit_test_setup(the_interface_comes_back_as_it_was, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
