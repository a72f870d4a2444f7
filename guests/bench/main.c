/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bench: measures one core from the inside, on the bare machine and on Belay.
 *
 * Its boot arguments say what to do: `rows=a,b` which rows, `delay=ms` how long
 * to leave the core to others first. Or it has a role: `partner` yields for
 * ever, `spin` computes, `noise` does so for 5 us in each 110, and `share` tells how much of
 * the time from `from=ms` to `to=ms` after reset it got, and is `spin` then.
 * Each line is `bench: <row> ...`; numbers are ticks. Nothing is printed while
 * a row is measured.
 */
#include <stdbool.h>
#include <string.h>

#include "belay/abi.h"
#include "gic.h"
#include "guest.h"
#include "cross.h"
#include "measure.h"
#include "report.h"
#include "share.h"

#define GICD_CTLR        (GICD_BASE + 0x0000)
#define GICD_TYPER       (GICD_BASE + 0x0004)
#define GICD_ISENABLER1  (GICD_BASE + 0x0104)
#define PL011_FR         (GUEST_UART + 0x18)

extern uint64_t boot_ticks;                     /* entry.S */
void unexpected_exception(uint64_t esr, uint64_t elr, uint64_t far);

static uint32_t samples[MANY];

static void row_boot(const char *name)
{
    print("bench: %s ticks %lu\n", name, boot_ticks);
}

static void row_hypercall(const char *name)
{
    report_loop(name, MANY, loop_call(PSCI_VERSION), loop_call_empty(PSCI_VERSION));
}

/* Each call is two switches: to the partner, whose own loop does the same, and back. */
static void row_vcpu_switch(const char *name)
{
    report_loop(name, MANY, loop_call(BELAY_SMCCC(BELAY_HC_YIELD)), loop_call_empty(BELAY_SMCCC(BELAY_HC_YIELD)));
}

static void row_gicd_ctlr_read(const char *name)
{
    report_loop(name, MANY, loop_read(GICD_CTLR), loop_empty());
}

static void row_gicd_typer_read(const char *name)
{
    report_loop(name, MANY, loop_read(GICD_TYPER), loop_empty());
}

static void row_gicd_isenabler_read(const char *name)
{
    report_loop(name, MANY, loop_read(GICD_ISENABLER1), loop_empty());
}

static void row_portal_read(const char *name)
{
    report_loop(name, MANY, loop_read(PL011_FR), loop_empty());
}

static void row_sgi_self(const char *name)
{
    for (unsigned i = 0; i < FEW; i++) {
        samples[i] = sample_sgi().taken;
    }
    report_samples(name, samples, FEW);
}

static void row_sgi_self_eoi(const char *name)
{
    for (unsigned i = 0; i < FEW; i++) {
        samples[i] = sample_sgi().ended;
    }
    report_samples(name, samples, FEW);
}

static void row_sgi_cross(const char *name)
{
    static uint32_t round_trips[FEW];

    (void)name;
    if (!cross_begin()) {
        return;
    }
    for (unsigned i = 0; i < FEW; i++) {
        struct cross_sample s = sample_cross();
        samples[i] = s.one_way;
        round_trips[i] = s.round_trip;
    }
    report_samples("sgi_cross_one_way", samples, FEW);
    report_samples("sgi_cross_round_trip", round_trips, FEW);
}

/* Periods of 1 ms. A late one does not move those after it. */
static void timer(const char *name, unsigned periods, bool wfi)
{
    uint64_t period = counter_hz() / 1000;
    uint64_t deadline = counter() + period;

    for (unsigned i = 0; i < periods; i++, deadline += period) {
        samples[i] = (uint32_t)sample_timer(deadline, wfi);
    }
    report_samples(name, samples, periods);
}

static void row_timer_running(const char *name)
{
    timer(name, FEW, false);
}

static void row_timer_wfi(const char *name)
{
    timer(name, FEW, true);
}

static void row_timer_contended(const char *name)
{
    timer(name, MANY, true);
}

/* Fewer, since beside seven others a period takes QEMU long. */
static void row_timer_contended_8(const char *name)
{
    timer(name, FEW, true);
}

/* With a budget of less than the time between two periods' budgets: what it got in each of them. */
static void budget(const char *name, uintptr_t touch)
{
    uint64_t period = counter_hz() / 1000, early = period / 20;
    uint64_t end = share_until_a_leap_of(period / 2) - early;

    for (unsigned i = 0; i < FEW; i++) {
        samples[i] = (uint32_t)share_until(end += period, touch);
    }
    report_samples(name, samples, FEW);
}

static void row_budget_idle(const char *name)
{
    budget(name, 0);
}

static void row_budget_busy(const char *name)
{
    budget(name, 0);
}

static void row_budget_portal(const char *name)
{
    budget(name, PL011_FR);
}

static const struct { const char *name; void (*run)(const char *name); } rows[] = {
    { "boot", row_boot },
    { "hypercall", row_hypercall },
    { "gicd_ctlr_read", row_gicd_ctlr_read },
    { "gicd_typer_read", row_gicd_typer_read },
    { "gicd_isenabler_read", row_gicd_isenabler_read },
    { "portal_read", row_portal_read },
    { "vcpu_switch", row_vcpu_switch },
    { "sgi_self", row_sgi_self },
    { "sgi_self_eoi", row_sgi_self_eoi },
    { "sgi_cross", row_sgi_cross },
    { "timer_running", row_timer_running },
    { "timer_wfi", row_timer_wfi },
    { "timer_contended", row_timer_contended },
    { "timer_contended_8", row_timer_contended_8 },
    { "budget_idle", row_budget_idle },
    { "budget_busy", row_budget_busy },
    { "budget_portal", row_budget_portal },
};

static bool starts_with(const char *s, const char *prefix)
{
    return !strncmp(s, prefix, strlen(prefix));
}

static bool ends_word(char c)
{
    return c == '\0' || c == ',';
}

/* Is `name` in a list of names with commas between? */
static bool listed(const char *list, const char *name)
{
    while (*list) {
        if (starts_with(list, name) && ends_word(list[strlen(name)])) {
            return true;
        }
        while (!ends_word(*list)) {
            list++;
        }
        list += *list == ',';
    }
    return false;
}

void unexpected_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
    print("bench: exception esr %lx elr %lx far %lx\n", esr, elr, far);
    system_off();
}

static void wait(uint64_t ms)
{
    sample_timer(counter() + ms * (counter_hz() / 1000), true);
}

static void measure(const char *list)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (listed(list, rows[i].name)) {
            print("bench: %s\n", rows[i].name);
            rows[i].run(rows[i].name);
        }
    }
}

_Noreturn static void spin(void)
{
    while (true) {
        share_until(UINT64_MAX, 0);
    }
}

/* Its interrupts come at all places of others' periods of 1 ms. */
_Noreturn static void make_noise(void)
{
    uint64_t us = counter_hz() / 1000000, at = counter();

    while (true) {
        sample_timer(at += 110 * us, true);
        share_until(counter() + 5 * us, 0);
    }
}

_Noreturn static void share(const void *dtb)
{
    uint64_t ms = counter_hz() / 1000, from = 0, to = 0;

    option_number(bootargs(dtb), "from", &from);
    option_number(bootargs(dtb), "to", &to);
    sample_timer(from * ms, true);
    print("bench: share ticks %lu\n", share_until(to * ms, 0));
    spin();
}

_Noreturn static void yield_for_ever(void)
{
    while (true) {
        loop_call(BELAY_SMCCC(BELAY_HC_YIELD));
    }
}

void guest_main(const void *dtb)
{
    char list[256] = "", role[16] = "";
    uint64_t delay = 0;

    option_word(bootargs(dtb), "rows", list, sizeof(list));
    option_word(bootargs(dtb), "role", role, sizeof(role));
    option_number(bootargs(dtb), "delay", &delay);
    if (starts_with(role, "partner")) {
        yield_for_ever();
    }
    measure_init();
    if (starts_with(role, "spin")) {
        spin();
    }
    if (starts_with(role, "noise")) {
        make_noise();
    }
    if (starts_with(role, "share")) {
        share(dtb);
    }
    wait(delay);
    measure(list);
    print("bench: done\n");
    system_off();
}
