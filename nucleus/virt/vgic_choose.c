/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which interrupts of a vCPU are in its list registers.
 *
 * All that the distributor forwards and all that are active are there if they
 * fit. If not, the highest pending one always is: then the active ones, whose
 * end the hardware then handles alone, then the other pending ones. What is left
 * waits in the bitmaps and the hardware tells when to choose again:
 * - some pending wait: when none in a list register is pending any more (NPIE);
 *   not UIE, which active ones could keep from firing while a higher one waits;
 * - some active wait: when one of them was ended (EOIcount, or DIR traps).
 */
#include "virt/vgic_state.h"

#define KEY_PENDING   (1u << 31)     /* behind all active ones */
#define KEY(priority, intid)  ((uint32_t)(priority) << 16 | (intid))
#define KEY_INTID(key) ((key) & 0xffff)
#define KEY_NONE      UINT32_MAX

static void set_hcr(struct vcpu *v, uint64_t hcr)
{
    if (v->ich.hcr == hcr)
        return;
    v->ich.hcr = hcr;
    if (vcpu_loaded(v))
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

/* An SPI was ended by a vCPU that is not its target any more, and is pending again: its target has to be told. */
static void note_moved(struct vm *vm, struct vcpu *v, uint32_t intid)
{
    const struct vcpu *home = vgic_home(vm, v, intid);

    if (home && home != v && vgic_forwarded(vm, vgic_word(vm, v, intid)) & intid_bit(intid))
        vm->gic.moved |= 1u << home->context.index;
}

/* The best of the active interrupts that are in none of the vCPU's list registers, or KEY_NONE. */
static uint32_t first_active_outside(struct vm *vm, struct vcpu *v)
{
    uint32_t best = KEY_NONE;

    for (uint32_t i = 0; i < VGIC_WORDS; i++) {         /* bound: 288 bits, as many as are active */
        struct vgic_word *w = vgic_word(vm, v, i * 32);
        for (uint32_t bits = w->active; bits; bits &= bits - 1) {
            uint32_t intid = i * 32 + (uint32_t)__builtin_ctz(bits);
            uint32_t key = KEY(*vgic_priority(vm, v, intid), intid);
            if (key < best && vgic_home(vm, v, intid) == v)
                best = key;
        }
    }
    return best;
}

/* The guest ended so many interrupts that were in no list register: the highest active ones (IHI 0069, 4.2.2). */
static void account_eois(struct vcpu *v)
{
    struct vm *vm = vcpu_vm(v);
    uint64_t hcr = vcpu_loaded(v) ? ich_hcr_read() : v->ich.hcr;

    for (unsigned n = ICH_HCR_EOICOUNT(hcr); n; n--) {  /* bound: 31 */
        uint32_t key = first_active_outside(vm, v);
        if (key == KEY_NONE)
            break;
        struct vgic_word *w = vgic_word(vm, v, KEY_INTID(key));
        w->active &= ~intid_bit(KEY_INTID(key));
        vgic_settle(vm, v, w);
        note_moved(vm, v, KEY_INTID(key));
    }
    v->ich.hcr = ICH_HCR_NO_EOICOUNT(hcr);
    if (vcpu_loaded(v))
        ich_hcr_write(v->ich.hcr);
}

static void take_back(struct vcpu *v)
{
    if (unlikely(v->ich.hcr & ICH_HCR_LRENPIE))
        account_eois(v);
    vgic_fold_ended(v);
    while (v->ich.used) {                               /* bound: ICH_LRS_MAX */
        unsigned n = (unsigned)__builtin_ctz(v->ich.used);
        uint32_t intid = LR_GET_VINTID(v->ich.lr[n]);
        vgic_fold_used(v, n);
        note_moved(vcpu_vm(v), v, intid);
    }
}

/* What is to be in a vCPU's list registers: the `places` smallest keys, in order. */
struct choice {
    unsigned cpu, places, taken;
    uint32_t key[ICH_LRS_MAX];
    uint32_t limit;                         /* what is not below it has no place */
    bool active_waits, pending_waits;       /* of those that had none */
};

static void insert(struct choice *c, uint32_t key)
{
    unsigned i;

    if (c->taken < c->places)
        c->taken++;
    else if (c->limit & KEY_PENDING)        /* the last falls out */
        c->pending_waits = true;
    else
        c->active_waits = true;
    for (i = c->taken - 1; i && c->key[i - 1] > key; i--)   /* bound: ICH_LRS_MAX */
        c->key[i] = c->key[i - 1];
    c->key[i] = key;
    if (c->taken == c->places)
        c->limit = c->key[c->taken - 1];
}

/*
 * Those of 32 interrupts that are for this vCPU: `home` says whom each is for;
 * NULL: all are. True when one has no place. A guest can make this loop run for
 * each of its interrupts, so it is short.
 */
static bool consider(struct choice *c, uint32_t base, uint32_t bits, const uint8_t *home, const uint8_t *priority)
{
    bool waits = false;

    for (; bits; bits &= bits - 1) {        /* bound: 32 */
        unsigned n = (unsigned)__builtin_ctz(bits);
        uint32_t key = base + KEY(priority[n], n);
        if (home && home[n] != c->cpu)
            continue;
        if (key < c->limit)
            insert(c, key);
        else
            waits = true;
    }
    return waits;
}

static void consider_word(struct choice *c, uint32_t first, uint32_t active, const uint8_t *owner, uint32_t pending,
                          const uint8_t *target, const uint8_t *priority)
{
    c->active_waits |= consider(c, first, active, owner, priority);
    c->pending_waits |= consider(c, first + KEY_PENDING, pending, target, priority);
}

/* `active`: ~0, or 0 to leave those that are active aside. */
static struct choice best_of(struct vcpu *v, unsigned places, uint32_t active)
{
    struct vm *vm = vcpu_vm(v);
    struct choice c = { .cpu = v->context.index, .places = places, .limit = KEY_NONE };
    const struct vgic *g = &vm->gic;
    const struct vgic_word *w = &v->gic.word;

    consider_word(&c, 0, w->active & active, NULL, vgic_forwarded(vm, w) & ~w->active, NULL, v->gic.priority);
    for (unsigned spi = 0; spi < VGIC_SPIS; spi += 32) {    /* bound: VGIC_WORDS - 1 */
        w = &g->word[spi / 32];
        consider_word(&c, GIC_SPI_FIRST + spi, w->active & active, g->owner + spi,
                      vgic_forwarded(vm, w) & ~w->active & ~w->in_lr, g->target + spi, g->priority + spi);
    }
    return c;
}

static void choose(struct vcpu *v)
{
    take_back(v);
    struct choice c = best_of(v, ich_lrs(), ~0u);
    if (unlikely(c.pending_waits && !(c.limit & KEY_PENDING))) {    /* all places are for active ones: not the last */
        struct choice first = best_of(v, 1, 0);
        c.key[c.places - 1] = first.key[0];
        c.active_waits = true;
        c.pending_waits = first.pending_waits;
    }
    for (unsigned n = 0; n < c.taken; n++)                          /* bound: ICH_LRS_MAX */
        vgic_put(vcpu_vm(v), v, n, KEY_INTID(c.key[n]), c.pending_waits);

    uint64_t hcr = ICH_HCR_EN | (c.pending_waits ? ICH_HCR_NPIE : 0);
    if (c.active_waits)
        hcr |= ICH_HCR_LRENPIE | (ich_traps_dir() ? ICH_HCR_TDIR : 0);
    set_hcr(v, hcr);
    if (c.taken && c.key[c.taken - 1] & KEY_PENDING)
        vcpu_wake(v);
}

void vgic_choose(struct vcpu *v)
{
    struct vm *vm = vcpu_vm(v);

    choose(v);
    while (unlikely(vm->gic.moved)) {       /* bound: once a vCPU, and for each interrupt that it ended and that moved */
        unsigned n = (unsigned)__builtin_ctz(vm->gic.moved);
        vm->gic.moved &= vm->gic.moved - 1;
        choose(vm->vcpu[n]);
    }
}

void vgic_change_begin(struct vm *vm, struct vcpu *v, unsigned index, uint32_t bits)
{
    const struct vgic_word *w = vgic_word(vm, v, index * 32);
    assert((index == 0) == (v != NULL));

    for (unsigned i = 0; bits & (w->active | w->in_lr) && i < vm->vcpus; i++)      /* bound: BELAY_VCPUS_MAX */
        vgic_note_ends(vm->vcpu[i]);
    for (bits &= w->in_lr; bits; bits &= bits - 1)                  /* bound: 32, and the list registers there are */
        vgic_take_only(vm, v, index * 32 + (uint32_t)__builtin_ctz(bits));
}

/* The vCPUs that the interrupts in `bits` are for, a bit each. */
static uint32_t homes(struct vm *vm, struct vcpu *v, unsigned index, uint32_t bits)
{
    uint32_t cpus = 0;

    for (; bits; bits &= bits - 1) {                                /* bound: 32 */
        const struct vcpu *home = vgic_home(vm, v, index * 32 + (uint32_t)__builtin_ctz(bits));
        if (home)
            cpus |= 1u << home->context.index;
    }
    return cpus;
}

void vgic_change_end(struct vm *vm, struct vcpu *v, unsigned index, uint32_t bits)
{
    struct vgic_word *w = vgic_word(vm, v, index * 32);

    vgic_settle(vm, v, w);
    bits &= (vgic_forwarded(vm, w) | w->active) & ~w->in_lr;
    if (bits && (bits & (bits - 1)) == 0) {
        vgic_post(vm, v, index * 32 + (uint32_t)__builtin_ctz(bits));
        return;
    }
    for (uint32_t cpus = homes(vm, v, index, bits); cpus; cpus &= cpus - 1)     /* bound: BELAY_VCPUS_MAX */
        vgic_choose(vm->vcpu[__builtin_ctz(cpus)]);
}
