/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest can rely on of its GIC, and the host of the guest's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fake_sysreg.h"
#include "vgic_world.h"

#define SGI_TO(cpus, intid)  ((uint64_t)(intid) << 24 | (cpus))
#define SGI_OTHERS(intid)    ((uint64_t)(intid) << 24 | UINT64_C(1) << 40)
#define TIMER  27
#define SPI    40

static int one_vcpu(void **state)
{
    (void)state;
    world_make(1, 4);
    world_open();
    return 0;
}

static int two_vcpus(void **state)
{
    (void)state;
    world_make(2, 4);
    world_open();
    return 0;
}

/* The same promises hold. */
static int two_cpus(void **state)
{
    (void)state;
    world_make_on(2, 4, 2);
    world_open();
    return 0;
}

static int checked(void **state)
{
    (void)state;
    world_check();
    return 0;
}

static void set_level(uint32_t intid, bool level)
{
    world_line(&world_vcpu[0], intid, level);
}

static void assert_nothing_pending(void)
{
    assert_int_equal(guest_ack(), NO_INTERRUPT);
    assert_false(vgic_pending(&world_vcpu[0]));
}

/* SGIs */

static void an_sgi_to_oneself_is_delivered(void **state)
{
    (void)state;
    world_enable(0, 3, 0xa0);
    for (int i = 0; i < 20; i++) {          /* and again, once it is ended */
        guest_sgi(SGI_TO(1, 3));
        assert_int_equal(guest_ack(), 3);
        guest_eoi(3);
        assert_nothing_pending();
    }
}

static void an_sgi_while_its_handler_runs_is_taken_afterwards(void **state)
{
    (void)state;
    world_enable(0, 3, 0xa0);
    guest_sgi(SGI_TO(1, 3));
    assert_int_equal(guest_ack(), 3);
    guest_sgi(SGI_TO(1, 3));
    assert_int_equal(guest_ack(), NO_INTERRUPT);
    guest_eoi(3);
    assert_int_equal(guest_ack(), 3);
    guest_eoi(3);
    assert_nothing_pending();
}

static void an_sgi_that_was_disabled_while_active_waits(void **state)
{
    (void)state;
    world_enable(0, 3, 0xa0);
    guest_sgi(SGI_TO(1, 3));
    assert_int_equal(guest_ack(), 3);
    guest_write(SGI_FRAME(0) + 0x180, 4, 1u << 3);
    guest_eoi(3);
    guest_sgi(SGI_TO(1, 3));
    assert_nothing_pending();
    guest_write(SGI_FRAME(0) + 0x100, 4, 1u << 3);
    assert_int_equal(guest_ack(), 3);
}

static void an_sgi_to_all_others_reaches_all_others(void **state)
{
    (void)state;
    world_make(8, 4);
    world_open();
    for (unsigned i = 0; i < 8; i++)
        world_enable(i, 7, 0x80);
    world_load(&world_vcpu[2]);
    guest_sgi(SGI_OTHERS(7));
    for (unsigned i = 0; i < 8; i++) {
        world_load(&world_vcpu[i]);
        assert_int_equal(guest_ack(), i == 2 ? NO_INTERRUPT : 7);
        assert_int_equal(world_wakes[i], i == 2 ? 0 : 1);
    }
}

static void an_sgi_reaches_the_cpus_of_its_target_list_only(void **state)
{
    (void)state;
    world_make(4, 4);
    world_open();
    for (unsigned i = 0; i < 4; i++)
        world_enable(i, 1, 0x80);
    guest_sgi(SGI_TO(0xfff5, 1));           /* bits without a CPU are ignored */
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(vgic_pending(&world_vcpu[i]), i % 2 == 0);
}

static void an_sgi_to_another_cluster_or_range_reaches_nobody(void **state)
{
    (void)state;
    static const uint64_t elsewhere[] = {
        UINT64_C(1) << 16, UINT64_C(1) << 32, UINT64_C(1) << 48, UINT64_C(1) << 44,     /* Aff1, Aff2, Aff3, RS */
    };
    world_enable(0, 3, 0xa0);
    for (unsigned i = 0; i < 4; i++)
        guest_sgi(SGI_TO(1, 3) | elsewhere[i]);
    assert_nothing_pending();
}

static void an_sgi_asks_for_its_group(void **state)
{
    (void)state;
    world_enable(0, 3, 0xa0);                               /* Group 1 */
    vgic_sgi(&world_vcpu[0], SGI_TO(1, 3), false);          /* ICC_SGI0R_EL1 */
    assert_nothing_pending();
    guest_write(SGI_FRAME(0) + 0x80, 4, 0);
    guest_sgi(SGI_TO(1, 3));
    assert_nothing_pending();
    vgic_sgi(&world_vcpu[0], SGI_TO(1, 3), false);
    assert_int_equal(guest_ack(), 3);
}

/* Priorities, and more interrupts than list registers */

static void the_highest_priority_comes_first_however_many_wait(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 30; i++)
        world_enable(0, 64 + i, (uint8_t)(0xf0 - i * 8));
    for (uint32_t i = 0; i < 30; i++) {
        guest_write(GICD + 0x208, 4, 1u << i);
        world_check();
    }
    for (uint32_t i = 30; i-- > 0;) {
        assert_int_equal(guest_ack(), 64 + i);
        guest_eoi(64 + i);
        world_check();
    }
    assert_nothing_pending();
}

static void a_higher_priority_displaces_a_lower_from_its_list_register(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 5; i++)
        world_enable(0, i, 0xa0);
    guest_sgi(SGI_TO(1, 0));
    guest_sgi(SGI_TO(1, 1));
    guest_sgi(SGI_TO(1, 2));
    guest_sgi(SGI_TO(1, 3));
    world_enable(0, 9, 0x20);
    guest_sgi(SGI_TO(1, 9));
    assert_int_equal(guest_ack(), 9);
    guest_eoi(9);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(guest_ack(), i);
        guest_eoi(i);
    }
    assert_nothing_pending();
}

static void what_waits_is_brought_in_when_the_list_registers_run_dry(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 16; i++) {
        world_enable(0, i, 0xa0);
        guest_sgi(SGI_TO(1, i));
    }
    assert_true(world_vcpu[0].ich.hcr & ICH_HCR_NPIE);
    uint32_t seen = 0;
    for (uint32_t i = 0; i < 16; i++) {
        uint32_t intid = guest_ack();
        assert_in_range(intid, 0, 15);
        seen |= 1u << intid;
        guest_eoi(intid);
    }
    assert_int_equal(seen, 0xffff);
    assert_in_range(world_maintenances, 1, 6);
    assert_int_equal(world_vcpu[0].ich.hcr, ICH_HCR_EN);
}

static void pend_eight(void)
{
    for (uint32_t n = 0; n < 8; n++)
        world_enable(0, SPI + n, (uint8_t)(0xf0 - (n / 2) * 0x10));
    guest_write(GICD + 0x200 + SPI / 32 * 4, 4, 0xffu << SPI % 32);
}

/* Two of them have the highest priority. */
static void others_than_the_highest_follow_while_no_host_interrupt_waits(void **state)
{
    (void)state;
    world_waits = 1u << 1;                  /* when the first two are in */
    pend_eight();
    assert_int_equal(world_vcpu[0].ich.used, 3);
    for (uint32_t n = 8; n > 0; n -= 2) {
        assert_int_equal(guest_ack(), SPI + n - 2);
        guest_eoi(SPI + n - 2);
        assert_int_equal(guest_ack(), SPI + n - 1);
        guest_eoi(SPI + n - 1);
    }
    assert_nothing_pending();
}

static void a_host_interrupt_goes_before_the_choice(void **state)
{
    (void)state;
    world_waits = 7;
    pend_eight();
    assert_int_equal(world_waits, 0);
    assert_int_equal(guest_ack(), SPI + 6);
    world_waits = 1;
    assert_true(vgic_pending(&world_vcpu[0]));      /* not known yet: its WFI ends */
    guest_read(GICD, 4);
    assert_int_equal(guest_ack(), NO_INTERRUPT);    /* of its own priority */
    guest_eoi(SPI + 6);
    assert_int_equal(guest_ack(), SPI + 7);
}

static void a_newcomer_does_not_overtake_those_that_wait(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 6; i++) {
        world_enable(0, i, (uint8_t)(0x80 + i * 8));
        guest_sgi(SGI_TO(1, i));
    }
    assert_int_equal(guest_ack(), 0);
    guest_eoi(0);                                           /* a list register is free now */
    world_enable(0, 9, 0xe0);
    guest_sgi(SGI_TO(1, 9));
    for (uint32_t i = 1; i < 6; i++) {
        assert_int_equal(guest_ack(), i);
        guest_eoi(i);
        world_check();
    }
    assert_int_equal(guest_ack(), 9);
}

static void what_is_pending_and_active_does_not_overtake_those_that_wait(void **state)
{
    (void)state;
    world_make(1, 2);
    world_open();
    world_enable(0, 5, 0x40);
    world_enable(0, 1, 0x20);
    world_enable(0, 2, 0x20);
    guest_sgi(SGI_TO(1, 5));
    assert_int_equal(guest_ack(), 5);
    guest_sgi(SGI_TO(1, 5));                                /* pending again while active */
    guest_set_pmr(0x10);
    guest_sgi(SGI_TO(1, 1));
    guest_sgi(SGI_TO(1, 2));
    guest_eoi(5);
    guest_set_pmr(0xf8);
    uint32_t first = guest_ack();
    guest_eoi(first);
    assert_int_equal(first + guest_ack(), 1 + 2);
    guest_eoi(3 - first);
    assert_int_equal(guest_ack(), 5);
}

static void nested_handlers_need_no_list_register_each(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 12; i++) {
        world_enable(0, 100 + i, (uint8_t)(0xf0 - i * 0x10));
        guest_write(GICD + 0x200 + (100 + i) / 32 * 4, 4, 1u << (100 + i) % 32);
        assert_int_equal(guest_ack(), 100 + i);             /* preempts the one before */
        world_check();
    }
    for (uint32_t i = 12; i-- > 0;) {
        guest_eoi(100 + i);
        world_check();
    }
    for (unsigned word = 3; word < 5; word++)
        assert_int_equal(guest_read(GICD + 0x300 + word * 4, 4), 0);
}

static void interrupts_that_are_deactivated_late_and_in_any_order_do_not_block_others(void **state)
{
    (void)state;
    guest_eoimode(true);
    for (uint32_t i = 0; i < 12; i++) {
        world_enable(0, i, 0xa0);
        guest_sgi(SGI_TO(1, i));
        assert_int_equal(guest_ack(), i);
        guest_eoi(i);                                       /* drops the priority only */
        world_check();
    }
    for (uint32_t i = 0; i < 12; i++) {
        assert_int_equal(guest_read(SGI_FRAME(0) + 0x300, 4), 0xfffu & ~((1u << i) - 1));
        guest_dir(i);
        world_check();
    }
    assert_int_equal(guest_read(SGI_FRAME(0) + 0x300, 4), 0);
}

static void what_the_guest_ended_reads_as_ended_before_the_maintenance_interrupt(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 6; i++) {
        world_enable(0, i, (uint8_t)(0xf0 - i * 0x10));
        guest_sgi(SGI_TO(1, i));
        assert_int_equal(guest_ack(), i);
    }
    world_lazy = true;
    for (uint32_t i = 6; i-- > 0;)
        guest_eoi(i);
    assert_false(world_settled());
    assert_int_equal(guest_read(SGI_FRAME(0) + 0x300, 4), 0);
}

static void what_the_guest_ended_is_not_mistaken_for_what_it_writes_to_next(void **state)
{
    (void)state;
    guest_eoimode(false);
    for (uint32_t i = 0; i < 5; i++)
        world_enable(0, i, 0xa0);
    guest_sgi(SGI_TO(1, 4));
    assert_int_equal(guest_ack(), 4);
    guest_write(SGI_FRAME(0) + 0x300, 4, 0xf);              /* four more of that priority: 4 is in no list register */
    world_lazy = true;
    guest_eoi(4);
    guest_write(SGI_FRAME(0) + 0x200, 4, 1u << 0);
    assert_int_equal(guest_read(SGI_FRAME(0) + 0x300, 4), 0xf);
}

static void what_the_guest_ended_is_not_mistaken_for_what_it_makes_active_next(void **state)
{
    (void)state;
    guest_eoimode(false);
    for (uint32_t i = 0; i < 5; i++)
        world_enable(0, i, 0xa0);
    world_enable(0, 5, 0x20);
    guest_sgi(SGI_TO(1, 4));
    assert_int_equal(guest_ack(), 4);
    guest_write(SGI_FRAME(0) + 0x300, 4, 0xf);              /* four more of that priority: 4 is in no list register */
    world_lazy = true;
    guest_eoi(4);
    guest_write(SGI_FRAME(0) + 0x300, 4, 1u << 5);          /* a higher one, which was not ended */
    world_settle();
    assert_int_equal(guest_read(SGI_FRAME(0) + 0x300, 4), 0x2f);
}

static void what_the_guest_ended_is_ended_after_a_world_switch(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 6; i++) {
        world_enable(0, i, (uint8_t)(0xf0 - i * 0x10));
        guest_sgi(SGI_TO(1, i));
        assert_int_equal(guest_ack(), i);
    }
    world_lazy = true;
    for (uint32_t i = 6; i-- > 0;)
        guest_eoi(i);
    world_load(&world_vcpu[1]);
    assert_int_equal(guest_read(SGI_FRAME(0) + 0x300, 4), 0);
    world_load(&world_vcpu[0]);
    world_settle();
    assert_int_equal(guest_read(SGI_FRAME(0) + 0x300, 4), 0);
}

static void a_masked_priority_does_not_end_a_wait(void **state)
{
    (void)state;
    world_enable(0, 3, 0xa0);
    guest_set_pmr(0xa0);
    guest_sgi(SGI_TO(1, 3));
    assert_false(vgic_pending(&world_vcpu[0]));
    guest_set_pmr(0xa8);
    assert_true(vgic_pending(&world_vcpu[0]));
    world_load(NULL);
    assert_true(vgic_pending(&world_vcpu[0]));
}

/* Lines */

static void a_level_interrupt_comes_again_until_its_line_falls(void **state)
{
    (void)state;
    world_enable(0, SPI, 0xa0);
    set_level(SPI, true);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(guest_ack(), SPI);
        assert_int_equal(guest_ack(), NO_INTERRUPT);
        guest_eoi(SPI);
    }
    assert_int_equal(guest_ack(), SPI);
    set_level(SPI, false);
    guest_eoi(SPI);
    assert_nothing_pending();
}

static void a_line_that_fell_before_the_end_costs_no_maintenance_interrupt(void **state)
{
    (void)state;
    world_enable(0, SPI, 0xa0);
    set_level(SPI, true);
    assert_int_equal(guest_ack(), SPI);
    set_level(SPI, false);
    guest_eoi(SPI);
    assert_int_equal(world_maintenances, 0);
}

static void a_line_that_falls_before_it_is_taken_is_not_taken(void **state)
{
    (void)state;
    world_enable(0, SPI, 0xa0);
    set_level(SPI, true);
    set_level(SPI, false);
    assert_nothing_pending();
}

static void an_edge_is_remembered_after_its_line_fell(void **state)
{
    (void)state;
    guest_write(GICD + 0xc00 + SPI / 16 * 4, 4, 2u << SPI % 16 * 2);
    world_enable(0, SPI, 0xa0);
    set_level(SPI, true);
    set_level(SPI, false);
    assert_int_equal(guest_ack(), SPI);
    set_level(SPI, true);                   /* a second edge while the first is handled */
    guest_eoi(SPI);
    assert_int_equal(guest_ack(), SPI);
    guest_eoi(SPI);
    assert_nothing_pending();               /* the line is still high, but there is no edge */
}

static void the_line_of_a_ppi_is_its_vcpus_own(void **state)
{
    (void)state;
    world_enable(0, 30, 0xa0);
    world_enable(1, 30, 0xa0);
    world_line(&world_vcpu[1], 30, true);
    assert_int_equal(guest_ack(), NO_INTERRUPT);
    world_load(&world_vcpu[1]);
    assert_int_equal(guest_ack(), 30);
}

static void software_can_make_a_level_interrupt_pending_once(void **state)
{
    (void)state;
    world_enable(0, SPI, 0xa0);
    guest_write(GICD + 0x204, 4, 1u << SPI % 32);
    assert_int_equal(guest_read(GICD + 0x204, 4), 1u << SPI % 32);
    assert_int_equal(guest_ack(), SPI);
    guest_eoi(SPI);
    assert_nothing_pending();
}

static void clearing_pending_does_not_silence_a_line(void **state)
{
    (void)state;
    world_enable(0, SPI, 0xa0);
    set_level(SPI, true);
    guest_write(GICD + 0x284, 4, ~0u);
    assert_int_equal(guest_read(GICD + 0x204, 4), 1u << SPI % 32);
    assert_int_equal(guest_ack(), SPI);
}

/* Host interrupts behind virtual ones */

static void the_guests_end_is_the_hosts_end(void **state)
{
    (void)state;
    world_enable(0, TIMER, 0xa0);
    for (int i = 0; i < 10; i++) {
        host_fires(TIMER, TIMER);
        assert_int_equal(guest_ack(), TIMER);
        assert_true(host_active[TIMER]);
        guest_eoi(TIMER);
        assert_false(host_active[TIMER]);
    }
    assert_int_equal(world_maintenances, 0);
}

static void a_host_timer_is_active_for_its_vcpu_only(void **state)
{
    (void)state;
    world_enable(0, TIMER, 0xa0);
    world_enable(1, TIMER, 0xa0);
    host_fires(TIMER, TIMER);
    world_load(&world_vcpu[1]);
    assert_false(host_active[TIMER]);
    host_fires(TIMER, TIMER);
    assert_int_equal(guest_ack(), TIMER);
    guest_eoi(TIMER);
    world_load(&world_vcpu[0]);
    assert_true(host_active[TIMER]);
    assert_int_equal(guest_ack(), TIMER);
    guest_eoi(TIMER);
    assert_false(host_active[TIMER]);
    world_load(&world_vcpu[1]);
    assert_false(host_active[TIMER]);
    world_load(&world_vcpu[0]);
    assert_false(host_active[TIMER]);
}

static void a_world_switch_in_the_handler_of_a_host_timer_is_not_seen(void **state)
{
    (void)state;
    world_enable(0, TIMER, 0xa0);
    for (int i = 0; i < 5; i++) {
        host_fires(TIMER, TIMER);
        assert_int_equal(guest_ack(), TIMER);
        world_load(&world_vcpu[1]);
        assert_false(host_active[TIMER]);
        world_load(&world_vcpu[0]);
        assert_true(host_active[TIMER]);
        guest_eoi(TIMER);
        assert_false(host_active[TIMER]);
        world_check();
    }
}

static void a_host_timer_that_the_guest_has_disabled_stays_active_until_it_is_taken(void **state)
{
    (void)state;
    host_fires(TIMER, TIMER);
    assert_nothing_pending();
    assert_true(host_active[TIMER]);
    world_load(&world_vcpu[1]);
    assert_false(host_active[TIMER]);       /* but not for another */
    world_load(&world_vcpu[0]);
    assert_true(host_active[TIMER]);
    world_enable(0, TIMER, 0xa0);
    assert_int_equal(guest_ack(), TIMER);
    guest_eoi(TIMER);
    assert_false(host_active[TIMER]);
}

/* ISTATUS is of the virtual timer, whose control the guest writes without a trap. */
static void a_timer_that_is_moved_before_it_is_taken_is_pending_no_more(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        if (i)
            world_enable(0, TIMER, 0xa0);
        host_fires(TIMER, TIMER);
        assert_int_equal(guest_read(SGI_FRAME(0) + 0x200, 4) >> TIMER & 1, 1);
        FAKE_SYSREG(cntv_ctl_el0)->value = 1;
        assert_int_equal(guest_read(SGI_FRAME(0) + 0x200, 4) >> TIMER & 1, 0);
        assert_nothing_pending();
        assert_false(host_active[TIMER]);
        FAKE_SYSREG(cntv_ctl_el0)->value = 5;
    }
    host_fires(TIMER, TIMER);
    assert_int_equal(guest_ack(), TIMER);
    guest_eoi(TIMER);
}

static void what_is_not_aligned_is_refused(void **state)
{
    uint64_t value = 0;

    (void)state;
    for (unsigned size = 2; size <= 8; size *= 2)
        for (unsigned by = 1; by < size; by++) {
            const struct access a = { .ipa = GICD + 0x400 + SPI / 8 * 8 + by, .size = (uint8_t)size };
            assert_false(vgic_mmio(&world_vcpu[0], &a, &value));
        }
}

static void a_timer_can_fire_for_a_vcpu_that_is_not_loaded(void **state)
{
    (void)state;
    world_enable(1, TIMER, 0xa0);
    vgic_inject_timer(&world_vcpu[1]);
    assert_false(host_active[TIMER]);
    world_load(&world_vcpu[1]);
    assert_true(host_active[TIMER]);
    assert_int_equal(guest_ack(), TIMER);
    guest_eoi(TIMER);
    assert_false(host_active[TIMER]);
}

static void a_timer_that_is_disabled_makes_nobody_late(void **state)
{
    struct sched *s = &world_vcpu[1].context.own_sched;

    (void)state;
    world_vcpu[1].context.state = CONTEXT_WAITING;
    s->due = 100;
    vgic_inject_timer(&world_vcpu[1]);
    assert_int_equal(world_vcpu[1].context.state, CONTEXT_WAITING);
    assert_int_equal(s->due, 0);
    world_enable(1, 3, 0xa0);
    s->due = 100;
    vgic_latch_sgi(&world_vcpu[1], 2);      /* is not enabled, and says nothing of the timer */
    assert_int_equal(s->due, 100);
}

static void clearing_a_host_interrupts_pending_state_lets_it_fire_again(void **state)
{
    (void)state;
    vgic_assign(&world_vm, SPI, 77);
    world_enable(0, SPI, 0xa0);
    host_fires(SPI, 77);
    guest_write(GICD + 0x284, 4, 1u << SPI % 32);
    assert_false(host_active[77]);
    assert_nothing_pending();
    host_fires(SPI, 77);
    assert_int_equal(guest_ack(), SPI);
    guest_eoi(SPI);
    assert_false(host_active[77]);
}

static void clearing_a_host_interrupts_active_state_ends_it_at_the_host(void **state)
{
    (void)state;
    vgic_assign(&world_vm, SPI, 77);
    world_enable(0, SPI, 0xa0);
    host_fires(SPI, 77);
    assert_int_equal(guest_ack(), SPI);
    guest_write(GICD + 0x284, 4, 1u << SPI % 32);   /* not its pending state: it is active */
    assert_true(host_active[77]);
    guest_write(GICD + 0x384, 4, 1u << SPI % 32);
    assert_false(host_active[77]);
}

static void a_host_interrupt_made_pending_while_active_is_ended_once_both_are(void **state)
{
    (void)state;
    vgic_assign(&world_vm, SPI, 77);
    world_enable(0, SPI, 0xa0);
    host_fires(SPI, 77);
    assert_int_equal(guest_ack(), SPI);
    guest_write(GICD + 0x204, 4, 1u << SPI % 32);
    guest_eoi(SPI);
    assert_true(host_active[77]);
    assert_int_equal(guest_ack(), SPI);
    guest_eoi(SPI);
    assert_false(host_active[77]);
    assert_nothing_pending();
}

static void a_host_timer_after_one_that_software_made_pending_is_ended_too(void **state)
{
    (void)state;
    world_enable(0, TIMER, 0xa0);
    guest_write(SGI_FRAME(0) + 0x200, 4, 1u << TIMER);
    assert_int_equal(guest_ack(), TIMER);
    guest_eoi(TIMER);
    host_fires(TIMER, TIMER);
    assert_int_equal(guest_ack(), TIMER);
    guest_eoi(TIMER);
    assert_false(host_active[TIMER]);
}

static void taking_a_link_away_ends_the_host_interrupt(void **state)
{
    (void)state;
    vgic_assign(&world_vm, SPI, 77);
    world_enable(0, SPI, 0xa0);
    host_fires(SPI, 77);
    vgic_assign(&world_vm, SPI, 0);
    assert_false(host_active[77]);
}

static void a_reset_ends_host_interrupts_and_keeps_lines_and_links(void **state)
{
    (void)state;
    vgic_assign(&world_vm, SPI, 77);
    world_enable(0, SPI, 0xa0);
    world_enable(0, SPI + 1, 0x40);
    host_fires(SPI, 77);
    set_level(SPI + 1, true);
    world_load(NULL);
    vgic_reset(&world_vm);
    assert_false(host_active[77]);
    assert_int_equal(guest_read(GICD + 0x104, 4), 0);
    assert_int_equal(guest_read(GICD, 4), 0x50);
    world_load(&world_vcpu[0]);
    assert_nothing_pending();
    world_open();
    world_enable(0, SPI, 0xa0);
    world_enable(0, SPI + 1, 0x40);
    assert_int_equal(guest_ack(), SPI + 1);
    guest_eoi(SPI + 1);
    set_level(SPI + 1, false);
    host_fires(SPI, 77);
    assert_int_equal(guest_ack(), SPI);
}

/* The distributor's gates */

static void a_disabled_interrupt_waits_until_it_is_enabled(void **state)
{
    (void)state;
    world_enable(0, SPI, 0xa0);
    set_level(SPI, true);
    guest_write(GICD + 0x184, 4, 1u << SPI % 32);
    assert_nothing_pending();
    assert_int_equal(guest_read(GICD + 0x204, 4), 1u << SPI % 32);
    guest_write(GICD + 0x104, 4, 1u << SPI % 32);
    assert_int_equal(guest_ack(), SPI);
}

static void a_disabled_group_is_not_forwarded(void **state)
{
    (void)state;
    world_enable(0, SPI, 0xa0);
    set_level(SPI, true);
    guest_write(GICD, 4, 1);
    assert_nothing_pending();
    guest_write(GICD, 4, 2);
    assert_int_equal(guest_ack(), SPI);
}

static void a_pending_interrupt_that_changes_its_group_is_forwarded_by_the_new_one(void **state)
{
    (void)state;
    guest_write(GICD, 4, 2);
    world_enable(0, SPI, 0xa0);
    set_level(SPI, true);
    guest_write(GICD + 0x84, 4, 0);
    assert_nothing_pending();
    guest_write(GICD + 0x84, 4, ~0u);
    assert_int_equal(guest_ack(), SPI);
}

static void each_spi_is_enabled_by_its_own_bit(void **state)
{
    (void)state;
    for (uint32_t intid = 32; intid < VGIC_INTIDS; intid++) {
        world_enable(0, intid, 0xa0);
        set_level(intid, true);
        assert_int_equal(guest_ack(), intid);
        set_level(intid, false);
        guest_eoi(intid);
        guest_write(GICD + 0x180 + intid / 32 * 4, 4, 1u << intid % 32);
        assert_int_equal(guest_read(GICD + 0x100 + intid / 32 * 4, 4), 0);
    }
}

static void a_router_sends_an_spi_to_its_cpu(void **state)
{
    (void)state;
    world_enable(0, SPI, 0xa0);
    guest_write(GICD + 0x6000 + SPI * 8, 8, 1);
    set_level(SPI, true);
    assert_int_equal(guest_ack(), NO_INTERRUPT);
    guest_write(GICD + 0x6000 + SPI * 8, 4, 0);             /* it follows while pending */
    assert_int_equal(guest_ack(), SPI);
    guest_write(GICD + 0x6000 + SPI * 8, 8, 1);             /* but not while active */
    set_level(SPI, false);
    guest_eoi(SPI);
    assert_int_equal(guest_read(GICD + 0x304, 4), 0);
    set_level(SPI, true);
    world_load(&world_vcpu[1]);
    assert_int_equal(guest_ack(), SPI);
}

static void an_spi_that_moved_while_active_comes_next_to_its_new_cpu(void **state)
{
    (void)state;
    world_enable(0, SPI, 0xa0);
    set_level(SPI, true);
    assert_int_equal(guest_ack(), SPI);
    guest_write(GICD + 0x6000 + SPI * 8, 8, 1);
    world_vcpu[1].context.state = CONTEXT_WAITING;
    guest_eoi(SPI);                                         /* its line is still high */
    assert_int_equal(guest_ack(), NO_INTERRUPT);
    assert_int_equal(world_wakes[1], 1);
    world_load(&world_vcpu[1]);
    assert_int_equal(guest_ack(), SPI);
}

static void software_makes_an_spi_active_at_its_cpu(void **state)
{
    (void)state;
    guest_write(GICD + 0x6000 + SPI * 8, 8, 1);
    guest_write(GICD + 0x304, 4, 1u << SPI % 32);
    guest_dir(SPI);                                         /* not the one that has it */
    assert_int_equal(guest_read(GICD + 0x304, 4), 1u << SPI % 32);
    world_load(&world_vcpu[1]);
    guest_dir(SPI);
    assert_int_equal(guest_read(GICD + 0x304, 4), 0);
}

static void an_spi_for_no_cpu_waits_for_one(void **state)
{
    (void)state;
    world_enable(0, SPI, 0xa0);
    guest_write(GICD + 0x6000 + SPI * 8, 8, 5);
    set_level(SPI, true);
    assert_nothing_pending();
    guest_write(GICD + 0x6000 + SPI * 8 + 4, 4, 0xff);
    guest_write(GICD + 0x6000 + SPI * 8, 4, 0);
    assert_nothing_pending();                               /* Aff3 is not 0 */
    guest_write(GICD + 0x6000 + SPI * 8 + 4, 4, 0);
    assert_int_equal(guest_ack(), SPI);
}

static void another_vcpus_redistributor_can_be_used(void **state)
{
    (void)state;
    world_enable(1, 5, 0xa0);
    guest_write(SGI_FRAME(1) + 0x200, 4, 1u << 5);
    assert_int_equal(world_wakes[1], 1);
    assert_int_equal(guest_read(SGI_FRAME(1) + 0x280, 4), 1u << 5);
    assert_int_equal(guest_ack(), NO_INTERRUPT);
    world_load(&world_vcpu[1]);
    assert_int_equal(guest_ack(), 5);
    world_load(&world_vcpu[0]);
    assert_int_equal(guest_read(SGI_FRAME(1) + 0x300, 4), 1u << 5);
}

/* Registers */

static void registers_after_reset_are_those_of_qemus_virt(void **state)
{
    (void)state;
    world_make(2, 4);
    assert_int_equal(guest_read(GICD, 4), 0x50);                    /* ARE, DS */
    assert_int_equal(guest_read(GICD + 4, 4), 0x03780008);          /* 288 INTIDs, no LPIs */
    assert_int_equal(guest_read(GICD + 8, 4), 0x43b);
    assert_int_equal(guest_read(GICD + 0xffe8, 4), 0x3b);
    assert_int_equal(guest_read(GICD + 0xffe0, 4), 0x92);
    assert_int_equal(guest_read(GICR(0) + 8, 8), 0x01000000);
    assert_int_equal(guest_read(GICR(1) + 8, 8), UINT64_C(0x101000110));
    assert_int_equal(guest_read(GICR(1) + 8, 4), 0x01000110);       /* Last, processor 1 */
    assert_int_equal(guest_read(GICR(1) + 12, 4), 1);
    assert_int_equal(guest_read(GICR(0) + 4, 4), 0x43b);
    assert_int_equal(guest_read(GICR(0) + 0x14, 4), 6);
    assert_int_equal(guest_read(GICR(0) + 0xffe8, 4), 0x3b);
    assert_int_equal(guest_read(GICR(0) + 0xffe0, 4), 0x93);
    assert_int_equal(guest_read(SGI_FRAME(0) + 0xc00, 4), 0xaaaaaaaa);
    assert_int_equal(guest_read(SGI_FRAME(0) + 0xc04, 4), 0);
}

static void a_redistributor_wakes_when_told(void **state)
{
    (void)state;
    guest_write(GICR(0) + 0x14, 4, 0);
    assert_int_equal(guest_read(GICR(0) + 0x14, 4), 0);
    guest_write(GICR(0) + 0x14, 4, ~0u);
    assert_int_equal(guest_read(GICR(0) + 0x14, 4), 6);
}

static void priorities_have_byte_lanes(void **state)
{
    (void)state;
    guest_write(GICD + 0x400 + 40, 4, 0x44332211);
    guest_write(GICD + 0x400 + 42, 1, 0xabcd);
    assert_int_equal(guest_read(GICD + 0x400 + 40, 4), 0x44cd2211);
    assert_int_equal(guest_read(GICD + 0x400 + 41, 1), 0x22);
    assert_int_equal(guest_read(GICD + 0x400 + 39, 1), 0);
    guest_write(SGI_FRAME(0) + 0x400 + 31, 1, 0x5a);
    assert_int_equal(guest_read(SGI_FRAME(0) + 0x41c, 4), 0x5a000000);
    assert_int_equal(guest_read(GICD + 0x41c, 4), 0);               /* affinity routing: not here */
}

static void routers_have_halves(void **state)
{
    (void)state;
    guest_write(GICD + 0x6100, 8, UINT64_MAX);
    assert_int_equal(guest_read(GICD + 0x6100, 8), UINT64_C(0xff00ffffff));
    guest_write(GICD + 0x6104, 4, 0x12);
    assert_int_equal(guest_read(GICD + 0x6100, 8), UINT64_C(0x1200ffffff));
    guest_write(GICD + 0x6100, 4, 0x03);
    assert_int_equal(guest_read(GICD + 0x6104, 4), 0x12);
    assert_int_equal(guest_read(GICD + 0x6100, 4), 0x03);
    guest_write(GICD + 0x6000 + 287 * 8, 8, 1);
    assert_int_equal(guest_read(GICD + 0x6000 + 287 * 8, 8), 1);
    guest_write(GICD + 0x6000 + 288 * 8, 8, 1);
    assert_int_equal(guest_read(GICD + 0x6000 + 288 * 8, 8), 0);
    guest_write(GICD + 0x6000 + 31 * 8, 8, 1);
    assert_int_equal(guest_read(GICD + 0x6000 + 31 * 8, 8), 0);
}

static void configuration_has_one_bit_an_interrupt_and_sgis_are_edges(void **state)
{
    (void)state;
    guest_write(GICD + 0xc08, 4, 0xffffffff);
    assert_int_equal(guest_read(GICD + 0xc08, 4), 0xaaaaaaaa);
    guest_write(GICD + 0xc0c, 4, 0x80000002);
    assert_int_equal(guest_read(GICD + 0xc0c, 4), 0x80000002);
    assert_int_equal(world_vm.gic.word[0].edge, 0x8001ffff);
    guest_write(SGI_FRAME(0) + 0xc00, 4, 0);
    guest_write(SGI_FRAME(0) + 0xc04, 4, 0x00800000);
    assert_int_equal(guest_read(SGI_FRAME(0) + 0xc00, 4), 0xaaaaaaaa);
    assert_int_equal(guest_read(SGI_FRAME(0) + 0xc04, 4), 0x00800000);
}

static void set_and_clear_registers_set_and_clear(void **state)
{
    (void)state;
    static const struct { uint32_t set, clear; } pairs[] = { { 0x100, 0x180 }, { 0x200, 0x280 }, { 0x300, 0x380 } };

    for (unsigned i = 0; i < 3; i++)
        for (unsigned word = 0; word < VGIC_WORDS; word++) {
            uint64_t set = (word ? GICD : SGI_FRAME(0)) + pairs[i].set + word * 4;
            uint64_t clear = (word ? GICD : SGI_FRAME(0)) + pairs[i].clear + word * 4;
            guest_write(set, 4, 0xf0f00f0f);
            guest_write(set, 4, 0x00000001);
            guest_write(clear, 4, 0x0000000e);
            assert_int_equal(guest_read(set, 4), 0xf0f00f01);
            assert_int_equal(guest_read(clear, 4), 0xf0f00f01);
            world_check();
        }
}

static bool defined_for(uint32_t offset, unsigned size, bool sgi_frame)
{
    if (offset >= 0x80 && offset < 0x400)
        return size == 4 && (sgi_frame ? offset % 0x80 == 0 : offset % 0x80 > 0 && offset % 0x80 < 0x24);
    if (offset >= 0x400 && offset < 0x800)
        return size != 2 && size != 8 && (sgi_frame ? offset < 0x420 : offset >= 0x420 && offset < 0x520);
    if (offset >= 0xc00 && offset < 0xd00)
        return size == 4 && (sgi_frame ? offset < 0xc08 : offset >= 0xc08 && offset < 0xc48);
    if (sgi_frame)
        return false;
    return offset < 0xc ? size == 4 : (offset >= 0x6100 && offset < 0x6900 && size >= 4) || (offset >= 0xffd0 && size == 4);
}

static void what_is_not_defined_is_read_as_zero_and_not_written(uint64_t frame, bool sgi_frame)
{
    for (unsigned size = 1; size <= 8; size *= 2)
        for (uint32_t offset = 0; offset < 0x10000; offset++) {
            guest_write(frame + offset, size, 0xa5a5a5a5a5a5a5a5);
            uint64_t value = guest_read(frame + offset, size);
            assert_true(size == 8 || value >> size * 8 == 0);
            if (offset % size || !defined_for(offset, size, sgi_frame))
                assert_int_equal(value, 0);
        }
    world_check();
}

static void every_offset_of_the_distributor_answers_every_size(void **state)
{
    (void)state;
    what_is_not_defined_is_read_as_zero_and_not_written(GICD, false);
}

static void every_offset_of_an_sgi_frame_answers_every_size(void **state)
{
    (void)state;
    what_is_not_defined_is_read_as_zero_and_not_written(SGI_FRAME(1), true);
}

static void every_offset_of_a_control_frame_answers_every_size(void **state)
{
    (void)state;
    for (unsigned size = 1; size <= 8; size *= 2)
        for (uint32_t offset = 0; offset < 0x10000; offset++) {
            guest_write(GICR(0) + offset, size, UINT64_MAX);
            uint64_t value = guest_read(GICR(0) + offset, size);
            bool defined = offset == 4 || offset == 8 || offset == 0x14 || offset >= 0xffd0;
            if (!(defined && size == 4 && offset % 4 == 0) && !(offset == 8 && size == 8))
                assert_int_equal(value, 0);
        }
}

static void an_address_outside_is_not_the_gics(void **state)
{
    (void)state;
    static const uint64_t outside[] = { GICD - 1, GICD + 0x10000, GICR(0) - 1, GICR(2), 0, UINT64_MAX,
                                        UINT64_C(1) << 32 | GICD };

    for (unsigned i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        struct access a = { .ipa = outside[i], .size = 1 };
        uint64_t value;
        assert_false(vgic_mmio(&world_vcpu[0], &a, &value));
    }
}

#define ONE(test)  cmocka_unit_test_setup_teardown(test, one_vcpu, checked)
#define TWO_ON_ONE(test) cmocka_unit_test_setup_teardown(test, two_vcpus, checked)
#define TWO(test)  TWO_ON_ONE(test), { #test "_on_two_cpus", test, two_cpus, checked, NULL }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(an_sgi_to_oneself_is_delivered), ONE(an_sgi_while_its_handler_runs_is_taken_afterwards),
        ONE(an_sgi_that_was_disabled_while_active_waits),
        ONE(an_sgi_to_all_others_reaches_all_others),
        ONE(an_sgi_reaches_the_cpus_of_its_target_list_only),
        ONE(an_sgi_to_another_cluster_or_range_reaches_nobody),
        ONE(an_sgi_asks_for_its_group),
        ONE(the_highest_priority_comes_first_however_many_wait),
        ONE(a_higher_priority_displaces_a_lower_from_its_list_register),
        ONE(what_waits_is_brought_in_when_the_list_registers_run_dry),
        ONE(others_than_the_highest_follow_while_no_host_interrupt_waits),
        ONE(a_host_interrupt_goes_before_the_choice), ONE(a_newcomer_does_not_overtake_those_that_wait),
        ONE(what_is_pending_and_active_does_not_overtake_those_that_wait), ONE(nested_handlers_need_no_list_register_each),
        ONE(interrupts_that_are_deactivated_late_and_in_any_order_do_not_block_others),
        ONE(what_the_guest_ended_reads_as_ended_before_the_maintenance_interrupt),
        ONE(what_the_guest_ended_is_not_mistaken_for_what_it_writes_to_next),
        ONE(what_the_guest_ended_is_not_mistaken_for_what_it_makes_active_next),
        TWO(what_the_guest_ended_is_ended_after_a_world_switch),
        ONE(a_masked_priority_does_not_end_a_wait), ONE(a_level_interrupt_comes_again_until_its_line_falls),
        ONE(a_line_that_fell_before_the_end_costs_no_maintenance_interrupt),
        ONE(a_line_that_falls_before_it_is_taken_is_not_taken),
        ONE(an_edge_is_remembered_after_its_line_fell),
        TWO(the_line_of_a_ppi_is_its_vcpus_own),
        ONE(software_can_make_a_level_interrupt_pending_once),
        ONE(clearing_pending_does_not_silence_a_line),
        ONE(the_guests_end_is_the_hosts_end),
        TWO(a_host_timer_is_active_for_its_vcpu_only),
        TWO(a_world_switch_in_the_handler_of_a_host_timer_is_not_seen),
        TWO(a_host_timer_that_the_guest_has_disabled_stays_active_until_it_is_taken),
        TWO(a_timer_that_is_disabled_makes_nobody_late), TWO_ON_ONE(a_timer_can_fire_for_a_vcpu_that_is_not_loaded),
        ONE(a_timer_that_is_moved_before_it_is_taken_is_pending_no_more),
        ONE(clearing_a_host_interrupts_pending_state_lets_it_fire_again),
        ONE(clearing_a_host_interrupts_active_state_ends_it_at_the_host),
        ONE(a_host_interrupt_made_pending_while_active_is_ended_once_both_are),
        ONE(a_host_timer_after_one_that_software_made_pending_is_ended_too),
        ONE(taking_a_link_away_ends_the_host_interrupt),
        ONE(a_reset_ends_host_interrupts_and_keeps_lines_and_links),
        ONE(a_disabled_interrupt_waits_until_it_is_enabled), ONE(a_disabled_group_is_not_forwarded),
        ONE(a_pending_interrupt_that_changes_its_group_is_forwarded_by_the_new_one),
        ONE(each_spi_is_enabled_by_its_own_bit),
        TWO(a_router_sends_an_spi_to_its_cpu),
        TWO(an_spi_that_moved_while_active_comes_next_to_its_new_cpu),
        TWO(software_makes_an_spi_active_at_its_cpu),
        ONE(an_spi_for_no_cpu_waits_for_one),
        TWO(another_vcpus_redistributor_can_be_used),
        TWO(registers_after_reset_are_those_of_qemus_virt),
        ONE(a_redistributor_wakes_when_told),
        ONE(priorities_have_byte_lanes), ONE(routers_have_halves),
        ONE(configuration_has_one_bit_an_interrupt_and_sgis_are_edges),
        ONE(set_and_clear_registers_set_and_clear),
        TWO(every_offset_of_the_distributor_answers_every_size),
        TWO(every_offset_of_an_sgi_frame_answers_every_size),
        TWO(every_offset_of_a_control_frame_answers_every_size),
        TWO(an_address_outside_is_not_the_gics), ONE(what_is_not_aligned_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
