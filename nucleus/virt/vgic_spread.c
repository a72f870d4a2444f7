/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM whose vCPUs are on several CPUs. All of this is under the VM's lock.
 *
 * A vCPU's SGIs, PPIs and list registers are its CPU's. SPIs are everybody's,
 * but for those in the list registers of a vCPU on another CPU. An access that
 * needs one of these asks for it, and its vCPU waits and makes the access anew:
 * what it wants stays out of list registers till then. An access to another vCPU's
 * redistributor is made by that one, and its answer is found when it is made anew.
 *
 * List registers have SPIs only of a vCPU that was loaded when they were filled. So a
 * vCPU that does not run can be asked for SPIs once, and not again before it has run.
 */
#include "core/cpu.h"
#include "virt/vgic_state.h"

bool vgic_reaches(const struct vcpu *v)
{
    return !vcpu_vm(v)->spread || v->context.own_sched.cpu == this_cpu()->index || vcpu_power(v) == VCPU_OFF;
}

/* The vCPU out of reach that has an SPI in a list register, or NULL. */
struct vcpu *vgic_holder(struct vm *vm, uint32_t intid)
{
    if (likely((vgic_word(vm, NULL, intid)->in_lr & intid_bit(intid)) == 0))
        return NULL;
    struct vcpu *v = vgic_home(vm, NULL, intid);
    return vgic_reaches(v) ? NULL : v;
}

/*
 * vCPUs out of reach that have some of these SPIs, a bit each: in list registers, or, where hardware counts ends, active
 * or such as could be made active.
 */
static uint32_t holders(const struct vm *vm, unsigned index, uint32_t bits, uint32_t answered)
{
    const struct vgic *g = &vm->gic;
    const struct vgic_word *w = &g->word[index - 1];
    uint32_t held = 0;

    for (unsigned i = 0; i < vm->vcpus; i++) {                          /* bound: BELAY_VCPUS_MAX */
        bool counts = (g->counting & ~answered) >> i & 1;
        const struct vgic_cpu *c = &vm->vcpu[i]->gic;
        uint32_t has = c->owner[index] & (counts ? w->in_lr | w->active : w->in_lr);
        if (bits & (counts ? has | c->target[index] : has) && !vgic_reaches(vm->vcpu[i]))
            held |= 1u << i;
    }
    return held;
}

/* The vCPU waits for no SPIs any more: those that nobody waits for. */
static uint32_t release(struct vm *vm, struct vgic_wait *wait)
{
    uint32_t released = wait->bits, still = 0;

    wait->asked = wait->answered = 0;
    wait->bits = 0;
    if (released == 0)
        return 0;
    for (unsigned i = 0; i < vm->vcpus; i++)                            /* bound: BELAY_VCPUS_MAX */
        if (vm->vcpu[i]->wait.index == wait->index)
            still |= vm->vcpu[i]->wait.bits;
    vm->gic.kept_out[wait->index] = still;
    return released & ~still;
}

bool vgic_gather(struct vm *vm, struct vcpu *by, unsigned index, uint32_t bits)
{
    struct vgic_wait *wait = &by->wait;

    if (wait->bits && (wait->index != index || wait->bits != bits)) {   /* an interrupt came in between */
        uint32_t released = release(vm, wait);
        vgic_change_end(vm, NULL, wait->index, released);
    }
    uint32_t held = holders(vm, index, bits, wait->answered);
    if (likely(held == 0)) {
        (void)release(vm, wait);
        return true;
    }
    wait->index = (uint8_t)index;
    wait->bits = bits;
    wait->asked |= (uint8_t)held;
    vm->gic.kept_out[index] |= bits;
    for (; held; held &= held - 1)                                      /* bound: BELAY_VCPUS_MAX */
        mail_send(vm->vcpu[__builtin_ctz(held)], MAIL_GIVE);
    return false;
}

/* Who asked this vCPU for SPIs has them now, or nearly. */
static void answer(struct vm *vm, const struct vcpu *v)
{
    uint8_t own = (uint8_t)(1u << v->context.index);

    for (unsigned i = 0; i < vm->vcpus; i++) {                          /* bound: BELAY_VCPUS_MAX */
        struct vgic_wait *wait = &vm->vcpu[i]->wait;
        if ((wait->asked & own) == 0)
            continue;
        wait->asked &= (uint8_t)~own;
        wait->answered |= own;
        if (wait->asked == 0)
            mail_send(vm->vcpu[i], MAIL_WAKE);
    }
}

void vgic_attend(struct vcpu *v)
{
    struct vm *vm = vcpu_vm(v);

    lines_bring(vm);
    vm_lock(vm);
    vgic_choose(v);
    answer(vm, v);
    vm_unlock(vm);
}

static bool is_same(const struct vgic_access *a, const struct vgic_access *b)
{
    return a->v == b->v && a->offset == b->offset && a->size == b->size && a->write == b->write &&
           (!a->write || a->value == b->value);
}

/* True: it has been done. False: `by` waits, and makes the access anew. */
static bool send_errand(const struct vgic_row *row, struct vgic_access *x)
{
    struct vgic_errand *e = &x->by->wait.errand;
    bool same = e->row == row && is_same(&e->access, x);

    if (same && e->done) {
        x->value = e->access.value;
        e->row = NULL;
        return true;
    }
    if (!same)
        *e = (struct vgic_errand){ .row = row, .access = *x };
    mail_send(x->v, MAIL_ERRAND);
    return false;
}

static void make(const struct vgic_row *row, struct vgic_access *x)
{
    if (!x->write)
        x->value = row->read(x);
    else if (row->write)
        row->write(x);
}

void vgic_make_spread(const struct vgic_row *row, struct vgic_access *x, uint64_t *value)
{
    struct vgic_wait *wait = &x->by->wait;
    bool made;

    x->value = *value;
    vm_lock(x->vm);
    if (row->private && !vgic_reaches(x->v)) {
        made = send_errand(row, x);
    } else {
        if (row->private)
            mail_take_sgis(x->v);
        wait->asked = 0;
        make(row, x);
        made = wait->asked == 0;
    }
    vm_unlock(x->vm);
    if (made)
        *value = x->value;
    else
        vcpu_wait_for_others(x->by);
}

/* Somebody's errand to this vCPU that is to be done, or NULL. */
static struct vgic_errand *errand_to(const struct vm *vm, const struct vcpu *v)
{
    for (unsigned i = 0; i < vm->vcpus; i++) {                          /* bound: BELAY_VCPUS_MAX */
        struct vgic_errand *e = &vm->vcpu[i]->wait.errand;
        if (e->row && !e->done && e->access.v == v)
            return e;
    }
    return NULL;
}

void vgic_do_errand(struct vcpu *v)
{
    struct vm *vm = vcpu_vm(v);

    vm_lock(vm);
    struct vgic_errand *e = errand_to(vm, v);
    if (e) {
        make(e->row, &e->access);
        e->done = true;
        mail_send(e->access.by, MAIL_WAKE);
        if (errand_to(vm, v))
            mail_send(v, MAIL_ERRAND);      /* one at a time: others are let in between */
    }
    vm_unlock(vm);
}

void vgic_leave(struct vcpu *v)
{
    struct vm *vm = vcpu_vm(v);
    uint32_t released = release(vm, &v->wait);
    assert(!vcpu_loaded(v));

    if (released)
        vgic_change_end(vm, NULL, v->wait.index, released);
    v->wait.errand.row = NULL;
    vgic_choose(v);
    answer(vm, v);
    for (unsigned i = 0; i < vm->vcpus; i++) {                          /* bound: BELAY_VCPUS_MAX; they make it themselves */
        const struct vgic_errand *e = &vm->vcpu[i]->wait.errand;
        if (e->row && !e->done && e->access.v == v)
            mail_send(vm->vcpu[i], MAIL_WAKE);
    }
    mail_forget(v, MAIL_GIVE | MAIL_ERRAND);
}
