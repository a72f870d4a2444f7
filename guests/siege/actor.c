/* SPDX-License-Identifier: Apache-2.0 */
/* What a vCPU of the siege stands on: its tables, its exceptions, what it runs and touches, and that it comes back. */
#include <string.h>

#include "arm64.h"
#include "gic.h"
#include "guest.h"
#include "siege.h"

#define PSTATE_MASKED   0x3c0u          /* D, A, I, F */
#define PSTATE_EL1T     4u
#define PSTATE_IL_SS    (3u << 20)      /* illegal state, software step */
#define ESR_EC(esr)     ((unsigned)((esr) >> 26) & 0x3f)
#define EC_ILLEGAL      0x0e
#define EC_IABT         0x21
#define EC_PC_ALIGN     0x22

#define BLOCK_DEVICE    0x0060000000000405ull   /* never executed */
#define BLOCK_NORMAL    0x701ull
#define BLOCK_USER      0x0020000000000741ull   /* EL0 may do all with it, EL1 does not execute it */

#define LOST_AFTER      10000u          /* so many exceptions in one action */


#define UARTLCR_H       0x2c
#define UARTCR          0x30
#define UARTIMSC        0x38

#define GICR_WAKER      0x0014
#define GIC_IGROUPR     0x0080
#define GIC_ISENABLER   0x0100
#define GIC_ICENABLER   0x0180
#define GIC_ICPENDR     0x0280
#define GIC_ICACTIVER   0x0380
#define GIC_IPRIORITYR  0x0400
#define GIC_ICFGR       0x0c00

_Static_assert(offsetof(struct actor, saved) == ACTOR_SAVED, "actor.S");
_Static_assert(offsetof(struct actor, x) == ACTOR_HANDLER - 256, "actor.S");
_Static_assert(sizeof(struct actor) <= 1u << ACTOR_SHIFT, "it has its own place");

extern const uint8_t run_back[], access_kinds[], access_kinds_end[];
uint64_t run_slot(struct actor *, const uint32_t *where, uint64_t x0, uint64_t others);
void touch_kind(const uint8_t *code, uint64_t values[7]);
void siege_exception(struct actor *, struct exception *, unsigned vector);
void actor_reset(struct actor *);

static uintptr_t redistributor(const struct actor *a) { return GICR_BASE + a->index * GICR_FRAME; }

/* splitmix64 (Steele, Lea, Flood, 2014) */
uint64_t random64(struct actor *a)
{
    uint64_t z = a->state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

/* The upper bits of a witness's words, inverted: they themselves are in no register and no memory of this guest. */
static const volatile uint64_t not_secret_40 = 0xa13d184e56;
static const volatile uint32_t not_secret_32 = 0xa13d184e;

static void found(struct actor *a, uint64_t value)
{
    struct done *d = done_of(a);
    if (d->found++ < 4) {
        print("\nsiege: vCPU %u FOUND %lx after %lu actions\n", a->index, value, d->number);
    }
}

void look_at(struct actor *a, const uint64_t *values, unsigned count)
{
    uint64_t long_one = not_secret_40;
    uint32_t short_one = not_secret_32;

    for (unsigned n = 0; n < count; n++) {
        uint64_t value = ~values[n];
        if (value >> 24 == long_one || ((uint32_t)value == short_one && value >> 32 == UINT32_MAX)) {
            found(a, values[n]);
        }
    }
}

/* With the MMU off. All but what it counts is as at first: it may be anything. */
void actor_reset(struct actor *a)
{
    uint64_t n = ((uintptr_t)a - ACTORS) >> ACTOR_SHIFT;

    for (unsigned i = 0; i < 512; i++) {
        a->table[i] = 0;
    }
    a->table[0] = BLOCK_DEVICE;
    a->table[1] = GIB | BLOCK_NORMAL;
    a->table[2] = 2 * GIB | BLOCK_NORMAL;
    a->table[USER] = GIB | BLOCK_USER;
    a->foreign = a->handles = false;
    a->taken = 0;
    a->index = (unsigned)n;
    a->next_slot = 0;
    for (unsigned i = 0; i < ACTORS_MAX; i++) {
        a->seen[i] = a->still[i] = 0;
    }
}

static void interrupt(struct actor *a, bool fiq)
{
    uint32_t intid = fiq ? (uint32_t)sysreg_read(S3_0_C12_C8_0) : gic_ack();    /* ICC_IAR0_EL1 */
    done_of(a)->interrupts++;
    if (intid < GIC_SPURIOUS && fiq) {
        sysreg_write(S3_0_C12_C8_1, intid);
    } else if (intid < GIC_SPURIOUS) {
        gic_eoi(intid);
    }
}

void lost(void)
{
    RECORD->lost++;
    hvc(PSCI_SYSTEM_RESET, 0, 0, 0);
}

/* Whatever it was, go on: after `run`'s instruction, after a jump to nowhere at its caller, else at the next one. */
void siege_exception(struct actor *a, struct exception *e, unsigned vector)
{
    unsigned kind = vector % 4, ec = ESR_EC(e->esr);
    bool nested = a->handles;

    a->handles = true;
    if (++a->taken == LOST_AFTER) {
        lost();
    }
    e->pstate = (e->pstate & ~(uint64_t)PSTATE_IL_SS) | PSTATE_MASKED;
    if (kind != 0) {
        if (kind == VECTOR_SERROR % 4) {
            done_of(a)->exceptions++;
        } else {
            interrupt(a, kind == VECTOR_FIQ % 4);
        }
    } else {
        done_of(a)->exceptions++;
        look(a, e->far);
        look(a, e->pc);
    }
    if (a->foreign && !nested) {
        e->pc = (uintptr_t)run_back;
        e->pstate = PSTATE_MASKED | PSTATE_EL1T;
    } else if (kind == 0 && (ec == EC_IABT || ec == EC_PC_ALIGN)) {
        e->pc = e->x[30];
    } else if (kind == 0 && ec != EC_ILLEGAL) {
        e->pc += 4;
    }
    a->handles = nested;
}

static void write_pair(uint32_t slot[2], uint32_t instruction)
{
    slot[1] = 0x14000000u | (uint32_t)(((uintptr_t)run_back - (uintptr_t)&slot[1]) / 4 & 0x03ffffff);   /* b run_back */
    slot[0] = instruction;
}

uint32_t *write_slot(struct actor *a, uint32_t instruction, bool maintained)
{
    uint32_t *slot = a->slot[a->next_slot++ % SLOTS];

    write_pair(slot, instruction);
    if (maintained) {
        __asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" : : "r"(slot) : "memory");
    }
    return slot;
}

static uint64_t run_at(struct actor *a, const uint32_t *slot, uint64_t x0, uint64_t others)
{
    a->foreign = true;
    run_slot(a, slot, x0, others);
    a->foreign = false;
    look_at(a, a->x, 31);
    return a->x[0];
}

static uint64_t scratch(const struct actor *a) { return (uintptr_t)a->scratch + SCRATCH_BYTES / 2; }

uint64_t run_with(struct actor *a, uint32_t instruction, uint64_t x0, uint64_t others)
{
    return run_at(a, write_slot(a, instruction, true), x0, others);
}

uint64_t run_system(struct actor *a, uint32_t encoding, bool read, uint64_t x0)
{
    return run_at(a, (const uint32_t *)SYSTEM_CODE + 2 * (2 * encoding + read), x0, scratch(a));
}

/* A restart leaves it as it is. */
void make_system_code(void)
{
    for (uint32_t n = 0; n < 2u << 16; n++) {
        uint32_t *slot = (uint32_t *)SYSTEM_CODE + 2 * n, pair[2] = { slot[0], slot[1] };
        uint32_t word = 0xd5000000u | (n & 1) << 21 | n >> 1 << 5 | (n >> 15 ? 0 : 31);     /* of hints, no register */
        uint32_t back = 0x14000000u | (uint32_t)(((uintptr_t)run_back - (uintptr_t)&slot[1]) / 4 & 0x03ffffff);
        if (pair[0] != word || pair[1] != back) {
            write_pair(slot, word);
        }
    }
    __asm__ volatile("dsb ish\n\tic iallu\n\tdsb ish\n\tisb" : : : "memory");
}

uint64_t run(struct actor *a, uint32_t instruction, uint64_t x0)
{
    return run_with(a, instruction, x0, scratch(a));
}

void touch(struct actor *a, unsigned kind, uint64_t address, uint64_t value)
{
    uint64_t values[7] = { address, value, value, value, value, value, value };

    touch_kind(access_kinds + 16 * kind, values);
    look_at(a, values + 1, 6);
}

unsigned any_access(struct actor *a)
{
    return (unsigned)below(a, (unsigned)(access_kinds_end - access_kinds) / 16);
}

void let_in(void)
{
    __asm__ volatile("msr daifclr, #3\n\tisb\n\tmsr daifset, #15" : : : "memory");
}

/* Whatever became of its interrupt controller, the virtual timer's interrupt gets through. */
void wake_in(struct actor *a, uint64_t ticks)
{
    uintptr_t frame = redistributor(a), sgi = frame + GICR_SGI;

    *(volatile uint32_t *)(frame + GICR_WAKER) = 0;
    *(volatile uint32_t *)(sgi + GIC_ICACTIVER) = 1u << TIMER_PPI;
    *(volatile uint32_t *)(sgi + GIC_IGROUPR) = UINT32_MAX;
    *(volatile uint8_t *)(sgi + GIC_IPRIORITYR + TIMER_PPI) = 0;
    *(volatile uint32_t *)(sgi + GIC_ISENABLER) = 1u << TIMER_PPI;
    *(volatile uint32_t *)GICD_BASE = 0x12;                     /* ARE_NS, EnableGrp1 */
    sysreg_write(S3_0_C4_C6_0, 0xff);                           /* ICC_PMR_EL1 */
    sysreg_write(S3_0_C12_C12_7, 1);                            /* ICC_IGRPEN1_EL1 */
    sysreg_write(S3_0_C12_C8_4, 0);                             /* ICC_AP0R0_EL1, ICC_AP1R0_EL1: nothing is being handled */
    sysreg_write(S3_0_C12_C9_0, 0);
    timer_set(counter() + ticks);
}

static void forget_interrupts(uintptr_t frame, unsigned words)
{
    for (unsigned n = 0; n < words; n++) {
        *(volatile uint32_t *)(frame + GIC_ICENABLER + 4 * n) = UINT32_MAX;
        *(volatile uint32_t *)(frame + GIC_ICPENDR + 4 * n) = UINT32_MAX;
        *(volatile uint32_t *)(frame + GIC_ICACTIVER + 4 * n) = UINT32_MAX;
        *(volatile uint32_t *)(frame + GIC_ICFGR + 8 * n) = 0;
        *(volatile uint32_t *)(frame + GIC_ICFGR + 8 * n + 4) = 0;
    }
}

void settle(struct actor *a)
{
    sysreg_write(mdscr_el1, 0);
    sysreg_write(cntkctl_el1, 0);
    sysreg_write(fpcr, 0);
    sysreg_write(cntv_ctl_el0, 0);
    sysreg_write(cntp_ctl_el0, 0);
    sysreg_write(S3_0_C12_C12_6, 0);        /* ICC_IGRPEN0_EL1 */
    forget_interrupts(redistributor(a) + GICR_SGI, 1);
    if (a->index == 0) {
        forget_interrupts(GICD_BASE, 9);
        gic_init();
    }
    gic_init_cpu();
    sysreg_write(S3_0_C12_C8_4, 0);
    sysreg_write(S3_0_C12_C9_0, 0);
    *(volatile uint32_t *)(GUEST_UART + UARTIMSC) = 0;
    *(volatile uint32_t *)(GUEST_UART + UARTLCR_H) = 0x70;      /* 8 bits, FIFOs */
    *(volatile uint32_t *)(GUEST_UART + UARTCR) = 0x301;        /* on, no loop-back */
    isb();
}
