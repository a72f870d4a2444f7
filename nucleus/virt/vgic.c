/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a virtual interrupt from outside: lines, host interrupts, SGIs, the guest's end of it. */
#include "virt/vgic.h"

#include "base/section.h"
#include "base/string.h"
#include "core/cpu.h"
#include "virt/vgic_state.h"

/* ICC_SGI1R_EL1 (IHI 0069, 12.2.16): Aff3, RS, Aff2 and Aff1 are 0 for every vCPU, whose Aff0 is its index. */
#define SGI_INTID(value)    ((uint32_t)((value) >> 24) & 0xf)
#define SGI_IRM             (UINT64_C(1) << 40)
#define SGI_TARGETS(value)  ((uint32_t)(value) & 0xffff)
#define SGI_ELSEWHERE       UINT64_C(0x00fff0ff00ff0000)

void vgic_route(const struct vm *vm, unsigned spi)
{
    uint32_t pintid = vm->gic.pintid[spi];

    for (unsigned i = 0; pintid && i < vm->vcpus; i++)          /* bound: BELAY_VCPUS_MAX */
        if (vm->vcpu[i]->gic.target[1 + spi / 32] & intid_bit(spi))
            gic_spi_route(pintid, vm->vcpu[i]->context.own_sched.cpu);
}

void vgic_reset(struct vm *vm)
{
    struct vgic *g = &vm->gic;

    for (unsigned i = 0; i < VGIC_WORDS - 1; i++) {             /* bound: 8 */
        g->word[i].latch = g->word[i].active = g->word[i].in_lr = 0;
        vgic_settle(vm, NULL, &g->word[i]);
        g->word[i] = (struct vgic_word){ .level = g->word[i].level };
    }
    memset(g->priority, 0, sizeof g->priority);
    memset(g->priority_bit, 0, sizeof g->priority_bit);
    memset(g->irouter, 0, sizeof g->irouter);
    memset(g->kept_out, 0, sizeof g->kept_out);
    g->ctlr = 0;
    g->counting = 0;
    for (unsigned i = 0; i < vm->vcpus; i++) {                  /* bound: BELAY_VCPUS_MAX */
        struct vcpu *v = vm->vcpu[i];
        assert(!vcpu_loaded(v));
        v->gic = (struct vgic_cpu){ .word.edge = 0xffff, .waker = VGIC_WAKER_ASLEEP };
        v->gic.word.enabled = on_gicv2() ? 0xffff : 0;      /* SGIs are always enabled there (IHI 0048B, 4.3.5) */
        v->wait = (struct vgic_wait){ 0 };
        v->ich.used = v->ich.ended = v->ich.ppis = 0;
        v->ich.hcr = ICH_HCR_EN;
        bool takes_spis = i == 0 && !(on_gicv2() && vm->vcpus > 1);     /* where those are in need of a target */
        memset(v->gic.target, 0xff, takes_spis ? sizeof v->gic.target : sizeof v->gic.target[0]);
        v->gic.owner[0] = ~0u;
    }
    for (unsigned spi = 0; vm->spread && spi < VGIC_SPIS; spi++)    /* bound: VGIC_SPIS */
        vgic_route(vm, spi);
}

void vgic_set_level(struct vm *vm, struct vcpu *v, uint32_t intid, bool level)
{
    struct vgic_word *w = vgic_word(vm, v, intid);
    uint32_t bit = intid_bit(intid);
    assert(intid >= GIC_PPI_FIRST && intid < VGIC_INTIDS);

    if (level == ((w->level & bit) != 0))
        return;
    vgic_take(vm, v, intid);
    if (level) {
        trace_of_domain(this_cpu(), INJECT, &vm->domain, intid, 0);
        w->level |= bit;
        w->latch |= w->edge & bit;
    } else {
        w->level &= ~bit;
    }
    vgic_post(vm, v, intid);
}

SELDOM void vgic_assign(struct vm *vm, uint32_t intid, uint32_t pintid)
{
    struct vgic_word *w = vgic_word(vm, NULL, intid);
    assert(intid >= GIC_SPI_FIRST && intid < VGIC_INTIDS && (pintid == 0 || pintid >= GIC_SPI_FIRST));

    vgic_take(vm, NULL, intid);
    if (w->hw & intid_bit(intid)) {
        gic_set_active(vm->gic.pintid[intid - GIC_SPI_FIRST], false);
        w->hw &= ~intid_bit(intid);
    }
    vm->gic.pintid[intid - GIC_SPI_FIRST] = (uint16_t)pintid;
    vgic_route(vm, intid - GIC_SPI_FIRST);
    vgic_post(vm, NULL, intid);
}

/* Is its CPU this one, and nobody else's hand on it? */
static bool is_own(const struct vcpu *v)
{
    return v->context.own_sched.cpu == this_cpu()->index && vcpu_power(v) != VCPU_OFF;
}

static inline __attribute__((always_inline)) void send_sgi(const struct vm *vm, struct vcpu *to, uint32_t intid, bool group1)
{
    if (vm->spread && !is_own(to))
        mail_send_sgi(to, intid, group1);
    else if (group1 == (to->gic.word.group >> intid & 1))
        vgic_latch_sgi(to, intid);
}

static __attribute__((noinline)) void send_sgis(struct vcpu *from, uint64_t value, bool group1)
{
    struct vm *vm = vcpu_vm(from);
    uint32_t all = vgic_all_cpus(vm), targets;

    if (value & SGI_IRM)
        targets = all & ~(1u << from->context.index);
    else
        targets = value & SGI_ELSEWHERE ? 0 : SGI_TARGETS(value) & all;
    for (; targets; targets &= targets - 1)                     /* bound: BELAY_VCPUS_MAX */
        send_sgi(vm, vm->vcpu[__builtin_ctz(targets)], SGI_INTID(value), group1);
}

void vgic_sgi(struct vcpu *from, uint64_t value, bool group1)
{
    struct vm *vm = vcpu_vm(from);
    uint32_t targets = SGI_TARGETS(value), last = 31 - (uint32_t)__builtin_clz(targets | 1);

    if (likely((value & (SGI_IRM | SGI_ELSEWHERE)) == 0 && targets == 1u << last && last < vm->vcpus))
        send_sgi(vm, vm->vcpu[last], SGI_INTID(value), group1);
    else
        send_sgis(from, value, group1);
}

__attribute__((noinline)) void vgic_deactivate(struct vcpu *v, uint64_t intid)
{
    if (intid >= VGIC_INTIDS)
        return;
    struct vm *vm = vcpu_vm(v);
    uint32_t bit = intid_bit((uint32_t)intid), index = (uint32_t)intid / 32;
    const struct vgic_access x = { .vm = vm, .v = index ? NULL : v, .by = v };
    vm_lock(vm);
    bool now = vgic_change_begin(&x, index, bit);
    if (likely(now)) {
        vgic_word(vm, x.v, (uint32_t)intid)->active &= ~bit;
        vgic_change_end(vm, x.v, index, bit);
    }
    vm_unlock(vm);
    if (unlikely(!now))
        vcpu_wait_for_others(v);
}

void vgic_choose_now(struct vcpu *v)
{
    vm_lock(vcpu_vm(v));
    vgic_choose(v);
    vm_unlock(vcpu_vm(v));
}

void vgic_maintenance(struct vcpu *v)
{
    assert(vcpu_loaded(v));

    vm_lock(vcpu_vm(v));
    if (!vgic_note_ends(v))         /* each by itself, so that others are let in between */
        vgic_take_back(v);
    vgic_put_off(v);
    vm_unlock(vcpu_vm(v));
}

bool vgic_pending(struct vcpu *v)
{
    if (unlikely(v->ich.hcr & ICH_HCR_NPIE))
        vgic_choose_now(v);     /* what waits may have become the first */
    if (unlikely(v->mail & MAIL_CHOOSE))
        return true;            /* not known now: it is to ask again */
    bool loaded = vcpu_loaded(v);
    if (loaded)
        ich_prune(&v->ich);
    uint64_t vmcr = loaded ? ich_vmcr_read() : v->ich.vmcr;
    for (uint32_t used = v->ich.used; used; used &= used - 1) { /* bound: ICH_LRS_MAX */
        unsigned n = (unsigned)__builtin_ctz(used);
        if (ich_signals(vmcr, loaded ? ich_lr_read(&v->ich, n) : v->ich.lr[n]))
            return true;
    }
    return false;
}
