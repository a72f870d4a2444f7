/* SPDX-License-Identifier: Apache-2.0 */
#include "arm64/el0.h"

/* In an order in which the timer, while only one of the two is written, is never due that is not. */
void el0_open(const struct el0_view *v)
{
    if (v->mdscr)
        debug_open(v->mdscr, v->points);
    if (v->offset) {
        sysreg_write(cntvoff_el2, v->offset);
        sysreg_write(cntv_cval_el0, v->cval);
    }
}

void el0_close(struct el0_view *v)
{
    if (v->mdscr)
        debug_close();
    if (v->offset) {
        v->cval = sysreg_read(cntv_cval_el0);
        sysreg_write(cntv_cval_el0, el0_host_time(v));
        sysreg_write(cntvoff_el2, 0);
    }
}
