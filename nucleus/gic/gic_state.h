/* SPDX-License-Identifier: Apache-2.0 */
/* What the two versions of the host's GIC have in common: the distributor, whose registers are nearly the same. */
#ifndef NUCLEUS_GIC_STATE_H
#define NUCLEUS_GIC_STATE_H

#include "gic/gic.h"

/* Distributor (IHI 0069, 12.9; IHI 0048B, 4.3); most registers stand in a redistributor's SGI frame at the same offset. */
#define GICD_CTLR           0x0000
#define GICD_TYPER          0x0004
#define GIC_IGROUPR(n)      (0x0080 + 4 * (n))
#define GIC_ISENABLER(n)    (0x0100 + 4 * (n))
#define GIC_ICENABLER(n)    (0x0180 + 4 * (n))
#define GIC_ICPENDR(n)      (0x0280 + 4 * (n))
#define GIC_ISACTIVER(n)    (0x0300 + 4 * (n))
#define GIC_ICACTIVER(n)    (0x0380 + 4 * (n))
#define GIC_IPRIORITYR(n)   (0x0400 + 4 * (n))
#define GICD_ITARGETSR(intid) (0x0800 + (intid))        /* GICv2 */
#define GIC_ICFGR(n)        (0x0c00 + 4 * (n))
#define GICD_SGIR           0x0f00                      /* GICv2 */
#define GICD_IROUTER(intid) (0x6000 + 8 * (intid))      /* GICv3 */

struct gic {
    uintptr_t dist;
    uintptr_t regions, regions_end;         /* redistributors */
    unsigned intids;
    uintptr_t sgi_frame[CPUS_MAX];          /* of each CPU: its SGIs and PPIs; in a GICv2 the distributor */
    uint64_t affinity[CPUS_MAX];            /* as GICD_IROUTER, or GICD_ITARGETSR, wants it */
    uint64_t sgi_target[CPUS_MAX];          /* as ICC_SGI1R_EL1, or GICD_SGIR, wants it */
};
extern struct gic gic;

/* Of 32 interrupts: disabled, inactive, not pending, all of one priority. */
void gic_quiet(uintptr_t frame, unsigned word);

void gicv2_init(const struct gic_info *info);
void gicv3_init(const struct gic_info *info);
bool gicv2_init_cpu(unsigned cpu);
bool gicv3_init_cpu(unsigned cpu);
#endif
