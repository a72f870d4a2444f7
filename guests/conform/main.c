/* SPDX-License-Identifier: Apache-2.0 */
#include "conform.h"

#include "controller.h"
#include "guest.h"
#include "trap.h"

#define SHOWN 8     /* differences of one promise */

static const struct group groups[] = {
    { "gic_dist", gic_dist, 3 },
    { "gic_redist", gic_redist, 3 },
    { "gic_cpuif", gic_cpuif, 3 },
    { "gic_groups", gic_groups, 3 },
    { "gicv2_dist", gicv2_dist, 2 },
    { "gicv2_cpuif", gicv2_cpuif, 2 },
    { "gicv2_sgis", gicv2_sgis, 2 },
    { "gicv2_groups", gicv2_groups, 2 },
    { "gic_delivery", gic_delivery, 0 },
    { "gic_priority", gic_priority, 0 },
    { "gic_several", gic_several, 0 },
    { "timers", timers, 0 },
    { "counters", counters, 0 },
    { "psci", psci, 0 },
    { "ids", ids, 0 },
    { "features", features, 0 },
    { "debugging", debugging, 0 },
    { "breakpoints", breakpoints, 0 },
    { "pmu", pmu, 0 },
    { "exceptions", exceptions, 0 },
    { "exceptions_el0", exceptions_el0, 0 },
    { "access_to_devices", access_to_devices, 0 },
    { "caches", caches, 0 },
    { "mmu", mmu, 0 },
    { "fp", fp, 0 },
};

static unsigned broken;

static bool is_shown(void)
{
    if (++broken == SHOWN + 1) {
        print("conform:   and more\n");
    }
    return broken <= SHOWN;
}

bool same(const char *what, uint64_t got, uint64_t want)
{
    if (got != want && is_shown()) {
        print("conform:   %s is 0x%lx, not 0x%lx\n", what, got, want);
    }
    return got == want;
}

void broken_at(const char *what, uint64_t address, unsigned size, uint64_t got, uint64_t want)
{
    if (is_shown()) {
        print("conform:   0x%lx, %u bytes, %s 0x%lx, not 0x%lx\n", address, size, what, got, want);
    }
}

static bool keeps(const char *group, const struct promise *p)
{
    print("conform: case %s: %s\n", group, p->name);
    broken = 0;
    all_quiet();
    p->keep();
    trap_none();
    print("conform: %s\n", broken ? "BROKEN" : "kept");
    return broken == 0;
}

static bool is_here(unsigned version) { return version == 0 || version == gic->version; }

void guest_main(const void *dtb)
{
    unsigned count[2] = { 0 };

    gic_find(dtb);
    gic->init();
    gic->init_cpu();
    print("conform: the interrupt controller is a GICv%u\n", gic->version);
    for (unsigned i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        const struct group *g = &groups[i];
        for (const struct promise *p = g->promises; is_here(g->gic) && p->name; p++) {
            if (is_here(p->gic)) {
                count[keeps(g->name, p)]++;
            }
        }
    }
    print("conform: %u kept, %u broken\n", count[true], count[false]);
    hvc(PSCI_SYSTEM_OFF, 0, 0, 0);
}
