/* SPDX-License-Identifier: Apache-2.0 */
/* What the plain accesses to devices (mmio.c), on a short path, have in common with all others (mmio_any.c). */
#ifndef NUCLEUS_VIRT_MMIO_COMMON_H
#define NUCLEUS_VIRT_MMIO_COMMON_H

#include "arm64/sysreg.h"
#include "base/assert.h"
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

#define XZR 31

/* HPFAR_EL2 has the page; it is valid for the translation faults, which alone are asked about (D17.2.64). */
static inline uint64_t fault_ipa(uint64_t far)
{
    return (sysreg_read(hpfar_el2) & UINT64_C(0xfffffffffff0)) << 8 | (far & (PAGE_SIZE - 1));
}

static inline uint64_t low_bytes(uint64_t value, unsigned size)
{
    unsigned shift = 64 - 8 * size;

    return value << shift >> shift;
}

static inline uint64_t stored(const struct vcpu *v, unsigned reg, unsigned size)
{
    return reg == XZR ? 0 : low_bytes(v->context.frame.x[reg], size);
}

/* `value` is as long as the access; `signed_size` is its size where it is to be sign-extended, else 0. */
static inline void load(struct vcpu *v, unsigned reg, uint64_t value, unsigned signed_size, bool wide)
{
    if (unlikely(signed_size)) {
        unsigned shift = 64 - 8 * signed_size;
        value = (uint64_t)((int64_t)(value << shift) >> shift);
        value = wide ? value : (uint32_t)value;
    }
    if (reg != XZR)
        v->context.frame.x[reg] = value;
}

static inline const struct trap *find_trap(const struct vm *vm, uint64_t ipa)
{
    for (unsigned i = 0; i < vm->traps; i++)            /* bound: VM_TRAPS */
        if (ipa - vm->trap[i].start < vm->trap[i].size)
            return &vm->trap[i];
    return NULL;
}

/* What the guest is told: an abort of the memory system, not that there is a stage 2. */
uint32_t mmio_guest_iss(uint64_t esr);

/* The access that is under way ends with an abort. */
void mmio_abort(struct vcpu *v);

/* A data abort of any kind. */
void mmio_any(struct vcpu *v, uint64_t esr);

/* A register of the decoded access that is under way has been read, or written. */
void mmio_go_on(struct vcpu *v, uint64_t value);
#endif
