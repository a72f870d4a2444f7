/* SPDX-License-Identifier: Apache-2.0 */
/* The performance monitor, where ID_AA64DFR0_EL1 offers one (Arm ARM, D9); without, its registers are undefined. */
#include "conform.h"
#include "registers.h"
#include "trap.h"

#define PMCR_E       1u
#define PMCR_P       2u
#define PMCR_C       4u
#define CYCLES       (1u << 31)
#define SW_INCR      0u             /* an event */
#define PMUSERENR_EN 1u

static bool is_there(void)
{
    unsigned version = sysreg_read(id_aa64dfr0_el1) >> 8 & 0xf;
    return version && version != 0xf;
}

static unsigned counters_there(void) { return sysreg_read(pmcr_el0) >> 11 & 0x1f; }

static void quiet(void)
{
    sysreg_write(pmcr_el0, PMCR_P | PMCR_C);
    sysreg_write(pmcntenclr_el0, ~0u);
    sysreg_write(pmintenclr_el1, ~0u);
    sysreg_write(pmovsclr_el0, ~0u);
    sysreg_write(pmuserenr_el0, 0);
    sysreg_write(pmccfiltr_el0, 0);
    isb();
}

static void its_registers_are_undefined_where_it_is_not(void)
{
    bool there = is_there();
#define TOUCH(reg) (void)sysreg_read(reg); SAME(trap_undefined(), !there);
    TOUCH(pmcr_el0) TOUCH(pmcntenset_el0) TOUCH(pmcntenclr_el0) TOUCH(pmovsclr_el0) TOUCH(pmselr_el0) TOUCH(pmceid0_el0)
    TOUCH(pmceid1_el0) TOUCH(pmccntr_el0) TOUCH(pmccfiltr_el0) TOUCH(pmuserenr_el0) TOUCH(pmintenset_el1)
    TOUCH(pmintenclr_el1) TOUCH(pmovsset_el0)
}

static void enables_are_set_and_cleared_by_ones(void)
{
    if (!is_there()) {
        return;
    }
    uint64_t all = CYCLES | ((1ul << counters_there()) - 1);
    quiet();
    sysreg_set(pmcntenset_el0, CYCLES);
    SAME(sysreg_read(pmcntenset_el0), CYCLES);
    sysreg_set(pmcntenset_el0, ~0u);
    SAME(sysreg_read(pmcntenclr_el0), all);
    sysreg_set(pmcntenclr_el0, CYCLES);
    SAME(sysreg_read(pmcntenset_el0), all & ~(uint64_t)CYCLES);
    sysreg_set(pmintenset_el1, ~0u);
    SAME(sysreg_read(pmintenset_el1), all);
    sysreg_set(pmintenclr_el1, 0);
    SAME(sysreg_read(pmintenclr_el1), all);
    sysreg_set(pmovsset_el0, CYCLES);
    SAME(sysreg_read(pmovsclr_el0), CYCLES);
    quiet();
    SAME(sysreg_read(pmcntenset_el0) | sysreg_read(pmintenset_el1) | sysreg_read(pmovsset_el0), 0);
}

static void the_cycle_counter_counts_while_it_is_enabled(void)
{
    if (!is_there()) {
        return;
    }
    quiet();
    uint64_t was = sysreg_read(pmccntr_el0);
    isb();
    SAME(sysreg_read(pmccntr_el0), was);
    sysreg_write(pmcntenset_el0, CYCLES);
    sysreg_set(pmcr_el0, PMCR_E);
    for (volatile int i = 0; i < 1000; i++) {
    }
    isb();
    SAME(sysreg_read(pmccntr_el0) != was, true);
    sysreg_set(pmccntr_el0, 0x100000000);
    SAME(sysreg_read(pmccntr_el0) >= 0x100000000, true);
    sysreg_set(pmcr_el0, PMCR_C);
    SAME(sysreg_read(pmccntr_el0), 0);
    quiet();
}

static void software_increments_a_counter(void)
{
    if (!is_there() || counters_there() == 0) {
        return;
    }
    quiet();
    sysreg_set(pmselr_el0, 0);
    sysreg_set(pmxevtyper_el0, SW_INCR);
    SAME(sysreg_read(pmxevtyper_el0), SW_INCR);
    sysreg_set(pmxevcntr_el0, 0x1234);
    sysreg_set(pmcntenset_el0, 1);
    sysreg_set(pmcr_el0, PMCR_E);
    for (int i = 0; i < 5; i++) {
        sysreg_set(pmswinc_el0, 1);
    }
    sysreg_set(pmcr_el0, 0);
    sysreg_set(pmswinc_el0, 1);
    SAME(sysreg_read(pmxevcntr_el0), 0x1239);
    SAME(sysreg_read(pmevcntr0_el0), 0x1239);
    quiet();
    SAME(sysreg_read(pmxevcntr_el0), 0);            /* PMCR_EL0.P */
}

/* mrs x0, pmcr_el0; svc #0 */
static const uint32_t reads_pmcr[] __attribute__((aligned(PAGE))) = { 0xd53b9c00, 0xd4000001 };

static void el0_has_it_where_pmuserenr_lets_it(void)
{
    window_map(0, (uintptr_t)reads_pmcr | MAP_NORMAL | MAP_EL0 | MAP_READ);
    if (!is_there()) {
        unsigned ec = EC_OF(run_at_el0(window(0), 0, 0).esr);
        SAME(ec == EC_UNKNOWN || ec == EC_SYSREG, true);
        return;
    }
    quiet();
    SAME(EC_OF(run_at_el0(window(0), 0, 0).esr), EC_SYSREG);
    sysreg_set(pmuserenr_el0, PMUSERENR_EN);
    SAME(EC_OF(run_at_el0(window(0), 0, 0).esr), EC_SVC);
    quiet();
}

const struct promise pmu[] = {
    PROMISE(its_registers_are_undefined_where_it_is_not),
    PROMISE(enables_are_set_and_cleared_by_ones),
    PROMISE(the_cycle_counter_counts_while_it_is_enabled),
    PROMISE(software_increments_a_counter),
    PROMISE(el0_has_it_where_pmuserenr_lets_it),
    { 0 },
};
