/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks by instructions: random ones, and every one of the system instruction space. */
#include "hostile.h"

#include "arm64.h"
#include "guest.h"
#include "system.h"

/* System instructions have their own attack; direct branches would run our own code, ERET what its ELR says. */
static bool branches(uint32_t w)
{
    return (w & 0x7c000000) == 0x14000000 ||    /* B, BL */
           (w & 0xfe000000) == 0x54000000 ||    /* B.cond */
           (w & 0x7c000000) == 0x34000000 ||    /* CBZ, CBNZ, TBZ, TBNZ */
           (w & 0xfe9f0000) == 0xd69f0000;      /* ERET, DRPS */
}

static bool too_dangerous(uint32_t w)
{
    return branches(w) || (w & 0xffc00000) == 0xd5000000 ||
           (w & 0xff000000) == 0xd4000000 ||    /* SVC, HVC, SMC: calls.c */
           (w & 0x3b200c00) == 0x19000400;      /* memory copy and set: as long as their registers say */
}

void attack_garbage(void)
{
    for (unsigned n = 0; n < 50000; n++) {
        uint32_t word = (uint32_t)random64();
        if (!too_dangerous(word)) {
            run(word, random64());
        }
    }
    for (uint32_t n = 0; n < 0x10000; n += 257) {       /* UDF, SVC, BRK, HLT and their immediates */
        run(n, 0);
        run(0xd4000001 | (n & 0xffff) << 5, 0);
        run(0xd4200000 | (n & 0xffff) << 5, 0);
        run(0xd4400000 | (n & 0xffff) << 5, 0);
    }
}

/* QEMU 7.2 stops with an assertion of its own when a bit above the field of ICC_BPR<n>_EL1 is set. */
uint64_t value_of_register(uint32_t instruction)
{
    bool bpr = instruction == SYSTEM(0, 3, 0, 12, 8, 3) || instruction == SYSTEM(0, 3, 0, 12, 12, 3);
    uint64_t value = random64() >> random_below(64);
    return bpr ? value & 7 : value;
}

/* A WFI in the space must end: an interrupt is pending while they are masked. */
static void keep_pending(void)
{
    settle();
    sysreg_write(cntkctl_el1, 0);
    sysreg_write(mdscr_el1, 0);
    *(volatile uint32_t *)(0x08000000ul + 0x100 + 4) = 2;       /* SPI 33 is enabled and made pending */
    *(volatile uint32_t *)(0x08000000ul + 0x200 + 4) = 2;
}

static void one_encoding(uint32_t encoding)
{
    unsigned op0 = encoding >> 14, op1 = encoding >> 11 & 7, crn = encoding >> 7 & 15, crm = encoding >> 3 & 15;
    unsigned op2 = encoding & 7;
    if (op0 == 0) {
        run(SYSTEM(0, 0, op1, crn, crm, op2) | 31, 0);
        return;
    }
    uint64_t before = exceptions;
    uint64_t value = run(SYSTEM(1, op0, op1, crn, crm, op2), random64());
    uint32_t write = SYSTEM(0, op0, op1, crn, crm, op2);
    if (!vital(encoding)) {
        run(write, value_of_register(write));
        run(write | 31, 0);
    } else if (exceptions == before) {
        run(write, value);
    }
}

void attack_sysreg(void)
{
    for (uint32_t encoding = 0; encoding < 1u << 16; encoding++) {
        if (encoding % 128 == 0) {
            keep_pending();
        }
        one_encoding(encoding);
    }
}

/* ERET to every mode that PSTATE can name, AArch32 and EL3 among them, with other bits of it at random. */
void attack_illegal_return(void)
{
    for (uint64_t n = 0; n < 1000; n++) {
        sysreg_write(elr_el1, random64() >> random_below(64));
        sysreg_write(spsr_el1, (random64() & 0xffffffe0) | n % 32 | 0x3c0);
        run(0xd69f03e0, 0);             /* eret */
    }
}
