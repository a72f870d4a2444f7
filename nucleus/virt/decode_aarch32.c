/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/decode.h"

#include "virt/pstate.h"

#define FIELD(insn, low, bits) ((insn) >> (low) & ((1u << (bits)) - 1))
#define BIT(insn, n)           ((insn) >> (n) & 1)
#define PC 15

enum mode { USR = 0, FIQ = 1, IRQ = 2, SYS = 15 };      /* the low bits of PSTATE_MODE */

unsigned aarch32_register(uint64_t pstate, unsigned n)
{
    unsigned mode = pstate & 0xf;

    if (mode == FIQ && n >= 8 && n <= 14)
        return 24 + n - 8;
    if (mode == USR || mode == SYS || mode == FIQ || n < 13 || n > 14)
        return n;
    return (mode == IRQ ? 16 : 18 + 2 * (mode >> 2)) + 14 - n;      /* LR and SP of IRQ, SVC, ABT, UND */
}

/* How much it moves: a number of bytes in one register; words in two, by LDRD and STRD, or by LDM and STM. */
enum moves { NOTHING = 0, BYTE = 1, HALF = 2, WORD = 4, PAIR = 8, LIST = 16 };

/* What an instruction says: what both states have (P, U, W, L, Rn, Rt) where A32 has it, and what they have not. */
struct fields {
    uint32_t word;
    uint32_t by;                /* how far the address is from the base */
    unsigned reg2;
    bool sign_extend;
};

#define P(word)    BIT(word, 24)            /* by is added before the access, or after it */
#define U(word)    BIT(word, 23)
#define W(word)    BIT(word, 21)
#define LOAD       (1u << 20)
#define BASE(word) FIELD(word, 16, 4)
#define REG(word)  FIELD(word, 12, 4)

/* LDRH, STRH, LDRSB, LDRSH, LDRD and STRD: those two are stores by their L. */
static enum moves extra(struct fields *s)
{
    unsigned kind = FIELD(s->word, 5, 2);

    s->by = FIELD(s->word, 8, 4) << 4 | FIELD(s->word, 0, 4);
    if ((s->word & 0x00400090) != 0x00400090 || kind == 0)
        return NOTHING;
    if (!(s->word & LOAD) && kind != 1) {
        s->word |= kind == 2 ? LOAD : 0;
        return PAIR;
    }
    s->sign_extend = kind != 1;
    return kind == 2 ? BYTE : HALF;
}

/* A32 (Arm ARM, F4.1), of which the last sixteenth is unconditional. */
static enum moves a32(struct fields *s)
{
    s->reg2 = REG(s->word) + 1;
    s->by = FIELD(s->word, 0, 12);
    switch (s->word >> 28 == 0xf ? 0xf : FIELD(s->word, 25, 3)) {
    case 0:  return extra(s);
    case 2:  return BIT(s->word, 22) ? BYTE : WORD;
    case 4:  return BIT(s->word, 22) ? NOTHING : LIST;
    default: return NOTHING;
    }
}

/* T32 (Arm ARM, F3.1), of two halfwords, the first above. LDM and STM look as in A32. */
static enum moves t32(struct fields *s)
{
    uint32_t insn = s->word;

    s->by = FIELD(insn, 0, 8);
    if ((insn & 0xfe400000) == 0xe8000000)
        return P(insn) != U(insn) ? LIST : NOTHING;
    if ((insn & 0xfe400000) == 0xe8400000) {
        s->by *= 4;
        s->reg2 = FIELD(insn, 8, 4);
        return P(insn) || W(insn) ? PAIR : NOTHING;         /* else an exclusive, or a table branch */
    }
    s->sign_extend = P(insn);
    s->word = (insn & 0x001ff000) | (insn & 0x600) << 14 | (insn & 0x100) << 13;
    return (insn & 0xfe800800) == 0xf8000800 ? 1u << FIELD(insn, 21, 2) & (BYTE | HALF | WORD) : NOTHING;
}

/* LDM and STM of 16 bits, as in A32: they write back what is not loaded. */
static enum moves t16(struct fields *s)
{
    uint32_t insn = s->word, load = BIT(insn, 11), base = FIELD(insn, 8, 3);

    s->word = 1u << 23 | (!load || !BIT(insn, base)) << 21 | load << 20 | base << 16 | (insn & 0xff);
    return insn >> 12 == 0xc ? LIST : NOTHING;
}

bool decode_aarch32(uint32_t insn, const struct frame *f, struct decoded *out)
{
    struct fields s = { .word = insn };
    enum moves moves = !(f->pstate & PSTATE_A32_T) ? a32(&s) : insn >> 16 ? t32(&s) : t16(&s);
    unsigned reg = REG(s.word), list = s.word & 0xffff;

    *out = (struct decoded){ .access.size = moves < PAIR ? (uint8_t)moves : 4, .access.sign_extend = s.sign_extend,
                             .access.write = !(s.word & LOAD), .count = moves < PAIR ? 1 : 2 };
    if (moves == LIST) {                                    /* of two: the lower is at the lower address */
        uint32_t upper = list & (list - 1);
        if (upper == 0 || upper & (upper - 1))
            return false;
        reg = (unsigned)__builtin_ctz(list);
        s.reg2 = (unsigned)__builtin_ctz(upper);
        s.by = 8;
    }
    out->step = U(s.word) ? s.by : -(int64_t)s.by;
    out->offset = moves == LIST ? (U(s.word) ? 0 : -8) + (P(s.word) == U(s.word) ? 4 : 0) : P(s.word) ? out->step : 0;
    out->writeback = W(s.word) || (moves != LIST && !P(s.word));
    out->base = (uint8_t)aarch32_register(f->pstate, BASE(s.word));
    out->access.reg = (uint8_t)aarch32_register(f->pstate, reg);
    out->reg2 = (uint8_t)aarch32_register(f->pstate, s.reg2);
    return moves != NOTHING && BASE(s.word) != PC && reg != PC && (moves < PAIR || s.reg2 != PC);
}
