/* SPDX-License-Identifier: Apache-2.0 */
#include "nucleus_world.h"

#include <sanitizer/asan_interface.h>
#include <setjmp.h>
#include <string.h>

#include "arm64/syndrome.h"
#include "arm64/timer.h"
#include "core/irq.h"
#include "core/machine.h"
#include "core/mem.h"
#include "core/sched.h"
#include "core/thread.h"
#include "entry/exit.h"
#include "entry/interrupts.h"
#include "gic/gic_state.h"
#include "gic/ich.h"
#include "virt/fetch.h"
#include "virt/idregs.h"
#include "virt/vcpu.h"

#define LRS     4
#define INTIDS  96
#define HANDLES 48
#define NEVER   (UINT64_C(1) << 62)

uint8_t world_ram[WORLD_EXTENTS][WORLD_EXTENT_BYTES] __attribute__((aligned(1 << 21)));
static uint8_t steward_pool[WORLD_EXTENT_BYTES] __attribute__((aligned(4096)));
static struct mem extent[WORLD_EXTENTS], device, pool;

struct cpu world_cpu, *fake_cpu = &world_cpu;
struct cpu *cpus[CPUS_MAX] = { &world_cpu };
unsigned cpus_running = 1;
struct machine machine;
struct gic gic;
uint64_t world_clock;
uint32_t world_insn;

static jmp_buf over;
static jmp_buf resumed;     /* the exit, which is traced, is over */
static uint32_t pending;                /* by the input; 0: none */
static bool enabled[INTIDS], active[INTIDS], sent;

/* The host. */

void machine_putc(char c) { (void)c; }
void machine_puts(const char *s) { (void)s; }
void machine_hex(uint64_t value) { (void)value; }
void machine_off(bool reset) { longjmp(over, 1 + reset); }
void machine_halt(void) { longjmp(over, 1); }
void machine_call(uint64_t x[4]) { x[0] = UINT64_MAX; }     /* NOT_SUPPORTED */
void fp_save(struct fp_state *f) { (void)f; }
void fp_restore(const struct fp_state *f) { (void)f; }

unsigned gic_intids(void) { return INTIDS; }
void gic_enable(uint32_t intid) { enabled[intid] = true; }
void gic_disable(uint32_t intid) { enabled[intid] = false; }
void gic_spi_config(uint32_t intid, bool edge, unsigned cpu) { (void)intid, (void)edge, (void)cpu; }
void gic_spi_route(uint32_t intid, unsigned cpu) { (void)intid, (void)cpu; }
void gic_quiet(uintptr_t frame, unsigned word) { (void)frame, (void)word; }
void gic_set_active(uint32_t intid, bool on) { active[intid] = on; }

void gic_set_ppis_active(uint32_t ppis, bool on)
{
    for (; ppis; ppis &= ppis - 1)
        active[__builtin_ctz(ppis)] = on;
}

void gic_send_sgi(unsigned cpu, uint32_t intid)
{
    assert(cpu == 0 && intid == IRQ_MESSAGE);
    sent = true;
}

bool guest_translate(const struct vcpu *v, uint64_t address, uint64_t *to)
{
    (void)v;
    *to = address & UINT64_C(0x7fffffffff);
    return !(address >> 63);
}

bool guest_fetch(struct vcpu *v, uint32_t *insn)
{
    assert(vcpu_loaded(v));
    *insn = world_insn;
    return world_insn != 0;
}

/* Registers that do something. */

static uint64_t tick(void) { return ++world_clock; }    /* so that what waits a microsecond does not for ever */

static bool virtual_timer_is_due(void)
{
    return world_cpu.loaded && timer_signals(FAKE_SYSREG(cntv_ctl_el0)->value) &&
           FAKE_SYSREG(cntv_cval_el0)->value <= world_clock;
}

static uint64_t read_cntv_ctl(void)
{
    return FAKE_SYSREG(cntv_ctl_el0)->value | (virtual_timer_is_due() ? CNT_CTL_ISTATUS : 0);
}

static uint64_t read_elrsr(void)
{
    static const struct ich_state of_v3;    /* which holds nothing that a register does not */
    uint64_t empty = 0;

    for (unsigned n = 0; n < LRS; n++)
        if ((ich_lr_read_any(&of_v3, n) >> 62) == 0)
            empty |= UINT64_C(1) << n;
    return empty;
}

static uint32_t highest(void)
{
    if (sent && !active[IRQ_MESSAGE])
        return IRQ_MESSAGE;
    if (FAKE_SYSREG(cnthp_cval_el2)->value <= world_clock && !active[IRQ_HYP_TIMER])
        return IRQ_HYP_TIMER;
    if (virtual_timer_is_due() && !active[IRQ_VIRTUAL_TIMER])
        return IRQ_VIRTUAL_TIMER;
    if (pending && enabled[pending] && !active[pending])
        return pending;
    return GIC_SPURIOUS + 3;
}

/* In idle the clock goes on to the next timer; where there is none, that was all. */
static uint64_t read_iar(void)
{
    uint64_t next = FAKE_SYSREG(cnthp_cval_el2)->value;

    if (highest() >= GIC_SPURIOUS && world_cpu.sched == NULL) {
        if (virtual_timer_is_due() || next > NEVER)
            longjmp(over, 1);
        world_clock = next > world_clock ? next : world_clock;
    }
    uint32_t intid = highest();
    if (intid < GIC_SPURIOUS)
        active[intid] = true;
    if (intid == pending)
        pending = 0;
    if (intid == IRQ_MESSAGE)
        sent = false;
    return intid;
}

static uint64_t read_hppir(void) { return highest(); }
static uint64_t read_isr(void) { return (uint64_t)(highest() < GIC_SPURIOUS) << 7; }

static void write_dir(uint64_t intid)
{
    assert(intid < INTIDS);
    active[intid] = false;
}

static void set_registers(void)
{
    fake_sysreg_reset();
    FAKE_SYSREG(cntpct_el0)->on_read = tick;
    FAKE_SYSREG(cntfrq_el0)->value = 32 << 20;
    FAKE_SYSREG(cntv_ctl_el0)->on_read = read_cntv_ctl;
    FAKE_SYSREG(ICH_VTR_EL2)->value = (LRS - 1) | 1u << 19 | 4u << 26 | 4u << 29;
    FAKE_SYSREG(ICH_ELRSR_EL2)->on_read = read_elrsr;
    FAKE_SYSREG(ICC_IAR1_EL1)->on_read = read_iar;
    FAKE_SYSREG(ICC_HPPIR1_EL1)->on_read = read_hppir;
    FAKE_SYSREG(ICC_DIR_EL1)->on_write = write_dir;
    FAKE_SYSREG(isr_el1)->on_read = read_isr;
}

/* The nucleus, as it booted. */

static void begin_cpu(void)
{
    memset(&world_cpu, 0, sizeof world_cpu);
    sched_init_cpu(&world_cpu);
    trace_init_cpu(&world_cpu);
    ich_init_cpu();
    interrupts_init();
}

static void forget(void)
{
    for (unsigned i = 0; i < IRQS_MAX; i++)
        if (irqs[i].intid)
            irq_free(&irqs[i]);
    for (unsigned i = 1; i < VMIDS; i++) {
        domains[i] = NULL;
        domain_free_vmid(i);
    }
    grants_begun = grants_done = 0;
    memset(enabled, 0, sizeof enabled);
    memset(active, 0, sizeof active);
    pending = 0;
    sent = false;
}

static void give(struct domain *d, uint32_t slot, enum object_type type, void *object, uint32_t rights)
{
    const struct handle h = handle_of(type, object, rights, 0);

    (void)handle_put(&d->handles.slot[slot], &h);
}

static void make_steward(void)
{
    pool = (struct mem){ .base = ptr_to_pa(steward_pool), .size = sizeof steward_pool };
    struct domain *d = domain_create(&pool, sizeof *d, BELAY_DOMAIN_SERVICE, HANDLES, 0x73);
    assert(d);
    d->has_mems = true;
    give(d, BELAY_H_SELF, OBJECT_DOMAIN, d, BELAY_RIGHT_ALL);
    give(d, BELAY_H_MACHINE, OBJECT_MACHINE, &machine, BELAY_RIGHT_ALL);
    for (uint32_t i = 0; i < WORLD_EXTENTS; i++) {
        extent[i] = (struct mem){ .base = ptr_to_pa(world_ram[i]), .size = WORLD_EXTENT_BYTES };
        give(d, BELAY_H_MEM + i, OBJECT_MEM, &extent[i], BELAY_RIGHT_ALL);
    }
    device = (struct mem){ .base = pa(WORLD_DEVICE), .size = WORLD_DEVICE_BYTES, .kind = BELAY_MEM_DEVICE };
    give(d, BELAY_H_MEM + WORLD_EXTENTS, OBJECT_MEM, &device, BELAY_RIGHT_ALL & ~BELAY_RIGHT_EXEC);
    struct thread *t = thread_create(d, BELAY_SERVICE_BASE);
    int error = t ? sched_set(&t->context, 0, 120, false, 0, 0) : BELAY_ENOMEM;
    assert(error == BELAY_OK);
    (void)error;
    give(d, BELAY_H_THREAD, OBJECT_CONTEXT, &t->context, BELAY_RIGHT_ALL);
    thread_begin(t, BELAY_SERVICE_BASE, 0, 0);
    context_wake(&t->context);
    (void)domain_start(d);
}

void world_lend(const struct mem *m)
{
    if (m->kind == BELAY_MEM_RAM)
        ASAN_UNPOISON_MEMORY_REGION(pa_to_ptr(m->base), m->size);
}

void world_take_back(const struct mem *m)
{
    if (m->kind == BELAY_MEM_RAM)
        ASAN_POISON_MEMORY_REGION(pa_to_ptr(m->base), m->size);
}

/* Like resume_current of vectors.S. */
static void resume(void)
{
    for (;;)
        if (world_cpu.reschedule)
            schedule(&world_cpu);
        else if (irq_waits())
            irq_handle(&world_cpu);
        else
            break;
}

/* As exits that are traced end. */
_Noreturn void resume_now(struct cpu *cpu)
{
    assert(cpu == &world_cpu && !cpu->reschedule && !irq_waits());
    longjmp(resumed, 1);
}

void world_begin(void)
{
    world_clock = 1000;
    world_insn = 0;
    set_registers();
    forget();
    begin_cpu();
    ASAN_POISON_MEMORY_REGION(world_ram, sizeof world_ram);
    idregs_init();
    make_steward();
    resume();
}

bool world_exit(struct context *c, uint64_t esr)
{
    if (setjmp(over))
        return false;
    if (setjmp(resumed) == 0) {
        world_cpu.exits.sync(c, esr, &world_cpu);
        resume();
    }
    return true;
}

void world_pass(uint64_t ticks)
{
    uint64_t timer = FAKE_SYSREG(cnthp_cval_el2)->value, to = world_clock + ticks;

    world_clock = to <= timer ? to : timer > world_clock ? timer : world_clock;
}

bool world_interrupt(uint32_t intid)
{
    if (setjmp(over))
        return false;
    pending = intid;
    if (setjmp(resumed) == 0) {
        world_cpu.exits.irq(&world_cpu, world_cpu.current);
        resume();
    }
    return true;
}
