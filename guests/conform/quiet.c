/* SPDX-License-Identifier: Apache-2.0 */
#include "conform.h"
#include "registers.h"
#include "trap.h"

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
        write32(bits_of(intid, IGROUPR), gic->group ? ~0u : 0);
    }
    write32(GICD_BASE + GICD_CTLR, CTLR_GROUP0 << gic->group);
    gic->quiet();
    SAME(ack(), NONE);
    trap_none();
}
