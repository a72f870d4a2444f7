/* SPDX-License-Identifier: Apache-2.0 */
#include "hostile.h"

#include <string.h>

#include "arm64.h"
#include "gic.h"
#include "guest.h"

#define PSTATE_MASKED  0x3c0u           /* D, A, I, F */
#define PSTATE_EL1T    4u
#define PSTATE_IL_SS   (3u << 20)       /* illegal state, software step */
#define ESR_EC(esr)    ((unsigned)((esr) >> 26) & 0x3f)
#define SMC            0xd4000003u      /* smc #0 */
#define EC_ILLEGAL     0x0e
#define EC_IABT        0x21
#define EC_PC_ALIGN    0x22

#define GIC_ICENABLER  0x0180
#define GIC_ICPENDR    0x0280
#define GIC_ICACTIVER  0x0380
#define GIC_ICFGR      0x0c00
#define GICC_RPR       (GICC_BASE + 0x14)
#define GICC_RPR_IDLE  0xffu

uint64_t done, exceptions, interrupts, wrong;
bool bare;
uint8_t scratch[SCRATCH_BYTES] __attribute__((aligned(4096)));

static bool foreign;                    /* `run` runs something */
static uint64_t random_state = 88172645463325252ull;

extern const uint8_t run_back[];
extern uint32_t slot[];
uint64_t run_slot(uint64_t x0, uint64_t others);
void on_sp_el0(void (*function)(void)) __attribute__((noreturn));

uint64_t random64(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static void interrupt(void)
{
    interrupts++;
    uint32_t ack = gic_ack();
    if (GIC_INTID(ack) < GIC_SPURIOUS) {
        gic_eoi(ack);
    }
}

/* Whatever it was, go on: after `run`'s instruction, after a jump to nowhere at its caller, else at the next one. */
void guest_exception(struct exception *e, unsigned vector)
{
    unsigned kind = vector % 4, ec = ESR_EC(e->esr);
    e->pstate = (e->pstate & ~(uint64_t)PSTATE_IL_SS) | PSTATE_MASKED;
    if (kind == VECTOR_IRQ % 4 || kind == VECTOR_FIQ % 4) {
        interrupt();
        return;
    }
    exceptions++;
    if (kind == VECTOR_SERROR % 4) {
        return;
    }
    if (foreign) {
        e->pc = (uintptr_t)run_back;
        e->pstate = PSTATE_MASKED | PSTATE_EL1T;
    } else if (ec == EC_IABT || ec == EC_PC_ALIGN) {
        e->pc = e->x[30];
    } else if (ec != EC_ILLEGAL) {
        e->pc += 4;
    }
}

uint64_t run(uint32_t instruction, uint64_t x0)
{
    slot[0] = instruction;
    __asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" : : "r"(slot) : "memory");
    foreign = true;
    x0 = run_slot(x0, (uintptr_t)scratch + SCRATCH_BYTES / 2);
    foreign = false;
    done++;
    return x0;
}

/* What an attack may have left pending, active or edge-triggered, in the distributor or a redistributor. */
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

/* No interrupt is active in the CPU interface. */
static void handle_nothing(void)
{
    if (!gic_is_v2) {
        sysreg_write(S3_0_C12_C8_4, 0);         /* ICC_AP0R0_EL1, ICC_AP1R0_EL1 */
        sysreg_write(S3_0_C12_C9_0, 0);
        isb();
        return;
    }
    for (unsigned n = 0; n < 32 && *(volatile uint32_t *)GICC_RPR != GICC_RPR_IDLE; n++) {
        *(volatile uint32_t *)GICC_EOIR = 0;    /* drops the priority, whatever interrupt that was */
    }
}

void settle(void)
{
    sysreg_write(cntv_ctl_el0, 0);
    sysreg_write(cntp_ctl_el0, 0);
    if (gic_is_v2) {
        *(volatile uint32_t *)GICC_BASE = 0;    /* GICC_CTLR */
    } else {
        sysreg_write(S3_0_C12_C12_7, 0);        /* ICC_IGRPEN1_EL1 */
        sysreg_write(S3_0_C12_C12_6, 0);        /* ICC_IGRPEN0_EL1 */
    }
    forget_interrupts(GICD_BASE, 9);
    forget_interrupts(gic_private(), 1);
    gic_init();
    gic_init_cpu();
    handle_nothing();
}

/* The handler masks interrupts in what it returns to, so this ends. */
void let_in(void)
{
    __asm__ volatile("msr daifclr, #3\n\tisb\n\tmsr daifset, #15" : : : "memory");
}

void attack_flood(void)
{
    for (unsigned line = 0; line < 200; line++, done++) {
        print("hostile: flood %3u ..............................................................\n", line);
    }
}

static void spin(void)
{
    for (;;) {
    }
}

static void sleep_for_ever(void)
{
    settle();
    for (;;) {
        wfi();
    }
}

extern const uint8_t sleep_on_timers[];         /* run.S */

/* All vCPUs sleep, each with both timers set: as many events as this VM can have. */
static void timers(void)
{
    settle();
    for (uint64_t vcpu = 1; hvc(PSCI_CPU_ON, vcpu, (uintptr_t)sleep_on_timers, 0) == 0; vcpu++) {
        done++;
    }
    print("hostile: timers of %lu vcpus are set\n", done + 1);
    ((void (*)(void))(uintptr_t)sleep_on_timers)();
}

static void reset(void) { hvc(PSCI_SYSTEM_RESET, 0, 0, 0); }
static void cpu_off(void) { hvc(PSCI_CPU_OFF, 0, 0, 0); }

static const struct attack attacks[] = {
    { "map", attack_map, false },
    { "access", attack_access, false },
    { "jump", attack_jump, false },
    { "gic-sweep", attack_gic_sweep, false },
    { "gic-random", attack_gic_random, false },
    { "storm", attack_storm, false },
    { "swamp", attack_swamp, false },
    { "wait", attack_wait, false },
    { "crowd", attack_crowd, false },
    { "garbage", attack_garbage, false },
    { "sysreg", attack_sysreg, false },
    { "illegal-return", attack_illegal_return, false },
    { "psci", attack_psci, false },
    { "smccc", attack_smccc, false },
    { "hypercall", attack_hypercall, false },
    { "poison", attack_poison, false },
    { "tables", attack_tables, false },
    { "secrets", attack_secrets, false },
    { "flood", attack_flood, false },
    { "watchdog", attack_watchdog, true },
    { "die", crash, true },
    { "spin", spin, true },
    { "sleep", sleep_for_ever, true },
    { "timers", timers, true },
    { "reset", reset, true },
    { "cpu-off", cpu_off, true },
};
#define ATTACKS (sizeof attacks / sizeof attacks[0])

static char chosen[16];
static uint64_t rounds = 1;

static void execute(const struct attack *attack)
{
    print("hostile: %s begins\n", attack->name);
    done = exceptions = interrupts = 0;
    attack->run();
    settle();
    print("hostile: %s: %lu done, %lu exceptions, %lu interrupts\n", attack->name, done, exceptions, interrupts);
}

static void all(void)
{
    unsigned executed = 0;
    gic_init();
    settle();
    run(SMC, PSCI_VERSION);
    bare = exceptions != 0;
    for (uint64_t round = 0; round < rounds; round++) {
        for (unsigned n = 0; n < ATTACKS; n++) {
            bool wanted = strcmp(chosen, "all") == 0 ? !attacks[n].fatal : strcmp(chosen, attacks[n].name) == 0;
            if (wanted && bare && attacks[n].run == attack_gic_random) {
                print("hostile: gic-random is left out: QEMU's own GIC does not survive it\n");
            } else if (wanted) {
                execute(&attacks[n]);
                executed++;
            }
        }
    }
    if (executed == 0) {
        print("hostile: there is no attack=%s\n", chosen);
    } else if (wrong) {
        print("hostile: all done, %lu wrong answers\n", wrong);
    } else {
        print("hostile: all done\n");
    }
    system_off();
}

void guest_main(const void *dtb)
{
    const char *args = bootargs(dtb);
    uint64_t seed = 0;
    if (!option_word(args, "attack", chosen, sizeof chosen)) {
        memcpy(chosen, "all", sizeof "all");
    }
    if (option_number(args, "seed", &seed)) {
        random_state ^= seed * 0x9e3779b97f4a7c15ull;
    }
    option_number(args, "rounds", &rounds);
    on_sp_el0(all);
}
