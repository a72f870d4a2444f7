/* SPDX-License-Identifier: Apache-2.0 */
#include "conform.h"
#include "registers.h"
#include "trap.h"

static void quiet_interface(void)
{
    sysreg_write(ICC_CTLR, 0);
    sysreg_write(ICC_AP0R0, 0);
    sysreg_write(ICC_AP1R0, 0);
    sysreg_write(ICC_BPR0, 0);
    sysreg_write(ICC_BPR1, 0);
    sysreg_write(ICC_PMR, 0xff);
    sysreg_write(ICC_IGRPEN0, 0);
    sysreg_write(ICC_IGRPEN1, 1);
    isb();
}

void all_quiet(void)
{
    irq_disable();
    on_interrupt = 0;
    interrupts_taken = 0;
    timer_stop();
    sysreg_set(cntp_ctl_el0, 0);
    write32(GUEST_UART + 0x38, 0);              /* UARTIMSC */
    for (uint32_t intid = 0; intid < intids(); intid += 32) {
        write32(bits_of(intid, ICENABLER), ~0u);
        write32(bits_of(intid, ICPENDR), ~0u);
        write32(bits_of(intid, ICACTIVER), ~0u);
        write32(bits_of(intid, IGROUPR), ~0u);
    }
    write32(GICD_BASE + GICD_CTLR, CTLR_GROUP1);
    quiet_interface();
    SAME(ack(), NONE);
    trap_none();
}
