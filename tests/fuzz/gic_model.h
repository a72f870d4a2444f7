/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A GICv3 of one Security state without list registers: what IHI 0069 says of
 * each interrupt, one by one, written as plainly as can be. What the virtual GIC
 * does is compared with it.
 */
#ifndef TESTS_FUZZ_GIC_MODEL_H
#define TESTS_FUZZ_GIC_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#define MODEL_INTIDS 288
#define MODEL_CPUS   8
#define MODEL_NOBODY 0xffu

struct model_irq {
    bool enabled, group1, latch, line, active, edge, owed;
    uint8_t priority;
    uint64_t router;
    unsigned owner;         /* has it active */
    uint8_t senders;        /* GICv2: of an SGI, for whom it is pending; of an SPI, GICD_ITARGETSR */
};

struct model {
    unsigned cpus;
    uint32_t ctlr;
    bool asleep[MODEL_CPUS];
    struct model_irq private[MODEL_CPUS][32], spi[MODEL_INTIDS];    /* spi[0..31] are not used */
};

void model_reset(struct model *m, unsigned cpus);
struct model_irq *model_irq(struct model *m, unsigned cpu, uint32_t intid);

/* `redist`: the CPU whose redistributor it is, or -1 for the distributor. */
uint64_t model_read(struct model *m, int redist, uint32_t offset, unsigned size);
void model_write(struct model *m, int redist, uint32_t offset, unsigned size, uint64_t value);

void model_line(struct model *m, unsigned cpu, uint32_t intid, bool level);
void model_sgi(struct model *m, unsigned from, uint64_t value, bool group1);
void model_host_fires(struct model *m, unsigned cpu, uint32_t intid);

/* The distributor of a GICv2, as that CPU finds it (IHI 0048B, 4.3). */
void model_v2_reset(struct model *m, unsigned cpus);
uint64_t model_v2_read(struct model *m, unsigned cpu, uint32_t offset, unsigned size);
void model_v2_write(struct model *m, unsigned cpu, uint32_t offset, unsigned size, uint64_t value);
void model_v2_ack_sgi(struct model *m, unsigned cpu, uint32_t intid, unsigned sender);

/* Would the CPU interface of that CPU be told of this interrupt? */
bool model_forwarded(struct model *m, unsigned cpu, uint32_t intid);

/* The highest priority of those, as the CPU interface compares it (IHI 0069, 4.8.2: five bits); 256: there is none. */
unsigned model_highest(struct model *m, unsigned cpu);
void model_ack(struct model *m, unsigned cpu, uint32_t intid);
void model_deactivate(struct model *m, unsigned cpu, uint32_t intid);
#endif
