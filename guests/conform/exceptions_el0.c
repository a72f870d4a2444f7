/* SPDX-License-Identifier: Apache-2.0 */
/* What code at EL0 may, and what EL1 is told of the rest. */
#include "conform.h"
#include "registers.h"
#include "trap.h"

#define SCTLR_DZE   (1ul << 14)
#define SCTLR_UCT   (1ul << 15)
#define SCTLR_NTWI  (1ul << 16)
#define SCTLR_UCI   (1ul << 26)
#define SCTLR_UMA   (1ul << 9)
#define PERMISSION3 0x0fu
#define TRANSLATION3 0x07u

static uint32_t code[PAGE / 4] __attribute__((aligned(PAGE)));
static uint8_t data[PAGE] __attribute__((aligned(PAGE)));

/* One instruction, and SVC #7 behind it, at page 0 with data at page 1; x0 is as given. */
static struct trap at_el0(uint32_t instruction, uint64_t x0)
{
    code[0] = instruction;
    code[1] = 0xd40000e1;
    __asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ialluis\n\tdsb ish\n\tisb" : : "r"(code) : "memory");
    window_map(0, (uintptr_t)code | MAP_NORMAL | MAP_EL0 | MAP_READ);
    window_map(1, (uintptr_t)data | MAP_NORMAL | MAP_EL0 | MAP_NOEXEC);
    return run_at_el0(window(0), x0, 0);
}

static struct trap with_sctlr(uint64_t set, uint64_t clear, uint32_t instruction, uint64_t x0)
{
    uint64_t was = sysreg_read(sctlr_el1);
    sysreg_set(sctlr_el1, (was | set) & ~clear);
    struct trap t = at_el0(instruction, x0);
    sysreg_set(sctlr_el1, was);
    return t;
}

static void svc_comes_to_el1(void)
{
    struct trap t = at_el0(0xd503201f, 5);          /* NOP */
    SAME(EC_OF(t.esr), EC_SVC);
    SAME(ISS_OF(t.esr), 7);
    SAME(t.vector, VECTOR_EL0_SYNC);
    SAME(t.pc, window(0) + 8);
    SAME(t.pstate, 0x3c0);
    SAME(t.x0, 5);
}

static void registers_of_el1_are_undefined(void)
{
    static const uint32_t instructions[] = {
        0xd5381000, 0xd5181000, 0xd5384000, 0xd538d080, 0xd538c000,     /* SCTLR, SPSR, TPIDR_EL1, VBAR */
        0xd53800a0, 0xd5087500, 0xd508871f, 0xd69f03e0,                 /* MPIDR, IC IALLU, TLBI VMALLE1, ERET */
    };
    for (unsigned i = 0; i < sizeof instructions / sizeof instructions[0]; i++) {
        struct trap t = at_el0(instructions[i], 0);
        bool trapped = EC_OF(t.esr) == EC_UNKNOWN || EC_OF(t.esr) == EC_SYSREG;     /* the latter with FEAT_IDST */
        if (!trapped) {
            broken_at("at EL0 has the syndrome", instructions[i], 4, t.esr, ESR_IL);
        }
        SAME(t.pc, window(0));
    }
}

static void memory_of_el1_can_not_be_reached(void)
{
    struct trap t = at_el0(0xf9400000, (uintptr_t)data);                /* LDR x0, [x0] */
    SAME(EC_OF(t.esr), EC_DABT_EL0);
    SAME(FSC_OF(t.esr), 0x0d);                      /* permission, of a block of level 1 */
    SAME(t.far, (uintptr_t)data);
    t = at_el0(0xf9000000, (uintptr_t)data + 16);                       /* STR x0, [x0] */
    SAME(EC_OF(t.esr), EC_DABT_EL0);
    SAME(t.esr >> 6 & 1, 1);
}

static void memory_of_el0_can_be_reached(void)
{
    *(uint64_t *)(void *)data = 0x1122334455667788;
    struct trap t = at_el0(0xf9400000, window(1));
    SAME(EC_OF(t.esr), EC_SVC);
    SAME(t.x0, 0x1122334455667788);
}

static void a_write_to_its_code_is_a_permission_fault(void)
{
    struct trap t = at_el0(0xf9000000, window(0));
    SAME(EC_OF(t.esr), EC_DABT_EL0);
    SAME(FSC_OF(t.esr), PERMISSION3);
    SAME(t.far, window(0));
}

static void a_jump_to_data_is_a_permission_fault(void)
{
    struct trap t = at_el0(0xd61f0000, window(1));                      /* BR x0 */
    SAME(EC_OF(t.esr), EC_IABT_EL0);
    SAME(FSC_OF(t.esr), PERMISSION3);
    SAME(t.far, window(1));
    SAME(t.pc, window(1));
    window_map(2, 0);
    t = at_el0(0xd61f0000, window(2));
    SAME(EC_OF(t.esr), EC_IABT_EL0);
    SAME(FSC_OF(t.esr), TRANSLATION3);
}

static void a_device_can_be_given_to_it(void)
{
    window_map(3, GICD_BASE | MAP_DEVICE | MAP_EL0);
    struct trap t = at_el0(0xb9400400, window(3));                      /* LDR w0, [x0, #4] */
    SAME(EC_OF(t.esr), EC_SVC);
    SAME(t.x0, read32(GICD_BASE + GICD_TYPER));
    window_map(3, GUEST_HOLE | MAP_DEVICE | MAP_EL0);
    t = at_el0(0xb9400400, window(3));
    SAME(EC_OF(t.esr), EC_DABT_EL0);
    SAME(FSC_OF(t.esr), 0x10);
    SAME(t.far, window(3) + 4);
}

static void wfi_traps_where_el1_says_so(void)
{
    timer_set(0);
    enable(TIMER_PPI, 0xa0);                    /* so that they end where they do not trap */
    struct trap t = with_sctlr(SCTLR_NTWI, 0, 0xd503207f, 0);
    SAME(EC_OF(t.esr), EC_SVC);
    uint32_t intid = ack_soon();
    timer_stop();
    gic->eoi(intid);
    t = with_sctlr(0, SCTLR_NTWI, 0xd503207f, 0);
    SAME(EC_OF(t.esr), EC_WFX);
    SAME(t.esr & 3, 0);
    SAME(t.pc, window(0));
}

static void ctr_is_read_where_el1_lets_it(void)
{
    SAME(EC_OF(with_sctlr(0, SCTLR_UCT, 0xd53b0020, 0).esr), EC_SYSREG);
    struct trap t = with_sctlr(SCTLR_UCT, 0, 0xd53b0020, 0);
    SAME(EC_OF(t.esr), EC_SVC);
    SAME(t.x0, sysreg_read(ctr_el0));
}

static void caches_are_maintained_where_el1_lets_it(void)
{
    /* DC CIVAC, DC CVAC, DC CVAU, IC IVAU */
    static const uint32_t instructions[] = { 0xd50b7e20, 0xd50b7a20, 0xd50b7b20, 0xd50b7520 };
    for (unsigned i = 0; i < 4; i++) {
        struct trap t = with_sctlr(0, SCTLR_UCI, instructions[i], window(1));
        SAME(EC_OF(t.esr), EC_SYSREG);
        SAME(EC_OF(with_sctlr(SCTLR_UCI, 0, instructions[i], window(1)).esr), EC_SVC);
    }
}

static void dc_zva_zeroes_where_el1_lets_it(void)
{
    data[0] = 1;
    SAME(EC_OF(with_sctlr(0, SCTLR_DZE, 0xd50b7420, window(1)).esr), EC_SYSREG);
    SAME(data[0], 1);
    SAME(EC_OF(with_sctlr(SCTLR_DZE, 0, 0xd50b7420, window(1)).esr), EC_SVC);
    SAME(data[0], 0);
}

static void daif_is_changed_where_el1_lets_it(void)
{
    SAME(EC_OF(with_sctlr(0, SCTLR_UMA, 0xd53b4220, 0).esr), EC_SYSREG);        /* MRS x0, DAIF */
    struct trap t = with_sctlr(SCTLR_UMA, 0, 0xd53b4220, 0);
    SAME(EC_OF(t.esr), EC_SVC);
    SAME(t.x0, 0x3c0);
}

static void a_trapped_register_is_named_in_the_syndrome(void)
{
    struct trap t = with_sctlr(0, SCTLR_UCT, 0xd53b0025, 0);                    /* MRS x5, CTR_EL0 */
    SAME(ISS_OF(t.esr), 3u << 20 | 1u << 17 | 3u << 14 | 0 << 10 | 5u << 5 | 0 << 1 | 1);
}

static void fp_traps_where_el1_says_so(void)
{
    uint64_t was = sysreg_read(cpacr_el1);
    sysreg_set(cpacr_el1, 1u << 20);                /* FPEN: EL1 may */
    struct trap t = at_el0(0x1e602800, 0);          /* FADD d0, d0, d0 */
    SAME(EC_OF(t.esr), EC_FP);
    SAME(t.pc, window(0));
    sysreg_set(cpacr_el1, was);
    SAME(EC_OF(at_el0(0x1e602800, 0).esr), EC_SVC);
}

static void thread_registers_of_el0_are_its_own(void)
{
    sysreg_write(tpidrro_el0, 0x1234);
    struct trap t = at_el0(0xd53bd060, 0);          /* MRS x0, TPIDRRO_EL0 */
    SAME(t.x0, 0x1234);
    t = at_el0(0xd51bd060, 0);                      /* MSR TPIDRRO_EL0, x0 */
    SAME(EC_OF(t.esr), EC_UNKNOWN);
    SAME(EC_OF(at_el0(0xd51bd040, 0x77).esr), EC_SVC);          /* MSR TPIDR_EL0, x0 */
    SAME(sysreg_read(tpidr_el0), 0x77);
}

static void an_interrupt_comes_to_el1(void)
{
    enable(TIMER_PPI, 0xa0);
    timer_set(counter() + counter_hz() / 100000);
    on_interrupt = 0;
    code[0] = 0x14000000;                           /* B . */
    __asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ialluis\n\tdsb ish\n\tisb" : : "r"(code) : "memory");
    window_map(0, (uintptr_t)code | MAP_NORMAL | MAP_EL0 | MAP_READ);
    run_until_interrupt(window(0));
    timer_stop();
    SAME(interrupts_taken, 1);
}

const struct promise exceptions_el0[] = {
    PROMISE(svc_comes_to_el1),
    PROMISE(registers_of_el1_are_undefined),
    PROMISE(memory_of_el1_can_not_be_reached),
    PROMISE(memory_of_el0_can_be_reached),
    PROMISE(a_write_to_its_code_is_a_permission_fault),
    PROMISE(a_jump_to_data_is_a_permission_fault),
    PROMISE(a_device_can_be_given_to_it),
    PROMISE(wfi_traps_where_el1_says_so),
    PROMISE(ctr_is_read_where_el1_lets_it),
    PROMISE(caches_are_maintained_where_el1_lets_it),
    PROMISE(dc_zva_zeroes_where_el1_lets_it),
    PROMISE(daif_is_changed_where_el1_lets_it),
    PROMISE(a_trapped_register_is_named_in_the_syndrome),
    PROMISE(fp_traps_where_el1_says_so),
    PROMISE(thread_registers_of_el0_are_its_own),
    PROMISE(an_interrupt_comes_to_el1),
    { 0 },
};
