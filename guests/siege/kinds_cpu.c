/* SPDX-License-Identifier: Apache-2.0 */
/* Actions by instructions: system registers, whatever a word may mean, code that changes, and exceptions. */
#include "arm64.h"
#include "guest.h"
#include "siege.h"
#include "system.h"

#define READ        (1u << 21)
#define ERET        0xd69f03e0u
#define SVC         0xd4000001u

/* WFE and WFI, and those with a time: the kind WAIT has them. */
static bool waits(uint32_t encoding)
{
    return (encoding & ~1u) == ENCODING(0, 3, 2, 0, 2) || encoding >> 7 == ENCODING(0, 3, 1, 0, 0) >> 7;
}

static uint32_t instruction_of(uint32_t encoding)
{
    return 0xd5000000u | encoding << 5;
}

/* QEMU 7.2 stops with an assertion of its own when a bit above the field of ICC_BPR<n>_EL1 is set. */
static uint64_t value_of(struct actor *a, uint32_t encoding)
{
    bool bpr = encoding == ENCODING(3, 0, 12, 8, 3) || encoding == ENCODING(3, 0, 12, 12, 3);
    return bpr ? any(a) & 7 : any(a);
}

/* Half of them where most registers are. */
static uint32_t any_encoding(struct actor *a)
{
    uint32_t encoding = (uint32_t)below(a, 1u << 16);
    return below(a, 2) ? encoding : (encoding & ENCODING(0, 3, 15, 15, 7)) | ENCODING(3, 0, 0, 0, 0);
}

static void read_one(struct actor *a, uint32_t encoding)
{
    if (!waits(encoding)) {
        run_system(a, encoding, true, random64(a));
    }
}

static void write_one(struct actor *a, uint32_t encoding)
{
    if (vital(encoding)) {
        uint64_t before = done_of(a)->exceptions;
        uint64_t own = run_system(a, encoding, true, 0);
        if (done_of(a)->exceptions == before) {
            run_system(a, encoding, false, own);
        }
    } else if (!waits(encoding) && below(a, 128) == 0) {
        run(a, instruction_of(encoding) | 31, 0);
    } else if (!waits(encoding)) {
        run_system(a, encoding, false, value_of(a, encoding));
    }
}

void kind_sysreg_read(struct actor *a) { read_one(a, any_encoding(a)); }
void kind_sysreg_write(struct actor *a) { write_one(a, any_encoding(a)); }

static void read_or_write(struct actor *a, uint32_t encoding)
{
    if (below(a, 2)) {
        read_one(a, encoding);
    } else {
        write_one(a, encoding);
    }
}

void kind_cpu_interface(struct actor *a)
{
    static const uint16_t registers[] = {
        ENCODING(3, 0, 4, 6, 0), ENCODING(3, 0, 12, 11, 1), ENCODING(3, 0, 12, 11, 3), ENCODING(3, 0, 12, 11, 5),
        ENCODING(3, 0, 12, 11, 6), ENCODING(3, 0, 12, 11, 7), ENCODING(3, 0, 12, 12, 0), ENCODING(3, 0, 12, 12, 1),
        ENCODING(3, 0, 12, 12, 2), ENCODING(3, 0, 12, 12, 3), ENCODING(3, 0, 12, 12, 4), ENCODING(3, 0, 12, 12, 5),
        ENCODING(3, 0, 12, 12, 6), ENCODING(3, 0, 12, 12, 7), ENCODING(3, 0, 12, 8, 0), ENCODING(3, 0, 12, 8, 1),
        ENCODING(3, 0, 12, 8, 2), ENCODING(3, 0, 12, 8, 3), ENCODING(3, 0, 12, 8, 4), ENCODING(3, 0, 12, 8, 5),
        ENCODING(3, 0, 12, 9, 0), ENCODING(3, 0, 12, 9, 1),
    };
    read_or_write(a, registers[below(a, sizeof registers / sizeof registers[0])]);
}

/* Of debug registers and of the performance monitors, whatever number they have. */
void kind_debug_pmu(struct actor *a)
{
    uint32_t encoding = any_encoding(a) & 0x3fff;
    switch (below(a, 3)) {
    case 0: encoding |= 2u << 14; break;
    case 1: encoding = ENCODING(3, 3, 9, 12, 0) + (encoding & 0x1f); break;
    default: encoding = ENCODING(3, 3, 14, 8, 0) + (encoding & 0x3f); break;
    }
    read_or_write(a, encoding);
}

/* System instructions have their own kinds; direct branches would run our own code, ERET what its ELR says. */
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
           (w & 0xff000000) == 0xd4000000 ||    /* SVC, HVC, SMC */
           (w & 0x3b200c00) == 0x19000400;      /* memory copy and set: as long as their registers say */
}

void kind_garbage(struct actor *a)
{
    uint32_t word;
    do {
        word = (uint32_t)random64(a);
    } while (too_dangerous(word));
    run(a, word, any(a));
}

void kind_fp(struct actor *a)
{
    switch (below(a, 3)) {
    case 0: sysreg_write(fpcr, random64(a) & 0x07f79f00); break;
    case 1: run(a, 0x9e670000u | (uint32_t)below(a, 32), random64(a)); break;           /* fmov dn, x0 */
    default: run(a, ((uint32_t)random64(a) & 0xf1ffffffu) | 0x0e000000u, random64(a));  /* of FP and SIMD */
    }
}

static uint64_t user_address(const void *at) { return (uintptr_t)at - GUEST_RAM + USER * GIB; }

/* A breakpoint on what will run at EL0, or a step: PSTATE.SS. */
static uint64_t debug_el0(struct actor *a, const uint32_t *slot)
{
    uint64_t step = below(a, 2);

    sysreg_write(oslar_el1, 0);
    sysreg_write(dbgbvr0_el1, user_address(slot));
    sysreg_write(dbgbcr0_el1, 0x1e5);                       /* E, at EL0, all bytes */
    sysreg_write(mdscr_el1, 0x8000 | step);                 /* MDE, SS */
    return step << 21;
}

/* At EL0, in any state, whatever word that is. Where it goes on nobody knows. */
void kind_user_mode(struct actor *a)
{
    uint32_t word = (uint32_t)random64(a);
    uint32_t *slot = write_slot(a, below(a, 16) ? word : SVC | (word & 0xffff) << 5, true);
    uint64_t pstate = random64(a) & 0xf0000040;             /* flags and F: an interrupt ends a loop */
    switch (below(a, 4)) {
    case 0: pstate |= 0x10; break;                          /* A32, where there is that */
    case 1: pstate |= 0x30; break;                          /* T32 */
    default: break;
    }
    slot[1] = pstate & 0x10 ? 0xef000000 : SVC;
    if (pstate & 0x10) {
        wake_in(a, 3000);               /* short branches are every other word there */
    }
    if (below(a, 4) == 0) {
        pstate |= debug_el0(a, slot);
    }
    sysreg_write(elr_el1, user_address(slot));
    sysreg_write(spsr_el1, pstate);
    run_with(a, ERET, random64(a), user_address(a->scratch) + SCRATCH_BYTES / 2);
    sysreg_write(mdscr_el1, 0);
}

/* Code that changes just before it runs: as it was told that it did, it is the new one. And another vCPU's. */
void kind_code(struct actor *a)
{
    bool maintained = below(a, 2);
    uint32_t immediate = (uint32_t)below(a, 0x10000);
    uint32_t *slot = a->slot[below(a, SLOTS)];
    uint32_t before = slot[0], movz = 0xd2800000u | immediate << 5;     /* movz x0, #immediate */

    if (below(a, 4) == 0) {
        struct actor *other = actor((unsigned)below(a, actors));
        *(volatile uint32_t *)other->slot[below(a, SLOTS)] = below(a, 2) ? 0xd503201f : immediate;   /* nop, udf */
        return;
    }
    a->next_slot = (unsigned)(slot - a->slot[0]) / 2;
    if (run(a, movz, before) != immediate && slot[0] == movz) {     /* and nobody else has written there */
        done_of(a)->wrong++;
    }
    if (!maintained) {
        write_slot(a, 0xd503201f, false);
        run(a, 0x8b000000u, random64(a));
    }
}

/* ERET to every mode that PSTATE can name, and all that raises an exception by itself. */
void kind_exception(struct actor *a)
{
    uint32_t immediate = (uint32_t)below(a, 0x10000) << 5;
    switch (below(a, 8)) {
    case 0: run(a, SVC | immediate, any(a)); break;
    case 1: run(a, 0xd4200000 | immediate, any(a)); break;              /* brk */
    case 2: run(a, 0xd4400000 | immediate, any(a)); break;              /* hlt */
    case 3: run(a, immediate >> 5, any(a)); break;                      /* udf */
    case 4: run(a, 0xd4a00001 + (uint32_t)below(a, 3), any(a)); break;  /* dcps */
    case 5: run(a, 0xd6bf03e0, any(a)); break;                          /* drps */
    default:
        sysreg_write(elr_el1, any(a) | 0x100000000ull);
        sysreg_write(spsr_el1, random64(a) | 0x3c0);
        run(a, ERET, 0);
    }
}
