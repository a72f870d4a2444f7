/* SPDX-License-Identifier: Apache-2.0 */
#include "registers.h"

#include "lib/text.h"
#include "target.h"

enum {
    NUMBER_SP = 31, NUMBER_PC = 32, NUMBER_CPSR = 33, NUMBER_V0 = 34, NUMBER_FPSR = 66, NUMBER_FPCR = 67,
    NUMBER_SYSTEM = 68
};

#define PSTATE_EL_MASK 0xcu
#define PSTATE_SP      1u

/* Beyond those of GDB's own features, in its number's order. */
static const struct { const char *name; uint16_t reg; } system[] = {
    { "SP_EL0", BELAY_REG_SP_EL0 }, { "SP_EL1", BELAY_REG_SP_EL1 }, { "ELR_EL1", BELAY_REG_ELR_EL1 },
    { "SPSR_EL1", BELAY_REG_SPSR_EL1 }, { "ESR_EL1", BELAY_REG_ESR_EL1 }, { "FAR_EL1", BELAY_REG_FAR_EL1 },
    { "SCTLR_EL1", BELAY_REG_SCTLR_EL1 }, { "VBAR_EL1", BELAY_REG_VBAR_EL1 }, { "TTBR0_EL1", BELAY_REG_TTBR0_EL1 },
    { "TTBR1_EL1", BELAY_REG_TTBR1_EL1 }, { "TCR_EL1", BELAY_REG_TCR_EL1 }, { "TPIDR_EL0", BELAY_REG_TPIDR_EL0 },
    { "TPIDR_EL1", BELAY_REG_TPIDR_EL1 },
};
#define SYSTEM (sizeof system / sizeof system[0])

/* Where the nucleus has it; words: two of V0 to V31. */
struct place { unsigned reg, words, bytes; };

/* SP is that of the exception level and the mode that the vCPU is in. */
static bool place_sp(unsigned vcpu, struct place *at)
{
    uint64_t pstate;

    if (!target_regs(vcpu, BELAY_REG_PSTATE, 1, &pstate))
        return false;
    bool el1 = (pstate & PSTATE_EL_MASK) && (pstate & PSTATE_SP);
    *at = (struct place){ el1 ? BELAY_REG_SP_EL1 : BELAY_REG_SP_EL0, 1, 8 };
    return true;
}

static bool place(unsigned vcpu, unsigned number, struct place *at)
{
    if (number < NUMBER_SP) {
        *at = (struct place){ BELAY_REG_X0 + number, 1, 8 };
    } else if (number == NUMBER_SP) {
        return place_sp(vcpu, at);
    } else if (number <= NUMBER_CPSR) {
        *at = (struct place){ number == NUMBER_PC ? BELAY_REG_PC : BELAY_REG_PSTATE, 1, number == NUMBER_PC ? 8 : 4 };
    } else if (number < NUMBER_FPSR) {
        *at = (struct place){ BELAY_REG_V0 + 2 * (number - NUMBER_V0), 2, 16 };
    } else if (number <= NUMBER_FPCR) {
        *at = (struct place){ number == NUMBER_FPSR ? BELAY_REG_FPSR : BELAY_REG_FPCR, 1, 4 };
    } else if (number - NUMBER_SYSTEM < SYSTEM) {
        *at = (struct place){ system[number - NUMBER_SYSTEM].reg, 1, 8 };
    } else {
        return false;
    }
    return true;
}

bool register_put(struct packet *p, unsigned vcpu, unsigned number)
{
    struct place at;
    uint64_t words[2];

    if (!place(vcpu, number, &at) || !target_regs(vcpu, at.reg, at.words, words))
        return false;
    packet_put_hex(p, words, at.bytes);
    return true;
}

/* A value that it has already is not written: some can't be while the vCPU waits for an access. */
static bool set(unsigned vcpu, unsigned reg, uint64_t value)
{
    uint64_t old;

    return (target_regs(vcpu, reg, 1, &old) && old == value) || target_set_reg(vcpu, reg, value);
}

bool register_take(struct text *t, unsigned vcpu, unsigned number)
{
    struct place at;
    uint64_t word;

    if (!place(vcpu, number, &at))
        return false;
    for (unsigned i = 0; i < at.words; i++)
        if (!text_little(t, at.bytes / at.words, &word) || !set(vcpu, at.reg + i, word))
            return false;
    return true;
}

bool registers_put(struct packet *p, unsigned vcpu)
{
    for (unsigned n = 0; n < NUMBER_SYSTEM; n++)
        if (!register_put(p, vcpu, n))
            return false;
    return true;
}

bool registers_take(struct text *t, unsigned vcpu)
{
    for (unsigned n = 0; n < NUMBER_SYSTEM; n++)
        if (!register_take(t, vcpu, n))
            return false;
    return true;
}

static char xml[8192];

static size_t add(size_t at, const char *format, ...) __attribute__((format(printf, 2, 3)));
static size_t add(size_t at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    at += text_format_args(xml + at, sizeof xml - at, format, args);
    va_end(args);
    return at;
}

static size_t add_core(size_t at)
{
    at = add(at, "<feature name=\"org.gnu.gdb.aarch64.core\">\n");
    for (unsigned n = 0; n < NUMBER_SP; n++)
        at = add(at, "<reg name=\"x%u\" bitsize=\"64\"/>\n", n);
    return add(at, "<reg name=\"sp\" bitsize=\"64\" type=\"data_ptr\"/>\n<reg name=\"pc\" bitsize=\"64\" type=\"code_ptr\"/>\n"
                   "<reg name=\"cpsr\" bitsize=\"32\"/>\n</feature>\n");
}

/* The types of a vector register are those of GDB's own description. */
static size_t add_fpu(size_t at)
{
    static const struct { const char *id, *type; unsigned count; } vectors[] = {
        { "v2d", "ieee_double", 2 }, { "v2u", "uint64", 2 }, { "v2i", "int64", 2 }, { "v4f", "ieee_single", 4 },
        { "v4u", "uint32", 4 }, { "v4i", "int32", 4 }, { "v8u", "uint16", 8 }, { "v8i", "int16", 8 },
        { "v16u", "uint8", 16 }, { "v16i", "int8", 16 }, { "v1u", "uint128", 1 }, { "v1i", "int128", 1 },
    };
    static const char *const unions[][3] = {
        { "vnd", "v2d", NULL }, { "vns", "v4f", NULL }, { "vnh", "v8u", "v8i" }, { "vnb", "v16u", "v16i" },
        { "vnq", "v1u", "v1i" },
    };

    at = add(at, "<feature name=\"org.gnu.gdb.aarch64.fpu\">\n");
    for (unsigned i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        at = add(at, "<vector id=\"%s\" type=\"%s\" count=\"%u\"/>\n", vectors[i].id, vectors[i].type, vectors[i].count);
    for (unsigned i = 0; i < sizeof unions / sizeof unions[0]; i++) {
        at = add(at, "<union id=\"%s\">", unions[i][0]);
        at = add(at, "<field name=\"%s\" type=\"%s\"/>", unions[i][2] ? "u" : "f", unions[i][1]);
        at = unions[i][2] ? add(at, "<field name=\"s\" type=\"%s\"/>", unions[i][2]) : at;
        at = i == 0 ? add(at, "<field name=\"u\" type=\"v2u\"/><field name=\"s\" type=\"v2i\"/>") : at;
        at = i == 1 ? add(at, "<field name=\"u\" type=\"v4u\"/><field name=\"s\" type=\"v4i\"/>") : at;
        at = add(at, "</union>\n");
    }
    at = add(at, "<union id=\"aarch64v\"><field name=\"d\" type=\"vnd\"/><field name=\"s\" type=\"vns\"/>"
                 "<field name=\"h\" type=\"vnh\"/><field name=\"b\" type=\"vnb\"/><field name=\"q\" type=\"vnq\"/></union>\n");
    for (unsigned n = 0; n < 32; n++)
        at = add(at, "<reg name=\"v%u\" bitsize=\"128\" type=\"aarch64v\"/>\n", n);
    return add(at, "<reg name=\"fpsr\" bitsize=\"32\"/>\n<reg name=\"fpcr\" bitsize=\"32\"/>\n</feature>\n");
}

static size_t add_system(size_t at)
{
    at = add(at, "<feature name=\"belay.system\">\n");
    for (unsigned n = 0; n < SYSTEM; n++)
        at = add(at, "<reg name=\"%s\" bitsize=\"64\" group=\"system\"/>\n", system[n].name);
    return add(at, "</feature>\n");
}

const char *registers_xml(size_t *bytes)
{
    static size_t made;

    if (made == 0) {
        size_t at = add(0, "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target version=\"1.0\">\n"
                           "<architecture>aarch64</architecture>\n");
        made = add(add_system(add_fpu(add_core(at))), "</target>\n");
    }
    *bytes = made;
    return xml;
}
