/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest can rely on of its GICv2 (IHI 0048B) where that differs from a GICv3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fake_sysreg.h"
#include "vgic_world.h"

#define CTLR       (GICD + 0x000)
#define ISENABLER  (GICD + 0x100)
#define ICENABLER  (GICD + 0x180)
#define ISPENDR    (GICD + 0x200)
#define ICPENDR    (GICD + 0x280)
#define ISACTIVER  (GICD + 0x300)
#define IPRIORITYR (GICD + 0x400)
#define ITARGETSR  (GICD + 0x800)
#define ICFGR      (GICD + 0xc00)
#define SGIR       (GICD + 0xf00)
#define CPENDSGIR  (GICD + 0xf10)
#define SPENDSGIR  (GICD + 0xf20)

#define TO(targets, intid)  ((targets) << 16 | (intid))
#define TO_OTHERS(intid)    (1u << 24 | (intid))
#define TO_SELF(intid)      (2u << 24 | (intid))

/* Both groups on in both places, all SGIs and the timer at one priority, SPI 40 too. */
static int make(unsigned vcpus, unsigned cpus)
{
    world_make_v2(vcpus, 4, cpus);
    world_open();
    for (unsigned i = vcpus; i-- > 0;) {
        world_load(&world_vcpu[i]);
        for (unsigned intid = 0; intid < 32; intid++)
            guest_write(IPRIORITYR + intid, 1, 0x80);
        guest_write(ISENABLER, 4, 1u << 27);
    }
    guest_write(IPRIORITYR + 40, 1, 0x40);
    guest_write(ISENABLER + 4, 4, 1u << 8);
    return 0;
}

static int one_vcpu(void **state) { (void)state; return make(1, 1); }
static int three_vcpus(void **state) { (void)state; return make(3, 1); }
static int three_cpus(void **state) { (void)state; return make(3, 3); }

static int checked(void **state)
{
    (void)state;
    world_check();
    return 0;
}

static void on(unsigned vcpu) { world_load(&world_vcpu[vcpu]); }

static void sgi(unsigned from, uint32_t value)
{
    on(from);
    guest_write(SGIR, 4, value);
}

static void assert_taken(uint32_t what)
{
    assert_int_equal(guest_ack(), what);
    guest_eoi(what);
}

static void the_distributor_tells_what_it_is(void **state)
{
    (void)state;
    assert_int_equal(guest_read(CTLR, 4), 3);
    assert_int_equal(guest_read(GICD + 4, 4), 2 << 5 | 8);      /* three CPUs, 288 INTIDs */
    assert_int_equal(guest_read(GICD + 8, 4), 0x43b);
    assert_int_equal(guest_read(GICD + 0xfe8, 4) >> 4, 2);      /* PIDR2: GICv2 */
    assert_int_equal(guest_read(GICD + 0xff4, 4), 0xf0);
}

static void each_vcpu_finds_its_own_sgis_and_ppis(void **state)
{
    (void)state;
    on(1);
    guest_write(IPRIORITYR + 20, 1, 0x55);
    guest_write(ISENABLER, 4, 1u << 20);
    assert_int_equal(guest_read(ISENABLER, 4), 1u << 27 | 1u << 20 | 0xffff);
    on(0);
    assert_int_equal(guest_read(IPRIORITYR + 20, 1), 0x80);
    assert_int_equal(guest_read(ISENABLER, 4), 1u << 27 | 0xffff);
    guest_write(ISENABLER + 4, 4, 1u << 10);
    on(1);
    assert_int_equal(guest_read(ISENABLER + 4, 4), 1u << 10 | 1u << 8);     /* SPIs are everybody's */
}

static void sgis_are_always_enabled_and_edges(void **state)
{
    (void)state;
    guest_write(ICENABLER, 4, ~0u);
    assert_int_equal(guest_read(ISENABLER, 4), 0xffff);
    guest_write(ICFGR, 4, 0);
    assert_int_equal(guest_read(ICFGR, 4), 0xaaaaaaaa);
}

static void an_sgi_is_not_made_pending_by_ispendr_nor_ended_by_icpendr(void **state)
{
    (void)state;
    guest_write(ISPENDR, 4, 0xffff);
    assert_int_equal(guest_read(ISPENDR, 4), 0);
    guest_write(SGIR, 4, TO_SELF(3));
    guest_write(ICPENDR, 4, 0xffff);
    assert_int_equal(guest_read(ISPENDR, 4), 1u << 3);
    assert_taken(3);
}

static void an_sgi_tells_who_sent_it(void **state)
{
    (void)state;
    sgi(2, TO(1u, 5));
    on(0);
    assert_taken(WORLD_SENDER(2) | 5);
    assert_int_equal(guest_ack(), NO_INTERRUPT);
}

static void an_sgi_of_several_is_pending_once_for_each(void **state)
{
    (void)state;
    sgi(2, TO(1u, 5));
    sgi(1, TO(1u, 5));
    sgi(1, TO(1u, 5));                  /* it is already */
    sgi(0, TO_SELF(5));
    for (unsigned sender = 0; sender < 3; sender++)
        assert_taken(WORLD_SENDER(sender) | 5);
    assert_int_equal(guest_ack(), NO_INTERRUPT);
    assert_int_equal(guest_read(ISPENDR, 4), 0);
}

static void an_sgi_while_anothers_is_handled_is_taken_afterwards(void **state)
{
    (void)state;
    sgi(1, TO(1u, 5));
    on(0);
    assert_int_equal(guest_ack(), WORLD_SENDER(1) | 5);
    sgi(2, TO(1u, 5));
    sgi(1, TO(1u, 5));
    on(0);
    assert_int_equal(guest_ack(), NO_INTERRUPT);
    guest_eoi(WORLD_SENDER(1) | 5);
    assert_taken(WORLD_SENDER(1) | 5);
    assert_taken(WORLD_SENDER(2) | 5);
    assert_int_equal(guest_ack(), NO_INTERRUPT);
}

static void an_sgi_goes_to_its_targets_to_all_others_or_to_oneself(void **state)
{
    static const struct { uint32_t value; bool reaches[3]; } cases[] = {
        { TO(6u, 1), { false, true, true } }, { TO_OTHERS(1), { true, false, true } }, { TO_SELF(1), { false, true, false } },
        { TO(0xf8u, 1), { false, false, false } },
    };

    (void)state;
    for (unsigned n = 0; n < sizeof cases / sizeof cases[0]; n++) {
        sgi(1, cases[n].value);
        for (unsigned i = 0; i < 3; i++) {
            on(i);
            if (cases[n].reaches[i])
                assert_taken(WORLD_SENDER(1) | 1);
            assert_int_equal(guest_ack(), NO_INTERRUPT);
        }
    }
}

static void pending_sgis_are_seen_set_and_cleared_by_sender(void **state)
{
    (void)state;
    sgi(2, TO(1u, 6));
    sgi(1, TO(1u, 6));
    on(0);
    assert_int_equal(guest_read(SPENDSGIR + 6, 1), 6);
    assert_int_equal(guest_read(CPENDSGIR + 4, 4), 6u << 16);
    guest_write(CPENDSGIR + 6, 1, 2);
    guest_write(SPENDSGIR + 6, 1, 0xf9);            /* there are three vCPUs */
    assert_int_equal(guest_read(SPENDSGIR + 4, 4), 5u << 16);
    assert_taken(6);
    assert_taken(WORLD_SENDER(2) | 6);
    guest_write(SPENDSGIR, 4, 0x01000200);
    assert_taken(WORLD_SENDER(1) | 1);
    assert_taken(3);
    guest_write(SPENDSGIR, 4, 0x07070707);
    guest_write(CPENDSGIR, 4, ~0u);
    assert_int_equal(guest_ack(), NO_INTERRUPT);
    assert_int_equal(guest_read(ISPENDR, 4), 0);
}

static void an_sgi_in_a_list_register_can_be_cleared(void **state)
{
    (void)state;
    guest_write(SGIR, 4, TO_SELF(6));
    guest_write(CPENDSGIR + 6, 1, 1);
    assert_int_equal(guest_ack(), NO_INTERRUPT);
}

static void an_spi_without_a_target_waits_for_one(void **state)
{
    (void)state;
    on(0);
    assert_int_equal(guest_read(ITARGETSR + 40, 4), 0);
    world_line(NULL, 40, true);
    for (unsigned i = 0; i < 3; i++) {
        on(i);
        assert_int_equal(guest_ack(), NO_INTERRUPT);
    }
    guest_write(ITARGETSR + 40, 1, 0xfc);
    assert_int_equal(guest_read(ITARGETSR + 40, 4), 4);
    on(0);
    assert_int_equal(guest_ack(), NO_INTERRUPT);
    on(2);
    assert_int_equal(guest_ack(), 40);
    world_line(NULL, 40, false);
    guest_eoi(40);
}

static void an_spi_of_several_targets_is_taken_once(void **state)
{
    (void)state;
    guest_write(ITARGETSR + 40, 4, 0x07070707);
    assert_int_equal(guest_read(ITARGETSR + 40, 4), 0x07070707);
    guest_write(ISPENDR + 4, 4, 1u << 8);
    unsigned taken = 0;
    for (unsigned i = 0; i < 3; i++) {
        on(i);
        uint32_t intid = guest_ack();
        taken += intid == 40;
        if (intid != NO_INTERRUPT)
            guest_eoi(intid);
    }
    assert_int_equal(taken, 1);
}

static void the_targets_of_private_interrupts_say_who_reads(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        on(i);
        guest_write(ITARGETSR + 8, 4, 0);
        assert_int_equal(guest_read(ITARGETSR + 8, 4), 0x01010101u << i);
        assert_int_equal(guest_read(ITARGETSR + 31, 1), 1u << i);
    }
}

static void targets_of_one_vcpu_are_not_there_and_it_takes_all(void **state)
{
    (void)state;
    guest_write(ITARGETSR + 40, 4, ~0u);
    assert_int_equal(guest_read(ITARGETSR + 40, 4), 0);
    assert_int_equal(guest_read(ITARGETSR, 4), 0);
    guest_write(ISPENDR + 4, 4, 1u << 8);
    assert_taken(40);
}

static void an_interrupt_is_deactivated_by_its_number(void **state)
{
    (void)state;
    guest_eoimode(true);
    guest_write(SGIR, 4, TO_SELF(3));
    assert_int_equal(guest_ack(), 3);
    guest_eoi(3);
    guest_write(ISPENDR + 4, 4, 1u << 8);
    assert_int_equal(guest_ack(), 40);
    guest_eoi(40);
    guest_dir(3);
    assert_int_equal(guest_read(ISACTIVER, 4), 0);
    assert_int_equal(guest_read(ISACTIVER + 4, 4), 1u << 8);
    guest_dir(40);
    assert_int_equal(guest_read(ISACTIVER + 4, 4), 0);
    guest_dir(1023);
}

/* It is made again with what was written, once the other CPU has done its part. */
static void an_spi_in_another_cpus_list_register_can_be_deactivated(void **state)
{
    (void)state;
    guest_write(ITARGETSR + 40, 1, 1);
    guest_write(ISPENDR + 4, 4, 1u << 8);
    on(0);
    guest_eoimode(true);
    assert_int_equal(guest_ack(), 40);
    guest_eoi(40);
    on(1);
    guest_dir(40);
    assert_int_equal(guest_read(ISACTIVER + 4, 4), 0);
}

static void a_timer_interrupt_that_is_deactivated_ends_at_the_host(void **state)
{
    (void)state;
    guest_eoimode(true);
    host_fires(27, 27);
    assert_int_equal(guest_ack(), 27);
    guest_eoi(27);
    assert_true(host_active[27]);
    guest_dir(27);
    assert_false(host_active[27]);
}

static void more_interrupts_than_list_registers_are_all_taken(void **state)
{
    (void)state;
    for (unsigned intid = 0; intid < 8; intid++) {
        sgi(1, TO(1u, intid));
        sgi(2, TO(1u, intid));
    }
    on(0);
    unsigned taken = 0;
    for (uint32_t ack; (ack = guest_ack()) != NO_INTERRUPT; taken++)
        guest_eoi(ack);
    assert_int_equal(taken, 16);
}

static bool is_answered(uint64_t ipa)
{
    uint64_t value = 0;

    return vgic_mmio(&world_vcpu[0], &(struct access){ .ipa = ipa, .size = 4 }, &value);
}

static void there_is_nothing_behind_the_distributor_and_the_cpu_interface(void **state)
{
    (void)state;
    assert_true(is_answered(GICD + 0xffc));
    assert_false(is_answered(GICD + 0x1000));
    assert_false(is_answered(GICD + 0xfffc));
    assert_true(is_answered(GICV_DIR));
    assert_false(is_answered(GICV_DIR + 0x1000));
    assert_false(is_answered(GICR(0)));
}

#define TEST(f, vcpus) cmocka_unit_test_setup_teardown(f, vcpus, checked)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_distributor_tells_what_it_is, three_vcpus),
        TEST(each_vcpu_finds_its_own_sgis_and_ppis, three_vcpus),
        TEST(each_vcpu_finds_its_own_sgis_and_ppis, three_cpus),
        TEST(sgis_are_always_enabled_and_edges, one_vcpu),
        TEST(an_sgi_is_not_made_pending_by_ispendr_nor_ended_by_icpendr, one_vcpu),
        TEST(an_sgi_tells_who_sent_it, three_vcpus),
        TEST(an_sgi_tells_who_sent_it, three_cpus),
        TEST(an_sgi_of_several_is_pending_once_for_each, three_vcpus),
        TEST(an_sgi_of_several_is_pending_once_for_each, three_cpus),
        TEST(an_sgi_while_anothers_is_handled_is_taken_afterwards, three_vcpus),
        TEST(an_sgi_while_anothers_is_handled_is_taken_afterwards, three_cpus),
        TEST(an_sgi_goes_to_its_targets_to_all_others_or_to_oneself, three_vcpus),
        TEST(an_sgi_goes_to_its_targets_to_all_others_or_to_oneself, three_cpus),
        TEST(pending_sgis_are_seen_set_and_cleared_by_sender, three_vcpus),
        TEST(pending_sgis_are_seen_set_and_cleared_by_sender, three_cpus),
        TEST(an_sgi_in_a_list_register_can_be_cleared, one_vcpu),
        TEST(an_spi_without_a_target_waits_for_one, three_vcpus),
        TEST(an_spi_without_a_target_waits_for_one, three_cpus),
        TEST(an_spi_of_several_targets_is_taken_once, three_vcpus),
        TEST(an_spi_of_several_targets_is_taken_once, three_cpus),
        TEST(the_targets_of_private_interrupts_say_who_reads, three_vcpus),
        TEST(targets_of_one_vcpu_are_not_there_and_it_takes_all, one_vcpu),
        TEST(an_interrupt_is_deactivated_by_its_number, one_vcpu),
        TEST(an_spi_in_another_cpus_list_register_can_be_deactivated, three_cpus),
        TEST(a_timer_interrupt_that_is_deactivated_ends_at_the_host, one_vcpu),
        TEST(more_interrupts_than_list_registers_are_all_taken, three_vcpus),
        TEST(there_is_nothing_behind_the_distributor_and_the_cpu_interface, one_vcpu),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
