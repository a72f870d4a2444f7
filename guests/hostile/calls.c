/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks by HVC and SMC. */
#include "hostile.h"

#include "belay/abi.h"
#include "guest.h"

#define PSCI_FUNCTIONS 32

static int64_t smc(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = a;
    register uint64_t x2 __asm__("x2") = b;
    register uint64_t x3 __asm__("x3") = c;
    __asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory",
                     "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17");
    return (int64_t)x0;
}

/* A number of any size, small ones as likely as large. */
static uint64_t any(void) { return random64() >> random_below(64); }

static void both(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    hvc(function, a, b, c);
    smc(function, a, b, c);
    done += 2;
}

/* Those that end this guest, or suspend it for ever. */
static bool final(unsigned n)
{
    switch (n) {
    case 1:             /* CPU_SUSPEND: resumes where its argument says */
    case 2:             /* CPU_OFF */
    case 8: case 9:     /* SYSTEM_OFF, SYSTEM_RESET */
    case 0xb: case 0xc: /* CPU_FREEZE, CPU_DEFAULT_SUSPEND */
    case 0xe:           /* SYSTEM_SUSPEND */
    case 0x12:          /* SYSTEM_RESET2 */
        return true;
    default:
        return false;
    }
}

void attack_psci(void)
{
    for (unsigned round = 0; round < 200; round++) {
        for (unsigned n = 0; n < PSCI_FUNCTIONS; n++) {
            if (!final(n)) {
                both(0x84000000u | n, any(), any(), any());
                both(0xc4000000u | n, any(), any(), any());
            }
        }
        both(0x8400000a, random64(), 0, 0);             /* PSCI_FEATURES, MPIDRs with affinity everywhere */
        both(0xc4000003, round, any(), any());
        both(0xc4000004, round, round, 0);
    }
}

void attack_smccc(void)
{
    for (unsigned n = 0; n < 20000; n++) {
        uint64_t function = n % 2 ? random64() : (random64() & 0xff00ffff);
        bool psci = (function & 0xbfffffe0) == 0x84000000;
        if (!psci && (function & 0xff000000) != 0xc6000000) {
            both(function, any(), any(), any());
        }
    }
    for (uint32_t immediate = 1; immediate < 0x10000; immediate += 199) {
        run(0xd4000002 | immediate << 5, random64());   /* hvc #immediate */
        run(0xd4000003 | immediate << 5, random64());   /* smc #immediate */
    }
}

void attack_hypercall(void)
{
    for (unsigned n = 0; n < 20000; n++) {
        unsigned number = (unsigned)random_below(n % 8 ? BELAY_HC_COUNT + 4 : 0x1000000);
        both(BELAY_SMCCC(number), any(), any(), any());
    }
}
