/* SPDX-License-Identifier: Apache-2.0 */
#include "core/irq.h"

#include <stddef.h>

#include "base/assert.h"
#include "base/section.h"
#include "core/notification.h"
#include "gic/gic.h"

struct irq irqs[IRQS_MAX];
static uint8_t place_of[GIC_SPURIOUS];      /* of each INTID: its index in irqs, plus 1 */

/* Only what irq_set_private enabled arrives. Anything else stays active, and so does not come again. */
static void unexpected(struct cpu *cpu)
{
    (void)cpu;
}

static void (*private[GIC_SPI_FIRST])(struct cpu *) = { [0 ... GIC_SPI_FIRST - 1] = unexpected };

BOOT_ONLY void irq_set_private(uint32_t intid, void (*handler)(struct cpu *))
{
    assert(intid < GIC_SPI_FIRST);

    private[intid] = handler;
    gic_enable(intid);
}

struct irq *irq_claim(uint32_t intid, bool edge, bool *full)
{
    assert(intid >= GIC_SPI_FIRST && intid < gic_intids());

    *full = false;
    if (place_of[intid])
        return NULL;
    for (unsigned i = 0; i < IRQS_MAX; i++)         /* bound: IRQS_MAX */
        if (irqs[i].intid == 0) {
            irqs[i].intid = intid;
            place_of[intid] = (uint8_t)(i + 1);
            gic_spi_config(intid, edge, 0);
            return &irqs[i];
        }
    *full = true;
    return NULL;
}

static void notify(struct irq *irq)
{
    notification_signal(irq->notification, irq->bits);
}

void irq_bind(struct irq *irq, struct notification *n, uint64_t bits)
{
    irq->notification = n;
    irq->bits = bits;
    irq->deliver = notify;
    irq->bound = true;
    gic_enable(irq->intid);
}

void irq_finish(struct irq *irq)
{
    gic_deactivate(irq->intid);
}

void irq_silence(struct irq *irq)
{
    gic_disable(irq->intid);
    irq->deliver = irq_finish;
}

void irq_free(struct irq *irq)
{
    gic_set_active(irq->intid, false);
    place_of[irq->intid] = 0;
    *irq = (struct irq){ 0 };
}

void irq_handle(struct cpu *cpu)
{
    uint64_t ack = gic_ack(), intid = GIC_INTID(ack);

    if (intid >= GIC_SPURIOUS)
        return;
    gic_eoi(ack);
    if (intid < GIC_SPI_FIRST) {
        private[intid](cpu);
        return;
    }
    if (unlikely(place_of[intid] == 0)) {           /* it was on its way when it was disabled */
        gic_deactivate((uint32_t)intid);
        return;
    }
    struct irq *irq = &irqs[place_of[intid] - 1];
    assert(irq->bound);                             /* nothing else is enabled */
    irq->deliver(irq);
}
