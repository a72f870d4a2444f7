/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/fetch.h"

#include "arm64/sysreg.h"
#include "base/assert.h"
#include "virt/pstate.h"
#include "virt/vcpu.h"

#define PAR_FAULT    1u
#define T32_WIDE     0x1du      /* its first halfword begins with that at least: it has two */
#define PAR_ADDRESS  UINT64_C(0x000ffffffffff000)

/* Address translation instructions leave their result in PAR_EL1, which is the guest's. */
#define translate(insn, address)                                                     \
    ({ uint64_t par_ = sysreg_read(par_el1);                                         \
       __asm__ volatile("at " insn ", %0" : : "r"(address) : "memory");              \
       isb();                                                                        \
       uint64_t result_ = sysreg_read(par_el1);                                      \
       sysreg_write(par_el1, par_);                                                  \
       result_; })

bool guest_translate(const struct vcpu *v, uint64_t address, uint64_t *to)
{
    uint64_t par = pstate_at_el1(v->context.frame.pstate) ? translate("s1e1r", address) : translate("s1e0r", address);

    *to = (par & PAR_ADDRESS) | (address & (PAGE_SIZE - 1));
    return !(par & PAR_FAULT);
}

/*
 * Stage 1 is walked by the hardware and stage 2 by us, because AT reads as data:
 * with its MMU off, a guest's code would be Device memory to it. What the nucleus itself has
 * not mapped is not read. A guest that has its caches off wrote the code past them.
 */
bool guest_fetch(struct vcpu *v, uint32_t *insn)
{
    uint64_t pc = v->context.frame.pc, at;
    pa_t to;
    unsigned attr;
    assert(vcpu_loaded(v));

    if ((pc & 1) || (pc & (PAGE_SIZE - 1)) > PAGE_SIZE - 4 || !guest_translate(v, pc, &at))
        return false;
    if (!stage2_translate(&v->context.domain->space, ipa(at), &to, &attr) || (attr & STAGE2_DEVICE))
        return false;
    if (translate("s1e2r", to.v) & PAR_FAULT)
        return false;
    __asm__ volatile("dc civac, %0\n dsb sy" : : "r"(to.v) : "memory");
    const volatile uint16_t *half = pa_to_ptr(to);
    *insn = half[0] | (uint32_t)half[1] << 16;
    if (v->context.frame.pstate & PSTATE_A32 && v->context.frame.pstate & PSTATE_A32_T)
        *insn = half[0] >> 11 < T32_WIDE ? half[0] : *insn << 16 | *insn >> 16;
    return true;
}
