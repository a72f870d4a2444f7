/* SPDX-License-Identifier: Apache-2.0 */
/* Actions by HVC and SMC. */
#include <string.h>

#include "arm64.h"
#include "belay/abi.h"
#include "guest.h"
#include "siege.h"

#define PSCI_FUNCTIONS 32u
#define AFFINITY_ON    0

extern const uint8_t actor_entry[];
void hvc_all(uint64_t x[18]), smc_all(uint64_t x[18]);

/* What comes back is nothing but an answer and what went in. */
static int64_t call(struct actor *a, uint64_t function, uint64_t p, uint64_t q, uint64_t r)
{
    uint64_t x[18] = { function, p, q, r };

    if (below(a, 2)) {
        hvc_all(x);
    } else {
        smc_all(x);
    }
    look_at(a, x, 18);
    return (int64_t)x[0];
}

void kind_hypercall(struct actor *a)
{
    uint64_t number = below(a, below(a, 8) ? BELAY_HC_COUNT + 4 : 0x1000000);
    call(a, BELAY_SMCCC((uint32_t)number), below(a, 2) ? below(a, 8) : any(a), any(a), any(a));
}

/* Those that end this guest. RESET is done now and then, and CPU_OFF, but by the first; after OFF there is no start. */
static bool final(uint32_t n)
{
    return n == 1 || n == 2 || n == 8 || n == 9 || n == 0xb || n == 0xc || n == 0xe || n == 0x12;
}

static void turn_on(struct actor *a)
{
    uint64_t target = below(a, 16) ? below(a, actors + 1u) : any(a);
    uint64_t entry = (uintptr_t)actor_entry;
    if (below(a, 8) == 0) {
        entry = below(a, 2) ? entry + 1 + below(a, 3) : any(a) | 0x100000000ull;      /* misaligned, or nowhere */
    }
    call(a, PSCI_CPU_ON, target, entry, any(a));
}

static void suspend(struct actor *a)
{
    wake_in(a, below(a, 20000));
    call(a, below(a, 2) ? 0xc4000001u : 0x84000001u, below(a, 2) ? below(a, 2) << 16 : any(a),
         below(a, 2) ? (uintptr_t)actor_entry : any(a), any(a));
}

void kind_psci(struct actor *a)
{
    uint64_t which = below(a, 1u << 16);

    if (which == 0 && below(a, 4) == 0) {
        hvc(PSCI_SYSTEM_RESET, 0, 0, 0);
    } else if (which < 512 && a->index) {
        hvc(PSCI_CPU_OFF, 0, 0, 0);
    } else if (which < 1024) {
        suspend(a);
    } else if (which < 1u << 14) {
        turn_on(a);
    } else if (which < 3u << 13) {
        call(a, below(a, 2) ? PSCI_AFFINITY_INFO : 0x84000004u, below(a, 4) ? below(a, actors) : any(a), below(a, 5), any(a));
    } else if (which < 1u << 15) {
        call(a, 0x8400000a, below(a, 2) ? 0x84000000u + below(a, PSCI_FUNCTIONS) : any(a), any(a), any(a));
    } else {
        uint32_t n = (uint32_t)below(a, PSCI_FUNCTIONS);
        call(a, (final(n) ? 0x84000000u : n | 0x84000000u) | (uint32_t)below(a, 2) << 30, any(a), any(a), any(a));
    }
}

void kind_smccc(struct actor *a)
{
    uint32_t immediate = 1 + (uint32_t)below(a, 0xffff);

    if (below(a, 4) == 0) {
        run(a, (below(a, 2) ? 0xd4000002 : 0xd4000003) | immediate << 5, random64(a));      /* hvc, smc #immediate */
        return;
    }
    uint64_t function = below(a, 2) ? random64(a) : random64(a) & 0xff00ffff;
    if ((function & 0xbfffffe0) == 0x84000000) {
        function |= 0x100;
    }
    call(a, function, any(a), any(a), any(a));
}
