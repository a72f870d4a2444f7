/* SPDX-License-Identifier: Apache-2.0 */
/* The interrupt controller as the cases know it: GICv2 (IHI 0048) or GICv3 (IHI 0069), whichever the machine has. */
#ifndef CONFORM_CONTROLLER_H
#define CONFORM_CONTROLLER_H

#include <stdbool.h>
#include <stdint.h>

/* Whom an SGI is for: CPUs by their Aff0, or all but the sender. */
enum { TO_FIRST = 1, TO_SECOND = 2, TO_OTHERS = 1 << 16 };

struct controller {
    unsigned version;
    unsigned group;                             /* that all interrupts are in, but for cases of the other one */
    void (*init)(void);                         /* the distributor, once; then each CPU its own part */
    void (*init_cpu)(void);
    void (*quiet)(void);                        /* the CPU interface as each case finds it */
    bool (*second_is_there)(void);
    uintptr_t (*private_frame)(void);           /* where this CPU's SGIs and PPIs are, laid out as the distributor */
    void (*route)(uint32_t spi, unsigned cpu);
    void (*send_sgi)(uint32_t sgi, unsigned to);
    uint32_t (*ack)(void);                      /* what the end of it wants: INTID_OF that is the interrupt */
    void (*eoi)(uint32_t acknowledged);
    void (*deactivate)(uint32_t acknowledged);
    void (*set_eoimode)(bool drops_only);       /* whether the end of an interrupt leaves it active */
    void (*set_mask)(uint8_t priority);         /* only higher priorities come */
    void (*set_preemption_bits)(unsigned bits); /* so many upper bits of a priority count for preemption */
    uint8_t (*running)(void);                   /* the priority of what is handled, 0xff: of nothing */
};

extern const struct controller gicv2, gicv3;
extern const struct controller *gic;

/* As the device tree says, or without one the identification register. */
void gic_find(const void *dtb);

#define INTID_OF(acknowledged) ((acknowledged) & 0x3ff)
#define NONE      1023u
#define SPURIOUS  1020u         /* this and above are no interrupts */

#define SPI_FIRST     64        /* of some that no device has */

/* The distributor's, and of a GICv3 a redistributor's SGI frame's. */
#define IGROUPR    0x080ul
#define ISENABLER  0x100ul
#define ICENABLER  0x180ul
#define ISPENDR    0x200ul
#define ICPENDR    0x280ul
#define ISACTIVER  0x300ul
#define ICACTIVER  0x380ul
#define IPRIORITYR 0x400ul
#define ICFGR      0xc00ul

#define GICD_BASE      0x08000000ul
#define GICD_CTLR      0x0ul
#define GICD_TYPER     0x4ul
#define GICD_IIDR      0x8ul
#define CTLR_GROUP0    1u       /* with one Security state */
#define CTLR_GROUP1    2u

/* INTIDs below this are there. */
uint32_t intids(void);

/* Where the bit of an interrupt is in one of the registers above; its reading, and a write of a 1 to it alone. */
uintptr_t bits_of(uint32_t intid, uintptr_t reg);
unsigned bit(uint32_t intid, uintptr_t reg);
void set(uint32_t intid, uintptr_t reg);

void set_group(uint32_t intid, unsigned group);
void set_edge(uint32_t intid, bool edge);
void set_priority(uint32_t intid, uint8_t priority);

/* With that priority; an SPI comes to the first CPU then. */
void enable(uint32_t intid, uint8_t priority);
void sgi_self(uint32_t sgi);    /* of the first CPU */

/* An interrupt takes some time to come, so a few looks are needed before it can be said that none does. */
uint32_t ack(void);

/* One that is due: where the machine's time is the host's, it may be late. */
uint32_t ack_soon(void);
#endif
