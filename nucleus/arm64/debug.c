/* SPDX-License-Identifier: Apache-2.0 */
#include "arm64/debug.h"

#include "arm64/hcr.h"
#include "arm64/sysreg.h"

static unsigned count(unsigned field)
{
    unsigned n = (sysreg_read(id_aa64dfr0_el1) >> field & 0xf) + 1;

    return n < DEBUG_POINTS ? n : DEBUG_POINTS;
}

unsigned debug_breakpoints(void)
{
    return count(12);
}

unsigned debug_watchpoints(void)
{
    return count(20);
}

/* Some CPUs take long for a write, QEMU's for one: what is there already stays. */
#define SET(reg, value)  do { uint64_t new_ = (value); if (sysreg_read(reg) != new_) sysreg_write(reg, new_); } while (0)
#define POINT(n)                            \
    if (n < breakpoints) {                  \
        SET(dbgbvr##n##_el1, p->bvr[n]);    \
        SET(dbgbcr##n##_el1, p->bcr[n]);    \
    }                                       \
    if (n < watchpoints) {                  \
        SET(dbgwvr##n##_el1, p->wvr[n]);    \
        SET(dbgwcr##n##_el1, p->wcr[n]);    \
    }

static void load(const struct debug_points *p)
{
    unsigned breakpoints = debug_breakpoints(), watchpoints = debug_watchpoints();

    POINT(0) POINT(1) POINT(2) POINT(3)
}

void debug_open(uint64_t mdscr, const struct debug_points *points)
{
    if (points) {
        load(points);
        sysreg_write(mdcr_el2, sysreg_read(mdcr_el2) | points->trap);
    }
    sysreg_write(mdscr_el1, (uint32_t)mdscr);
}

void debug_close(void)
{
    sysreg_write(mdscr_el1, 0);
    sysreg_write(mdcr_el2, sysreg_read(mdcr_el2) & ~MDCR_TDE);
}
