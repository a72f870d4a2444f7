/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/mmio.h"

#include "arm64/sysreg.h"
#include "base/assert.h"
#include "base/section.h"
#include "core/portal.h"
#include "virt/fetch.h"
#include "virt/inject.h"
#include "virt/pstate.h"
#include "virt/vcpu.h"

/* The ISS of a data abort (Arm ARM, D17.2.37). */
#define ISS_ISV          (1u << 24)
#define ISS_SSE          (1u << 21)
#define ISS_SF           (1u << 15)
#define ISS_FNV          (1u << 10)
#define ISS_CM           (1u << 8)
#define ISS_S1PTW        (1u << 7)
#define ISS_WNR          (1u << 6)
#define FSC_MASK         0x3fu
#define FSC_TYPE         0x3cu      /* the code without its level */
#define FSC_TRANSLATION  0x04u
#define FSC_PERMISSION   0x0cu
#define FSC_NOT_MMU      0x30u

#define ESR_SAS(esr)     ((unsigned)((esr) >> 22) & 3)
#define ESR_SRT(esr)     ((unsigned)((esr) >> 16) & 0x1f)

#define SCTLR_E0E        (1u << 24)
#define SCTLR_EE         (1u << 25)

#define XZR 31
#define SP  31

/* HPFAR_EL2 has the page; it is valid for the translation faults, which alone are asked about (D17.2.64). */
static uint64_t fault_ipa(uint64_t far)
{
    return (sysreg_read(hpfar_el2) & UINT64_C(0xfffffffffff0)) << 8 | (far & (PAGE_SIZE - 1));
}

/* What the guest is told: an abort of the memory system, not that there is a stage 2. */
static uint32_t guest_iss(uint64_t esr)
{
    uint32_t fsc = ABT_FSC(esr);

    if (fsc != FSC_ALIGNMENT && fsc != FSC_EXCLUSIVE)
        fsc = DABT_S1PTW(esr) ? FSC_EXTERNAL_WALK : FSC_EXTERNAL;
    return fsc | (esr & (ISS_FNV | ISS_CM | ISS_WNR));
}

static void abort_call(struct vcpu *v)
{
    inject_data_abort(v, v->mmio.far, guest_iss(v->mmio.esr));
}

static uint64_t low_bytes(uint64_t value, unsigned size)
{
    unsigned shift = 64 - 8 * size;

    return value << shift >> shift;
}

static uint64_t stored(const struct vcpu *v, unsigned reg, unsigned size)
{
    return reg == XZR ? 0 : low_bytes(v->context.frame.x[reg], size);
}

/* `value` is as long as the access; `signed_size` is its size where it is to be sign-extended, else 0. */
static void load(struct vcpu *v, unsigned reg, uint64_t value, unsigned signed_size, bool wide)
{
    if (unlikely(signed_size)) {
        unsigned shift = 64 - 8 * signed_size;
        value = (uint64_t)((int64_t)(value << shift) >> shift);
        value = wide ? value : (uint32_t)value;
    }
    if (reg != XZR)
        v->context.frame.x[reg] = value;
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
SELDOM static uint64_t *base_register(struct vcpu *v, unsigned n)
{
    if (n != SP)
        return &v->context.frame.x[n];
    vcpu_evict(v);
    uint64_t pstate = v->context.frame.pstate;
    return pstate_at_el1(pstate) && (pstate & PSTATE_SP) ? &v->el1.sp_el1 : &v->el1.el0.sp_el0;
}

static const struct trap *find_trap(const struct vm *vm, uint64_t ipa)
{
    for (unsigned i = 0; i < vm->traps; i++)            /* bound: VM_TRAPS */
        if (ipa - vm->trap[i].start < vm->trap[i].size)
            return &vm->trap[i];
    return NULL;
}

/* A service has the device, or there is none; an access that reaches over its end is to none. */
static void call_device(struct vcpu *v, const struct access *a, uint64_t value)
{
    const struct trap *t = find_trap(vcpu_vm(v), a->ipa);

    if (unlikely(t == NULL || !range_ok(a->ipa - t->start, a->size, t->size))) {
        abort_call(v);
        return;
    }
    uint64_t how = a->size | (a->write ? BELAY_ACCESS_WRITE : 0);
    v->pending = PENDING_DECODED;
    if (unlikely(portal_call(t->portal, &v->context, v->context.index, a->ipa - t->start, how, value, 0) != BELAY_OK))
        abort_call(v);
}

/* The base first: where a loaded register is also the base, what was loaded stays (Arm ARM, K1.2.25). */
SELDOM static void complete(struct vcpu *v)
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
SELDOM static __attribute__((noinline)) void proceed(struct vcpu *v)
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
        abort_call(v);
        return;
    }
    if (likely(v->pending == PENDING_PLAIN)) {
        complete_plain(v, m->esr, low_bytes(value, 1u << ESR_SAS(m->esr)));
        return;
    }
    assert(m->done < m->op.count);
    m->value[m->done++] = swap(m, low_bytes(value, m->op.access.size));
    if (m->done == m->op.count)
        complete(v);
    else
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
SELDOM static bool is_whole(const struct decoded *op, uint64_t address, uint64_t far, uint64_t esr)
{
    uint64_t in_page = address & (PAGE_SIZE - 1);

    return (address ^ far) << 8 == 0 &&                 /* but for a tag (Arm ARM, D8.8) */
           in_page + op->access.size <= PAGE_SIZE && op->access.write == DABT_WNR(esr);
}

/* The second register of a pair may be on the next page, behind a translation of its own: a copy out of flash gets there. */
SELDOM static bool find_second(const struct vcpu *v, struct mmio_call *m, uint64_t address, uint64_t ipa)
{
    uint64_t size = m->op.access.size, in_page = (address & (PAGE_SIZE - 1)) + size;

    m->second = ipa + size;
    return m->op.count == 1 || in_page + size <= PAGE_SIZE ||
           (in_page == PAGE_SIZE && vcpu_loaded(v) &&   /* not so where SP was looked at */
            guest_translate(v, address + size, &m->second));
}

/* Without a valid syndrome the instruction says what the access is. Returns 0, or the code to abort it with. */
SELDOM static uint32_t decode_instruction(struct vcpu *v, struct mmio_call *m, uint64_t ipa)
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
SELDOM static void emulate(struct vcpu *v, uint64_t esr, uint64_t far, uint64_t ipa)
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
        inject_data_abort(v, far, (guest_iss(esr) & ~FSC_MASK) | fsc);
}

/*
 * All aborts but the plain ones below. Cache maintenance finds nothing of a device in a cache, and is done; a write to what
 * may only be read is the device's that is there as well, such as flash, by an address that HPFAR_EL2 has not; a table
 * walk there, and whatever else is the guest's abort.
 */
SELDOM static __attribute__((noinline)) void any_abort(struct vcpu *v, uint64_t esr)
{
    uint64_t far = sysreg_read(far_el2), ipa;

    if (DABT_CM(esr) && !DABT_S1PTW(esr) && !(esr & FSC_NOT_MMU))
        frame_advance_any(&v->context.frame, esr);
    else if ((esr & (ISS_S1PTW | FSC_TYPE)) == FSC_TRANSLATION)
        emulate(v, esr, far, fault_ipa(far));
    else if ((esr & (ISS_S1PTW | FSC_TYPE | ISS_WNR)) == (FSC_PERMISSION | ISS_WNR) && guest_translate(v, far, &ipa))
        emulate(v, esr, far, ipa);
    else
        inject_data_abort(v, far, guest_iss(esr));
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
        abort_call(v);
        return;
    }
    uint64_t how = DABT_WNR(esr) ? size | BELAY_ACCESS_WRITE : size;
    uint64_t value = DABT_WNR(esr) ? stored(v, ESR_SRT(esr), size) : 0;
    if (unlikely(portal_call(t->portal, &v->context, v->context.index, ipa - t->start, how, value, 0) != BELAY_OK))
        abort_call(v);
}

static __attribute__((noinline)) void gic_access(struct vcpu *v, uint64_t esr, uint64_t far, uint64_t ipa)
{
    const struct access a = { .ipa = ipa, .size = (uint8_t)(1u << ESR_SAS(esr)), .write = DABT_WNR(esr) };
    uint64_t value = a.write ? stored(v, ESR_SRT(esr), a.size) : 0;

    if (unlikely(!vgic_mmio(v, &a, &value)))
        inject_data_abort(v, far, guest_iss(esr));
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
        any_abort(v, esr);
        return;
    }
    uint64_t far = sysreg_read(far_el2), ipa = fault_ipa(far);
    if (vgic_claims(ipa))
        gic_access(v, esr, far, ipa);
    else
        plain_call(v, esr, far, ipa);
}

void guest_prefetch_abort(struct vcpu *v, uint64_t esr)
{
    inject_prefetch_abort(v, sysreg_read(far_el2), guest_iss(esr));
}
