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

#include <stdint.h>

#include "arm64/debug.h"
#include "arm64/sysreg.h"

#define SCTLR_EL1_RES1  0x30c50830u   /* bits 29, 28, 23, 22, 18 (nTWE), 16 (nTWI), 11, 5, 4: also after reset */
#define SCTLR_AARCH32_RES1 0x00c50838u  /* of SCTLR: 23, 22, 18 (nTWE), 16 (nTWI), 11, 5, 4, 3 */
#define SCTLR_EE        (1u << 25)    /* EL1 is big-endian, and its exceptions */
#define SCTLR_E0E       (1u << 24)    /* EL0 is */
#define SCTLR_EL1_UCI   (1u << 26)    /* cache maintenance by address at EL0 */
#define SCTLR_EL1_UCT   (1u << 15)    /* CTR_EL0 at EL0 */
#define SCTLR_EL1_DZE   (1u << 14)    /* DC ZVA at EL0 */
#define SCTLR_SERVICE   (SCTLR_EL1_RES1 | SCTLR_EL1_UCI | SCTLR_EL1_UCT | SCTLR_EL1_DZE)
#define CPACR_EL1_FPEN  (3u << 20)
#define CNTKCTL_PCTEN   (1u << 0)
#define CNTKCTL_VCTEN   (1u << 1)

/* A clock that has stood still. */
struct el0_clock {
    uint64_t offset;            /* CNTVOFF_EL2: for how long */
    uint64_t cval;              /* while the view is not in the hardware: CNTV_CVAL_EL0, by this clock */
};

#define EL0_CLOCK  (UINT64_C(1) << 63)  /* in `mdscr`, and no bit of MDSCR_EL1: it has such a clock */

struct el0_view {
    uint64_t sp_el0, tpidr_el0, tpidrro_el0;
    uint64_t sctlr, cpacr, cntkctl;
    uint64_t mdscr;             /* for the hardware; never 0 where points are */
    struct el0_clock *clock;
    const struct debug_points *points;  /* its own, or its debugger's; NULL: none */
};

/* A time of that clock by the host's. What lies beyond the end of all times stays there. */
static inline uint64_t el0_host_time(const struct el0_clock *c)
{
    return c->cval > UINT64_MAX - c->offset ? UINT64_MAX : c->cval + c->offset;
}

/*
 * CNTVOFF_EL2 is 0 at all times but while a view with a clock is in the hardware: everybody else counts as the host does. The
 * virtual timer that is in the hardware is the loaded vCPU's all the time: CNTV_CVAL_EL0 is by whatever clock CNTVCT_EL0 has.
 * The order is such that while one of the two is written the timer is not due if it is not before and after that.
 */
static inline void el0_open_clock(const struct el0_clock *c)
{
    sysreg_write(cntvoff_el2, c->offset);
    sysreg_write(cntv_cval_el0, c->cval);
}

static inline void el0_close_clock(struct el0_clock *c)
{
    c->cval = sysreg_read(cntv_cval_el0);
    sysreg_write(cntv_cval_el0, el0_host_time(c));
    sysreg_write(cntvoff_el2, 0);
}

static inline void el0_view_save(struct el0_view *v)
{
    sysreg_read_pair(v->sp_el0, sp_el0, v->tpidr_el0, tpidr_el0);
    sysreg_read_pair(v->tpidrro_el0, tpidrro_el0, v->sctlr, sctlr_el1);
    sysreg_read_pair(v->cpacr, cpacr_el1, v->cntkctl, cntkctl_el1);
    if (v->mdscr) {
        debug_close();
        if (v->mdscr & EL0_CLOCK)
            el0_close_clock(v->clock);
    }
}

static inline void el0_view_restore(const struct el0_view *v)
{
    sysreg_write_pair(sp_el0, v->sp_el0, tpidr_el0, v->tpidr_el0);
    sysreg_write_pair(tpidrro_el0, v->tpidrro_el0, sctlr_el1, v->sctlr);
    sysreg_write_pair(cpacr_el1, v->cpacr, cntkctl_el1, v->cntkctl);
    if (v->mdscr) {
        debug_open(v->mdscr, v->points);
        if (v->mdscr & EL0_CLOCK)
            el0_open_clock(v->clock);
    }
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
