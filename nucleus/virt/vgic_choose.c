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

/* Of one kind of interrupt, active or pending, those with the smallest keys, in order. */
struct best {
    unsigned taken, places;
    uint32_t key[ICH_LRS_MAX];
    uint32_t limit;                         /* what is not below it has no place */
    bool waits;                             /* some had none */
};

static void insert(struct best *b, uint32_t key)
{
    unsigned i;

    if (b->taken < b->places)
        b->taken++;
    else
        b->waits = true;                    /* the last falls out */
    for (i = b->taken - 1; i && b->key[i - 1] > key; i--)   /* bound: ICH_LRS_MAX */
        b->key[i] = b->key[i - 1];
    b->key[i] = key;
    if (b->taken == b->places)
        b->limit = b->key[b->taken - 1];
}

/*
 * Those of 32 interrupts that are for vCPU number `cpu`: `home` says whom each is for; NULL: all are. A guest can make
 * this loop run for each of its interrupts, so it is short.
 */
static void consider(struct best *b, uint32_t base, uint32_t bits, unsigned cpu, const uint8_t *home, const uint8_t *priority)
{
    bool waits = false;

    for (; bits; bits &= bits - 1) {        /* bound: 32 */
        unsigned n = (unsigned)__builtin_ctz(bits);
        uint32_t key = base + KEY(priority[n], n);
        if (home && home[n] != cpu)
            continue;
        if (key < b->limit)
            insert(b, key);
        else
            waits = true;
    }
    b->waits |= waits;
}

/* The best of the active interrupts that are in none of the vCPU's list registers, or KEY_NONE. */
static uint32_t first_active_outside(const struct vm *vm, const struct vcpu *v)
{
    struct best b = { .places = 1, .limit = KEY_NONE };
    const struct vgic *g = &vm->gic;

    consider(&b, 0, v->gic.word.active, v->context.index, NULL, v->gic.priority);
    for (unsigned spi = 0; spi < VGIC_SPIS; spi += 32)  /* bound: VGIC_WORDS - 1 */
        consider(&b, GIC_SPI_FIRST + spi, g->word[spi / 32].active, v->context.index, g->owner + spi, g->priority + spi);
    return b.taken ? b.key[0] : KEY_NONE;
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

/* Active ones of its own that are kept out of list registers have no place for now. */
static bool any_own(const uint8_t *owner, uint32_t bits, unsigned cpu)
{
    for (; unlikely(bits); bits &= bits - 1)    /* bound: 32 */
        if (owner[__builtin_ctz(bits)] == cpu)
            return true;
    return false;
}

/* What is to be in a vCPU's list registers, if it has this many places for each kind. No interrupt is of both. */
static void find_best(struct vcpu *v, struct best *active, struct best *pending)
{
    struct vm *vm = vcpu_vm(v);
    const struct vgic *g = &vm->gic;
    const struct vgic_word *w = &v->gic.word;
    unsigned cpu = v->context.index;

    consider(active, 0, w->active, cpu, NULL, v->gic.priority);
    consider(pending, 0, vgic_forwarded(vm, w) & ~w->active, cpu, NULL, v->gic.priority);
    for (unsigned spi = 0; spi < VGIC_SPIS; spi += 32) {    /* bound: VGIC_WORDS - 1 */
        w = &g->word[spi / 32];
        uint32_t first = GIC_SPI_FIRST + spi, out = g->kept_out[spi / 32];
        consider(active, first, w->active & ~out, cpu, g->owner + spi, g->priority + spi);
        consider(pending, first, vgic_forwarded(vm, w) & ~(w->active | w->in_lr | out), cpu, g->target + spi,
                 g->priority + spi);
        active->waits |= any_own(g->owner + spi, w->active & out, cpu);
    }
}

/* A vCPU on another CPU has to be asked before the state of its active SPIs is known. */
static void count_ends(const struct vcpu *v, bool counts)
{
    uint8_t own = (uint8_t)(1u << v->context.index), *counting = &vcpu_vm(v)->gic.counting;

    *counting = counts && vcpu_loaded(v) ? *counting | own : *counting & (uint8_t)~own;
}

/* Some are forwarded that are in no list register, to the vCPU or to another. */
static bool any_forwarded(struct vcpu *v)
{
    struct vm *vm = vcpu_vm(v);
    uint32_t any = vgic_forwarded(vm, &v->gic.word);

    for (unsigned i = 0; i < VGIC_WORDS - 1; i++)           /* bound: 8 */
        any |= vgic_forwarded(vm, &vm->gic.word[i]) & ~vm->gic.word[i].in_lr;
    return any;
}

/* A vCPU that is not in the hardware, whatever is asked of it meanwhile, is seen to once, when it comes there. */
static void put_off(struct vcpu *v)
{
    set_hcr(v, v->ich.hcr & ICH_HCR_EN);
    count_ends(v, false);
    mail_note(v, MAIL_CHOOSE);
    if (any_forwarded(v))
        vcpu_wake(v);
}

static void choose(struct vcpu *v)
{
    struct best active = { .places = ich_lrs(), .limit = KEY_NONE }, pending = active;

    take_back(v);
    if (!vcpu_loaded(v)) {
        put_off(v);
        return;
    }
    find_best(v, &active, &pending);
    unsigned places = ich_lrs() - (pending.taken != 0);     /* one of them for the first pending one */
    unsigned for_active = active.taken < places ? active.taken : places, for_pending = ich_lrs() - for_active;
    active.waits |= for_active < active.taken;
    pending.waits |= for_pending < pending.taken;
    for (unsigned n = 0; n < for_active; n++)                       /* bound: ICH_LRS_MAX */
        vgic_put(vcpu_vm(v), v, n, KEY_INTID(active.key[n]), pending.waits);
    for (unsigned n = 0; n < for_pending && n < pending.taken; n++) /* bound: ICH_LRS_MAX */
        vgic_put(vcpu_vm(v), v, for_active + n, KEY_INTID(pending.key[n]), pending.waits);

    uint64_t hcr = (v->ich.hcr & ICH_HCR_EN) | (pending.waits ? ICH_HCR_NPIE : 0);
    if (active.waits)
        hcr |= ICH_HCR_LRENPIE | (ich_traps_dir() ? ICH_HCR_TDIR : 0);
    set_hcr(v, hcr);
    count_ends(v, active.waits);
    if (pending.taken)
        vcpu_wake(v);
}

/* It is not in this CPU's hardware, where alone a vCPU of a spread VM gets SPIs. */
static bool is_far(const struct vcpu *v)
{
    return vcpu_vm(v)->spread && !vcpu_loaded(v);
}

void vgic_choose(struct vcpu *v)
{
    struct vm *vm = vcpu_vm(v);

    choose(v);
    while (unlikely(vm->gic.moved)) {       /* bound: once a vCPU, and for each interrupt that it ended and that moved */
        unsigned n = (unsigned)__builtin_ctz(vm->gic.moved);
        vm->gic.moved &= (uint8_t)(vm->gic.moved - 1);
        if (is_far(vm->vcpu[n]))
            mail_send(vm->vcpu[n], MAIL_LOOK);
        else
            choose(vm->vcpu[n]);
    }
}

void vgic_offer(struct vcpu *v)
{
    if (is_far(v))
        mail_send(v, MAIL_LOOK);
    else
        vgic_choose(v);
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
    for (unsigned i = 0; bits & (w->active | w->in_lr) && i < vm->vcpus; i++)      /* bound: BELAY_VCPUS_MAX */
        if (vgic_reaches(vm->vcpu[i]))
            vgic_note_ends(vm->vcpu[i]);
    for (bits &= w->in_lr; bits; bits &= bits - 1)                  /* bound: 32, and the list registers there are */
        vgic_take_only(vm, v, index * 32 + (uint32_t)__builtin_ctz(bits));
    if (v)
        follow_timer(v, w);
    return true;
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
        vgic_offer(vm->vcpu[__builtin_ctz(cpus)]);
}
