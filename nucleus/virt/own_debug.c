/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/own_debug.h"

#include "arm64/syndrome.h"
#include "core/domain.h"
#include "virt/vcpu.h"

#define MDSCR    SYSREG_ENC(2, 0, 0, 2, 2)
#define OSLAR    SYSREG_ENC(2, 0, 1, 0, 4)
#define OSLSR    SYSREG_ENC(2, 0, 1, 1, 4)
#define DBGBVR0  SYSREG_ENC(2, 0, 0, 0, 4)      /* then DBGBCR, DBGWVR and DBGWCR by op2, and those of number 1 by CRm */
#define IS_CONTROL(encoding)  ((encoding) >> 17 & 1)        /* DBGBCR and DBGWCR: none of the others has an odd op2 */

#define OSLK         UINT64_C(1)
#define OSLSR_OSLM   8u             /* the lock is implemented */
#define MDSCR_KEPT   (MDSCR_SS | MDSCR_TDCC | MDSCR_KDE | MDSCR_MDE)

/* DBGBCR and DBGWCR: no HMC and SSC, which reach EL2; what has a type is linked, or of a context, and stays off. */
#define CONTROL_KEPT 0x1f001fffu
#define CONTROL_TYPE 0x00f00000u

void own_debug_reset(struct vcpu *v)
{
    v->own_debug.mdscr = 0;
    v->own_debug.lock = OSLK;
}

void own_debug_view(struct vcpu *v)
{
    struct own_debug *own = &v->own_debug;
    struct el0_view *view = &v->el1.el0;

    view->mdscr = (view->mdscr & EL0_CLOCK) | (own->lock & OSLK ? 0 : own->mdscr);
    view->points = view->mdscr & MDSCR_MDE ? &own->points : NULL;
}

/* Where it is kept, or NULL. */
static uint64_t *register_of(struct vcpu *v, uint32_t encoding, bool read)
{
    if ((encoding & ~SYSREG_ENC(0, 0, 0, 1, 3)) == DBGBVR0)
        return &v->own_debug.points.reg[encoding >> 17 & 3][encoding >> 1 & 1];
    if (encoding == MDSCR)
        return &v->own_debug.mdscr;
    return encoding == (read ? OSLSR : OSLAR) ? &v->own_debug.lock : NULL;
}

__attribute__((noinline)) bool own_debug_sysreg(struct vcpu *v, uint32_t encoding, bool read, uint64_t *value)
{
    uint64_t *reg = register_of(v, encoding, read);

    if (reg == NULL)
        return false;
    if (read) {
        *value = encoding == OSLSR ? OSLSR_OSLM | (*reg & OSLK) << 1 : *reg;
        return true;
    }
    if (IS_CONTROL(encoding))
        *reg = *value & CONTROL_TYPE ? 0 : *value & CONTROL_KEPT;
    else
        *reg = encoding == MDSCR ? *value & MDSCR_KEPT : *value;
    if (v->context.domain->debugger == NULL) {
        own_debug_view(v);
        debug_open(v->el1.el0.mdscr, v->el1.el0.points);
    }
    return true;
}
