/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts between CPUs. Each case turns the second one on, and off again; without one, all of it is kept. */
#include "conform.h"
#include "gicv3.h"
#include "guest.h"
#include "registers.h"
#include "second.h"

/* What a case does `times` times with the second CPU on. */
static void with_second(int times, void (*what)(void))
{
    if (!second_is_there()) {
        return;
    }
    second_listen();
    SAME(second_on(), true);
    while (times--) {
        what();
    }
    second_off();
    SAME(ack(), NONE);
}

static void ask_in_each_way(void)
{
    ask_second(TO_SECOND);
    ask_second(TO_OTHERS);
}
static void a_second_cpu_answers(void) { with_second(100, ask_in_each_way); }

static void route_there_and_back(void)
{
    enable(SPI_FIRST, 0x80);
    gic->route(SPI_FIRST, SECOND);
    set(SPI_FIRST, ISPENDR);
    expect_sgi(4);
    SAME(bit(SPI_FIRST, ISPENDR), 0);
    SAME(bit(SPI_FIRST, ISACTIVER), 1);
    set(SPI_FIRST, ISPENDR);                                    /* while it is handled */
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    ask_second(TO_SECOND);                                              /* it ends that, and takes the next */
    expect_sgi(4);
    SAME(bit(SPI_FIRST, ISPENDR), 0);
    ask_second(TO_SECOND);
    SAME(bit(SPI_FIRST, ISACTIVER), 0);
    gic->route(SPI_FIRST, 0);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
}
static void an_interrupt_goes_to_the_cpu_of_its_router(void) { with_second(20, route_there_and_back); }

static void end_from_here(void)
{
    enable(SPI_FIRST, 0x80);
    gic->route(SPI_FIRST, SECOND);
    set(SPI_FIRST, ISPENDR);
    expect_sgi(4);
    set(SPI_FIRST, ICACTIVER);
    SAME(bit(SPI_FIRST, ISACTIVER), 0);
    gic->route(SPI_FIRST, 0);
    set(SPI_FIRST, ISPENDR);                                    /* so another one can take it */
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
    ask_second(TO_SECOND);
}
static void what_another_cpu_handles_can_be_ended_from_here(void) { with_second(20, end_from_here); }

static void ask_by_its_redistributor(void)
{
    write32(SECOND_SGIS + ISPENDR, 2);
    expect_sgi(2);
}
static void an_sgi_is_made_by_another_cpus_redistributor_too(void) { with_second(20, ask_by_its_redistributor); }

static void hold_back(void)
{
    write32(SECOND_SGIS + ICENABLER, 2);
    gic->send_sgi(1, TO_SECOND);
    SAME(wait_for_any(counter_hz() / 10000), TIMER_PPI);
    SAME(read32(SECOND_SGIS + ISPENDR) & 2, 2);
    write32(SECOND_SGIS + ISENABLER, 2);
    expect_sgi(2);
    SAME(read32(SECOND_SGIS + ISPENDR) & 2, 0);
}
static void another_cpus_sgi_is_held_back_by_its_redistributor(void) { with_second(20, hold_back); }

static void private_registers(void)
{
    uintptr_t own = bits_of(0, ISENABLER), other = SECOND_SGIS + ISENABLER;
    uint32_t mine = read32(own);
    write32(other, 1u << 14);
    SAME(read32(own), mine);
    SAME(read32(other) >> 14 & 1, 1);
    write32(SECOND_SGIS + ICENABLER, 1u << 14);
    write8(SECOND_SGIS + IPRIORITYR + 14, 0x30);
    write8(FIRST_SGIS + IPRIORITYR + 14, 0x50);
    SAME(read8(SECOND_SGIS + IPRIORITYR + 14), 0x30);
}
static void sgis_and_ppis_are_each_cpus_own(void) { with_second(1, private_registers); }

static void to_both(void)
{
    enable(1, 0x60);                                        /* of one SGI, each has its own */
    gic->send_sgi(1, TO_FIRST | TO_SECOND);
    SAME(ack(), 1);
    gic->eoi(1);
    expect_sgi(2);
    set(1, ICENABLER);
}
static void one_sgi_can_go_to_both(void) { with_second(20, to_both); }

static void change_the_router_of_what_is_pending(void)
{
    set(SPI_FIRST, ICENABLER);
    gic->route(SPI_FIRST, 0);
    set(SPI_FIRST, ISPENDR);
    gic->route(SPI_FIRST, SECOND);
    set(SPI_FIRST, ISENABLER);
    expect_sgi(4);
    SAME(ack(), NONE);
    ask_second(TO_SECOND);
}
static void what_is_pending_goes_where_the_router_says_then(void) { with_second(20, change_the_router_of_what_is_pending); }

/* What is sent to a CPU while it is off is there when it comes on. */
static void an_sgi_waits_for_a_cpu_that_is_off(void)
{
    if (!second_is_there()) {
        return;
    }
    second_listen();
    gic->send_sgi(1, TO_SECOND);
    SAME(second_on(), true);
    expect_sgi(2);
    second_off();
}

const struct promise gic_several[] = {
    PROMISE(a_second_cpu_answers),
    PROMISE(an_interrupt_goes_to_the_cpu_of_its_router),
    PROMISE(what_another_cpu_handles_can_be_ended_from_here),
    PROMISE_OF(3, an_sgi_is_made_by_another_cpus_redistributor_too),
    PROMISE_OF(3, another_cpus_sgi_is_held_back_by_its_redistributor),
    PROMISE_OF(3, sgis_and_ppis_are_each_cpus_own),
    PROMISE(one_sgi_can_go_to_both),
    PROMISE_OF(3, what_is_pending_goes_where_the_router_says_then),
    PROMISE(an_sgi_waits_for_a_cpu_that_is_off),
    { 0 },
};
