/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/mmio.h"

#include "core/portal.h"
#include "virt/inject.h"
#include "virt/mmio_common.h"
#include "virt/pstate.h"

/* Ends a plain access: of one register, which the syndrome names. */
static inline __attribute__((always_inline)) void complete_plain(struct vcpu *v, uint64_t esr, uint64_t value)
{
    if (!DABT_WNR(esr))
        load(v, ESR_SRT(esr), value, esr & ISS_SSE ? 1u << ESR_SAS(esr) : 0, esr & ISS_SF);
    frame_advance(&v->context.frame);
}

void mmio_finish(struct vcpu *v, uint64_t value, uint64_t status)
{
    struct mmio_call *m = &v->mmio;

    if (unlikely(status)) {
        mmio_abort(v);
        return;
    }
    if (likely(v->pending == PENDING_PLAIN))
        complete_plain(v, m->esr, low_bytes(value, 1u << ESR_SAS(m->esr)));
    else
        mmio_go_on(v, value);
}

/* A plain access to what is not the virtual GIC's: call_device, with all that it needs in registers. */
static __attribute__((noinline)) void plain_call(struct vcpu *v, uint64_t esr, uint64_t far, uint64_t ipa)
{
    const struct trap *t = find_trap(vcpu_vm(v), ipa);
    unsigned size = 1u << ESR_SAS(esr);

    v->mmio.esr = esr;
    v->mmio.far = far;
    v->pending = PENDING_PLAIN;
    if (unlikely(t == NULL || !range_ok(ipa - t->start, size, t->size))) {
        mmio_abort(v);
        return;
    }
    uint64_t how = DABT_WNR(esr) ? size | BELAY_ACCESS_WRITE : size;
    uint64_t value = DABT_WNR(esr) ? stored(v, ESR_SRT(esr), size) : 0;
    if (unlikely(portal_call(t->portal, &v->context, v->context.index, ipa - t->start, how, value, 0) != BELAY_OK))
        mmio_abort(v);
}

static __attribute__((noinline)) void gic_access(struct vcpu *v, uint64_t esr, uint64_t far, uint64_t ipa)
{
    const struct access a = { .ipa = ipa, .size = (uint8_t)(1u << ESR_SAS(esr)), .write = DABT_WNR(esr) };
    uint64_t value = a.write ? stored(v, ESR_SRT(esr), a.size) : 0;

    if (unlikely(!vgic_mmio(v, &a, &value)))
        inject_data_abort(v, far, mmio_guest_iss(esr));
    else if (likely(v->context.state == CONTEXT_READY))     /* else it waits for another CPU, and makes it anew */
        complete_plain(v, esr, value);
}

/* Of one register, to where nothing is mapped, with a syndrome that says so, by little-endian A64 code. */
static bool is_plain(const struct vcpu *v, uint64_t esr)
{
    return (esr & (ISS_ISV | ISS_CM | ISS_S1PTW | FSC_TYPE)) == (ISS_ISV | FSC_TRANSLATION) &&
           !(v->context.frame.pstate & PSTATE_A32) && !(sysreg_read(sctlr_el1) & (SCTLR_EE | SCTLR_E0E));
}

void guest_data_abort(struct vcpu *v, uint64_t esr)
{
    if (unlikely(!is_plain(v, esr))) {
        mmio_any(v, esr);
        return;
    }
    uint64_t far = sysreg_read(far_el2), ipa = fault_ipa(far);
    if (vgic_claims(ipa))
        gic_access(v, esr, far, ipa);
    else
        plain_call(v, esr, far, ipa);
}
