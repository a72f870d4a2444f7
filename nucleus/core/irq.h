/* SPDX-License-Identifier: Apache-2.0 */
/* Host interrupts: whose each is, and what its arrival does. */
#ifndef NUCLEUS_CORE_IRQ_H
#define NUCLEUS_CORE_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/sysreg.h"

struct cpu;
struct notification;

#define IRQ_MESSAGE 0                /* the SGI by which CPUs send each other messages */
#define IRQS_MAX 64                  /* SPIs that are owned at a time */

/* The PPIs of every Arm host (Arm BSA, 5.1.1). */
#define IRQ_MAINTENANCE   25
#define IRQ_HYP_TIMER     26
#define IRQ_VIRTUAL_TIMER 27

struct irq {
    uint32_t intid;                  /* 0: a free place */
    bool bound;
    void (*deliver)(struct irq *);   /* it fired: priority dropped, still active */
    struct notification *notification;
    uint64_t bits;
    void *vm;                        /* virt: the VM that it is assigned to, and its number there */
    uint32_t vintid;
};

extern struct irq irqs[IRQS_MAX];

/* Takes a host SPI that nobody owns; NULL when it is owned, and when all places are taken (*full). */
struct irq *irq_claim(uint32_t intid, bool edge, bool *full);

/* Its arrivals set bits of a notification, and it stays active until irq_finish. */
void irq_bind(struct irq *irq, struct notification *n, uint64_t bits);
void irq_finish(struct irq *irq);

/* It arrives no more, and what of it is on its way does nothing; then it is nobody's again. */
void irq_silence(struct irq *irq);
void irq_free(struct irq *irq);

/* What an SGI or a PPI does; called while booting, by each CPU. */
void irq_set_private(uint32_t intid, void (*handler)(struct cpu *));

/* Takes the highest pending interrupt of this CPU, if there is one, and does what it asks. */
void irq_handle(struct cpu *cpu);

/* Does an interrupt wait to be taken? (ISR_EL1.I) */
static inline bool irq_waits(void)
{
    return sysreg_read(isr_el1) >> 7 & 1;
}
#endif
