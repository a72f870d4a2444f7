/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts, device ranges, and the host itself. */
#include "core/cpu.h"
#include "core/domain.h"
#include "core/irq.h"
#include "core/machine.h"
#include "core/mem.h"
#include "core/portal.h"
#include "core/trace.h"
#include "entry/hypercall.h"
#include "gic/gic.h"
#include "virt/vcpu.h"

static struct vm *managed_vm(const struct context *c, uint64_t handle)
{
    struct domain *d = object(c, handle, OBJECT_DOMAIN, BELAY_RIGHT_MANAGE);

    return d && d->kind == BELAY_DOMAIN_VM ? (struct vm *)d : NULL;
}

int call_line_set(struct context *c, uint64_t *x)
{
    const struct handle h = handle_find(&c->domain->handles, x[0], OBJECT_LINE, BELAY_RIGHT_USE);
    if (h.object == NULL)
        return BELAY_EHANDLE;
    if (x[1] > 1)
        return BELAY_EINVAL;
    line_set(h.object, handle_value(h.tag), x[1]);
    return BELAY_OK;
}

int call_line_create(struct context *c, uint64_t *x)
{
    struct vm *vm = managed_vm(c, x[0]);
    if (vm == NULL)
        return BELAY_EHANDLE;
    if (x[1] < GIC_SPI_FIRST || x[1] >= VGIC_INTIDS)
        return BELAY_EINVAL;
    return new_handle(c, OBJECT_LINE, vm, (uint32_t)x[1], &x[1]);
}

int call_irq_ack(struct context *c, uint64_t *x)
{
    struct irq *irq = object(c, x[0], OBJECT_IRQ, BELAY_RIGHT_USE);
    if (irq == NULL)
        return BELAY_EHANDLE;
    if (irq->notification == NULL)
        return BELAY_ESTATE;
    irq_finish(irq);
    return BELAY_OK;
}

int call_irq_create(struct context *c, uint64_t *x)
{
    if (object(c, x[0], OBJECT_MACHINE, BELAY_RIGHT_MANAGE) == NULL)
        return BELAY_EHANDLE;
    if (x[1] < GIC_SPI_FIRST || x[1] >= gic_intids() || x[2] > 1)
        return BELAY_EINVAL;
    bool full;
    struct irq *irq = irq_claim((uint32_t)x[1], x[2], &full);
    if (irq == NULL)
        return full ? BELAY_ENOMEM : BELAY_EBUSY;
    return new_handle(c, OBJECT_IRQ, irq, 0, &x[1]);
}

int call_irq_bind(struct context *c, uint64_t *x)
{
    struct irq *irq = object(c, x[0], OBJECT_IRQ, BELAY_RIGHT_MANAGE);
    struct notification *n = object(c, x[1], OBJECT_NOTIFICATION, BELAY_RIGHT_USE);
    if (irq == NULL || n == NULL)
        return BELAY_EHANDLE;
    if (irq->bound)
        return BELAY_EBUSY;
    irq_bind(irq, n, x[2]);
    return BELAY_OK;
}

static void deliver_to_vm(struct irq *irq)
{
    line_fired(irq->vm, irq->vintid);
}

int call_irq_assign(struct context *c, uint64_t *x)
{
    struct irq *irq = object(c, x[0], OBJECT_IRQ, BELAY_RIGHT_MANAGE);
    struct vm *vm = managed_vm(c, x[1]);
    if (irq == NULL || vm == NULL)
        return BELAY_EHANDLE;
    if (x[2] < GIC_SPI_FIRST || x[2] >= VGIC_INTIDS)
        return BELAY_EINVAL;
    if (irq->bound)
        return BELAY_EBUSY;
    if (vm->domain.state != BELAY_STATE_STOPPED)
        return BELAY_ESTATE;
    irq->vm = vm;
    irq->vintid = (uint32_t)x[2];
    irq->deliver = deliver_to_vm;
    irq->bound = true;
    vgic_assign(vm, irq->vintid, irq->intid);
    gic_enable(irq->intid);
    return BELAY_OK;
}

int call_trap(struct context *c, uint64_t *x)
{
    struct vm *vm = managed_vm(c, x[0]);
    struct portal *p = object(c, x[3], OBJECT_PORTAL, BELAY_RIGHT_USE);
    if (vm == NULL || p == NULL)
        return BELAY_EHANDLE;
    if (!range_ok(x[1], x[2], UINT64_C(1) << BELAY_IPA_BITS))
        return BELAY_EINVAL;
    if (vm->traps == VM_TRAPS)
        return BELAY_ENOMEM;
    for (unsigned i = 0; i < vm->traps; i++)            /* bound: VM_TRAPS */
        if (x[1] < vm->trap[i].start + vm->trap[i].size && vm->trap[i].start < x[1] + x[2])
            return BELAY_EEXIST;
    (void)__atomic_fetch_add(&p->service->users, 1, __ATOMIC_SEQ_CST);
    vm->trap[vm->traps++] = (struct trap){ x[1], x[2], p };
    return BELAY_OK;
}

int call_machine_putc(struct context *c, uint64_t *x)
{
    if (object(c, x[0], OBJECT_MACHINE, BELAY_RIGHT_MANAGE) == NULL)
        return BELAY_EHANDLE;
    machine_putc((char)x[1]);
    return BELAY_OK;
}

int call_machine_off(struct context *c, uint64_t *x)
{
    if (object(c, x[0], OBJECT_MACHINE, BELAY_RIGHT_MANAGE) == NULL)
        return BELAY_EHANDLE;
    if (x[1] > 2)
        return BELAY_EINVAL;
    if (x[1] == 2)
        machine_halt();
    machine_off(x[1] == 1);
}

int call_trace_start(struct context *c, uint64_t *x)
{
    struct mem *m = object(c, x[2], OBJECT_MEM, BELAY_RIGHT_MANAGE | BELAY_RIGHT_WRITE);

    if (object(c, x[0], OBJECT_MACHINE, BELAY_RIGHT_MANAGE) == NULL || m == NULL)
        return BELAY_EHANDLE;
    if (x[1] >= cpus_running || x[3] == 0 || x[3] & ~(uint64_t)BELAY_TRACE_ALL ||
        m->kind != BELAY_MEM_RAM || m->size < BELAY_TRACE_MIN_BYTES)
        return BELAY_EINVAL;
    return m->pool_of ? BELAY_EBUSY : trace_start(cpus[x[1]], m, (uint32_t)x[3]);
}

int call_trace_stop(struct context *c, uint64_t *x)
{
    if (object(c, x[0], OBJECT_MACHINE, BELAY_RIGHT_MANAGE) == NULL)
        return BELAY_EHANDLE;
    return x[1] < cpus_running ? trace_stop(cpus[x[1]]) : BELAY_EINVAL;
}
