/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual GIC of a VM on several CPUs: what it does is the same, and what it costs other CPUs is bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "vgic_world.h"

#define SPI        40u
#define OTHER_SPI  41u
#define FAR_SPI    200u
#define PINTID     77u
#define BIT(intid) (1u << (intid) % 32)
#define ISPENDR(frame, intid)   ((frame) + 0x200 + (intid) / 32 * 4)
#define ICPENDR(frame, intid)   ((frame) + 0x280 + (intid) / 32 * 4)
#define ISACTIVER(frame, intid) ((frame) + 0x300 + (intid) / 32 * 4)
#define ICACTIVER(frame, intid) ((frame) + 0x380 + (intid) / 32 * 4)
#define IROUTER(intid)          (GICD + 0x6000 + 8 * (intid))
#define SGI(intid, targets)     ((uint64_t)(intid) << 24 | (targets))
#define SGI_TO_OTHERS(intid)    ((uint64_t)(intid) << 24 | UINT64_C(1) << 40)

static struct vcpu *const v = world_vcpu;

/* vCPUs 0, 1 and 2 on a CPU each, and vCPU 3 on that of vCPU 0. vCPUs 0 to 2 are loaded, and the test is on vCPU 0's CPU. */
static int begin(void **state)
{
    (void)state;
    world_make_on(4, 4, 3);
    world_open();
    for (unsigned cpu = 0; cpu < 4; cpu++)
        for (uint32_t sgi = 0; sgi < 16; sgi++)
            world_enable(cpu, sgi, 0x80);
    world_enable(0, SPI, 0x80);
    world_enable(0, OTHER_SPI, 0x80);
    world_load(&v[0]);
    world_messages = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    world_check();
    return 0;
}

static uint32_t ack_on(unsigned cpu)
{
    world_load(&v[cpu]);
    return guest_ack();
}

static void an_sgi_comes_on_another_cpu(void **state)
{
    (void)state;
    guest_sgi(SGI(3, 1 << 1));
    assert_int_equal(guest_ack(), NO_INTERRUPT);
    assert_int_equal(ack_on(1), 3);
    guest_eoi(3);
    assert_int_equal(guest_ack(), NO_INTERRUPT);
    assert_int_equal(ack_on(2), NO_INTERRUPT);
}

static void an_sgi_to_all_others_comes_to_all_others(void **state)
{
    (void)state;
    guest_sgi(SGI_TO_OTHERS(5));
    for (unsigned cpu = 1; cpu < 4; cpu++)
        assert_int_equal(ack_on(cpu), 5);
    assert_int_equal(ack_on(0), NO_INTERRUPT);
}

static void sgis_that_come_together_come_by_priority(void **state)
{
    (void)state;
    for (uint32_t sgi = 0; sgi < 16; sgi++)
        guest_write(SGI_FRAME(1) + 0x400 + sgi, 1, (15 - sgi) * 8);
    world_load(&v[0]);
    for (uint32_t sgi = 0; sgi < 16; sgi++)
        vgic_sgi(&v[0], SGI(sgi, 1 << 1), true);
    world_deliver();
    world_load(&v[1]);
    for (uint32_t sgi = 16; sgi-- > 0;) {
        assert_int_equal(guest_ack(), sgi);
        guest_eoi(sgi);
    }
}

static void an_sgi_is_for_the_group_that_it_was_sent_for(void **state)
{
    (void)state;
    guest_write(SGI_FRAME(1) + 0x80, 4, ~BIT(3));
    world_load(&v[0]);
    guest_sgi(SGI(3, 1 << 1));
    assert_int_equal(guest_read(ISPENDR(SGI_FRAME(1), 3), 4), 0);
    vgic_sgi(&v[0], SGI(4, 1 << 1), false);
    vgic_sgi(&v[0], SGI(3, 1 << 1), false);
    world_deliver();
    assert_int_equal(guest_read(ISPENDR(SGI_FRAME(1), 3), 4), BIT(3));
}

/* What is asked of a vCPU before it has run interrupts its CPU once. */
static void a_storm_of_sgis_interrupts_another_cpu_once(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 1000; n++)
        vgic_sgi(&v[0], SGI(n % 16, 1 << 1), true);
    world_deliver();
    assert_int_equal(world_messages, 1);
}

static void one_that_does_not_run_is_asked_once_whatever_is_asked(void **state)
{
    (void)state;
    world_load(&v[1]);
    world_load(NULL);
    world_load(&v[0]);
    guest_write(IROUTER(SPI), 8, 1);
    world_messages = 0;
    for (unsigned n = 0; n < 1000; n++) {
        vgic_sgi(&v[0], SGI(n % 16, 1 << 1), true);
        guest_write(ISPENDR(GICD, SPI), 4, BIT(SPI));
        guest_read(ISPENDR(GICD, SPI), 4);
        guest_write(ICPENDR(GICD, SPI), 4, BIT(SPI));
    }
    assert_int_equal(world_messages, 1);
}

static void spis_of_one_that_does_not_run_are_taken_from_it_once(void **state)
{
    (void)state;
    world_enable(0, FAR_SPI, 0x90);
    guest_write(IROUTER(SPI), 8, 1);
    guest_write(IROUTER(FAR_SPI), 8, 1);
    guest_write(ISPENDR(GICD, SPI), 4, BIT(SPI));
    guest_write(ISPENDR(GICD, FAR_SPI), 4, BIT(FAR_SPI));
    world_load(&v[1]);
    world_load(NULL);
    world_load(&v[0]);
    world_messages = 0;
    for (unsigned n = 0; n < 1000; n++) {
        assert_int_equal(guest_read(ISPENDR(GICD, SPI), 4), BIT(SPI));
        assert_int_equal(guest_read(ISPENDR(GICD, FAR_SPI), 4), BIT(FAR_SPI));
    }
    assert_in_range(world_messages, 2, 3);      /* to ask it, to answer, and that there is something to look at */
    assert_int_equal(ack_on(1), SPI);
}

static void an_spi_comes_where_its_router_says(void **state)
{
    (void)state;
    for (unsigned cpu = 3; cpu < 4; cpu--) {
        world_load(&v[0]);
        guest_write(IROUTER(SPI), 8, cpu);
        guest_write(ISPENDR(GICD, SPI), 4, BIT(SPI));
        assert_int_equal(ack_on(cpu), SPI);
        guest_eoi(SPI);
    }
}

static void an_spi_that_waits_on_one_cpu_can_be_sent_to_another(void **state)
{
    (void)state;
    guest_write(IROUTER(SPI), 8, 1);
    guest_write(ISPENDR(GICD, SPI), 4, BIT(SPI));
    guest_write(IROUTER(SPI), 8, 2);
    assert_int_equal(ack_on(1), NO_INTERRUPT);
    assert_int_equal(ack_on(2), SPI);
}

static void an_spi_that_is_handled_on_one_cpu_comes_next_on_another(void **state)
{
    (void)state;
    guest_write(IROUTER(SPI), 8, 1);
    guest_write(ISPENDR(GICD, SPI), 4, BIT(SPI));
    assert_int_equal(ack_on(1), SPI);
    world_load(&v[0]);
    guest_write(IROUTER(SPI), 8, 2);
    guest_write(ISPENDR(GICD, SPI), 4, BIT(SPI));
    assert_int_equal(ack_on(2), NO_INTERRUPT);
    world_load(&v[1]);
    guest_eoi(SPI);
    assert_int_equal(guest_ack(), NO_INTERRUPT);
    assert_int_equal(ack_on(2), SPI);
}

static void the_state_of_what_another_cpu_handles_is_seen_and_changed(void **state)
{
    (void)state;
    guest_write(IROUTER(SPI), 8, 1);
    guest_write(ISPENDR(GICD, SPI), 4, BIT(SPI));
    assert_int_equal(ack_on(1), SPI);
    world_load(&v[0]);
    assert_int_equal(guest_read(ISPENDR(GICD, SPI), 4), 0);
    assert_int_equal(guest_read(ISACTIVER(GICD, SPI), 4), BIT(SPI));
    guest_write(ICACTIVER(GICD, SPI), 4, BIT(SPI));
    assert_int_equal(guest_read(ISACTIVER(GICD, SPI), 4), 0);
    guest_write(ISPENDR(GICD, SPI), 4, BIT(SPI));
    world_load(&v[1]);
    assert_int_equal(guest_read(ISPENDR(GICD, SPI), 4), BIT(SPI));
}

/* By hand, step by step: between the question and the answer. */
static void what_an_access_waits_for_stays_out_of_list_registers(void **state)
{
    struct access a = { .ipa = ISACTIVER(GICD, SPI), .size = 4 };
    uint64_t value = 0;

    (void)state;
    guest_write(IROUTER(SPI), 8, 1);
    guest_write(ISPENDR(GICD, SPI), 4, BIT(SPI));
    assert_true(vgic_mmio(&v[0], &a, &value));
    assert_int_equal(v[0].context.state, CONTEXT_WAITING);
    world_deliver();
    assert_int_equal(v[0].context.state, CONTEXT_READY);
    assert_int_equal(ack_on(1), NO_INTERRUPT);
    guest_write(IROUTER(OTHER_SPI), 8, 1);              /* one of the same word, meanwhile */
    guest_write(ISPENDR(GICD, OTHER_SPI), 4, BIT(OTHER_SPI));
    assert_int_equal(guest_ack(), NO_INTERRUPT);
    world_load(&v[0]);
    assert_true(vgic_mmio(&v[0], &a, &value));
    assert_int_equal(v[0].context.state, CONTEXT_READY);
    assert_int_equal(value, 0);
    world_deliver();
    assert_int_equal(ack_on(1), SPI);
}

static void an_end_while_another_cpu_asks_is_not_lost(void **state)
{
    struct access a = { .ipa = ISACTIVER(GICD, SPI), .size = 4 };
    uint64_t value = 0;

    (void)state;
    guest_write(IROUTER(SPI), 8, 1);
    guest_write(ISPENDR(GICD, SPI), 4, BIT(SPI));
    assert_int_equal(ack_on(1), SPI);
    world_load(&v[0]);
    vgic_mmio(&v[0], &a, &value);
    world_deliver();
    world_load(&v[1]);
    guest_eoi(SPI);
    world_load(&v[0]);
    assert_int_equal(guest_read(a.ipa, 4), 0);
}

/* Those of the first word are in no list register, for more are active than these hold; nobody took note of the ends yet. */
static void what_ended_on_another_cpu_reads_as_ended(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 8; n++) {
        uint32_t intid = n < 4 ? 64 + n : FAR_SPI + n;
        world_enable(1, intid, (uint8_t)(0x80 - n * 8));
        guest_write(IROUTER(intid), 8, 1);
        world_load(&v[0]);
        guest_write(ISPENDR(GICD, intid), 4, BIT(intid));
        assert_int_equal(ack_on(1), intid);
        world_load(&v[0]);
    }
    world_lazy = true;
    world_load(&v[1]);
    for (uint32_t n = 8; n-- > 2;)
        guest_eoi(n < 4 ? 64 + n : FAR_SPI + n);
    world_load(&v[0]);
    assert_int_equal(guest_read(ISACTIVER(GICD, 64), 4), BIT(64) | BIT(65));
    world_lazy = false;
}

/* An interrupt came in between, and its handler made another access. */
static void an_access_that_is_left_for_another_holds_nothing_back(void **state)
{
    struct access a = { .ipa = ISACTIVER(GICD, SPI), .size = 4 };
    uint64_t value = 0;

    (void)state;
    guest_write(IROUTER(SPI), 8, 1);
    guest_write(ISPENDR(GICD, SPI), 4, BIT(SPI));
    vgic_mmio(&v[0], &a, &value);
    world_deliver();
    guest_read(ISACTIVER(GICD, 64), 4);
    assert_int_equal(ack_on(1), SPI);
}

static void two_that_want_what_each_other_has_both_get_it(void **state)
{
    struct access a = { .ipa = ICPENDR(GICD, OTHER_SPI), .size = 4 }, b = { .ipa = ICPENDR(GICD, 64), .size = 4 };
    uint64_t first = 0, second = 0;

    (void)state;
    world_enable(1, 64, 0x80);
    guest_write(IROUTER(64), 8, 0);
    guest_write(IROUTER(OTHER_SPI), 8, 1);
    guest_write(ISPENDR(GICD, 64), 4, BIT(64));
    guest_write(ISPENDR(GICD, OTHER_SPI), 4, BIT(OTHER_SPI));
    vgic_mmio(&v[0], &a, &first);
    world_load(&v[1]);
    vgic_mmio(&v[1], &b, &second);
    world_deliver();
    assert_int_equal(v[0].context.state, CONTEXT_READY);
    assert_int_equal(v[1].context.state, CONTEXT_READY);
    world_load(&v[1]);
    vgic_mmio(&v[1], &b, &second);
    assert_int_equal(v[1].context.state, CONTEXT_READY);
    world_load(&v[0]);
    vgic_mmio(&v[0], &a, &first);
    assert_int_equal(v[0].context.state, CONTEXT_READY);
    assert_int_equal(first, BIT(OTHER_SPI));
    assert_int_equal(second, BIT(64));
    world_deliver();
}

static void another_ones_redistributor_is_read_and_written(void **state)
{
    (void)state;
    guest_write(ISPENDR(SGI_FRAME(2), 7), 4, BIT(7));
    assert_int_equal(guest_read(ISPENDR(SGI_FRAME(2), 7), 4), BIT(7));
    assert_int_equal(ack_on(2), 7);
    world_load(&v[0]);
    assert_int_equal(guest_read(ISACTIVER(SGI_FRAME(2), 7), 4), BIT(7));
    assert_int_equal(guest_read(ISPENDR(SGI_FRAME(2), 7), 4), 0);
}

/* Its own time: whatever others want to know of it, what runs on its CPU is interrupted once. */
static void an_errand_waits_till_its_vcpu_runs(void **state)
{
    struct access a = { .ipa = ISPENDR(SGI_FRAME(1), 7), .size = 4 };
    uint64_t value = 0;

    (void)state;
    world_load(&v[1]);
    world_load(NULL);
    world_load(&v[0]);
    for (unsigned n = 0; n < 100; n++) {
        v[0].context.state = CONTEXT_READY;     /* an interrupt of its own */
        world_load(&v[0]);
        vgic_mmio(&v[0], &a, &value);
        assert_int_equal(v[0].context.state, CONTEXT_WAITING);
        world_deliver();
    }
    assert_int_equal(world_messages, 1);
    guest_sgi(SGI(7, 1 << 1));
    world_load(&v[1]);
    assert_int_equal(v[0].context.state, CONTEXT_READY);
    world_load(&v[0]);
    vgic_mmio(&v[0], &a, &value);
    assert_int_equal(v[0].context.state, CONTEXT_READY);
    assert_int_equal(value, BIT(7));
}

static void what_is_off_is_everybodys(void **state)
{
    (void)state;
    world_turn_off(&v[1]);
    world_load(&v[0]);
    guest_sgi(SGI(6, 1 << 1));
    world_messages = 0;
    assert_int_equal(guest_read(ISPENDR(SGI_FRAME(1), 6), 4), BIT(6));
    guest_write(ICPENDR(SGI_FRAME(1), 6), 4, BIT(6));
    guest_write(ISPENDR(SGI_FRAME(1), 8), 4, BIT(8));
    assert_int_equal(world_messages, 0);
    world_turn_on(&v[1]);
    assert_int_equal(ack_on(1), 8);
    guest_eoi(8);
    assert_int_equal(guest_ack(), NO_INTERRUPT);
}

static void one_that_goes_off_leaves_its_spis(void **state)
{
    (void)state;
    guest_write(IROUTER(SPI), 8, 1);
    guest_write(ISPENDR(GICD, SPI), 4, BIT(SPI));
    world_turn_off(&v[1]);
    world_load(&v[0]);
    world_messages = 0;
    guest_write(IROUTER(SPI), 8, 2);
    assert_int_equal(ack_on(2), SPI);
}

static void who_waits_for_one_that_goes_off_goes_on(void **state)
{
    struct access a = { .ipa = ISPENDR(SGI_FRAME(1), 7), .size = 4 }, b = { .ipa = ISPENDR(GICD, SPI), .size = 4 };
    uint64_t value = 0;

    (void)state;
    guest_write(IROUTER(SPI), 8, 1);
    guest_write(b.ipa, 4, BIT(SPI));
    world_load(&v[1]);
    world_load(&v[0]);
    vgic_mmio(&v[0], &a, &value);
    world_load(&v[2]);
    vgic_mmio(&v[2], &b, &value);
    assert_int_equal(v[0].context.state, CONTEXT_WAITING);
    assert_int_equal(v[2].context.state, CONTEXT_WAITING);
    world_turn_off(&v[1]);
    assert_int_equal(v[0].context.state, CONTEXT_READY);
    assert_int_equal(v[2].context.state, CONTEXT_READY);
    world_load(&v[2]);
    assert_int_equal(guest_read(b.ipa, 4), BIT(SPI));
    world_load(&v[0]);
    assert_int_equal(guest_read(a.ipa, 4), 0);
}

static void a_line_falls_while_its_interrupt_waits_on_another_cpu(void **state)
{
    (void)state;
    guest_write(IROUTER(SPI), 8, 1);
    world_line(NULL, SPI, true);
    world_line(NULL, SPI, false);
    assert_int_equal(ack_on(1), NO_INTERRUPT);
    world_load(&v[0]);
    world_line(NULL, SPI, true);
    assert_int_equal(ack_on(1), SPI);
    world_load(&v[0]);
    world_line(NULL, SPI, false);
    world_line(NULL, SPI, true);
    world_load(&v[1]);
    guest_eoi(SPI);
    assert_int_equal(guest_ack(), SPI);
}

static void a_host_interrupt_goes_where_its_vcpu_is(void **state)
{
    (void)state;
    vgic_assign(&world_vm, SPI, PINTID);
    assert_int_equal(world_routed[PINTID], 0);
    guest_write(IROUTER(SPI), 8, 2);
    assert_int_equal(world_routed[PINTID], 2);
    world_load(&v[2]);
    host_fires(SPI, PINTID);
    assert_int_equal(guest_ack(), SPI);
    guest_eoi(SPI);
    assert_false(host_active[PINTID]);
    world_load(&v[0]);
    host_fires(SPI, PINTID);                            /* still on its way when the router was written */
    assert_int_equal(ack_on(2), SPI);
    guest_eoi(SPI);
    assert_false(host_active[PINTID]);
    world_load(NULL);
    world_load(&v[1]);
    world_load(NULL);
    world_load(&v[2]);
    world_load(NULL);
    vgic_reset(&world_vm);
    assert_int_equal(world_routed[PINTID], 0);
    begin(state);
}

static void the_distributor_is_turned_off_for_all(void **state)
{
    (void)state;
    guest_write(IROUTER(SPI), 8, 1);
    guest_write(ISPENDR(GICD, SPI), 4, BIT(SPI));
    guest_sgi(SGI(3, 1 << 2));
    guest_write(GICD, 4, 0);
    assert_int_equal(ack_on(1), NO_INTERRUPT);
    assert_int_equal(ack_on(2), NO_INTERRUPT);
    guest_write(GICD, 4, 3);
    assert_int_equal(ack_on(1), SPI);
    assert_int_equal(ack_on(2), 3);
}

static void what_a_vcpu_ended_is_not_mistaken_for_what_another_makes_active_at_it_next(void **state)
{
    (void)state;
    guest_write(IROUTER(SPI), 8, 1);
    guest_write(GICD + 0x400 + SPI, 1, 0x20);
    world_load(&v[1]);
    guest_sgi(SGI(4, 1 << 1));
    assert_int_equal(guest_ack(), 4);
    guest_write(ISACTIVER(SGI_FRAME(1), 0), 4, 0xf);        /* four more of that priority: 4 is in no list register */
    world_lazy = true;
    guest_eoi(4);
    world_load(&v[0]);
    guest_write(ISACTIVER(GICD, SPI), 4, BIT(SPI));
    world_load(&v[1]);
    world_settle();
    assert_int_equal(guest_read(ISACTIVER(SGI_FRAME(1), 0), 4), 0xf);
    assert_int_equal(guest_read(ISACTIVER(GICD, SPI), 4), BIT(SPI));
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_sgi_comes_on_another_cpu), T(an_sgi_to_all_others_comes_to_all_others),
        T(sgis_that_come_together_come_by_priority), T(an_sgi_is_for_the_group_that_it_was_sent_for),
        T(a_storm_of_sgis_interrupts_another_cpu_once), T(one_that_does_not_run_is_asked_once_whatever_is_asked),
        T(spis_of_one_that_does_not_run_are_taken_from_it_once), T(an_spi_comes_where_its_router_says),
        T(an_spi_that_waits_on_one_cpu_can_be_sent_to_another),
        T(an_spi_that_is_handled_on_one_cpu_comes_next_on_another),
        T(the_state_of_what_another_cpu_handles_is_seen_and_changed),
        T(what_an_access_waits_for_stays_out_of_list_registers),
        T(an_end_while_another_cpu_asks_is_not_lost), T(what_ended_on_another_cpu_reads_as_ended),
        T(an_access_that_is_left_for_another_holds_nothing_back),
        T(two_that_want_what_each_other_has_both_get_it), T(another_ones_redistributor_is_read_and_written),
        T(an_errand_waits_till_its_vcpu_runs), T(what_is_off_is_everybodys), T(one_that_goes_off_leaves_its_spis),
        T(who_waits_for_one_that_goes_off_goes_on), T(a_line_falls_while_its_interrupt_waits_on_another_cpu),
        T(what_a_vcpu_ended_is_not_mistaken_for_what_another_makes_active_at_it_next),
        T(a_host_interrupt_goes_where_its_vcpu_is), T(the_distributor_is_turned_off_for_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
