/* SPDX-License-Identifier: Apache-2.0 */
#include "vgic_world.h"

#include <assert.h>
#include <string.h>

#include "core/cpu.h"
#include "gic/ich.c"        /* its count of list registers is set anew in each world */
#include "virt/mmio_common.h"

struct vm world_vm;
struct vcpu world_vcpu[BELAY_VCPUS_MAX];
unsigned world_wakes[BELAY_VCPUS_MAX];
bool host_active[1020];
unsigned world_maintenances;
unsigned world_routed[1020], world_messages;
bool world_lazy;
uint32_t world_waits;

struct cpu *fake_cpu, *cpus[CPUS_MAX];
unsigned cpus_running;

#define CPUS 3
#define BANK 20     /* registers of a CPU's virtual interface */

static struct world_cpu {
    struct cpu cpu;
    uint64_t bank[BANK];                /* while this is not the CPU that the test is on */
    bool ppi_active[32];
    struct message *inbox[BELAY_VCPUS_MAX + 1];
    unsigned messages;
} world_cpu[CPUS];

static unsigned lrs;

/* The fakes. */

static struct vcpu *loaded_on(const struct world_cpu *c) { return (struct vcpu *)c->cpu.loaded; }
static struct world_cpu *here(void) { return &world_cpu[fake_cpu->index]; }
static struct world_cpu *cpu_of(const struct vcpu *v) { return &world_cpu[v->context.own_sched.cpu]; }
static struct vcpu *loaded(void) { return loaded_on(here()); }

bool vcpu_loaded(const struct vcpu *v) { return fake_cpu->loaded == &v->context; }
void vcpu_come(struct vcpu *v) { (void)v; }
void gic_spi_route(uint32_t intid, unsigned cpu) { world_routed[intid] = cpu; }

void vcpu_wake(struct vcpu *v)
{
    assert(cpu_of(v) == here() || vcpu_power(v) == VCPU_OFF);
    world_wakes[v->context.index]++;
    if (v->context.state == CONTEXT_WAITING)
        v->context.state = CONTEXT_READY;
}

void vcpu_wake_by_timer(struct vcpu *v)
{
    vcpu_wake(v);
}

void context_release(struct context *c)
{
    assert(c->own_sched.cpu == fake_cpu->index);
    c->state = CONTEXT_READY;
}

void message_send(unsigned cpu, struct message *m)
{
    struct world_cpu *to = &world_cpu[cpu];

    for (unsigned i = 0; i < to->messages; i++)
        if (to->inbox[i] == m)
            return;
    to->inbox[to->messages++] = m;
}

void trace_put(struct cpu *cpu, uint64_t what, uint64_t a, uint64_t b) { (void)cpu, (void)what, (void)a, (void)b; }

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

static bool quiet(void)
{
    return !loaded() || !maintenance();
}

/* ISR_EL1. */
static uint64_t host_waits(void)
{
    uint64_t waits = world_waits & 1;

    world_waits >>= 1;
    return waits << 7;
}

/* As it goes on: what was put off is done first. */
static void resume(void)
{
    struct vcpu *v = loaded();

    while (v && v->context.state == CONTEXT_READY && v->mail) {
        mail_read(v);
        if (v->mail & MAIL_CHOOSE)
            vgic_choose_now(v);
    }
}

/* Handling a maintenance interrupt ends its cause. */
static void maintain(void)
{
    if (quiet())
        return;
    world_maintenances++;
    vgic_maintenance(loaded());
    resume();
    assert(!maintenance());
}

/* Several CPUs. */

static struct fake_sysreg *banked(unsigned n)
{
    static struct fake_sysreg *control[4];

    if (n < 16)
        return lr_register(n);
    if (!control[0]) {
        control[0] = FAKE_SYSREG(ICH_HCR_EL2);
        control[1] = FAKE_SYSREG(ICH_VMCR_EL2);
        control[2] = FAKE_SYSREG(S3_4_C12_C8_0);
        control[3] = FAKE_SYSREG(S3_4_C12_C9_0);
    }
    return control[n - 16];
}

static void go_to(struct world_cpu *to)
{
    struct world_cpu *from = here();

    if (from == to)
        return;
    for (unsigned n = 0; n < BANK; n++) {
        if (n >= lrs && n < 16)
            continue;
        from->bank[n] = banked(n)->value;
        banked(n)->value = to->bank[n];
    }
    memcpy(from->ppi_active, host_active, sizeof from->ppi_active);
    memcpy(host_active, to->ppi_active, sizeof to->ppi_active);
    fake_cpu = &to->cpu;
}

void vcpu_evict(struct vcpu *v)
{
    if (!vcpu_loaded(v))
        return;
    ich_save(&v->ich);
    fake_cpu->loaded = fake_cpu->current = NULL;
}

void vcpu_wait_for_others(struct vcpu *v)
{
    v->context.state = CONTEXT_WAITING;
    vcpu_evict(v);
}

/* Each CPU takes its messages, and the maintenance interrupts that come of it. */
void world_deliver(void)
{
    struct world_cpu *was = here();
    bool any;

    do {
        any = false;
        for (unsigned i = 0; i < CPUS; i++)
            for (; world_cpu[i].messages; any = true) {
                struct message *m = world_cpu[i].inbox[0];
                memmove(&world_cpu[i].inbox[0], &world_cpu[i].inbox[1], --world_cpu[i].messages * sizeof m);
                go_to(&world_cpu[i]);
                world_messages++;
                m->deliver(m);
                resume();
                if (!world_lazy)
                    maintain();
            }
    } while (any);
    go_to(was);
    resume();
}

void world_settle(void)
{
    maintain();
    world_deliver();
}

/* What `v` waits for is done by others: those that have to run for it, run. */
static void wait_for_others(struct vcpu *v)
{
    world_deliver();
    for (unsigned i = 0; v->context.state == CONTEXT_WAITING && i < world_vm.vcpus; i++) {
        struct vcpu *other = &world_vcpu[i];
        struct vcpu *was = loaded_on(cpu_of(other));
        if (other == v || !(other->mail & MAIL_ERRAND))
            continue;
        world_load(other);
        world_deliver();
        world_load(was);
    }
    world_load(v);
    assert(v->context.state == CONTEXT_READY);
}

static void settle(void)
{
    resume();
    if (!world_lazy)
        maintain();
    world_deliver();
    if (!world_lazy)
        maintain();
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

    assert(loaded());
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
    uint32_t intid = LR_GET_VINTID(lr->value), sender = intid < 16 ? WORLD_SENDER(LR_GET_SOURCE(lr->value)) : 0;
    settle();
    return intid | sender;
}

static void deactivate(uint32_t intid)
{
    for (unsigned n = 0; n < lrs; n++) {
        struct fake_sysreg *lr = lr_register(n);
        if (!(lr->value & LR_ACTIVE) || LR_GET_VINTID(lr->value) != (intid & 0x3ff))
            continue;
        if (fake_gicv2 && (intid & 0x3ff) < 16 && WORLD_SENDER(LR_GET_SOURCE(lr->value)) != (intid & ~0x3ffu))
            continue;                       /* what the hardware does then is not defined */
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

    assert(loaded());
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
    struct vcpu *v = loaded();

    assert(v);
    if (fake_gicv2)
        guest_write(GICV_DIR, 4, intid);
    else if (FAKE_SYSREG(ICH_HCR_EL2)->value & ICH_HCR_TDIR)
        while (vgic_deactivate(v, intid), v->context.state == CONTEXT_WAITING)
            wait_for_others(v);
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
    if (v)
        go_to(cpu_of(v));
    if (loaded() == v)
        return;
    if (loaded())
        vcpu_evict(loaded());
    for (unsigned n = 0; n < lrs; n++)
        assert((lr_register(n)->value & (LR_STATE_MASK | LR_EOI)) == 0);
    if (v) {
        ich_restore(&v->ich);
        fake_cpu->loaded = fake_cpu->current = &v->context;
        if (v->mail)
            mail_read(v);
    }
    settle();
}

void world_turn_off(struct vcpu *v)
{
    go_to(cpu_of(v));
    vcpu_evict(v);
    v->context.state = CONTEXT_DORMANT;
    if (world_vm.spread)
        vgic_leave(v);
    v->power = VCPU_OFF;
    world_deliver();
}

void world_turn_on(struct vcpu *v)
{
    go_to(cpu_of(v));
    v->power = VCPU_ON;
    v->context.state = CONTEXT_READY;
}

void world_make(unsigned vcpus, unsigned list_registers)
{
    world_make_on(vcpus, list_registers, 1);
}

void world_make_v2(unsigned vcpus, unsigned list_registers, unsigned on)
{
    fake_gicv2 = true;
    world_make_on(vcpus, list_registers, on);
}

void world_make_on(unsigned vcpus, unsigned list_registers, unsigned on)
{
    fake_sysreg_reset();
    FAKE_SYSREG(cntv_ctl_el0)->value = CNT_CTL_ENABLE | CNT_CTL_ISTATUS;    /* due, when it fires */
    FAKE_SYSREG(isr_el1)->on_read = host_waits;
    world_waits = 0;
    assert(on <= CPUS);
    memset(world_cpu, 0, sizeof world_cpu);
    memset(world_routed, 0, sizeof world_routed);
    for (unsigned i = 0; i < CPUS; i++)
        world_cpu[i].cpu.index = (uint8_t)i;
    fake_cpu = &world_cpu[0].cpu;
    lrs = list_registers;
    memset(&world_vm, 0, sizeof world_vm);
    memset(world_vcpu, 0, sizeof world_vcpu);
    memset(world_wakes, 0, sizeof world_wakes);
    memset(host_active, 0, sizeof host_active);
    world_maintenances = world_messages = 0;
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
        v->context.own_sched.cpu = (uint8_t)(i % on);
        v->context.state = CONTEXT_READY;
        v->power = VCPU_ON;
        mail_init(v);
        ich_reset(&v->ich);
        world_vm.spread |= i % on != 0;
    }
    world_vm.domain.state = BELAY_STATE_RUNNING;
    lines_init(&world_vm);
    vgic_reset(&world_vm);
    for (unsigned i = on < vcpus ? on : vcpus; i-- > 0;)
        world_load(&world_vcpu[i]);
}

void world_open(void)
{
    struct vcpu *was = loaded();

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
    return loaded() ? loaded() : &world_vcpu[0];
}

static uint64_t guest_access(struct access a, uint64_t value)
{
    struct vcpu *v = accessor();
    bool answered;

    while (answered = vgic_mmio(v, &a, &value), v->context.state == CONTEXT_WAITING)
        wait_for_others(v);
    assert(answered == (a.ipa % a.size == 0));
    settle();
    return answered ? value : 0;
}

uint64_t guest_read(uint64_t address, unsigned size)
{
    return guest_access((struct access){ .ipa = address, .size = (uint8_t)size }, UINT64_MAX);
}

void guest_write(uint64_t address, unsigned size, uint64_t value)
{
    guest_access((struct access){ .ipa = address, .size = (uint8_t)size, .write = true }, low_bytes(value, size));
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
        line_fired(&world_vm, intid);
    settle();
}

void world_line(struct vcpu *v, uint32_t intid, bool level)
{
    struct world_cpu *was = here();

    if (intid < GIC_SPI_FIRST) {
        go_to(cpu_of(v));
        vgic_set_level(&world_vm, v, intid, level);
        resume();
        if (!world_lazy)
            maintain();
        go_to(was);
    } else {
        line_set(&world_vm, intid, level);
    }
    settle();
}

/* Invariants. */

/* Interrupts seen in list registers, as many bits as vgic_word.in_lr: of each vCPU, then of the SPIs. */
static uint32_t in_private_lrs[BELAY_VCPUS_MAX], in_spi_lrs[VGIC_WORDS];

static bool is_loaded(const struct vcpu *v)
{
    return loaded_on(cpu_of(v)) == v;
}

/* Register n of the list registers, or of BANK, of a vCPU that is loaded. */
static uint64_t in_hardware(const struct vcpu *v, unsigned n)
{
    return cpu_of(v) == here() ? banked(n)->value : cpu_of(v)->bank[n];
}

/* Did the guest end something that the nucleus has yet to be told of, as the vCPU lost its CPU before that, or still may? */
static bool owes(const struct vcpu *v)
{
    bool ended = false;

    for (unsigned n = 0; n < lrs; n++) {
        uint64_t lr = is_loaded(v) ? in_hardware(v, n) : v->ich.lr[n];
        ended |= (v->ich.used | v->ich.ended) >> n & 1 && (lr & (LR_STATE_MASK | LR_EOI | LR_HW)) == LR_EOI;
    }
    return ended || ICH_HCR_EOICOUNT(is_loaded(v) ? in_hardware(v, 16) : v->ich.hcr);
}

bool world_settled(void)
{
    for (unsigned i = 0; i < world_vm.vcpus; i++)
        if (owes(&world_vcpu[i]))
            return false;
    return quiet();
}

static void check_lr(struct vcpu *v, unsigned n, uint64_t lr)
{
    uint32_t intid = LR_GET_VINTID(lr);

    assert(intid < VGIC_INTIDS);
    assert(vgic_word(&world_vm, v, intid)->in_lr & intid_bit(intid));
    uint32_t *seen = intid < 32 ? &in_private_lrs[v->context.index] : &in_spi_lrs[intid / 32 - 1];
    assert((*seen & intid_bit(intid)) == 0);
    *seen |= intid_bit(intid);
    if (intid >= 32)
        assert(v->gic.owner[intid / 32] & intid_bit(intid));
    if (v->ich.ended >> n & 1)
        return;
    uint64_t now = is_loaded(v) ? in_hardware(v, n) : lr;
    assert(LR_GET_VINTID(now) == intid);
    assert((now & LR_HW) == 0 || (now & LR_STATE_MASK) != LR_STATE_MASK);
}

static void check_vcpu(struct vcpu *v)
{
    uint32_t in_use = v->ich.used | v->ich.ended;

    assert((v->ich.used & v->ich.ended) == 0 && in_use >> lrs == 0);
    if (fake_gicv2 && !(v->mail & MAIL_SENDERS))
        assert(((v->gic.word.latch ^ vgic_sgis_sent(v)) & 0xffff & ~v->gic.word.in_lr) == 0);
    for (unsigned n = 0; n < lrs; n++)
        if (in_use >> n & 1)
            check_lr(v, n, v->ich.lr[n]);
        else if (is_loaded(v))
            assert((in_hardware(v, n) & (LR_STATE_MASK | LR_EOI)) == 0);
    for (unsigned intid = 16; intid < 32; intid++)
        if (v == loaded())
            assert(host_active[intid] <= (v->ich.ppis >> intid & 1));
}

/* What waits outside of the list registers comes behind what is pending in them, and is looked for in time. */
static void check_waiting(struct vcpu *home, uint32_t intid)
{
    unsigned priority = *vgic_priority(&world_vm, home, intid);

    assert(home->ich.hcr & ICH_HCR_NPIE);
    for (unsigned n = 0; n < lrs; n++) {
        uint64_t lr = is_loaded(home) ? in_hardware(home, n) : home->ich.lr[n];
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
        uint64_t by_mail = MAIL_LOOK | MAIL_CHOOSE | (intid < GIC_SGIS ? MAIL_SENDERS : 0);
        if (home->mail & by_mail && !is_loaded(home))
            continue;       /* once it is */
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
    if (loaded())
        assert(ICH_HCR_NO_EOICOUNT(FAKE_SYSREG(ICH_HCR_EL2)->value) == ICH_HCR_NO_EOICOUNT(loaded()->ich.hcr));
    for (unsigned i = 0; i < VGIC_WORDS; i++)
        assert(world_vm.gic.kept_out[i] == 0);
    assert(world_vm.lock.next == world_vm.lock.turn);
}
