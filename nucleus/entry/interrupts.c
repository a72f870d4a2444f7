/* SPDX-License-Identifier: Apache-2.0 */
#include "entry/interrupts.h"

#include "base/assert.h"
#include "base/section.h"
#include "core/cpu.h"
#include "core/irq.h"
#include "core/message.h"
#include "core/sched.h"
#include "gic/gic.h"
#include "virt/vcpu.h"

static void hyp_timer(struct cpu *cpu)
{
    sched_timer(cpu);
    gic_deactivate(IRQ_HYP_TIMER);
}

/*
 * These two are levels, which the host's controller may see fall only some time after the vCPU that raised them was
 * unloaded: one that comes too late is nobody's, or not this vCPU's.
 */

/* Stays active at the host: the guest's EOI ends it. */
static void virtual_timer(struct cpu *cpu)
{
    if (likely(cpu->loaded && vtimer_is_due()))
        vtimer_interrupt(context_vcpu(cpu->loaded));
    else
        gic_deactivate(IRQ_VIRTUAL_TIMER);
}

static void maintenance(struct cpu *cpu)
{
    if (cpu->loaded)
        vgic_maintenance(context_vcpu(cpu->loaded));
    gic_deactivate(IRQ_MAINTENANCE);
}

/* Ended first: what is sent from here on comes as another. */
static void message(struct cpu *cpu)
{
    gic_deactivate(IRQ_MESSAGE);
    message_interrupt(cpu);
}

BOOT_ONLY void interrupts_init(void)
{
    irq_set_private(IRQ_MESSAGE, message);
    irq_set_private(IRQ_HYP_TIMER, hyp_timer);
    irq_set_private(IRQ_VIRTUAL_TIMER, virtual_timer);
    irq_set_private(IRQ_MAINTENANCE, maintenance);
}
