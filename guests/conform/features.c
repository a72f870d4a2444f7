/* SPDX-License-Identifier: Apache-2.0 */
/* What an identification register offers works, and what it does not offer is undefined: one instruction of each. */
#include "conform.h"
#include "registers.h"
#include "trap.h"

struct feature {
    const char *name;
    uint64_t (*id)(void);
    uint8_t low, least;         /* the field, and from which value on the instruction is there */
    uint32_t instruction;       /* x0 is the address of memory; may change x1, x2, v0 and flags */
};

#define ID(reg) static uint64_t reg(void) { return sysreg_read(id_aa64##reg##_el1); }
ID(pfr0) ID(pfr1) ID(isar0) ID(isar1) ID(mmfr1) ID(mmfr2) ID(dfr0)

static bool runs(uint32_t instruction)
{
    static uint32_t code[2] __attribute__((aligned(64)));
    static uint64_t memory[32] __attribute__((aligned(64)));
    code[0] = instruction;
    code[1] = 0xd65f03c0;                                       /* RET */
    __asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" : : "r"(code) : "memory");
    register uint64_t x0 __asm__("x0") = (uintptr_t)memory;
    register uint64_t x1 __asm__("x1") = 0;
    register uint64_t x2 __asm__("x2") = 0;
    __asm__ volatile("blr %3" : "+r"(x0), "+r"(x1), "+r"(x2) : "r"(code) : "x30", "cc", "memory");
    return !trap_undefined();
}

static void try(const struct feature *f)
{
    uint64_t cpacr = sysreg_read(cpacr_el1);
    sysreg_set(cpacr_el1, cpacr | 3ul << 16 | 3ul << 24);       /* ZEN, SMEN */
    bool is_there = (f->id() >> f->low & 0xf) >= f->least, does = runs(f->instruction);
    sysreg_set(cpacr_el1, cpacr);
    if (does != is_there) {
        same(f->name, does, is_there);
    }
}

#define TRY(list) do { for (unsigned i_ = 0; i_ < sizeof list / sizeof list[0]; i_++) try(&list[i_]); } while (0)

static void instructions_are_as_isar0_says(void)
{
    static const struct feature list[] = {
        { "AES", isar0, 4, 1, 0x4e284800 },         /* AESE */
        { "SHA1", isar0, 8, 1, 0x5e280800 },        /* SHA1H */
        { "SHA2", isar0, 12, 1, 0x5e004000 },       /* SHA256H */
        { "CRC32", isar0, 16, 1, 0x1ac14022 },      /* CRC32B */
        { "Atomic", isar0, 20, 2, 0xb8210002 },     /* LDADD */
        { "RDM", isar0, 28, 1, 0x2e408400 },        /* SQRDMLAH */
        { "SHA3", isar0, 32, 1, 0xce000000 },       /* EOR3 */
        { "SM3", isar0, 36, 1, 0xce60c000 },        /* SM3PARTW1 */
        { "SM4", isar0, 40, 1, 0xcec08400 },        /* SM4E */
        { "DP", isar0, 44, 1, 0x0e809400 },         /* SDOT */
        { "FHM", isar0, 48, 1, 0x0e20ec00 },        /* FMLAL */
        { "TS", isar0, 52, 1, 0xd500401f },         /* CFINV */
        { "RNDR", isar0, 60, 1, 0xd53b2401 },       /* MRS x1, RNDR */
    };
    TRY(list);
}

static void instructions_are_as_isar1_says(void)
{
    static const struct feature list[] = {
        { "DPB", isar1, 0, 1, 0xd50b7c20 },         /* DC CVAP */
        { "JSCVT", isar1, 12, 1, 0x1e7e0001 },      /* FJCVTZS */
        { "FCMA", isar1, 16, 1, 0x2e80e400 },       /* FCADD */
        { "LRCPC", isar1, 20, 1, 0xb8bfc001 },      /* LDAPR */
        { "FRINTTS", isar1, 32, 1, 0x1e284000 },    /* FRINT32Z */
        { "SPECRES", isar1, 40, 1, 0xd50b7380 },    /* CFP RCTX */
        { "BF16", isar1, 44, 1, 0x2e40fc00 },       /* BFDOT */
        { "I8MM", isar1, 52, 1, 0x4e80a400 },       /* SMMLA */
    };
    TRY(list);
}

static uint64_t authentication(void) { return (isar1() >> 4 | isar1() >> 8 | isar1() >> 24 | isar1() >> 28) & 0xf; }

static void pointer_authentication_is_as_isar1_says(void)
{
    static const struct feature list[] = { { "GPA, GPI", authentication, 0, 1, 0x9ac03001 } };      /* PACGA */
    TRY(list);
}

static void registers_are_as_pfr0_and_pfr1_say(void)
{
    static const struct feature list[] = {
        { "RAS", pfr0, 28, 1, 0xd5385301 },         /* ERRIDR_EL1 */
        { "GIC", pfr0, 24, 1, 0xd538cca1 },         /* ICC_SRE_EL1 */
        { "SVE", pfr0, 32, 1, 0x04bf5021 },         /* RDVL */
        { "MPAM", pfr0, 40, 1, 0xd538a501 },        /* MPAM1_EL1 */
        { "AMU", pfr0, 44, 1, 0xd53bd201 },         /* AMCR_EL0 */
        { "DIT", pfr0, 48, 1, 0xd53b42a1 },
        { "MTE", pfr1, 8, 1, 0x9adf1001 },          /* IRG */
        { "SME", pfr1, 24, 1, 0x04bf5821 },         /* RDSVL */
    };
    TRY(list);
}

static void registers_are_as_mmfr1_and_mmfr2_say(void)
{
    static const struct feature list[] = {
        { "LO", mmfr1, 16, 1, 0xd538a461 },         /* LORC_EL1 */
        { "PAN", mmfr1, 20, 1, 0xd5384261 },
        { "UAO", mmfr2, 4, 1, 0xd5384281 },
    };
    TRY(list);
}

static void registers_are_as_dfr0_says(void)
{
    static const struct feature list[] = {
        { "PMUVer", dfr0, 8, 1, 0xd53b9c01 },       /* PMCR_EL0 */
        { "PMUVer", dfr0, 8, 1, 0xd53b9d01 },       /* PMCCNTR_EL0 */
        { "PMUVer", dfr0, 8, 1, 0xd5389e21 },       /* PMINTENSET_EL1 */
        { "PMSVer", dfr0, 32, 1, 0xd53899e1 },      /* PMSIDR_EL1 */
        { "TraceFilt", dfr0, 40, 1, 0xd5381221 },   /* TRFCR_EL1 */
    };
    TRY(list);
}

static void half_precision_is_as_pfr0_says(void)
{
    bool offered = (pfr0() >> 16 & 0xf) == 1;
    SAME(runs(0x1ee02800), offered);                /* FADD h0 */
    SAME(runs(0x0e401400), offered);                /* FADD v0.4h */
}

static void hints_of_absent_extensions_do_nothing(void)
{
    static const uint32_t hints[] = { 0xd503201f, 0xd503203f, 0xd503221f, 0xd503229f, 0xd503245f, 0xd503233f, 0xd50323bf,
                                      0xd50320ff, 0xd5032fff };     /* NOP, YIELD, ESB, CSDB, BTI c, PACIASP, AUTIASP, ... */
    for (unsigned i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        if (hints[i] != 0xd503233f && hints[i] != 0xd50323bf) {     /* x30 is in use */
            SAME(runs(hints[i]), true);
        }
    }
}

const struct promise features[] = {
    PROMISE(instructions_are_as_isar0_says),
    PROMISE(instructions_are_as_isar1_says),
    PROMISE(pointer_authentication_is_as_isar1_says),
    PROMISE(registers_are_as_pfr0_and_pfr1_say),
    PROMISE(registers_are_as_mmfr1_and_mmfr2_say),
    PROMISE(registers_are_as_dfr0_says),
    PROMISE(half_precision_is_as_pfr0_says),
    PROMISE(hints_of_absent_extensions_do_nothing),
    { 0 },
};
