/* SPDX-License-Identifier: Apache-2.0 */
#include "vgic_world.h"

#include <assert.h>
#include <string.h>

#include "core/cpu.h"
#include "gic/ich.c"        /* its count of list registers is set anew in each world */

struct vm world_vm;
struct vcpu world_vcpu[BELAY_VCPUS_MAX];
unsigned world_wakes[BELAY_VCPUS_MAX];
bool host_active[1020];
unsigned world_maintenances;
bool world_lazy;

static struct vcpu *loaded;
static unsigned lrs;

/* The fakes. */

static struct cpu untraced;
struct cpu *fake_cpu = &untraced;
void trace_put(struct cpu *cpu, uint64_t what, uint64_t a, uint64_t b) { (void)cpu, (void)what, (void)a, (void)b; }
bool vcpu_loaded(const struct vcpu *v) { return v == loaded; }
void vcpu_wake(struct vcpu *v) { world_wakes[v->context.index]++; }

void gic_set_active(uint32_t intid, bool active)
{
    assert(intid >= GIC_PPI_FIRST && intid < 1020);
    host_active[intid] = active;
}

void gic_set_ppis_active(uint32_t ppis, bool active)
{
    for (; ppis; ppis &= ppis - 1)
        gic_set_active((uint32_t)__builtin_ctz(ppis), active);
}

/* The virtual CPU interface. */

#define VMCR_VEOIM  (1u << 9)
#define VTR(lrs)    (((lrs) - 1) | 1u << 19 | 4u << 26 | 4u << 29)

static struct fake_sysreg *lr_register(unsigned n)
{
    static const char *const names[16] = {
        "S3_4_C12_C12_0", "S3_4_C12_C12_1", "S3_4_C12_C12_2", "S3_4_C12_C12_3", "S3_4_C12_C12_4", "S3_4_C12_C12_5",
        "S3_4_C12_C12_6", "S3_4_C12_C12_7", "S3_4_C12_C13_0", "S3_4_C12_C13_1", "S3_4_C12_C13_2", "S3_4_C12_C13_3",
        "S3_4_C12_C13_4", "S3_4_C12_C13_5", "S3_4_C12_C13_6", "S3_4_C12_C13_7",
    };
    static struct fake_sysreg *found[16];

    assert(n < lrs);
    if (!found[n])
        found[n] = fake_sysreg_find(names[n]);
    return found[n];
}

static uint64_t elrsr(void)
{
    uint64_t empty = 0;

    for (unsigned n = 0; n < lrs; n++) {
        uint64_t lr = lr_register(n)->value;
        if ((lr & LR_STATE_MASK) == 0 && (lr & LR_HW || !(lr & LR_EOI)))
            empty |= UINT64_C(1) << n;
    }
    return empty;
}

static bool maintenance(void)
{
    uint64_t hcr = FAKE_SYSREG(ICH_HCR_EL2)->value;
    bool pending = false, ended = false;

    for (unsigned n = 0; n < lrs; n++) {
        uint64_t lr = lr_register(n)->value;
        pending |= (lr & LR_STATE_MASK) == LR_PENDING;
        ended |= !(lr & (LR_STATE_MASK | LR_HW)) && lr & LR_EOI;
    }
    return hcr & ICH_HCR_EN && (ended || (hcr & ICH_HCR_NPIE && !pending) ||
                                (hcr & ICH_HCR_LRENPIE && ICH_HCR_EOICOUNT(hcr)));
}

bool world_settled(void)
{
    return !loaded || !maintenance();
}

/* Handling a maintenance interrupt ends its cause. */
void world_settle(void)
{
    if (world_settled())
        return;
    world_maintenances++;
    vgic_maintenance(loaded);
    assert(!maintenance());
}

static void settle(void)
{
    if (!world_lazy)
        world_settle();
}

static struct fake_sysreg *ap(bool group1)
{
    return group1 ? FAKE_SYSREG(S3_4_C12_C9_0) : FAKE_SYSREG(S3_4_C12_C8_0);
}

static unsigned running_priority(void)
{
    uint32_t active = (uint32_t)(ap(true)->value | ap(false)->value);

    return active ? (unsigned)__builtin_ctz(active) * 8 : 0x100;
}

uint32_t guest_ack(void)
{
    uint64_t vmcr = FAKE_SYSREG(ICH_VMCR_EL2)->value;
    unsigned best = ICH_LRS_MAX, priority = running_priority();

    assert(loaded);
    for (unsigned n = 0; n < lrs; n++) {
        uint64_t lr = lr_register(n)->value;
        unsigned p = (unsigned)(lr >> 48) & 0xf8;
        if ((lr & LR_STATE_MASK) != LR_PENDING || !(vmcr & (lr & LR_GROUP1 ? 2 : 1)))
            continue;
        if (p < priority && p < (vmcr >> 24 & 0xf8)) {
            best = n;
            priority = p;
        }
    }
    if (best == ICH_LRS_MAX)
        return NO_INTERRUPT;
    struct fake_sysreg *lr = lr_register(best);
    lr->value = (lr->value & ~LR_PENDING) | LR_ACTIVE;
    ap(lr->value & LR_GROUP1)->value |= 1u << priority / 8;
    uint32_t intid = LR_GET_VINTID(lr->value);
    settle();
    return intid;
}

static void deactivate(uint32_t intid)
{
    for (unsigned n = 0; n < lrs; n++) {
        struct fake_sysreg *lr = lr_register(n);
        if (!(lr->value & LR_ACTIVE) || LR_GET_VINTID(lr->value) != intid)
            continue;
        lr->value &= ~LR_ACTIVE;
        if (lr->value & LR_HW) {
            assert(!(lr->value & LR_PENDING));
            host_active[LR_GET_PINTID(lr->value)] = false;
        }
        return;
    }
    FAKE_SYSREG(ICH_HCR_EL2)->value += UINT64_C(1) << 27;
    FAKE_SYSREG(ICH_HCR_EL2)->value &= 0xffffffff;
}

void guest_eoi(uint32_t intid)
{
    uint64_t g0 = ap(false)->value, g1 = ap(true)->value;

    assert(loaded);
    if (!(g0 | g1))
        return;
    struct fake_sysreg *highest = g0 && (!g1 || __builtin_ctzll(g0) < __builtin_ctzll(g1)) ? ap(false) : ap(true);
    highest->value &= highest->value - 1;
    if (!(FAKE_SYSREG(ICH_VMCR_EL2)->value & VMCR_VEOIM))
        deactivate(intid);
    settle();
}

void guest_dir(uint32_t intid)
{
    assert(loaded);
    if (FAKE_SYSREG(ICH_HCR_EL2)->value & ICH_HCR_TDIR)
        vgic_deactivate(loaded, intid);
    else
        deactivate(intid);
    settle();
}

static void set_vmcr(uint64_t clear, uint64_t set)
{
    struct fake_sysreg *vmcr = FAKE_SYSREG(ICH_VMCR_EL2);

    vmcr->value = (vmcr->value & ~clear) | set;
}

void guest_eoimode(bool separate) { set_vmcr(VMCR_VEOIM, separate ? VMCR_VEOIM : 0); }
void guest_set_pmr(uint8_t pmr) { set_vmcr(UINT64_C(0xff) << 24, (uint64_t)pmr << 24); }

/* What the nucleus does. */

void world_load(struct vcpu *v)
{
    if (loaded == v)
        return;
    if (loaded)
        ich_save(&loaded->ich);
    for (unsigned n = 0; n < lrs; n++)
        assert((lr_register(n)->value & (LR_STATE_MASK | LR_EOI)) == 0 || loaded == NULL);
    loaded = v;
    if (v)
        ich_restore(&v->ich);
    settle();
}

void world_make(unsigned vcpus, unsigned list_registers)
{
    fake_sysreg_reset();
    loaded = NULL;
    lrs = list_registers;
    memset(&world_vm, 0, sizeof world_vm);
    memset(world_vcpu, 0, sizeof world_vcpu);
    memset(world_wakes, 0, sizeof world_wakes);
    memset(host_active, 0, sizeof host_active);
    world_maintenances = 0;
    world_lazy = false;
    FAKE_SYSREG(ICH_VTR_EL2)->value = VTR(lrs);
    FAKE_SYSREG(ICH_ELRSR_EL2)->on_read = elrsr;
    memset(&ich, 0, sizeof ich);
    ich_init_cpu();
    for (unsigned i = 0; i < vcpus; i++) {
        struct vcpu *v = &world_vcpu[i];
        world_vm.vcpu[world_vm.vcpus++] = v;
        v->context.domain = &world_vm.domain;
        v->context.index = (uint8_t)i;
        ich_reset(&v->ich);
    }
    vgic_reset(&world_vm);
    world_load(&world_vcpu[0]);
}

void world_open(void)
{
    struct vcpu *was = loaded;

    guest_write(GICD, 4, 3);
    for (unsigned i = 0; i < world_vm.vcpus; i++) {
        world_load(&world_vcpu[i]);
        guest_set_pmr(0xf8);
        set_vmcr(0, 3);
    }
    world_load(was);
}

void world_enable(unsigned cpu, uint32_t intid, uint8_t priority)
{
    uint64_t frame = intid < 32 ? SGI_FRAME(cpu) : GICD;
    uint64_t group = frame + 0x80 + intid / 32 * 4;

    guest_write(group, 4, guest_read(group, 4) | 1u << intid % 32);
    guest_write(frame + 0x400 + intid, 1, priority);
    guest_write(frame + 0x100 + intid / 32 * 4, 4, 1u << intid % 32);
}

static struct vcpu *accessor(void)
{
    return loaded ? loaded : &world_vcpu[0];
}

uint64_t guest_read(uint64_t address, unsigned size)
{
    struct access a = { .ipa = address, .size = (uint8_t)size };
    uint64_t value = UINT64_MAX;

    bool answered = vgic_mmio(accessor(), &a, &value);
    assert(answered);
    settle();
    return value;
}

void guest_write(uint64_t address, unsigned size, uint64_t value)
{
    struct access a = { .ipa = address, .size = (uint8_t)size, .write = true };

    bool answered = vgic_mmio(accessor(), &a, &value);
    assert(answered);
    settle();
}

void guest_sgi(uint64_t value)
{
    vgic_sgi(accessor(), value, true);
    settle();
}

void host_fires(uint32_t intid, uint32_t pintid)
{
    assert(!host_active[pintid]);
    host_active[pintid] = true;
    if (intid < 32)
        vgic_inject_timer(accessor());
    else
        vgic_inject_spi(&world_vm, intid);
    settle();
}

/* Invariants. */

/* Interrupts seen in list registers, as many bits as vgic_word.in_lr: of each vCPU, then of the SPIs. */
static uint32_t in_private_lrs[BELAY_VCPUS_MAX], in_spi_lrs[VGIC_WORDS];

static void check_lr(struct vcpu *v, unsigned n, uint64_t lr)
{
    uint32_t intid = LR_GET_VINTID(lr);

    assert(intid < VGIC_INTIDS);
    assert(vgic_word(&world_vm, v, intid)->in_lr & intid_bit(intid));
    uint32_t *seen = intid < 32 ? &in_private_lrs[v->context.index] : &in_spi_lrs[intid / 32 - 1];
    assert((*seen & intid_bit(intid)) == 0);
    *seen |= intid_bit(intid);
    if (intid >= 32)
        assert(world_vm.gic.owner[intid - 32] == v->context.index);
    if (v->ich.ended >> n & 1)
        return;
    uint64_t now = v == loaded ? lr_register(n)->value : lr;
    assert(LR_GET_VINTID(now) == intid);
    assert((now & LR_HW) == 0 || (now & LR_STATE_MASK) != LR_STATE_MASK);
}

static void check_vcpu(struct vcpu *v)
{
    uint32_t in_use = v->ich.used | v->ich.ended;

    assert((v->ich.used & v->ich.ended) == 0 && in_use >> lrs == 0);
    for (unsigned n = 0; n < lrs; n++)
        if (in_use >> n & 1)
            check_lr(v, n, v->ich.lr[n]);
        else if (v == loaded)
            assert((lr_register(n)->value & (LR_STATE_MASK | LR_EOI)) == 0);
    for (unsigned intid = 16; intid < 32; intid++)
        if (v == loaded)
            assert(host_active[intid] <= (v->ich.ppis >> intid & 1));
}

/* What waits outside of the list registers comes behind what is pending in them, and is looked for in time. */
static void check_waiting(struct vcpu *home, uint32_t intid)
{
    unsigned priority = *vgic_priority(&world_vm, home, intid);

    assert(home->ich.hcr & ICH_HCR_NPIE);
    for (unsigned n = 0; n < lrs; n++) {
        uint64_t lr = home == loaded ? lr_register(n)->value : home->ich.lr[n];
        if (home->ich.used >> n & 1 && (lr & LR_STATE_MASK) == LR_PENDING)
            assert((lr >> 48 & 0xff) <= priority);
    }
}

static void check_word(struct vcpu *v, const struct vgic_word *w, unsigned first, uint32_t in_lrs)
{
    assert(w->in_lr == in_lrs);
    assert((w->in_lr & w->active) == 0);
    assert((w->hw & ~(w->latch | w->active | w->in_lr)) == 0);
    for (uint32_t bits = (w->active | vgic_forwarded(&world_vm, w)) & ~w->in_lr; bits; bits &= bits - 1) {
        uint32_t bit = bits & -bits, intid = first + (unsigned)__builtin_ctz(bits);
        struct vcpu *home = vgic_home(&world_vm, v, intid);
        if (!home)
            continue;
        if (w->active & bit)
            assert(home->ich.hcr & ICH_HCR_LRENPIE);
        else
            check_waiting(home, intid);
    }
}

static void check_links(void)
{
    for (unsigned i = 0; i < VGIC_SPIS; i++)
        if (world_vm.gic.pintid[i] && host_active[world_vm.gic.pintid[i]])
            assert(world_vm.gic.word[i / 32].hw >> i % 32 & 1);
}

void world_check(void)
{
    memset(in_private_lrs, 0, sizeof in_private_lrs);
    memset(in_spi_lrs, 0, sizeof in_spi_lrs);
    for (unsigned i = 0; i < world_vm.vcpus; i++)
        check_vcpu(&world_vcpu[i]);
    for (unsigned i = 0; i < world_vm.vcpus; i++)
        check_word(&world_vcpu[i], &world_vcpu[i].gic.word, 0, in_private_lrs[i]);
    for (unsigned i = 0; i < VGIC_WORDS - 1; i++)
        check_word(NULL, &world_vm.gic.word[i], 32 + i * 32, in_spi_lrs[i]);
    check_links();
    if (loaded)
        assert(ICH_HCR_NO_EOICOUNT(FAKE_SYSREG(ICH_HCR_EL2)->value) == ICH_HCR_NO_EOICOUNT(loaded->ich.hcr));
}
