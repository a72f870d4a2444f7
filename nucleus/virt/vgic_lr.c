/* SPDX-License-Identifier: Apache-2.0 */
/* One interrupt and its list register: into it, out of it, and what the guest did meanwhile. */
#include "base/section.h"
#include "core/cpu.h"
#include "virt/vgic_state.h"

static uint64_t lr_read(const struct vcpu *v, unsigned n)
{
    return vcpu_loaded(v) ? ich_lr_read(&v->ich, n) : v->ich.lr[n];
}

static void lr_write(struct vcpu *v, unsigned n, uint64_t lr)
{
    v->ich.lr[n] = lr;
    if (vcpu_loaded(v))
        ich_lr_write(n, lr);
}

static uint8_t senders_of(const struct vcpu *v, uint32_t intid)
{
    return (uint8_t)(__atomic_load_n(&v->gic.sgi_senders[intid / 4], __ATOMIC_RELAXED) >> intid % 4 * 8);
}

/* An SGI of a GICv2: whose it is, and that it may be pending for others. */
SELDOM static __attribute__((noinline)) void fold_sender(struct vcpu *v, uint64_t lr)
{
    uint32_t intid = LR_GET_VINTID(lr);

    if (lr & LR_PENDING)
        (void)__atomic_fetch_or(&v->gic.sgi_senders[intid / 4], vgic_sender_bit(intid, LR_GET_SOURCE(lr)), __ATOMIC_RELAXED);
    if (lr & LR_ACTIVE)
        v->gic.sgi_active[intid] = LR_GET_SOURCE(lr);
    if (senders_of(v, intid))
        v->gic.word.latch |= intid_bit(intid);
}

/* The state that a list register holds goes back to the bitmaps. */
static void fold(struct vcpu *v, unsigned n, uint64_t lr)
{
    struct vm *vm = vcpu_vm(v);
    uint32_t intid = LR_GET_VINTID(lr), bit = intid_bit(intid);
    struct vgic_word *w = vgic_word(vm, v, intid);
    assert(w->in_lr & bit && (w->active & bit) == 0);

    w->in_lr &= ~bit;
    if (on_gicv2() && intid < GIC_SGIS)
        fold_sender(v, lr);
    if (lr & LR_PENDING && v->gic.lr_latched >> n & 1)
        w->latch |= bit;
    if (lr & LR_ACTIVE)
        w->active |= bit;
    if (lr & LR_HW && (lr & LR_STATE_MASK) == 0)
        vgic_host_ended(v, w, intid);        /* by the guest's EOI */
    else
        vgic_settle(vm, v, w);
}

struct vcpu *vgic_home(const struct vm *vm, struct vcpu *v, uint32_t intid)
{
    if (intid < GIC_SPI_FIRST)
        return v;
    for (unsigned i = 0; i < vm->vcpus; i++)            /* bound: BELAY_VCPUS_MAX */
        if (vgic_bits_of(vm->vcpu[i], &vm->gic.word[intid / 32 - 1], intid / 32) & intid_bit(intid))
            return vm->vcpu[i];
    return NULL;
}

__attribute__((noinline)) void vgic_give(const struct vm *vm, uint32_t intid, unsigned cpu, bool owner)
{
    for (unsigned i = 0; i < vm->vcpus; i++) {          /* bound: BELAY_VCPUS_MAX */
        struct vgic_cpu *c = &vm->vcpu[i]->gic;
        uint32_t *bits = &(owner ? c->owner : c->target)[intid / 32];
        *bits = (*bits & ~intid_bit(intid)) | (i == cpu ? intid_bit(intid) : 0);
    }
}

void vgic_fold_used(struct vcpu *v, unsigned n)
{
    uint64_t lr = lr_read(v, n);

    v->ich.used &= ~(1u << n);
    if (lr & (LR_STATE_MASK | LR_EOI))
        lr_write(v, n, 0);
    fold(v, n, lr);
}

void vgic_fold_ended(struct vcpu *v)
{
    for (; v->ich.ended; v->ich.ended &= v->ich.ended - 1) {    /* bound: ICH_LRS_MAX */
        unsigned n = (unsigned)__builtin_ctz(v->ich.ended);
        fold(v, n, v->ich.lr[n] & ~LR_STATE_MASK);
    }
}

void vgic_take_bits(struct vcpu *v, unsigned index, uint32_t bits)
{
    vgic_fold_ended(v);
    for (uint32_t used = v->ich.used; used; used &= used - 1) {     /* bound: ICH_LRS_MAX */
        unsigned n = (unsigned)__builtin_ctz(used);
        uint32_t intid = LR_GET_VINTID(v->ich.lr[n]);
        if (intid / 32 == index && bits & intid_bit(intid))
            vgic_fold_used(v, n);
    }
}

void vgic_take(struct vm *vm, struct vcpu *v, uint32_t intid)
{
    if (vgic_word(vm, v, intid)->in_lr & intid_bit(intid)) {
        v = vgic_home(vm, v, intid);
        (void)vgic_note_ends(v);
        vgic_take_bits(v, intid / 32, intid_bit(intid));
        assert((vgic_word(vm, v, intid)->in_lr & intid_bit(intid)) == 0);
    }
}

static bool taker(const struct vm *vm, const struct vcpu *v, const struct vgic_word *w, uint32_t intid)
{
    return vgic_forwarded(vm, w) & intid_bit(intid) &&
           v->gic.target[intid / 32] & intid_bit(intid);
}

/*
 * An SGI of a GICv2: one sender's, the others' follow when it is ended. What is active and what is pending may be of
 * different ones, so they are not put there together.
 */
SELDOM static __attribute__((noinline)) uint64_t sgi_value(struct vcpu *v, const struct vgic_word *w, uint32_t intid)
{
    uint8_t senders = senders_of(v, intid);

    if (w->active & intid_bit(intid))
        return LR_ACTIVE | LR_SOURCE(v->gic.sgi_active[intid]) | (senders ? LR_EOI : 0);
    unsigned first = (unsigned)__builtin_ctz(senders | 0x80u);
    (void)__atomic_fetch_and(&v->gic.sgi_senders[intid / 4], ~vgic_sender_bit(intid, first), __ATOMIC_RELAXED);
    return LR_PENDING | LR_SOURCE(first) | (senders & (senders - 1) ? LR_EOI : 0);
}

/*
 * How a list register holds the interrupt's present state. One that is pending
 * and active goes in as active only, and the hardware tells of its end, where
 * - it is hardware-linked, for which that state is not allowed (12.4.9), or
 * - others wait: its end would leave it pending, before some that come first, or
 * - it would be pending for another vCPU, or is not forwarded.
 */
static uint64_t lr_value(struct vm *vm, struct vcpu *v, const struct vgic_word *w, uint32_t intid, bool others_wait)
{
    uint32_t bit = intid_bit(intid);
    uint64_t lr = LR_VINTID(intid) | LR_PRIORITY(*vgic_priority(vm, v, intid)) | (w->group & bit ? LR_GROUP1 : 0);
    if (on_gicv2() && intid < GIC_SGIS)
        return lr | sgi_value(v, w, intid);
    bool pending_too = w->active & w->latch & bit;

    if (pending_too && (w->hw & bit || others_wait || !taker(vm, v, w, intid)))
        return lr | LR_ACTIVE | LR_EOI;
    if (w->level & ~w->edge & bit)
        lr |= LR_EOI;                   /* at its end the line is looked at again */
    else if (w->hw & bit)
        lr |= LR_HW | LR_PINTID(vgic_pintid(vm, v, intid));
    if (pending_too)
        return lr | LR_ACTIVE | LR_PENDING;
    return lr | (w->active & bit ? LR_ACTIVE : LR_PENDING);
}

void vgic_put(struct vm *vm, struct vcpu *v, unsigned n, uint32_t intid, bool others_wait)
{
    struct vgic_word *w = vgic_word(vm, v, intid);
    uint32_t bit = intid_bit(intid), slot = 1u << n;
    assert(n < ich_lrs() && ((v->ich.used | v->ich.ended) & slot) == 0);
    assert((w->in_lr & bit) == 0 && (w->active | vgic_forwarded(vm, w)) & bit);

    uint64_t lr = lr_value(vm, v, w, intid, others_wait);
    lr_write(v, n, lr);
    v->ich.used |= slot;
    v->gic.lr_latched &= ~slot;
    if (lr & LR_PENDING && w->latch & bit) {
        v->gic.lr_latched |= slot;
        w->latch &= ~bit;
    }
    w->active &= ~bit;
    w->in_lr |= bit;
    if (unlikely((v->gic.owner[intid / 32] & bit) == 0))
        vgic_give(vm, intid, v->context.index, true);
}

/*
 * It is pending again, and the list register in which it was last is empty: then
 * that is filled anew as it was, since whatever changes the interrupt's
 * registers takes it out first, and nothing that waits comes before what a list
 * register had as pending. The short path of SGIs and of the timer.
 */
static inline bool again(struct vcpu *v, uint32_t intid, uint64_t link)
{
    for (uint32_t slots = v->ich.used | v->ich.ended; slots; slots &= slots - 1) {      /* bound: ICH_LRS_MAX */
        unsigned n = (unsigned)__builtin_ctz(slots);
        uint64_t lr = v->ich.lr[n];
        if (LR_GET_VINTID(lr) != intid)
            continue;
        bool loaded = vcpu_loaded(v);
        uint32_t refill = (v->ich.ended | (loaded ? ich_empty() : 0)) & v->gic.lr_latched & 1u << n;
        if (unlikely(refill == 0 || (lr & LR_LINK_MASK) != link))
            return false;
        lr = (lr & ~LR_STATE_MASK) | LR_PENDING;
        v->ich.used |= refill;
        v->ich.ended &= ~refill;
        v->ich.lr[n] = lr;
        if (likely(loaded))
            ich_lr_write(n, lr);
        return true;
    }
    return false;
}

/* Makes an interrupt pending that is in no list register. `pintid`: behind it is this one of the host. */
static void latch_out(struct vm *vm, struct vcpu *v, uint32_t intid, uint32_t pintid)
{
    struct vgic_word *w = vgic_word(vm, v, intid);

    w->latch |= intid_bit(intid);
    if (pintid)
        w->hw |= intid_bit(intid);
    if (pintid && intid < GIC_SPI_FIRST) {
        v->gic.pintid[intid - GIC_PPI_FIRST] = (uint8_t)pintid;
        v->ich.ppis |= 1u << pintid;
    }
    vgic_post(vm, v, intid);
}

/* A timer that is not enabled here ends no wait: the vCPU was not due by that. */
static __attribute__((noinline)) void latch_anywhere(struct vcpu *v, uint32_t intid, uint32_t pintid)
{
    struct vm *vm = vcpu_vm(v);

    vm_lock(vm);
    vgic_take(vm, v, intid);
    latch_out(vm, v, intid, pintid);
    vm_unlock(vm);
    if (pintid && v->context.state == CONTEXT_WAITING)
        v->context.own_sched.due = 0;
}

static inline __attribute__((always_inline)) void latch_private(struct vcpu *v, uint32_t intid, uint32_t pintid)
{
    assert(intid < GIC_SPI_FIRST && pintid < GIC_SPI_FIRST);

    if (likely(v->gic.word.in_lr & intid_bit(intid)) && likely(again(v, intid, pintid ? LR_HW | LR_PINTID(pintid) : 0))) {
        v->ich.ppis |= 1u << pintid & ~1u;
        if (pintid)
            vcpu_wake_by_timer(v);
        else
            vcpu_wake(v);
    } else {
        latch_anywhere(v, intid, pintid);
    }
}

void vgic_latch_sgi(struct vcpu *v, uint32_t intid)
{
    trace(this_cpu(), INJECT, &v->context, intid, 0);
    latch_private(v, intid, 0);
}

/* Some may be in list registers: all are taken back at once. */
void vgic_latch_sgis(struct vcpu *v, uint32_t sgis)
{
    v->gic.word.latch |= sgis;
    vgic_put_off(v);
}

void vgic_inject_timer(struct vcpu *v)
{
    latch_private(v, VTIMER_VIRTUAL_PPI, VTIMER_VIRTUAL_PPI);
}

void vgic_inject_spi(struct vm *vm, uint32_t intid)
{
    assert(intid >= GIC_SPI_FIRST && intid < VGIC_INTIDS && vm->gic.pintid[intid - GIC_SPI_FIRST]);

    trace_of_domain(this_cpu(), INJECT, &vm->domain, intid, 0);
    vgic_take(vm, NULL, intid);
    latch_out(vm, NULL, intid, vm->gic.pintid[intid - GIC_SPI_FIRST]);
}

/* A list register that holds nothing, or ICH_LRS_MAX. */
static unsigned free_lr(struct vcpu *v)
{
    uint32_t all = (1u << ich_lrs()) - 1;
    uint32_t free = all & ~(v->ich.used | v->ich.ended);

    if (unlikely(free == 0)) {
        if (vcpu_loaded(v))
            ich_prune(&v->ich);
        vgic_fold_ended(v);
        free = all & ~v->ich.used;
    }
    return free ? (unsigned)__builtin_ctz(free) : ICH_LRS_MAX;
}

/* May this SPI of a spread VM go into a list register of its vCPU now? If not, that will see to it. */
static bool may_put(const struct vm *vm, struct vcpu *v, uint32_t intid)
{
    if (vm->gic.kept_out[intid / 32] & intid_bit(intid))
        return false;
    if (!vcpu_loaded(v))
        mail_send(v, MAIL_LOOK);
    return vcpu_loaded(v);
}

void vgic_post(struct vm *vm, struct vcpu *v, uint32_t intid)
{
    struct vgic_word *w = vgic_word(vm, v, intid);
    assert((w->in_lr & intid_bit(intid)) == 0);

    if (((vgic_forwarded(vm, w) | w->active) & intid_bit(intid)) == 0)
        return;
    v = vgic_home(vm, v, intid);
    if (unlikely(v == NULL))
        return;
    if (unlikely(vm->spread) && intid >= GIC_SPI_FIRST && !may_put(vm, v, intid))
        return;
    unsigned n = free_lr(v);
    if (unlikely(n == ICH_LRS_MAX || v->ich.hcr != ICH_HCR_EN)) {
        vgic_offer(v);          /* others wait: it may be behind them */
        return;
    }
    vgic_put(vm, v, n, intid, false);
    vcpu_wake(v);
}

