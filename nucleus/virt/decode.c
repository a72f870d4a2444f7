/* SPDX-License-Identifier: Apache-2.0 */
#include "virt/decode.h"

#define FIELD(insn, low, bits) ((insn) >> (low) & ((1u << (bits)) - 1))
#define XZR 31

static int64_t sign_extend(uint64_t value, unsigned bits)
{
    return (int64_t)(value << (64 - bits)) >> (64 - bits);
}

/* Indexing of pairs (bits 24:23) and of single registers with a 9-bit offset (bits 11:10): both write 1 and 3 back. */
enum indexing { INDEX_NONE = 0, INDEX_POST = 1, INDEX_OFFSET = 2, INDEX_PRE = 3 };

static void index_by(struct decoded *out, enum indexing indexing, int64_t immediate)
{
    out->writeback = indexing == INDEX_POST || indexing == INDEX_PRE;
    out->offset = indexing == INDEX_POST ? 0 : immediate;
    out->step = immediate;
}

/* STP, LDP, LDPSW, STNP and LDNP. */
static bool decode_pair(uint32_t insn, struct decoded *out)
{
    unsigned opc = FIELD(insn, 30, 2);
    enum indexing indexing = FIELD(insn, 23, 2);
    struct access *a = &out->access;

    a->write = !FIELD(insn, 22, 1);
    if (opc == 3 || (opc == 1 && (a->write || indexing == INDEX_NONE)))     /* unallocated, STGP */
        return false;
    a->size = opc == 2 ? 8 : 4;
    a->wide = opc != 0;
    a->sign_extend = opc == 1;
    out->count = 2;
    out->reg2 = FIELD(insn, 10, 5);
    index_by(out, indexing, sign_extend(FIELD(insn, 15, 7), 7) * a->size);
    return true;
}

/* opc (bits 23:22) of one register: store, load, load sign-extended to 64 and to 32 bits. */
static bool decode_size(uint32_t insn, struct access *a)
{
    unsigned size = FIELD(insn, 30, 2), opc = FIELD(insn, 22, 2);

    a->size = (uint8_t)(1u << size);
    a->write = opc == 0;
    a->sign_extend = opc >= 2;
    a->wide = opc == 2 || size == 3;
    return opc < 2 || size + opc < 5;       /* else a prefetch, or unallocated */
}

/* The offset register of [Xn, Rm, extend]; false where the extension is unallocated. */
static bool register_offset(uint32_t insn, const uint64_t x[31], struct decoded *out)
{
    unsigned rm = FIELD(insn, 16, 5), option = FIELD(insn, 13, 3);
    uint64_t value = rm == XZR ? 0 : x[rm];

    if (!(option & 2))
        return false;
    if (option == 2)                        /* UXTW */
        value = (uint32_t)value;
    if (option == 6)                        /* SXTW */
        value = (uint64_t)sign_extend(value, 32);
    out->offset = (int64_t)(value << (FIELD(insn, 12, 1) ? FIELD(insn, 30, 2) : 0));
    return true;
}

static bool decode_single(uint32_t insn, const uint64_t x[31], struct decoded *out)
{
    unsigned mode = FIELD(insn, 10, 2);

    if (!decode_size(insn, &out->access))
        return false;
    if (FIELD(insn, 24, 1)) {               /* unsigned offset, scaled */
        out->offset = FIELD(insn, 10, 12) * out->access.size;
        return true;
    }
    if (FIELD(insn, 21, 1))
        return mode == 2 && register_offset(insn, x, out);
    index_by(out, mode == 2 ? INDEX_OFFSET : mode, sign_extend(FIELD(insn, 12, 9), 9));     /* 2 is LDTR and STTR */
    return true;
}

bool decode_a64(uint32_t insn, const uint64_t x[31], struct decoded *out)
{
    *out = (struct decoded){ .access.reg = FIELD(insn, 0, 5), .base = FIELD(insn, 5, 5), .count = 1 };
    if ((insn & 0x3e000000) == 0x28000000)          /* pairs; bit 26 would be FP */
        return decode_pair(insn, out);
    if ((insn & 0x3e000000) == 0x38000000)
        return decode_single(insn, x, out);
    return false;
}

bool decode_is_exclusive(uint32_t insn)
{
    bool ordered = (insn & 0x3fa00000) == 0x08800000;           /* LDAR, STLR and their like are ordinary */

    return ((insn & 0x3f000000) == 0x08000000 && !ordered) || (insn & 0x3b200c00) == 0x38200000;
}
