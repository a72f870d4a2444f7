/* SPDX-License-Identifier: Apache-2.0 */
/* How interrupts come to one CPU (IHI 0048, 3; IHI 0069, 4): what is pending and active, and their ends. */
#include "conform.h"
#include "gicv3.h"
#include "guest.h"
#include "registers.h"
#include "trap.h"

static void an_sgi_to_oneself_comes_each_time(void)
{
    enable(3, 0xa0);
    for (int i = 0; i < 100; i++) {
        sgi_self(3);
        SAME(ack(), 3);
        gic->eoi(3);
        SAME(ack(), NONE);
    }
}

static void an_sgi_while_it_is_active_comes_afterwards(void)
{
    enable(3, 0xa0);
    sgi_self(3);
    SAME(ack(), 3);
    sgi_self(3);
    SAME(ack(), NONE);
    SAME(bit(3, ISPENDR), 1);
    SAME(bit(3, ISACTIVER), 1);
    gic->eoi(3);
    SAME(ack(), 3);
    gic->eoi(3);
    SAME(ack(), NONE);
}

static void interrupts_are_deactivated_in_any_order(void)
{
    gic->set_eoimode(true);
    for (uint32_t i = 0; i < 20; i++) {
        enable(SPI_FIRST + i, 0xa0);
        set(SPI_FIRST + i, ISPENDR);
        SAME(ack(), SPI_FIRST + i);
        gic->eoi(SPI_FIRST + i);                 /* the priority drops, and no more */
    }
    uint32_t active = 0xfffff;
    for (uint32_t i = 0; i < 20; i++) {
        SAME(read32(bits_of(SPI_FIRST, ISACTIVER)), active);
        gic->deactivate(SPI_FIRST + i * 7 % 20);
        active &= ~(1u << i * 7 % 20);
    }
    SAME(read32(bits_of(SPI_FIRST, ISACTIVER)), 0);
}

static void a_disabled_interrupt_waits(void)
{
    enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ICENABLER);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), NONE);
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    set(SPI_FIRST, ISENABLER);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
}

static void a_pending_interrupt_can_be_taken_back(void)
{
    enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    set(SPI_FIRST, ICPENDR);
    SAME(bit(SPI_FIRST, ISPENDR), 0);
    SAME(ack(), NONE);
}

static void a_router_to_nobody_keeps_an_interrupt(void)
{
    enable(SPI_FIRST, 0xa0);
    write64(GICD_BASE + GICD_IROUTER + SPI_FIRST * 8, 0x7f);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), NONE);
    write64(GICD_BASE + GICD_IROUTER + SPI_FIRST * 8, 0);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
}

static void made_pending_and_active_it_is_both(void)
{
    enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISACTIVER);
    set(SPI_FIRST, ISPENDR);
    SAME(bit(SPI_FIRST, ISACTIVER), 1);
    SAME(bit(SPI_FIRST, ISPENDR), 1);
    SAME(ack(), NONE);                          /* not while it is active */
    set(SPI_FIRST, ICACTIVER);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
    SAME(bit(SPI_FIRST, ISACTIVER), 0);
}

static void an_sgi_made_active_is_not_taken_till_it_is_not(void)
{
    enable(5, 0xa0);
    set(5, ISACTIVER);
    sgi_self(5);
    SAME(ack(), NONE);
    set(5, ICACTIVER);
    SAME(ack(), 5);
    gic->eoi(5);
}

static void each_sgi_comes_as_itself(void)
{
    for (uint32_t intid = 0; intid < 16; intid++) {
        enable(intid, 0x80);
        sgi_self(intid);
        SAME(ack(), intid);
        gic->eoi(intid);
    }
}

static void an_sgi_is_made_by_its_pending_register_too(void)
{
    enable(7, 0xa0);
    set(7, ISPENDR);
    SAME(bit(7, ISPENDR), 1);
    SAME(ack(), 7);
    SAME(bit(7, ISPENDR), 0);
    gic->eoi(7);
    set(7, ISPENDR);
    set(7, ICPENDR);
    SAME(ack(), NONE);
}

static void an_sgi_to_all_others_is_not_for_oneself(void)
{
    enable(9, 0xa0);
    gic->send_sgi(9, TO_OTHERS);
    SAME(ack(), NONE);
}

static void an_sgi_to_cpus_that_there_are_not_is_lost(void)
{
    enable(3, 0xa0);
    sysreg_set(ICC_SGI1R, 3ul << 24 | 0xff00);                  /* Aff0 8 to 15 */
    sysreg_set(ICC_SGI1R, 1ul << 16 | 3ul << 24 | 1);           /* Aff1 1 */
    sysreg_set(ICC_SGI1R, 1ul << 32 | 3ul << 24 | 1);           /* Aff2 1 */
    sysreg_set(ICC_SGI1R, 1ul << 48 | 3ul << 24 | 1);           /* Aff3 1 */
    sysreg_set(ICC_SGI1R, 3ul << 24);                           /* nobody */
    SAME(ack(), NONE);
}

static void an_edge_that_comes_while_active_comes_again(void)
{
    set_edge(SPI_FIRST, true);
    enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), SPI_FIRST);
    set(SPI_FIRST, ISPENDR);
    gic->eoi(SPI_FIRST);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
    SAME(ack(), NONE);
    set_edge(SPI_FIRST, false);
}

static void made_pending_by_software_a_level_comes_once(void)
{
    enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), SPI_FIRST);
    gic->eoi(SPI_FIRST);
    SAME(ack(), NONE);
    SAME(bit(SPI_FIRST, ISPENDR), 0);
}

static void with_eoimode_an_sgi_is_active_till_it_is_deactivated(void)
{
    gic->set_eoimode(true);
    enable(3, 0xa0);
    sgi_self(3);
    SAME(ack(), 3);
    gic->eoi(3);
    SAME(gic->running(), 0xff);
    SAME(bit(3, ISACTIVER), 1);
    sgi_self(3);
    SAME(ack(), NONE);
    gic->deactivate(3);
    SAME(bit(3, ISACTIVER), 0);
    SAME(ack(), 3);
    gic->eoi(3);
    gic->deactivate(3);
}

static void without_eoimode_nothing_is_left_to_deactivate(void)
{
    enable(3, 0xa0);
    sgi_self(3);
    SAME(ack(), 3);
    gic->eoi(3);
    SAME(bit(3, ISACTIVER), 0);
    SAME(gic->running(), 0xff);
}

static void disabled_while_active_it_can_be_ended(void)
{
    enable(SPI_FIRST, 0xa0);
    set(SPI_FIRST, ISPENDR);
    SAME(ack(), SPI_FIRST);
    set(SPI_FIRST, ICENABLER);
    SAME(bit(SPI_FIRST, ISACTIVER), 1);
    gic->eoi(SPI_FIRST);
    SAME(bit(SPI_FIRST, ISACTIVER), 0);
    SAME(gic->running(), 0xff);
}

static void every_spi_can_be_taken(void)
{
    for (uint32_t intid = 32; intid < intids(); intid++) {
        enable(intid, 0xa0);
        set(intid, ISPENDR);
        SAME(ack(), intid);
        gic->eoi(intid);
        SAME(ack(), NONE);
        set(intid, ICENABLER);
    }
}

static void wfi_ends_for_what_is_masked_in_pstate_and_not_for_what_is_disabled(void)
{
    enable(TIMER_PPI, 0xa0);
    set(SPI_FIRST, ICENABLER);
    set(SPI_FIRST, ISPENDR);                    /* pending, and nobody's */
    uint64_t due = counter() + counter_hz() / 10000;
    timer_set(due);
    while (sysreg_read(isr_el1) == 0) {
        wfi();
    }
    SAME(counter() >= due, true);
    SAME(ack_soon(), TIMER_PPI);
    timer_stop();
    gic->eoi(TIMER_PPI);
}

#define UART_INTID  33
#define UART_IMSC   (GUEST_UART + 0x38)
#define UART_ICR    (GUEST_UART + 0x44)
#define UART_TX     0x20u

/* The UART has sent what was printed so far, so its transmit interrupt is raised; who clears it or masks it lowers the line. */
static void a_devices_line_is_a_level(void)
{
    print("conform:   the UART sends this\n");
    write32(UART_IMSC, UART_TX);
    SAME(bit(UART_INTID, ISPENDR), 1);
    set(UART_INTID, ICPENDR);
    SAME(bit(UART_INTID, ISPENDR), 1);
    enable(UART_INTID, 0xa0);
    SAME(ack(), UART_INTID);
    SAME(ack(), NONE);
    gic->eoi(UART_INTID);
    SAME(ack(), UART_INTID);                    /* as long as its line is high */
    write32(UART_ICR, UART_TX);
    gic->eoi(UART_INTID);
    SAME(ack(), NONE);
    SAME(bit(UART_INTID, ISPENDR), 0);
    write32(UART_IMSC, 0);
}

const struct promise gic_delivery[] = {
    PROMISE(an_sgi_to_oneself_comes_each_time),
    PROMISE(an_sgi_while_it_is_active_comes_afterwards),
    PROMISE(interrupts_are_deactivated_in_any_order),
    PROMISE(a_disabled_interrupt_waits),
    PROMISE(a_pending_interrupt_can_be_taken_back),
    PROMISE_OF(3, a_router_to_nobody_keeps_an_interrupt),
    PROMISE(made_pending_and_active_it_is_both),
    PROMISE(an_sgi_made_active_is_not_taken_till_it_is_not),
    PROMISE(each_sgi_comes_as_itself),
    PROMISE_OF(3, an_sgi_is_made_by_its_pending_register_too),
    PROMISE(an_sgi_to_all_others_is_not_for_oneself),
    PROMISE_OF(3, an_sgi_to_cpus_that_there_are_not_is_lost),
    PROMISE(an_edge_that_comes_while_active_comes_again),
    PROMISE(made_pending_by_software_a_level_comes_once),
    PROMISE(with_eoimode_an_sgi_is_active_till_it_is_deactivated),
    PROMISE(without_eoimode_nothing_is_left_to_deactivate),
    PROMISE(disabled_while_active_it_can_be_ended),
    PROMISE(every_spi_can_be_taken),
    PROMISE(wfi_ends_for_what_is_masked_in_pstate_and_not_for_what_is_disabled),
    PROMISE(a_devices_line_is_a_level),
    { 0 },
};
