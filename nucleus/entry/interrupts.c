/* SPDX-License-Identifier: Apache-2.0 */
#include "entry/interrupts.h"

#include "core/cpu.h"
#include "core/irq.h"
#include "core/sched.h"
#include "gic/gic.h"
#include "virt/vcpu.h"

static void hyp_timer(struct cpu *cpu)
{
    sched_timer(cpu);
    gic_deactivate(IRQ_HYP_TIMER);
}

/* Stays active at the host: the guest's EOI ends it. */
static void virtual_timer(struct cpu *cpu)
{
    vtimer_interrupt(context_vcpu(cpu->loaded));
}

static void maintenance(struct cpu *cpu)
{
    vgic_maintenance(context_vcpu(cpu->loaded));
    gic_deactivate(IRQ_MAINTENANCE);
}

void interrupts_init(void)
{
    irq_set_ppi(IRQ_HYP_TIMER, hyp_timer);
    irq_set_ppi(IRQ_VIRTUAL_TIMER, virtual_timer);
    irq_set_ppi(IRQ_MAINTENANCE, maintenance);
}
