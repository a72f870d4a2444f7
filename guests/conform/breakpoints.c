/* SPDX-License-Identifier: Apache-2.0 */
/* The OS lock, breakpoints and watchpoints (Arm ARM, D2.8 and D2.9), of which each CPU has two. */
#include "conform.h"
#include "registers.h"
#include "second.h"
#include "trap.h"

#define MDSCR_KDE   (1u << 13)
#define MDSCR_MDE   (1u << 15)
#define AT_EL1      (1u << 1)           /* DBGBCR.PMC, DBGWCR.PAC */
#define AT_EL0      (2u << 1)
#define ON          (1u << 0)
#define ALL_BYTES   (0xfu << 5)
#define LOADS       (1u << 3)
#define STORES      (2u << 3)
#define DEBUG_FSC   0x22u

enum { EC_BREAK_EL0 = 0x30, EC_BREAK = 0x31, EC_WATCH_EL0 = 0x34, EC_WATCH = 0x35 };

static uint64_t data[8] __attribute__((aligned(PAGE)));

static void off(void)
{
    sysreg_set(mdscr_el1, 0);
    sysreg_write(dbgbcr0_el1, 0);
    sysreg_write(dbgbcr1_el1, 0);
    sysreg_write(dbgwcr0_el1, 0);
    sysreg_write(dbgwcr1_el1, 0);
    sysreg_set(oslar_el1, 0);
}

static void the_os_lock_locks_and_unlocks(void)
{
    sysreg_set(oslar_el1, 1);
    SAME(sysreg_read(oslsr_el1), 0xa);
    sysreg_set(oslar_el1, 0);
    SAME(sysreg_read(oslsr_el1), 8);
}

static void points_keep_what_they_are_given(void)
{
    off();
    sysreg_set(dbgbvr0_el1, 0x40123454);
    sysreg_set(dbgbcr1_el1, AT_EL0 | ALL_BYTES);
    sysreg_set(dbgwvr1_el1, 0x40123458);
    sysreg_set(dbgwcr0_el1, AT_EL1 | LOADS | 0xf0u << 5);
    SAME(sysreg_read(dbgbvr0_el1), 0x40123454);
    SAME(sysreg_read(dbgbcr1_el1), AT_EL0 | ALL_BYTES);
    SAME(sysreg_read(dbgwvr1_el1), 0x40123458);
    SAME(sysreg_read(dbgwcr0_el1), AT_EL1 | LOADS | 0xf0u << 5);
    off();
}

/* ADD x0, x0, #1, four times; SVC #1. LDR x1, [x0]; STR x1, [x0]; SVC #2. */
static const uint32_t code[] __attribute__((aligned(PAGE))) = {
    0x91000400, 0x91000400, 0x91000400, 0x91000400, 0xd4000021, 0xf9400001, 0xf9000001, 0xd4000041,
};
#define LOAD_AT  (window(0) + 20)

static struct trap run(uint64_t pc, uint64_t x0)
{
    window_map(0, (uintptr_t)code | MAP_NORMAL | MAP_EL0 | MAP_READ);
    window_map(1, (uintptr_t)data | MAP_NORMAL | MAP_EL0 | MAP_NOEXEC);
    return run_at_el0(pc, x0, 0);
}

static void a_breakpoint_stops_before_its_instruction(void)
{
    off();
    sysreg_write(dbgbvr1_el1, window(0) + 8);
    sysreg_write(dbgbcr1_el1, ON | AT_EL0 | ALL_BYTES);
    sysreg_set(mdscr_el1, MDSCR_MDE);
    struct trap t = run(window(0), 0);
    off();
    SAME(EC_OF(t.esr), EC_BREAK_EL0);
    SAME(FSC_OF(t.esr), DEBUG_FSC);
    SAME(t.pc, window(0) + 8);
    SAME(t.x0, 2);
}

/* Nothing of it comes: it runs to its SVC. */
static void runs_through(uint64_t mdscr, uint64_t control)
{
    sysreg_write(dbgbvr0_el1, window(0) + 8);
    sysreg_write(dbgbcr0_el1, control);
    sysreg_set(mdscr_el1, mdscr);
    struct trap t = run(window(0), 0);
    off();
    SAME(EC_OF(t.esr), EC_SVC);
    SAME(t.x0, 4);
}

static void a_breakpoint_that_is_off_stops_nothing(void)
{
    off();
    runs_through(MDSCR_MDE, AT_EL0 | ALL_BYTES);
    runs_through(0, ON | AT_EL0 | ALL_BYTES);
    runs_through(MDSCR_MDE, ON | AT_EL1 | ALL_BYTES);
}

static void expect_watch(struct trap t, uint64_t address, bool wrote)
{
    off();
    SAME(EC_OF(t.esr), EC_WATCH_EL0);
    SAME(FSC_OF(t.esr), DEBUG_FSC);
    SAME(t.esr >> 6 & 1, wrote);
    SAME(t.far, address);
    SAME(t.pc, LOAD_AT + (wrote ? 4 : 0));
}

static void watch(uint64_t address, uint32_t control)
{
    off();
    sysreg_write(dbgwvr1_el1, address);
    sysreg_write(dbgwcr1_el1, ON | AT_EL0 | 0xffu << 5 | control);
    sysreg_set(mdscr_el1, MDSCR_MDE);
}

static void a_watchpoint_tells_of_loads_and_of_stores(void)
{
    watch(window(1) + 8, LOADS);
    expect_watch(run(LOAD_AT, window(1) + 8), window(1) + 8, false);
    watch(window(1) + 8, STORES);
    expect_watch(run(LOAD_AT, window(1) + 8), window(1) + 8, true);
    watch(window(1) + 8, LOADS | STORES);
    expect_watch(run(LOAD_AT, window(1) + 8), window(1) + 8, false);
}

static void a_watchpoint_of_other_memory_tells_nothing(void)
{
    watch(window(1) + 8, LOADS | STORES);
    struct trap t = run(LOAD_AT, window(1) + 16);
    off();
    SAME(EC_OF(t.esr), EC_SVC);
}

static void el1_breaks_into_itself_where_it_says_so(void)
{
    uint64_t at;
    off();
    __asm__ volatile("adr %0, 1f" : "=r"(at));
    __asm__ volatile("msr dbgbvr0_el1, %0\n\tmsr dbgbcr0_el1, %1\n\tmsr mdscr_el1, %2\n\tisb\n\tmsr daifclr, #8\n\tisb\n"
                     "1:\tnop\n\tmsr daifset, #8\n\tmsr mdscr_el1, xzr\n\tisb"
                     : : "r"(at), "r"((uint64_t)(ON | AT_EL1 | ALL_BYTES)), "r"((uint64_t)(MDSCR_MDE | MDSCR_KDE)) : "memory");
    off();
    struct trap t = trap_one(EC_BREAK);
    SAME(t.pc, at);
}

static void el1_watches_itself_where_it_says_so(void)
{
    off();
    sysreg_write(dbgwvr0_el1, (uintptr_t)data + 16);
    sysreg_write(dbgwcr0_el1, ON | AT_EL1 | 0xffu << 5 | STORES);
    sysreg_set(mdscr_el1, MDSCR_MDE | MDSCR_KDE);
    __asm__ volatile("str xzr, [%0]" : : "r"(data + 2) : "memory");     /* PSTATE.D: nothing */
    __asm__ volatile("msr daifclr, #8\n\tisb\n\tstr xzr, [%0]\n\tmsr daifset, #8" : : "r"(data + 2) : "memory");
    off();
    struct trap t = trap_one(EC_WATCH);
    SAME(t.far, (uintptr_t)data + 16);
}

static void waits_and_calls_keep_points(void)
{
    off();
    sysreg_write(dbgbvr1_el1, window(0) + 8);
    sysreg_write(dbgbcr1_el1, ON | AT_EL0 | ALL_BYTES);
    sysreg_set(mdscr_el1, MDSCR_MDE);
    (void)read32(GUEST_UART + 0x18);
    enable(TIMER_PPI, 0xa0);
    timer_set(counter() + counter_hz() / 10000);
    wfi();
    timer_stop();
    struct trap t = run(window(0), 0);
    SAME(EC_OF(t.esr), EC_BREAK_EL0);
    SAME(sysreg_read(mdscr_el1) & MDSCR_MDE, MDSCR_MDE);
    off();
}

/* A hypervisor's own programs at EL0, if a device is theirs, are none of this guest's business. */
static void a_device_is_reached_while_el0_is_watched(void)
{
    off();
    uint64_t control = ON | AT_EL0 | LOADS | STORES | 0xffu << 5 | 31u << 24;       /* 2 GiB each */
    sysreg_write(dbgwvr0_el1, 0);
    sysreg_write(dbgwcr0_el1, control);
    sysreg_write(dbgwvr1_el1, WINDOW);
    sysreg_write(dbgwcr1_el1, control);
    sysreg_set(mdscr_el1, MDSCR_MDE);
    SAME(read32(GUEST_UART + 0xfe0), 0x11);
    struct trap t = run(LOAD_AT, window(1));
    off();
    SAME(EC_OF(t.esr), EC_WATCH_EL0);
    trap_none();
}

static void use_points(void)
{
    sysreg_set(oslar_el1, 0);
    sysreg_write(dbgbvr1_el1, window(0) + 4);
    sysreg_write(dbgbcr1_el1, ON | AT_EL0 | ALL_BYTES);
    sysreg_set(mdscr_el1, 0);
    second.result = sysreg_read(dbgbvr1_el1);
}

static void each_cpu_has_points_of_its_own(void)
{
    if (!second_is_there()) {
        return;
    }
    second_listen();
    SAME(second_on(), true);
    off();
    sysreg_write(dbgbvr1_el1, window(0) + 8);
    second_does(use_points);
    SAME(second.result, window(0) + 4);
    SAME(sysreg_read(dbgbvr1_el1), window(0) + 8);
    off();
    second_off();
}

const struct promise breakpoints[] = {
    PROMISE(the_os_lock_locks_and_unlocks),
    PROMISE(points_keep_what_they_are_given),
    PROMISE(a_breakpoint_stops_before_its_instruction),
    PROMISE(a_breakpoint_that_is_off_stops_nothing),
    PROMISE(a_watchpoint_tells_of_loads_and_of_stores),
    PROMISE(a_watchpoint_of_other_memory_tells_nothing),
    PROMISE(el1_breaks_into_itself_where_it_says_so),
    PROMISE(el1_watches_itself_where_it_says_so),
    PROMISE(waits_and_calls_keep_points),
    PROMISE(a_device_is_reached_while_el0_is_watched),
    PROMISE(each_cpu_has_points_of_its_own),
    { 0 },
};
