/* SPDX-License-Identifier: Apache-2.0 */
/* Any 32 bits as an instruction: what is decoded is a load or store of general registers, with fields that fit it. */
#include <stdlib.h>
#include <string.h>

#include "virt/decode.h"
#include "virt/pstate.h"

#define CHECK(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(uint32_t insn, const struct decoded *d)
{
    const struct access *a = &d->access;
    bool pair = (insn >> 27 & 7) == 5;

    CHECK((insn >> 25 & 5) == 4 && !(insn >> 26 & 1));          /* loads and stores (C4.1), not of FP and SIMD */
    CHECK(pair || (insn >> 27 & 7) == 7);
    CHECK(!decode_is_exclusive(insn));
    CHECK(d->count == 1 + pair && d->reg2 <= 31 && d->base <= 31 && a->reg <= 31);
    CHECK(a->size == 1 || a->size == 2 || a->size == 4 || a->size == 8);
    CHECK(!pair || a->size >= 4);
    CHECK(!(a->write && a->sign_extend) && !(a->sign_extend && a->size == 8));
    CHECK(!a->sign_extend || a->wide || a->size < 4);
    if (d->writeback) {
        CHECK(d->offset == 0 || d->offset == d->step);
        CHECK(d->step >= -512 && d->step <= 504);
        CHECK(!pair || d->step % a->size == 0);
    }
}

static void check_aarch32(uint32_t insn, uint64_t pstate)
{
    const struct frame f = { .pstate = pstate };
    struct decoded d;
    const struct access *a = &d.access;

    if (!decode_aarch32(insn, &f, &d))
        return;
    CHECK(d.base <= 30 && a->reg <= 30 && (d.count == 1 || (d.count == 2 && d.reg2 <= 30)));
    CHECK(a->size == 1 || a->size == 2 || a->size == 4);
    CHECK(d.count == 1 || (a->size == 4 && !a->sign_extend));
    CHECK(!a->wide && !a->ipa);
    CHECK(d.offset >= -4095 && d.offset <= 4095 && d.step >= -4095 && d.step <= 4095);
    CHECK(d.count == 1 || d.offset % 4 == 0 || !(pstate & PSTATE_A32_T));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t x[31] = { 0 }, mode = 0x10;
    uint32_t insn;

    if (size) {                 /* of AArch32, which A32 and T32 are decoded in */
        mode |= *data++ & 15;
        size--;
    }
    while (size >= sizeof insn) {
        struct decoded d;
        memcpy(&insn, data, sizeof insn);
        data += sizeof insn;
        size -= sizeof insn;
        memcpy(x, data, size < sizeof x ? size : sizeof x);
        if (decode_a64(insn, x, &d))
            check(insn, &d);
        check_aarch32(insn, mode);
        check_aarch32(insn, mode | PSTATE_A32_T);
        check_aarch32(insn & 0xffff, mode | PSTATE_A32_T);
    }
    return 0;
}
