/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/vcpu.h"

#include "arm64/hcr.h"
#include "arm64/tlb.h"
#include "base/assert.h"
#include "base/section.h"
#include "base/string.h"
#include "core/cpu.h"
#include "core/irq.h"
#include "core/portal.h"
#include "core/sched.h"
#include "core/thread.h"
#include "virt/clock.h"
#include "virt/mmio.h"
#include "virt/pstate.h"

#define PSTATE_EL1H_MASKED 0x3c5u       /* EL1h with D, A, I and F masked: the state after reset */
#define PSTATE_SVC_MASKED  0x1d3u       /* Supervisor mode with A, I and F masked: that of AArch32 */
#define THUMB              1u           /* in an address to start at: it is T32 code */
#define MPIDR_RES1         (UINT64_C(1) << 31)

bool vcpu_loaded(const struct vcpu *v)
{
    return this_cpu()->loaded == &v->context;
}

/* The vCPU's state leaves the hardware. Its EL0 view has been saved already. */
static __attribute__((noinline)) void unload(struct cpu *cpu)
{
    struct vcpu *v = context_vcpu(cpu->loaded);

    el1_save(&v->el1);
    if (unlikely(el1_rare))
        el1_save_rare(&v->el1);
    ich_save(&v->ich);
    vtimer_save(v);
    cpu->loaded = NULL;
    cpu->loaded_el0 = NULL;
}

/*
 * Each vCPU may call what it likes by an ASID: those of one VM share the VMID. One whose clock has stood still was not the
 * last, and so costs others nothing here. False: it has left the hardware, and will come anew.
 */
static inline bool own_stage1(struct cpu *cpu, struct vcpu *v)
{
    struct vcpu **last = &vcpu_vm(v)->last_loaded[cpu->index];

    if (*last == v)
        return true;
    if (*last)
        mail_note(*last, MAIL_TLB);
    *last = v;
    tlb_forget_stage1(v->context.domain->space.vttbr);
    if (v->mail & MAIL_CLOCK) {
        clock_follow(v);
        return false;
    }
    return true;
}

/* What there is to be done before it runs. An interrupt goes first, which may be for one that comes before it. */
static __attribute__((noinline)) void catch_up(struct cpu *cpu, struct vcpu *v)
{
    if (!own_stage1(cpu, v))
        return;
    if (irq_waits()) {
        if (unlikely(cpu->trace.kinds))
            trace_interrupt(cpu);
        irq_handle(cpu);
        if (cpu->reschedule)
            return;
    }
    mail_read(v);
    if (v->mail & MAIL_CHOOSE)
        vgic_choose_now(v);
}

SELDOM static __attribute__((noinline)) void load_rare(struct cpu *cpu, const struct vcpu *v)
{
    el1_restore_rare(&v->el1);
    cpu->guest_hcr = (cpu->guest_hcr & ~HCR_RW) | (v->el1.aarch32.on ? 0 : HCR_RW);
}

static void load(struct cpu *cpu, struct vcpu *v)
{
    el1_restore(&v->el1);
    if (unlikely(el1_rare))
        load_rare(cpu, v);
    ich_restore(&v->ich);
    vtimer_restore(v);
    cpu->loaded = &v->context;
    cpu->loaded_el0 = &v->el1.el0;
}

/* Out of line, to keep the way back from a service short. */
static __attribute__((noinline)) void change_loaded(struct cpu *cpu, struct vcpu *v)
{
    if (cpu->loaded) {
        unload(cpu);
        cpu->reschedule = false;        /* the scheduler, whose way in this is, programs what that queued */
    }
    load(cpu, v);
}

static void enter(struct cpu *cpu, struct context *c)
{
    struct vcpu *v = context_vcpu(c);

    if (cpu->loaded != c || cpu->el0_thread) {
        thread_leave(cpu);
        cpu->el0_thread = NULL;
        if (unlikely(cpu->loaded != c))
            change_loaded(cpu, v);
        el0_view_restore(&v->el1.el0);
    }
    if (unlikely(v->mail))
        catch_up(cpu, v);
    cpu_set_space(c->domain->space.vttbr, cpu->guest_hcr);
}

static void reply(struct context *c, const uint64_t words[4])
{
    struct vcpu *v = context_vcpu(c);

    if (unlikely(!vcpu_loaded(v)))
        this_cpu()->reschedule = true;      /* it takes a whole switch: the scheduler knows whether to begin that now */
    if (likely(v->pending != PENDING_HYPERCALL)) {
        mmio_finish(v, words[0], words[1]);
        return;
    }
    c->frame.pc += 4;
    c->frame.x[0] = BELAY_OK;
    for (unsigned i = 0; i < 4; i++)
        c->frame.x[1 + i] = words[i];
}

static void leave(struct context *c)
{
    vcpu_evict(context_vcpu(c));
}

SELDOM static void stopped(struct context *c)
{
    struct vcpu *v = context_vcpu(c);

    vcpu_evict(v);
    vtimer_stop(v);
    vm_lock(vcpu_vm(v));
    if (vcpu_vm(v)->spread)
        vgic_leave(v);
    __atomic_store_n(&v->power, VCPU_OFF, __ATOMIC_RELEASE);
    vm_unlock(vcpu_vm(v));
}

static const struct context_class vcpu_class = {
    .exits = vcpu_exits, .enter = enter, .leave = leave, .stopped = stopped, .reply = reply,
};

bool context_is_vcpu(const struct context *c)
{
    return c->class == &vcpu_class;
}

void vcpu_evict(struct vcpu *v)
{
    struct cpu *cpu = this_cpu();

    if (!vcpu_loaded(v))
        return;
    if (cpu->el0_thread == NULL)
        el0_view_save(&v->el1.el0);
    unload(cpu);
    if (cpu->current == &v->context)
        cpu->reschedule = true;
}

/* The core after reset. What its redistributor and list registers hold stays. */
static void vcpu_reset(struct vcpu *v)
{
    vcpu_evict(v);
    el1_reset(&v->el1, MPIDR_RES1 | v->context.index);
    debug_reset(v);
    ich_reset_interface(&v->ich);
    vtimer_reset(v);
    memset(&v->context.fp, 0, sizeof v->context.fp);
}

SELDOM static void vm_reset(struct domain *d)
{
    struct vm *vm = (struct vm *)d;

    vm->paused_for = 0;
    for (unsigned i = 0; i < vm->vcpus; i++) {      /* bound: BELAY_VCPUS_MAX */
        struct vcpu *v = vm->vcpu[i];
        vcpu_reset(v);
        ich_reset(&v->ich);
        __atomic_store_n(&v->mail, MAIL_TLB, __ATOMIC_RELAXED);
        v->power = VCPU_OFF;
        sched_forget_lateness(&v->context.own_sched);
    }
    vgic_reset(vm);
}

SELDOM static void vm_hears(struct domain *d, enum domain_news news)
{
    struct vm *vm = (struct vm *)d;

    if (vm->clock_stands)
        clock_hears(vm, news);
    if (news == NEWS_RUNS)
        lines_bring(vm);
}

static void vm_forget(struct domain *d)
{
    const struct vm *vm = (struct vm *)d;

    for (unsigned i = 0; i < vm->traps; i++)        /* bound: VM_TRAPS */
        (void)__atomic_fetch_sub(&vm->trap[i].portal->service->users, 1, __ATOMIC_SEQ_CST);
}

static const struct domain_class vm_class = { .reset = vm_reset, .hears = vm_hears, .forget = vm_forget };

struct vm *vm_create(struct mem *pool, bool clock_stands, uint32_t handles, uint64_t tag)
{
    struct vm *vm = (struct vm *)domain_create(pool, sizeof *vm, BELAY_DOMAIN_VM, handles, tag);

    if (vm) {
        vm->domain.class = &vm_class;
        vm->clock_stands = clock_stands;
        lines_init(vm);
    }
    return vm;
}

/* The CPU interface of a GICv2: this page is its CPU's, and what it holds that of the vCPU which is loaded. */
static bool map_gicv(struct vm *vm)
{
    bool taken;

    return stage2_map(&vm->domain.space, ipa(VGIC_CPU_BASE), pa(gicv2.vcpu), PAGE_SIZE,
                      BELAY_MAP_READ | BELAY_MAP_WRITE | STAGE2_DEVICE, &taken) == PAGE_SIZE || taken;
}

SELDOM struct vcpu *vcpu_create(struct vm *vm, bool aarch32)
{
    if (vm->vcpus == BELAY_VCPUS_MAX)
        return NULL;
    if (on_gicv2() && !map_gicv(vm))        /* with the first: then it is taken */
        return NULL;
    struct vcpu *v = pool_object(&vm->domain.pool, sizeof *v);
    if (v == NULL || context_init(&v->context, &vcpu_class, &vm->domain) != BELAY_OK)
        return NULL;
    mail_init(v);
    if (aarch32)
        el1_use_aarch32(&v->el1);
    vm->vcpu[vm->vcpus++] = v;
    vm_reset(&vm->domain);
    return v;
}

SELDOM void vm_place(struct vm *vm)
{
    bool spread = false;

    for (unsigned i = 0; i < vm->vcpus; i++) {      /* bound: BELAY_VCPUS_MAX */
        spread |= vm->vcpu[i]->context.own_sched.cpu != vm_cpu(vm);
        mail_note(vm->vcpu[i], MAIL_TLB);
    }
    memset(vm->last_loaded, 0, sizeof vm->last_loaded);
    vm->spread = spread;
}

SELDOM static void start_aarch32(struct frame *f, const struct vcpu_entry *entry)
{
    f->pc &= ~(uint64_t)THUMB;
    f->pstate = PSTATE_SVC_MASKED | (entry->pc & THUMB ? PSTATE_A32_T : 0) | (entry->big_endian ? PSTATE_A32_E : 0);
}

SELDOM void vcpu_start(struct vcpu *v, const struct vcpu_entry *entry)
{
    assert(v->context.state == CONTEXT_DORMANT);

    vcpu_reset(v);
    v->context.frame = (struct frame){ .x = { entry->x0 }, .pc = entry->pc, .pstate = PSTATE_EL1H_MASKED };
    if (entry->big_endian)
        v->el1.el0.sctlr |= SCTLR_EE;
    if (v->el1.aarch32.on)
        start_aarch32(&v->context.frame, entry);
    if (vcpu_vm(v)->clock_stands && vcpu_vm(v)->paused_for)
        clock_note(v);
    __atomic_store_n(&v->power, VCPU_ON, __ATOMIC_RELEASE);
    context_wake(&v->context);
}

SELDOM enum vcpu_power vcpu_turn_on(struct vcpu *v, const struct vcpu_entry *entry)
{
    struct vm *vm = vcpu_vm(v);

    vm_lock(vm);
    enum vcpu_power was = vcpu_power(v);
    if (was == VCPU_OFF) {
        v->entry = *entry;
        __atomic_store_n(&v->power, VCPU_COMING, __ATOMIC_RELEASE);
    }
    vm_unlock(vm);
    if (was != VCPU_OFF)
        return was;
    if (v->context.own_sched.cpu == this_cpu()->index)
        vcpu_come(v);
    else
        message_send(v->context.own_sched.cpu, &v->message);
    return was;
}

void vcpu_come(struct vcpu *v)
{
    if (vcpu_power(v) == VCPU_COMING && v->context.domain->state == BELAY_STATE_RUNNING)
        vcpu_start(v, &v->entry);
}

void vcpu_off(struct vcpu *v)
{
    context_stop(&v->context);
}

void vcpu_wake(struct vcpu *v)
{
    v->context.interrupts++;
    if (v->context.state == CONTEXT_WAITING)
        context_release(&v->context);
}

void vcpu_wake_by_timer(struct vcpu *v)
{
    v->context.interrupts++;
    if (v->context.state != CONTEXT_WAITING)
        return;
    if (v->context.own_sched.due == 0 && vcpu_loaded(v))
        v->context.own_sched.due = sysreg_read(cntv_cval_el0) + sysreg_read(cntvoff_el2);
    context_wake(&v->context);
}

void vcpu_wait(struct vcpu *v)
{
    if (!vgic_pending(v))
        context_wait(&v->context);
}

void vcpu_wait_for_others(struct vcpu *v)
{
    context_wait(&v->context);
    vcpu_evict(v);
}
