/* SPDX-License-Identifier: Apache-2.0 */
/* Self-hosted debug (Arm ARM, D2): what software can rely on with no external debugger. */
#include "conform.h"
#include "registers.h"
#include "trap.h"

#define MDSCR_SS   (1u << 0)
#define MDSCR_KDE  (1u << 13)
#define PSTATE_SS  (1u << 21)

static unsigned field(uint64_t reg, unsigned low) { return reg >> low & 0xf; }

static void the_os_lock_can_be_unlocked(void)
{
    sysreg_set(oslar_el1, 0);
    SAME(sysreg_read(oslsr_el1) & 0xb, 8);          /* OSLM: implemented, OSLK */
}

static void mdscr_keeps_what_asks_for_single_steps(void)
{
    sysreg_set(mdscr_el1, MDSCR_KDE);
    SAME(sysreg_read(mdscr_el1) & (MDSCR_KDE | MDSCR_SS), MDSCR_KDE);
    sysreg_set(mdscr_el1, 0);
    SAME(sysreg_read(mdscr_el1) & (MDSCR_KDE | MDSCR_SS), 0);
}

static void each_breakpoint_and_watchpoint_has_its_registers(void)
{
    unsigned breakpoints = field(sysreg_read(id_aa64dfr0_el1), 12) + 1;
    unsigned watchpoints = field(sysreg_read(id_aa64dfr0_el1), 20) + 1;
#define POINT(n) if (n < breakpoints) { (void)sysreg_read(dbgbvr##n##_el1); sysreg_write(dbgbcr##n##_el1, 0); } \
                 if (n < watchpoints) { (void)sysreg_read(dbgwvr##n##_el1); sysreg_write(dbgwcr##n##_el1, 0); }
    POINT(0) POINT(1) POINT(2) POINT(3) POINT(4) POINT(5)
    trap_none();
}

static void points_beyond_them_are_undefined(void)
{
    if (field(sysreg_read(id_aa64dfr0_el1), 12) < 15) {
        (void)sysreg_read(dbgbvr15_el1);
        trap_one(EC_UNKNOWN);
    }
    if (field(sysreg_read(id_aa64dfr0_el1), 20) < 15) {
        sysreg_write(dbgwcr15_el1, 0);
        trap_one(EC_UNKNOWN);
    }
}

static void registers_of_an_external_debugger_can_be_touched(void)
{
    (void)sysreg_read(mdccsr_el0);
    (void)sysreg_read(mdrar_el1);
    (void)sysreg_read(osdlr_el1);
    sysreg_write(osdlr_el1, 0);
    trap_none();
}

static void read_only_ones_are_undefined_to_write(void)
{
    sysreg_write(S2_0_C1_C1_4, 0);                  /* OSLSR_EL1 */
    trap_one(EC_UNKNOWN);
    sysreg_write(S2_0_C1_C0_0, 0);                  /* MDRAR_EL1 */
    trap_one(EC_UNKNOWN);
    (void)sysreg_read(S2_0_C1_C0_4);                /* OSLAR_EL1, which is written only */
    trap_one(EC_UNKNOWN);
}

static const uint32_t steps[] __attribute__((aligned(PAGE))) = {
    0x91000400, 0x91000400, 0xd4000021,             /* ADD x0, x0, #1, twice; SVC #1 */
};

static void a_single_step_at_el0_is_one_instruction(void)
{
    sysreg_set(oslar_el1, 0);
    window_map(0, (uintptr_t)steps | MAP_NORMAL | MAP_EL0 | MAP_READ);
    sysreg_set(mdscr_el1, MDSCR_SS);
    struct trap t = run_at_el0(window(0), 5, PSTATE_SS);
    sysreg_set(mdscr_el1, 0);
    SAME(EC_OF(t.esr), EC_STEP_EL0);
    SAME(t.pc, window(0) + 4);
    SAME(t.x0, 6);
    SAME(t.esr & 0x3f, 0x22);                       /* a debug exception */
    SAME(t.esr >> 24 & 1, 1);                       /* ISV */
    SAME(t.esr >> 6 & 1, 0);                        /* EX: no exclusive */
}

static void a_single_step_without_its_bit_in_pstate_comes_before_the_instruction(void)
{
    sysreg_set(oslar_el1, 0);
    window_map(0, (uintptr_t)steps | MAP_NORMAL | MAP_EL0 | MAP_READ);
    sysreg_set(mdscr_el1, MDSCR_SS);
    struct trap t = run_at_el0(window(0), 5, 0);
    sysreg_set(mdscr_el1, 0);
    SAME(EC_OF(t.esr), EC_STEP_EL0);
    SAME(t.pc, window(0));
    SAME(t.x0, 5);
}

static void without_single_steps_code_at_el0_runs_to_its_end(void)
{
    window_map(0, (uintptr_t)steps | MAP_NORMAL | MAP_EL0 | MAP_READ);
    struct trap t = run_at_el0(window(0), 5, PSTATE_SS);
    SAME(EC_OF(t.esr), EC_SVC);
    SAME(t.x0, 7);
}

static void brk_is_reported_with_its_number(void)
{
    __asm__ volatile("brk #0xabc");
    struct trap t = trap_one(EC_BRK);
    SAME(ISS_OF(t.esr), 0xabc);
    SAME(t.esr & ESR_IL, ESR_IL);
    static const uint32_t code[] __attribute__((aligned(PAGE))) = { 0xd4200020 };       /* BRK #1 */
    window_map(0, (uintptr_t)code | MAP_NORMAL | MAP_EL0 | MAP_READ);
    t = run_at_el0(window(0), 0, 0);
    SAME(EC_OF(t.esr), EC_BRK);
    SAME(ISS_OF(t.esr), 1);
    SAME(t.pc, window(0));
}

static void hlt_is_undefined_without_a_debugger(void)
{
    __asm__ volatile("hlt #1");
    trap_one(EC_UNKNOWN);
}

const struct promise debugging[] = {
    PROMISE(the_os_lock_can_be_unlocked),
    PROMISE(mdscr_keeps_what_asks_for_single_steps),
    PROMISE(each_breakpoint_and_watchpoint_has_its_registers),
    PROMISE(points_beyond_them_are_undefined),
    PROMISE(registers_of_an_external_debugger_can_be_touched),
    PROMISE(read_only_ones_are_undefined_to_write),
    PROMISE(a_single_step_at_el0_is_one_instruction),
    PROMISE(a_single_step_without_its_bit_in_pstate_comes_before_the_instruction),
    PROMISE(without_single_steps_code_at_el0_runs_to_its_end),
    PROMISE(brk_is_reported_with_its_number),
    PROMISE(hlt_is_undefined_without_a_debugger),
    { 0 },
};
