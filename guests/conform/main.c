/* SPDX-License-Identifier: Apache-2.0 */
#include "conform.h"

#include "gic.h"
#include "guest.h"

static unsigned broken;

void same(const char *what, uint64_t got, uint64_t want)
{
    if (got == want) {
        return;
    }
    broken++;
    print("conform:   %s is 0x%lx, not 0x%lx\n", what, got, want);
}

void guest_main(const void *dtb)
{
    unsigned kept = 0, failed = 0;

    (void)dtb;
    gic_init();
    gic_init_cpu();
    for (const struct promise *p = promises; p->name; p++) {
        broken = 0;
        all_quiet();
        p->keep();
        if (broken) {
            failed++;
        } else {
            kept++;
        }
        print("conform: %s %s\n", broken ? "BROKEN" : "kept", p->name);
    }
    print("conform: %u kept, %u broken\n", kept, failed);
    hvc(PSCI_SYSTEM_OFF, 0, 0, 0);
}
