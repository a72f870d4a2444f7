/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI 1.1 (DEN0022) and the SMC Calling Convention (DEN0028), by HVC. */
#include "conform.h"
#include "guest.h"
#include "registers.h"
#include "second.h"
#include "trap.h"

#define SUCCESS             0
#define NOT_SUPPORTED       (-1l)
#define INVALID_PARAMETERS  (-2l)
#define ALREADY_ON          (-4l)

#define CPU_SUSPEND         0x84000001u
#define CPU_ON32            0x84000003u
#define AFFINITY_INFO32     0x84000004u
#define MIGRATE             0x84000005u
#define MIGRATE_INFO_TYPE   0x84000006u
#define FEATURES            0x8400000au
#define SMC64               0x40000000u
#define SMCCC_VERSION       0x80000000u
#define TRNG_VERSION        0x84000050u
#define TRNG_FEATURES       0x84000051u
#define TRNG_RND            0x84000053u

static long call(uint64_t function, uint64_t a, uint64_t b, uint64_t c) { return hvc(function, a, b, c); }
static long error(long result) { return (int32_t)result; }

static void version_is_1_1(void)
{
    SAME(call(PSCI_VERSION, 0, 0, 0), 0x10001);
}

static void features_tells_of_each_function(void)
{
    static const uint32_t there[] = { PSCI_VERSION, CPU_SUSPEND, CPU_SUSPEND | SMC64, PSCI_CPU_OFF, CPU_ON32, PSCI_CPU_ON,
                                      AFFINITY_INFO32, PSCI_AFFINITY_INFO, MIGRATE_INFO_TYPE, PSCI_SYSTEM_OFF,
                                      PSCI_SYSTEM_RESET, FEATURES };
    for (unsigned i = 0; i < sizeof there / sizeof there[0]; i++) {
        SAME(call(FEATURES, there[i], 0, 0), 0);
    }
}

static void features_knows_no_function_that_there_is_not(void)
{
    static const uint32_t absent[] = { 0x8400001f, 0x840000ff, 0x8400ffff, 0xc400ffff, 0, 0x0400000a };
    for (unsigned i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        SAME(error(call(FEATURES, absent[i], 0, 0)), NOT_SUPPORTED);
    }
}

/* Each of PSCI's own numbers in both calling conventions; only those that FEATURES does not know are called. */
static void what_features_does_not_know_is_not_supported(void)
{
    for (uint32_t number = 0; number < 0x20; number++) {
        for (uint32_t convention = 0; convention <= SMC64; convention += SMC64) {
            uint32_t function = PSCI_VERSION | convention | number;
            long known = error(call(FEATURES, function, 0, 0));
            if (known < 0) {
                SAME(known, NOT_SUPPORTED);
                SAME(error(call(function, 0, 0, 0)), NOT_SUPPORTED);
            }
        }
    }
}

static void other_functions_are_not_supported(void)
{
    static const uint32_t others[] = { 0x8400001f, 0x840000ff, 0x8400ffff, 0xc400ffff, 0x8500ffff, 0x8600fff0, 0xc600fff0,
                                       0x8700fff0, 0xb0000000, 0xbf00ff01, 0x00000000, 0x32000000, 0xffffffff };
    for (unsigned i = 0; i < sizeof others / sizeof others[0]; i++) {
        SAME(error(call(others[i], 0, 0, 0)), NOT_SUPPORTED);
    }
}

static void nothing_has_to_be_migrated(void)
{
    SAME(call(MIGRATE_INFO_TYPE, 0, 0, 0), 2);
    SAME(error(call(MIGRATE, 0, 0, 0)), NOT_SUPPORTED);
    SAME(error(call(MIGRATE | SMC64, 0, 0, 0)), NOT_SUPPORTED);
}

static uint64_t own_affinity(void) { return sysreg_read(mpidr_el1) & 0xff00ffffff; }

static void affinity_info_says_that_the_caller_is_on(void)
{
    SAME(call(PSCI_AFFINITY_INFO, own_affinity(), 0, 0), AFFINITY_ON);
    SAME(call(AFFINITY_INFO32, own_affinity(), 0, 0), AFFINITY_ON);
}

/* Affinities that no CPU has, those with reserved bits among them. */
static const uint64_t nobodys[] = { 0x0f, 0xff, 0x100, 0x10000, 0x100000000, 0x1000000, 0x80000000, 1ul << 40, 1ul << 63 };
#define EACH_NOBODY(i) unsigned i = 0; i < sizeof nobodys / sizeof nobodys[0]; i++

static void affinity_info_of_no_cpu_has_invalid_parameters(void)
{
    for (EACH_NOBODY(i)) {
        SAME(error(call(PSCI_AFFINITY_INFO, nobodys[i], 0, 0)), INVALID_PARAMETERS);
    }
}

/* Levels above that of CPUs need not be there; where they are, they are on with the caller. */
static void affinity_info_of_a_level_above_is_on_or_invalid(void)
{
    for (uint64_t level = 1; level < 5; level++) {
        long state = error(call(PSCI_AFFINITY_INFO, own_affinity(), level, 0));
        SAME(state == AFFINITY_ON || state == INVALID_PARAMETERS, true);
    }
}

static void cpu_on_of_no_cpu_has_invalid_parameters(void)
{
    for (EACH_NOBODY(i)) {
        SAME(error(call(PSCI_CPU_ON, nobodys[i], (uintptr_t)second_entry, 0)), INVALID_PARAMETERS);
    }
    SAME(error(call(CPU_ON32, 0xff, (uintptr_t)second_entry, 0)), INVALID_PARAMETERS);
}

static void cpu_on_of_the_caller_says_already_on(void)
{
    SAME(error(call(PSCI_CPU_ON, own_affinity(), (uintptr_t)second_entry, 0)), ALREADY_ON);
    SAME(error(call(CPU_ON32, own_affinity(), (uintptr_t)second_entry, 0)), ALREADY_ON);
}

/* run.S: makes the call with x1 to x30 and all flags as `in` has them (x0 the function), and stores them afterwards. */
void call_with(const uint64_t in[32], uint64_t out[32]);

static void keeps_registers(uint32_t function, uint64_t a)
{
    uint64_t in[32], out[32];
    for (unsigned i = 0; i < 32; i++) {
        in[i] = 0x0101010101010101 * i;
    }
    in[0] = function;
    in[1] = a;
    in[2] = in[3] = 0;
    in[31] = 0xa0000000;                        /* NZCV */
    call_with(in, out);
    for (unsigned i = 1; i < 32; i++) {
        if (out[i] != in[i]) {
            broken_at("after the call", i, 8, out[i], in[i]);
        }
    }
}

static void registers_without_a_result_are_preserved(void)
{
    keeps_registers(PSCI_VERSION, 0x1234);
    keeps_registers(FEATURES, PSCI_VERSION);
    keeps_registers(PSCI_AFFINITY_INFO, own_affinity());
    keeps_registers(0x8400ffff, 0x1234);
    keeps_registers(0xb0000000, 0x1234);
}

static void an_error_fills_all_of_its_register(void)
{
    SAME(call(PSCI_AFFINITY_INFO, 0xff, 0, 0), INVALID_PARAMETERS);
    SAME(call(PSCI_CPU_ON, own_affinity(), (uintptr_t)second_entry, 0), ALREADY_ON);
}

/* SMCCC_VERSION may be called where FEATURES says that it is there (DEN0028, 7.2). */
static void smccc_has_a_version_where_features_says_so(void)
{
    if (error(call(FEATURES, SMCCC_VERSION, 0, 0)) == SUCCESS) {
        SAME(call(SMCCC_VERSION, 0, 0, 0) >= 0x10001, true);
        SAME(call(0x80000001, SMCCC_VERSION, 0, 0), 0);                 /* SMCCC_ARCH_FEATURES */
        SAME(error(call(0x80000001, 0x80008000, 0, 0)), NOT_SUPPORTED); /* no workaround is needed */
    } else {
        SAME(error(call(SMCCC_VERSION, 0, 0, 0)), NOT_SUPPORTED);
    }
}

/* The interface for entropy (DEN0098), by HVC, with what it leaves in x1 to x3. */
static long entropy(uint32_t function, uint64_t bits, uint64_t x[4])
{
    uint64_t in[32] = { function, bits }, out[32];
    call_with(in, out);
    for (unsigned i = 0; i < 4; i++) {
        x[i] = out[i];
    }
    return error((long)x[0]);
}

static void entropy_is_given_as_its_interface_says_or_not_at_all(void)
{
    uint64_t x[4];
    if (error(call(TRNG_VERSION, 0, 0, 0)) == NOT_SUPPORTED) {
        SAME(entropy(TRNG_RND, 32, x), NOT_SUPPORTED);
        SAME(entropy(TRNG_RND | SMC64, 64, x), NOT_SUPPORTED);
        return;
    }
    SAME(call(TRNG_VERSION, 0, 0, 0) >> 16, 1);
    SAME(call(TRNG_FEATURES, TRNG_RND, 0, 0), SUCCESS);
    SAME(error(call(TRNG_FEATURES, 0x8400ffff, 0, 0)), NOT_SUPPORTED);
    SAME(entropy(TRNG_RND, 97, x), INVALID_PARAMETERS);
    SAME(entropy(TRNG_RND | SMC64, 0, x), INVALID_PARAMETERS);
    SAME(entropy(TRNG_RND | SMC64, 193, x), INVALID_PARAMETERS);
    SAME(x[1] | x[2] | x[3], 0);
    SAME(entropy(TRNG_RND, 33, x), SUCCESS);
    SAME(x[1] | x[2] >> 1 | x[3] >> 32, 0);
    SAME(entropy(TRNG_RND | SMC64, 192, x), SUCCESS);
    SAME(x[1] != x[2] && x[2] != x[3] && x[3] != 0, true);
}

/* Owners: the architecture, CPU, SiP, OEM, standard, hypervisor's own; whether there are such the caller has to ask. */
static void calls_of_no_owner_and_yielding_ones_are_not_supported(void)
{
    static const uint32_t calls[] = { 0x8000ffff, 0x8100ff00, 0x82000000, 0x83000000, 0x8d000000, 0xb0000000, 0x02000000,
                                      0x32000001 };
    for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        SAME(error(call(calls[i], 0, 0, 0)), NOT_SUPPORTED);
        keeps_registers(calls[i], 0);
    }
}

static void smc_answers_as_hvc_does_or_is_undefined(void)
{
    register uint64_t x0 __asm__("x0") = PSCI_VERSION;
    __asm__ volatile(".inst 0xd4000003" : "+r"(x0) : : "x1", "x2", "x3", "memory");      /* SMC #0 */
    uint64_t answer = x0;
    SAME(answer, trap_undefined() ? PSCI_VERSION : 0x10001);
}

static void cpu_suspend_of_a_reserved_state_has_invalid_parameters(void)
{
    SAME(error(call(CPU_SUSPEND, 1u << 31, 0, 0)), INVALID_PARAMETERS);
    SAME(error(call(CPU_SUSPEND | SMC64, 1u << 26, 0, 0)), INVALID_PARAMETERS);
}

static void cpu_suspend_ends_with_an_interrupt(void)
{
    enable(TIMER_PPI, 0xa0);
    uint64_t due = counter() + counter_hz() / 10000;
    timer_set(due);
    while (counter() < due) {
        SAME(call(CPU_SUSPEND | SMC64, 0, 0, 0), SUCCESS);
    }
    SAME(call(CPU_SUSPEND, 0, 0, 0), SUCCESS);  /* one that is pending already ends it at once */
    SAME(ack_soon(), TIMER_PPI);
    timer_stop();
    gic->eoi(TIMER_PPI);
}

static void hvc_and_smc_at_el0_are_undefined(void)
{
    static const uint32_t code[] __attribute__((aligned(PAGE))) = { 0xd4000002, 0xd4000001, 0xd4000003, 0xd4000001 };
    window_map(0, (uintptr_t)code | MAP_NORMAL | MAP_EL0 | MAP_READ);
    SAME(run_at_el0(window(0), PSCI_VERSION, 0).esr, ESR_IL);
    SAME(run_at_el0(window(0) + 8, PSCI_VERSION, 0).esr, ESR_IL);
}

/* The rest needs a second CPU, and is kept without one. */

static void a_cpu_comes_on_at_its_entry_with_its_context(void)
{
    if (!second_is_there()) {
        return;
    }
    second_listen();
    SAME(call(PSCI_AFFINITY_INFO, SECOND, 0, 0), AFFINITY_OFF);
    SAME(second_on(), true);
    SAME(second.x0, 0x5ec0d);
    SAME(second.mpidr & 0xff00ffffff, SECOND);
    SAME(second.el, 1 << 2);
    SAME(second.spsel, 1);
    SAME(second.daif, 0x3c0);
    SAME(second.sctlr & 0x02001005, 0);         /* EE, I, C, M */
    second_off();
}

static void a_cpu_that_is_on_is_already_on(void)
{
    if (!second_is_there()) {
        return;
    }
    second_listen();
    SAME(second_on(), true);
    SAME(error(call(PSCI_CPU_ON, SECOND, (uintptr_t)second_entry, 0)), ALREADY_ON);
    SAME(error(call(CPU_ON32, SECOND, (uintptr_t)second_entry, 0)), ALREADY_ON);
    SAME(call(PSCI_AFFINITY_INFO, SECOND, 0, 0), AFFINITY_ON);
    ask_second(TO_SECOND);
    second_off();
}

static void a_cpu_goes_off_and_comes_on_again(void)
{
    if (!second_is_there()) {
        return;
    }
    second_listen();
    for (int i = 0; i < 20; i++) {
        SAME(second_on(), true);
        wait_till_second_is(AFFINITY_ON);
        ask_second(TO_SECOND);
        second_off();
        SAME(call(PSCI_AFFINITY_INFO, own_affinity(), 0, 0), AFFINITY_ON);
    }
}

static void turn_first_on(void)
{
    second.result = (uint64_t)call(PSCI_CPU_ON, 0, (uintptr_t)second_entry, 0);
}

static void a_second_cpu_can_not_turn_the_first_on_again(void)
{
    if (!second_is_there()) {
        return;
    }
    second_listen();
    SAME(second_on(), true);
    second_does(turn_first_on);
    SAME(error((long)second.result), ALREADY_ON);
    second_off();
}

const struct promise psci[] = {
    PROMISE(version_is_1_1),
    PROMISE(features_tells_of_each_function),
    PROMISE(features_knows_no_function_that_there_is_not),
    PROMISE(what_features_does_not_know_is_not_supported),
    PROMISE(other_functions_are_not_supported),
    PROMISE(nothing_has_to_be_migrated),
    PROMISE(affinity_info_says_that_the_caller_is_on),
    PROMISE(affinity_info_of_no_cpu_has_invalid_parameters),
    PROMISE(affinity_info_of_a_level_above_is_on_or_invalid),
    PROMISE(cpu_on_of_no_cpu_has_invalid_parameters),
    PROMISE(cpu_on_of_the_caller_says_already_on),
    PROMISE(registers_without_a_result_are_preserved),
    PROMISE(an_error_fills_all_of_its_register),
    PROMISE(smccc_has_a_version_where_features_says_so),
    PROMISE(entropy_is_given_as_its_interface_says_or_not_at_all),
    PROMISE(calls_of_no_owner_and_yielding_ones_are_not_supported),
    PROMISE(smc_answers_as_hvc_does_or_is_undefined),
    PROMISE(cpu_suspend_of_a_reserved_state_has_invalid_parameters),
    PROMISE(cpu_suspend_ends_with_an_interrupt),
    PROMISE(hvc_and_smc_at_el0_are_undefined),
    PROMISE(a_cpu_comes_on_at_its_entry_with_its_context),
    PROMISE(a_cpu_that_is_on_is_already_on),
    PROMISE(a_cpu_goes_off_and_comes_on_again),
    PROMISE(a_second_cpu_can_not_turn_the_first_on_again),
    { 0 },
};
