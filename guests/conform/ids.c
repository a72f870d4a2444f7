/* SPDX-License-Identifier: Apache-2.0 */
/* Identification registers (Arm ARM, D17.2), and registers that keep what they are given. */
#include "conform.h"
#include "guest.h"
#include "registers.h"
#include "second.h"
#include "trap.h"

#define FIELD(reg, low) (sysreg_read(reg) >> (low) & 0xf)

static void the_cpu_has_a_name(void)
{
    SAME(sysreg_read(midr_el1) >> 32, 0);
    SAME(sysreg_read(midr_el1) >> 16 & 0xf, 0xf);               /* the rest is in the identification registers */
    (void)sysreg_read(revidr_el1);
    (void)sysreg_read(S3_1_C0_C0_7);                            /* AIDR_EL1 */
}

static void each_cpu_has_an_affinity(void)
{
    SAME(sysreg_read(mpidr_el1) >> 31 & 1, 1);
    SAME(sysreg_read(mpidr_el1) & 0xff00ffffff, 0);
}

static void there_is_el1_in_aarch64_and_none_above(void)
{
    SAME(FIELD(id_aa64pfr0_el1, 4) != 0, true);
    SAME(FIELD(id_aa64pfr0_el1, 0) != 0, true);
    SAME(FIELD(id_aa64pfr0_el1, 8), 0);
    SAME(FIELD(id_aa64pfr0_el1, 12), 0);
    SAME(sysreg_read(currentel), 1 << 2);
}

static void a_gicv3_has_system_registers_and_a_gicv2_none(void)
{
    SAME(FIELD(id_aa64pfr0_el1, 24) != 0, gic->version == 3);
}

static void debug_has_two_breakpoints_and_watchpoints_at_least(void)
{
    SAME(FIELD(id_aa64dfr0_el1, 0) >= 6 && FIELD(id_aa64dfr0_el1, 0) != 0xf, true);
    SAME(FIELD(id_aa64dfr0_el1, 12) >= 1, true);
    SAME(FIELD(id_aa64dfr0_el1, 20) >= 1, true);
}

static void pages_of_4_kib_and_32_bits_at_least_are_there(void)
{
    SAME(FIELD(id_aa64mmfr0_el1, 28) < 8, true);                /* TGran4 is signed */
    SAME(FIELD(id_aa64mmfr0_el1, 0) <= 6, true);
}

/* Of the identification space, what no register is in reads 0; those that are there read something without a trap. */
#define ROW(crm) READ(crm, 0) READ(crm, 1) READ(crm, 2) READ(crm, 3) READ(crm, 4) READ(crm, 5) READ(crm, 6) READ(crm, 7)
static void all_of_the_identification_space_can_be_read(void)
{
    uint64_t id[8][8];
#define READ(crm, op2) id[crm][op2] = sysreg_read(S3_0_C0_C##crm##_##op2);
    ROW(1) ROW(2) ROW(3) ROW(4) ROW(5) ROW(6) ROW(7)
#undef READ
    SAME(trap_take().count, 0);
    for (unsigned crm = 4; crm < 8; crm++) {
        for (unsigned op2 = 6; op2 < 8; op2++) {
            SAME(id[crm][op2], 0);
        }
    }
    SAME(id[4][3] | id[5][2] | id[5][3] | id[6][4], 0);
}

static uint64_t space(void)
{
    uint64_t sum = 0;
#define READ(crm, op2) sum = sum * 31 + sysreg_read(S3_0_C0_C##crm##_##op2);
    ROW(1) ROW(2) ROW(3) ROW(4) ROW(5) ROW(6) ROW(7)
#undef READ
    return sum;
}

static void it_is_the_same_each_time(void)
{
    uint64_t was = space();
    for (int i = 0; i < 10; i++) {
        (void)hvc(PSCI_VERSION, 0, 0, 0);
        (void)read32(GUEST_UART + 0x18);
        SAME(space(), was);
    }
}

static void none_of_it_can_be_written(void)
{
#define WRITE(reg) sysreg_write(reg, 0); trap_one(EC_UNKNOWN);
    WRITE(S3_0_C0_C0_0) WRITE(S3_0_C0_C0_5) WRITE(S3_0_C0_C4_0) WRITE(S3_0_C0_C5_0) WRITE(S3_0_C0_C6_0) WRITE(S3_0_C0_C7_0)
    WRITE(S3_0_C0_C1_0) WRITE(S3_0_C0_C2_0) WRITE(S3_1_C0_C0_0) WRITE(S3_1_C0_C0_1) WRITE(S3_3_C0_C0_1) WRITE(S3_3_C0_C0_7)
}

static void what_is_in_no_space_is_undefined(void)
{
#define READ(reg) (void)sysreg_read(reg); trap_one(EC_UNKNOWN);
    READ(S3_0_C2_C7_7) READ(S3_0_C13_C5_5) READ(S2_0_C3_C0_0) READ(S3_3_C7_C7_0)
#undef READ
}

static void registers_of_el2_and_el3_are_undefined(void)
{
#define READ(reg) (void)sysreg_read(reg); trap_one(EC_UNKNOWN);
    READ(S3_4_C1_C1_0) READ(S3_4_C1_C1_1) READ(S3_4_C12_C0_0) READ(S3_4_C0_C0_0) READ(S3_4_C2_C1_0) READ(S3_4_C6_C0_0)
    READ(S3_6_C1_C1_0) READ(S3_6_C12_C0_0) READ(S3_5_C1_C0_0) READ(S3_4_C4_C1_0) READ(S3_4_C5_C2_0)
#undef READ
    sysreg_write(S3_4_C1_C1_0, 0);
    trap_one(EC_UNKNOWN);
}

/* A trap, an access to a service's device and a wait in between: a hypervisor may let others run meanwhile. */
#define KEPT(X) X(tpidr_el0, ~0ul) X(tpidrro_el0, ~0ul) X(tpidr_el1, ~0ul) X(far_el1, ~0ul) X(elr_el1, ~0ul) \
                X(contextidr_el1, 0xffffffff) X(esr_el1, 0xffffffff) X(amair_el1, 0) X(afsr0_el1, 0)

static void keep_all(uint64_t value)
{
#define SET(reg, mask) sysreg_write(reg, value);
    KEPT(SET)
#undef SET
    (void)hvc(PSCI_VERSION, 0, 0, 0);
    (void)read32(GUEST_UART + 0x18);
    enable(TIMER_PPI, 0xa0);
    timer_set(counter() + counter_hz() / 10000);
    wfi();
#define LOOK(reg, mask) if ((sysreg_read(reg) ^ value) & (mask)) same(#reg, sysreg_read(reg), value);
    KEPT(LOOK)
#undef LOOK
    timer_stop();
}

static void registers_of_el1_keep_what_they_are_given(void)
{
    keep_all(~0ul);
    keep_all(0);
}

static void csselr_selects_each_cache_that_clidr_has(void)
{
    uint64_t clidr = sysreg_read(clidr_el1);
    for (unsigned level = 0; level < 7; level++) {
        unsigned type = clidr >> 3 * level & 7;
        if (type >= 2) {                                        /* data or unified */
            sysreg_set(csselr_el1, level << 1);
            SAME(sysreg_read(csselr_el1), level << 1);
            SAME(sysreg_read(ccsidr_el1) != 0, true);
        }
        if (type & 1) {
            sysreg_set(csselr_el1, level << 1 | 1);
            SAME(sysreg_read(csselr_el1), level << 1 | 1);
        }
    }
    sysreg_set(csselr_el1, 0);
}

static void ctr_tells_of_lines_of_16_bytes_at_least(void)
{
    uint64_t ctr = sysreg_read(ctr_el0);
    SAME((ctr & 0xf) >= 2 && (ctr >> 16 & 0xf) >= 2, true);
    SAME(ctr >> 31 & 1, 1);
}

static void identify(void) { second.result = space() ^ sysreg_read(midr_el1) ^ sysreg_read(ctr_el0); }

static void all_cpus_are_of_a_kind(void)
{
    if (!second_is_there()) {
        return;
    }
    second_listen();
    SAME(second_on(), true);
    second_does(identify);
    SAME(second.result, space() ^ sysreg_read(midr_el1) ^ sysreg_read(ctr_el0));
    second_off();
}

const struct promise ids[] = {
    PROMISE(the_cpu_has_a_name),
    PROMISE(each_cpu_has_an_affinity),
    PROMISE(there_is_el1_in_aarch64_and_none_above),
    PROMISE(a_gicv3_has_system_registers_and_a_gicv2_none),
    PROMISE(debug_has_two_breakpoints_and_watchpoints_at_least),
    PROMISE(pages_of_4_kib_and_32_bits_at_least_are_there),
    PROMISE(all_of_the_identification_space_can_be_read),
    PROMISE(it_is_the_same_each_time),
    PROMISE(none_of_it_can_be_written),
    PROMISE(what_is_in_no_space_is_undefined),
    PROMISE(registers_of_el2_and_el3_are_undefined),
    PROMISE(registers_of_el1_keep_what_they_are_given),
    PROMISE(csselr_selects_each_cache_that_clidr_has),
    PROMISE(ctr_tells_of_lines_of_16_bytes_at_least),
    PROMISE(all_cpus_are_of_a_kind),
    { 0 },
};
