/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The EL1 registers that code at EL0 sees or obeys even under HCR_EL2.TGE: a
 * service runs with known values. In a header, for each call of a service does
 * it twice. The debug registers trap from guests and stay as the nucleus set
 * them, but for those of guests that ask for them: MDSCR_EL1 holds the loaded
 * vCPU's value while that runs and 0 at all other times.
 */
#ifndef NUCLEUS_ARM64_EL0_H
#define NUCLEUS_ARM64_EL0_H

#include <stdbool.h>
#include <stdint.h>

#include "arm64/debug.h"
#include "arm64/sysreg.h"

#define SCTLR_EL1_RES1  0x30c50830u   /* bits 29, 28, 23, 22, 18 (nTWE), 16 (nTWI), 11, 5, 4: also after reset */
#define SCTLR_AARCH32_RES1 0x00c50838u  /* of SCTLR: 23, 22, 18 (nTWE), 16 (nTWI), 11, 5, 4, 3 */
#define SCTLR_EL1_UCI   (1u << 26)    /* cache maintenance by address at EL0 */
#define SCTLR_EL1_UCT   (1u << 15)    /* CTR_EL0 at EL0 */
#define SCTLR_EL1_DZE   (1u << 14)    /* DC ZVA at EL0 */
#define SCTLR_SERVICE   (SCTLR_EL1_RES1 | SCTLR_EL1_UCI | SCTLR_EL1_UCT | SCTLR_EL1_DZE)
#define CPACR_EL1_FPEN  (3u << 20)
#define CNTKCTL_PCTEN   (1u << 0)
#define CNTKCTL_VCTEN   (1u << 1)

struct el0_view {
    uint64_t sp_el0, tpidr_el0, tpidrro_el0;
    uint64_t sctlr, cpacr, cntkctl;
    uint64_t mdscr;             /* for the hardware; never 0 where points are */
    uint64_t own_mdscr;         /* as the guest last wrote it, which trapped */
    const struct debug_points *points;  /* its own, or its debugger's; NULL: none */
    uint64_t offset;            /* CNTVOFF_EL2: how long its clock has stood still */
    uint64_t cval;              /* while it is not in the hardware and has an offset: CNTV_CVAL_EL0 by its own clock */
    bool open;                  /* it has one of these, which few have */
};

/*
 * CNTVOFF_EL2 is 0 at all times but while a view with an offset is in the hardware: everybody else counts as the host does. The
 * virtual timer that is in the hardware is the loaded vCPU's all the time: CNTV_CVAL_EL0 is by whatever clock CNTVCT_EL0 has.
 */
void el0_open(const struct el0_view *v);
void el0_close(struct el0_view *v);

/* Its mdscr, or its offset, has changed. */
static inline void el0_view_changed(struct el0_view *v)
{
    v->open = v->mdscr || v->offset;
}

/* A time of its clock by the host's. What lies beyond the end of all times stays there. */
static inline uint64_t el0_host_time(const struct el0_view *v)
{
    return v->cval > UINT64_MAX - v->offset ? UINT64_MAX : v->cval + v->offset;
}

static inline void el0_view_save(struct el0_view *v)
{
    sysreg_read_pair(v->sp_el0, sp_el0, v->tpidr_el0, tpidr_el0);
    sysreg_read_pair(v->tpidrro_el0, tpidrro_el0, v->sctlr, sctlr_el1);
    sysreg_read_pair(v->cpacr, cpacr_el1, v->cntkctl, cntkctl_el1);
    if (v->open)
        el0_close(v);
}

static inline void el0_view_restore(const struct el0_view *v)
{
    sysreg_write_pair(sp_el0, v->sp_el0, tpidr_el0, v->tpidr_el0);
    sysreg_write_pair(tpidrro_el0, v->tpidrro_el0, sctlr_el1, v->sctlr);
    sysreg_write_pair(cpacr_el1, v->cpacr, cntkctl_el1, v->cntkctl);
    if (v->open)
        el0_open(v);
}

/* What every service runs with, and its own stack pointer and thread register. */
static inline void el0_view_service(uint64_t sp_el0, uint64_t tpidr_el0)
{
    sysreg_write(sp_el0, sp_el0);
    sysreg_write(tpidr_el0, tpidr_el0);
    sysreg_write(tpidrro_el0, 0);
    sysreg_write(sctlr_el1, SCTLR_SERVICE);
    sysreg_write(cpacr_el1, CPACR_EL1_FPEN);
    sysreg_write(cntkctl_el1, CNTKCTL_PCTEN | CNTKCTL_VCTEN);
}
#endif
