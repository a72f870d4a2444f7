/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/mmio.h"

#include "core/portal.h"
#include "virt/fetch.h"
#include "virt/inject.h"
#include "virt/mmio_common.h"
#include "virt/pstate.h"

#define SP 31

__attribute__((noinline)) uint32_t mmio_guest_iss(uint64_t esr)
{
    uint32_t fsc = ABT_FSC(esr);

    if (fsc != FSC_ALIGNMENT && fsc != FSC_EXCLUSIVE)
        fsc = DABT_S1PTW(esr) ? FSC_EXTERNAL_WALK : FSC_EXTERNAL;
    return fsc | (esr & (ISS_FNV | ISS_CM | ISS_WNR));
}

__attribute__((noinline)) void mmio_abort(struct vcpu *v)
{
    inject_data_abort(v, v->mmio.far, mmio_guest_iss(v->mmio.esr));
}

/* Devices are little-endian: a guest that runs big-endian finds its bytes the other way round. */
static uint64_t swap(const struct mmio_call *m, uint64_t value)
{
    return m->big_endian ? __builtin_bswap64(value) >> (64 - 8 * m->op.access.size) : value;
}

static bool is_big_endian(uint64_t pstate)
{
    if (pstate & PSTATE_A32)
        return pstate & PSTATE_A32_E;
    return sysreg_read(sctlr_el1) & (pstate_at_el1(pstate) ? SCTLR_EE : SCTLR_E0E);
}

/* SP's is in the vCPU's saved state, for which the vCPU leaves the hardware. */
static uint64_t *base_register(struct vcpu *v, unsigned n)
{
    if (n != SP)
        return &v->context.frame.x[n];
    vcpu_evict(v);
    uint64_t pstate = v->context.frame.pstate;
    return pstate_at_el1(pstate) && (pstate & PSTATE_SP) ? &v->el1.sp_el1 : &v->el1.el0.sp_el0;
}

/* A service has the device, or there is none; an access that reaches over its end is to none. */
static void call_device(struct vcpu *v, const struct access *a, uint64_t value)
{
    const struct trap *t = find_trap(vcpu_vm(v), a->ipa);

    if (unlikely(t == NULL || !range_ok(a->ipa - t->start, a->size, t->size))) {
        mmio_abort(v);
        return;
    }
    uint64_t how = a->size | (a->write ? BELAY_ACCESS_WRITE : 0);
    v->pending = PENDING_DECODED;
    if (unlikely(portal_call(t->portal, &v->context, v->context.index, a->ipa - t->start, how, value, 0) != BELAY_OK))
        mmio_abort(v);
}

/* The base first: where a loaded register is also the base, what was loaded stays (Arm ARM, K1.2.25). */
static void complete(struct vcpu *v)
{
    const struct mmio_call *m = &v->mmio;
    const struct access *a = &m->op.access;
    unsigned signed_size = a->sign_extend ? a->size : 0;

    if (m->op.writeback)
        *base_register(v, m->op.base) = m->base_after;
    if (!a->write) {
        load(v, a->reg, m->value[0], signed_size, a->wide);
        if (m->op.count == 2)
            load(v, m->op.reg2, m->value[1], signed_size, a->wide);
    }
    frame_advance_any(&v->context.frame, m->esr);
}

/* Goes on with the registers that are left, till one is with a service. */
static void proceed(struct vcpu *v)
{
    struct mmio_call *m = &v->mmio;

    while (m->done < m->op.count) {                     /* bound: two */
        struct access a = m->op.access;
        if (m->done) {
            a.ipa = m->second;
            a.reg = m->op.reg2;
        }
        uint64_t value = a.write ? swap(m, stored(v, a.reg, a.size)) : 0;
        if (!vgic_mmio(v, &a, &value)) {
            call_device(v, &a, value);
            return;
        }
        if (unlikely(v->context.state != CONTEXT_READY))
            return;                                     /* it waits for another CPU, and makes the whole access anew */
        m->value[m->done++] = swap(m, value);
    }
    complete(v);
}

__attribute__((noinline)) void mmio_go_on(struct vcpu *v, uint64_t value)
{
    struct mmio_call *m = &v->mmio;
    assert(m->done < m->op.count);

    m->value[m->done++] = swap(m, low_bytes(value, m->op.access.size));
    proceed(v);
}

static struct access syndrome_access(uint64_t esr, uint64_t ipa, unsigned reg)
{
    return (struct access){ .ipa = ipa, .size = (uint8_t)(1u << ESR_SAS(esr)), .reg = (uint8_t)reg,
                            .write = DABT_WNR(esr), .sign_extend = esr & ISS_SSE, .wide = esr & ISS_SF };
}

static unsigned syndrome_register(const struct vcpu *v, uint64_t esr)
{
    uint64_t pstate = v->context.frame.pstate;

    return pstate & PSTATE_A32 ? aarch32_register(pstate, ESR_SRT(esr)) : ESR_SRT(esr);
}

/* Is the decoded instruction what faulted, from its first byte on, and that register all in one page? */
static bool is_whole(const struct decoded *op, uint64_t address, uint64_t far, uint64_t esr)
{
    uint64_t in_page = address & (PAGE_SIZE - 1);

    return (address ^ far) << 8 == 0 &&                 /* but for a tag (Arm ARM, D8.8) */
           in_page + op->access.size <= PAGE_SIZE && op->access.write == DABT_WNR(esr);
}

/* The second register of a pair may be on the next page, behind a translation of its own: a copy out of flash gets there. */
static bool find_second(const struct vcpu *v, struct mmio_call *m, uint64_t address, uint64_t ipa)
{
    uint64_t size = m->op.access.size, in_page = (address & (PAGE_SIZE - 1)) + size;

    m->second = ipa + size;
    return m->op.count == 1 || in_page + size <= PAGE_SIZE ||
           (in_page == PAGE_SIZE && vcpu_loaded(v) &&   /* not so where SP was looked at */
            guest_translate(v, address + size, &m->second));
}

/* Without a valid syndrome the instruction says what the access is. Returns 0, or the code to abort it with. */
static uint32_t decode_instruction(struct vcpu *v, struct mmio_call *m, uint64_t ipa)
{
    uint32_t insn;

    if (!guest_fetch(v, &insn))
        return FSC_EXTERNAL;
    bool aarch32 = v->context.frame.pstate & PSTATE_A32;
    uint64_t mask = aarch32 ? UINT32_MAX : UINT64_MAX;
    if (aarch32 ? !decode_aarch32(insn, &v->context.frame, &m->op) : !decode_a64(insn, v->context.frame.x, &m->op))
        return !aarch32 && decode_is_exclusive(insn) ? FSC_EXCLUSIVE : FSC_EXTERNAL;
    uint64_t base = *base_register(v, m->op.base);
    uint64_t address = (base + (uint64_t)m->op.offset) & mask;
    if (!is_whole(&m->op, address, m->far, m->esr) || !find_second(v, m, address, ipa))
        return FSC_EXTERNAL;
    m->base_after = (base + (uint64_t)m->op.step) & mask;
    return 0;
}

/* An access that a device may answer, of any kind. */
static void emulate(struct vcpu *v, uint64_t esr, uint64_t far, uint64_t ipa)
{
    struct mmio_call *m = &v->mmio;
    uint32_t fsc = 0;

    *m = (struct mmio_call){ .esr = esr, .far = far, .big_endian = is_big_endian(v->context.frame.pstate) };
    if (esr & ISS_ISV)
        m->op = (struct decoded){ .access = syndrome_access(esr, ipa, syndrome_register(v, esr)), .count = 1 };
    else
        fsc = decode_instruction(v, m, ipa);
    m->op.access.ipa = ipa;
    if (fsc == 0)
        proceed(v);
    else
        inject_data_abort(v, far, (mmio_guest_iss(esr) & ~FSC_MASK) | fsc);
}

/*
 * All aborts but the plain ones below. Cache maintenance finds nothing of a device in a cache, and is done; a write to what
 * may only be read is the device's that is there as well, such as flash, by an address that HPFAR_EL2 has not; a table
 * walk there, and whatever else is the guest's abort.
 */
__attribute__((noinline)) void mmio_any(struct vcpu *v, uint64_t esr)
{
    uint64_t far = sysreg_read(far_el2), ipa;

    if (DABT_CM(esr) && !DABT_S1PTW(esr) && !(esr & FSC_NOT_MMU))
        frame_advance_any(&v->context.frame, esr);
    else if ((esr & (ISS_S1PTW | FSC_TYPE)) == FSC_TRANSLATION)
        emulate(v, esr, far, fault_ipa(far));
    else if ((esr & (ISS_S1PTW | FSC_TYPE | ISS_WNR)) == (FSC_PERMISSION | ISS_WNR) && guest_translate(v, far, &ipa))
        emulate(v, esr, far, ipa);
    else
        inject_data_abort(v, far, mmio_guest_iss(esr));
}

void guest_prefetch_abort(struct vcpu *v, uint64_t esr)
{
    inject_prefetch_abort(v, sysreg_read(far_el2), mmio_guest_iss(esr));
}
