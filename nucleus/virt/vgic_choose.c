/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which interrupts of a vCPU are in its list registers.
 *
 * All that the distributor forwards and all that are active are there if they
 * fit. If not, the highest pending one always is: then active ones, whose end
 * the hardware then handles alone, then other pending ones. What is left
 * waits in the bitmaps and the hardware tells when to choose again:
 * - some pending wait: when none in a list register is pending any more (NPIE);
 *   not UIE, which active ones could keep from firing while a higher one waits;
 * - some active wait: when one of them was ended (EOIcount, or DIR traps).
 */
#include "core/cpu.h"
#include "core/irq.h"
#include "virt/vgic_state.h"

/*
 * What the hardware tells of. A vCPU on another CPU has to be asked before the state of its active SPIs is known, while
 * the hardware counts ends of what is in no list register.
 */
static __attribute__((noinline)) void set_hcr(struct vcpu *v, uint64_t hcr)
{
    uint8_t own = (uint8_t)(1u << v->context.index), *counting = &vcpu_vm(v)->gic.counting;
    bool changes = v->ich.hcr != hcr, loaded = vcpu_loaded(v);

    v->ich.hcr = hcr;
    *counting = (uint8_t)((*counting & ~own) | (loaded && hcr & ICH_HCR_LRENPIE ? own : 0));
    if (changes && loaded)
        ich_hcr_write(hcr);
}

void vgic_settle(struct vm *vm, struct vcpu *v, struct vgic_word *w)
{
    uint32_t owed = w->hw & ~(w->latch | w->active | w->in_lr);

    for (; unlikely(owed); owed &= owed - 1) {          /* bound: 32 */
        uint32_t bit = (uint32_t)__builtin_ctz(owed);
        uint32_t intid = v && w == &v->gic.word ? bit : (uint32_t)(w - vm->gic.word + 1) * 32 + bit;
        /* A PPI is active at the host only while its vCPU is loaded (ich_save). */
        if (intid >= GIC_SPI_FIRST || vcpu_loaded(v))
            gic_set_active(vgic_pintid(vm, v, intid), false);
        vgic_host_ended(v, w, intid);
    }
}

/* Interrupts of a vCPU: its own in the first half of the first word, then, from the second word on, SPIs. */
#define SET_WORDS (1 + VGIC_SPIS / 64)
struct set { union { uint64_t word[SET_WORDS]; uint32_t half[2 * SET_WORDS]; }; };      /* the CPU is little-endian */

static const uint32_t none[VGIC_WORDS];

/*
 * What is active at the vCPU, and what is forwarded to it and in no list register; no interrupt is in both. SPIs in
 * `kept_out` are left out; true: some that are active were.
 */
static bool sort(const struct vcpu *v, const uint32_t *kept_out, struct set *active, struct set *pending)
{
    const struct vm *vm = vcpu_vm(v);
    uint32_t group1 = vm->gic.ctlr & CTLR_GROUP1 ? ~0u : 0, group0 = vm->gic.ctlr & CTLR_GROUP0 ? ~0u : 0, left_out = 0;

    active->word[0] = pending->word[0] = 0;
    for (unsigned i = 0, half = 0; i < VGIC_WORDS; half = ++i + 1) {    /* bound: 9 */
        const struct vgic_word *w = i ? &vm->gic.word[i - 1] : &v->gic.word;
        uint32_t a = w->active & v->gic.owner[i], out = kept_out[i];
        uint32_t forwarded = vgic_pending_bits(w) & w->enabled & ((w->group & group1) | (~w->group & group0));
        left_out |= a & out;
        active->half[half] = a & ~out;
        pending->half[half] = forwarded & ~(w->active | w->in_lr | out) & v->gic.target[i];
    }
    return left_out != 0;
}

static bool is_empty(const struct set *s)
{
    return (s->word[0] | s->word[1] | s->word[2] | s->word[3] | s->word[4]) == 0;
}

/* Has it no more than so many? */
static bool fits(const struct set *s, unsigned places)
{
    for (unsigned i = 0; i < SET_WORDS; i++)            /* bound: 5, and `places` */
        for (uint64_t bits = s->word[i]; bits; bits &= bits - 1)
            if (places-- == 0)
                return false;
    return true;
}

/* Those of the highest priority, found by one bit of it after the other: it is no matter how many there are. */
static void find_highest(const struct vcpu *v, const struct set *s, struct set *found)
{
    const struct vgic *g = &vcpu_vm(v)->gic;
    uint64_t s0 = s->word[0], s1 = s->word[1], s2 = s->word[2], s3 = s->word[3], s4 = s->word[4];
    _Static_assert(SET_WORDS == 5, "");

    for (unsigned b = VGIC_PRIORITY_BITS; b--;) {       /* bound: 8 */
        const uint64_t (*bits)[VGIC_PRIORITY_BITS] = g->priority_bit;
        uint64_t l0 = s0 & ~v->gic.priority_bit[b];
        uint64_t l1 = s1 & ~bits[0][b], l2 = s2 & ~bits[1][b], l3 = s3 & ~bits[2][b], l4 = s4 & ~bits[3][b];
        if (l0 | l1 | l2 | l3 | l4)
            s0 = l0, s1 = l1, s2 = l2, s3 = l3, s4 = l4;
    }
    *found = (struct set){ .word = { s0, s1, s2, s3, s4 } };
}

static uint32_t intid_of(unsigned word, uint64_t bits)
{
    unsigned bit = (unsigned)__builtin_ctzll(bits);

    return word ? GIC_SPI_FIRST + (word - 1) * 64 + bit : bit;
}

/* An SPI was ended by a vCPU that is not its target any more, and is pending again: its target has to be told. */
static void note_moved(struct vcpu *v, uint32_t intid)
{
    struct vm *vm = vcpu_vm(v);

    if (v->gic.target[intid / 32] & intid_bit(intid))
        return;
    struct vcpu *home = vgic_home(vm, v, intid);
    if (home && home != v && vgic_forwarded(vm, vgic_word(vm, v, intid)) & intid_bit(intid))
        vgic_offer(home);
}

/* The guest ended so many interrupts that were in no list register: the highest active ones (IHI 0069, 4.2.2). */
bool vgic_account_eois(struct vcpu *v)
{
    struct vm *vm = vcpu_vm(v);
    uint64_t hcr = vcpu_loaded(v) ? ich_hcr_read() : v->ich.hcr;
    unsigned ended = ICH_HCR_EOICOUNT(hcr);

    if (ended == 0)
        return false;
    struct set active, first;
    (void)sort(v, none, &active, &first);
    for (; ended && !is_empty(&active); ended--) {      /* bound: 31; one or two, as the hardware tells of the first */
        unsigned i = 0;
        find_highest(v, &active, &first);
        while (first.word[i] == 0)                      /* bound: 5 */
            i++;
        uint32_t intid = intid_of(i, first.word[i]);
        active.word[i] &= ~(first.word[i] & -first.word[i]);
        struct vgic_word *w = vgic_word(vm, v, intid);
        w->active &= ~intid_bit(intid);
        vgic_settle(vm, v, w);
        note_moved(v, intid);
    }
    v->ich.hcr = ICH_HCR_NO_EOICOUNT(hcr);
    if (vcpu_loaded(v))
        ich_hcr_write(v->ich.hcr);
    vgic_put_off(v);
    return true;
}

void vgic_take_back(struct vcpu *v)
{
    (void)vgic_note_ends(v);
    vgic_fold_ended(v);
    while (v->ich.used) {                               /* bound: ICH_LRS_MAX */
        unsigned n = (unsigned)__builtin_ctz(v->ich.used);
        uint32_t intid = LR_GET_VINTID(v->ich.lr[n]);
        vgic_fold_used(v, n);
        note_moved(v, intid);
    }
    set_hcr(v, v->ich.hcr & ICH_HCR_EN);
}

void vgic_put_off(struct vcpu *v)
{
    mail_note(v, MAIL_CHOOSE);
    if (vcpu_loaded(v)) {
        (void)vgic_note_ends(v);
        set_hcr(v, v->ich.hcr & ICH_HCR_EN);    /* no maintenance interrupt for what is seen to anyway */
        this_cpu()->reschedule = true;          /* which has it read its mail */
    }
    if (v->context.state == CONTEXT_WAITING)
        vcpu_wake(v);                           /* maybe for nothing, as a WFI may end at any time */
}

/* Fills list registers from number `n` on. Returns the next that is free. */
static unsigned put(struct vcpu *v, struct set *s, unsigned n, unsigned end, bool others_wait)
{
    for (unsigned i = 0; i < SET_WORDS; i++)            /* bound: 5, and ICH_LRS_MAX */
        for (; s->word[i] && n < end; n++) {
            uint64_t bits = s->word[i];
            s->word[i] = bits & (bits - 1);
            vgic_put(vcpu_vm(v), v, n, intid_of(i, bits), others_wait);
        }
    return n;
}

/*
 * Where not all have a place, those of the highest priority are enough, and others follow while no interrupt of the host
 * waits for this to end.
 */
static void put_pending(struct vcpu *v, struct set *pending, unsigned n, unsigned end, bool waits)
{
    struct set highest, *first = pending;

    do {
        if (waits) {
            first = &highest;
            find_highest(v, pending, first);
            for (unsigned i = 0; i < SET_WORDS; i++)
                pending->word[i] &= ~first->word[i];
        }
        n = put(v, first, n, end, waits);
    } while (waits && n < end && !irq_waits());
}

void vgic_choose(struct vcpu *v)
{
    unsigned lrs = ich_lrs();
    struct set active, pending;

    vgic_take_back(v);
    if (!vcpu_loaded(v)) {
        vgic_put_off(v);
        return;
    }
    bool left_out = sort(v, vcpu_vm(v)->gic.kept_out, &active, &pending), any = !is_empty(&pending);
    if (irq_waits()) {                                  /* the host's go first */
        vgic_put_off(v);
        return;
    }
    mail_forget(v, MAIL_CHOOSE);
    unsigned n = put(v, &active, 0, lrs - any, any);    /* one of them for the first pending one */
    bool waits = !fits(&pending, lrs - n), active_waits = left_out || !is_empty(&active);
    uint64_t hcr = v->ich.hcr | (waits ? ICH_HCR_NPIE : 0);

    if (active_waits)
        hcr |= ICH_HCR_LRENPIE | (ich_traps_dir() ? ICH_HCR_TDIR : 0);
    put_pending(v, &pending, n, lrs, waits);
    set_hcr(v, hcr);
    if (any)
        vcpu_wake(v);
}

void vgic_offer(struct vcpu *v)
{
    if (vcpu_vm(v)->spread && !vcpu_loaded(v))          /* only in the hardware does it get SPIs */
        mail_send(v, MAIL_LOOK);
    else
        vgic_put_off(v);
}

/* The guest may have moved or turned off its virtual timer since that fired: its interrupt is a level, which follows. */
static void follow_timer(const struct vcpu *v, struct vgic_word *w)
{
    uint32_t bit = intid_bit(VTIMER_VIRTUAL_PPI);

    if (w->latch & w->hw & bit && vcpu_loaded(v) && !vtimer_is_due())
        w->latch &= ~bit;
}

bool vgic_change_begin(const struct vgic_access *x, unsigned index, uint32_t bits)
{
    struct vm *vm = x->vm;
    struct vcpu *v = index ? NULL : x->v;
    struct vgic_word *w = vgic_word(vm, v, index * 32);
    assert(index != 0 || v != NULL);

    if (unlikely(vm->spread && index) && !vgic_gather(vm, x->by, index, bits))
        return false;
    for (unsigned i = 0; bits & (w->active | w->in_lr) && i < vm->vcpus; i++)   /* bound: BELAY_VCPUS_MAX */
        if ((v == NULL || v == vm->vcpu[i]) && vgic_reaches(vm->vcpu[i])) {
            (void)vgic_note_ends(vm->vcpu[i]);
            vgic_take_bits(vm->vcpu[i], index, bits);
        }
    assert((bits & w->in_lr) == 0);
    if (v)
        follow_timer(v, w);
    return true;
}

void vgic_change_end(struct vm *vm, struct vcpu *v, unsigned index, uint32_t bits)
{
    struct vgic_word *w = vgic_word(vm, v, index * 32);

    vgic_settle(vm, v, w);
    bits &= (vgic_forwarded(vm, w) | w->active) & ~w->in_lr;
    if ((bits & (bits - 1)) == 0) {
        if (bits)
            vgic_post(vm, v, index * 32 + (uint32_t)__builtin_ctz(bits));
        return;
    }
    if (index == 0) {
        vgic_offer(v);
        return;
    }
    for (unsigned i = 0; i < vm->vcpus; i++)                        /* bound: BELAY_VCPUS_MAX */
        if (vgic_bits_of(vm->vcpu[i], w, index) & bits)
            vgic_offer(vm->vcpu[i]);
}
