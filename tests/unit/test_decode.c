/* SPDX-License-Identifier: Apache-2.0 */
/* Loads and stores that a device access without a valid syndrome can be. Encodings are GNU as's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "virt/decode.h"

static uint64_t x[31];

struct example {
    const char *text;
    uint32_t insn;
    const char *says;       /* size, direction or extension, registers */
    int64_t offset;
    int64_t step;           /* 0: no writeback */
};

/* x4 is 0xfffffffffffffff0 in all of them. */
static const struct example singles[] = {
    { "ldr w3, [x2], #4",            0xb8404443, "4 load", 0, 4 },
    { "ldr x3, [x2, #-8]!",          0xf85f8c43, "8 load", -8, -8 },
    { "str w3, [x2], #-256",         0xb8100443, "4 store", 0, -256 },
    { "strb w3, [x2, #255]!",        0x380ffc43, "1 store", 255, 255 },
    { "ldrh w3, [x2], #2",           0x78402443, "2 load", 0, 2 },
    { "ldrsb w3, [x2], #1",          0x38c01443, "1 load to 32", 0, 1 },
    { "ldrsb x3, [x2], #1",          0x38801443, "1 load to 64", 0, 1 },
    { "ldrsh x3, [x2, #2]!",         0x78802c43, "2 load to 64", 2, 2 },
    { "ldrsw x3, [x2], #4",          0xb8804443, "4 load to 64", 0, 4 },
    { "ldur w3, [x2, #-4]",          0xb85fc043, "4 load", -4, 0 },
    { "ldtr w3, [x2, #4]",           0xb8404843, "4 load", 4, 0 },
    { "sttrb w3, [x2, #4]",          0x38004843, "1 store", 4, 0 },
    { "ldr w3, [x2, #16380]",        0xb97ffc43, "4 load", 16380, 0 },
    { "ldr x3, [x2, #32760]",        0xf97ffc43, "8 load", 32760, 0 },
    { "ldrsb w3, [x2, #5]",          0x39c01443, "1 load to 32", 5, 0 },
    { "ldr w3, [x2, x4]",            0xb8646843, "4 load", -16, 0 },
    { "ldr w3, [x2, x4, lsl #2]",    0xb8647843, "4 load", -64, 0 },
    { "ldr w3, [x2, w4, uxtw #2]",   0xb8645843, "4 load", 0x3ffffffc0, 0 },
    { "ldr w3, [x2, w4, sxtw]",      0xb864c843, "4 load", -16, 0 },
    { "ldr x3, [x2, x4, sxtx #3]",   0xf864f843, "8 load", -128, 0 },
    { "ldr w3, [x2, xzr]",           0xb87f6843, "4 load", 0, 0 },
};

static const struct example pairs[] = {
    { "stp w3, w5, [x2]",            0x29001443, "4 store", 0, 0 },
    { "ldp w3, w5, [x2], #8",        0x28c11443, "4 load", 0, 8 },
    { "ldp x3, x5, [x2, #-512]",     0xa9601443, "8 load", -512, 0 },
    { "ldp x3, x5, [x2, #504]!",     0xa9df9443, "8 load", 504, 504 },
    { "ldpsw x3, x5, [x2, #4]",      0x69409443, "4 load to 64", 4, 0 },
    { "ldnp w3, w5, [x2, #8]",       0x28411443, "4 load", 8, 0 },
    { "stnp x3, x5, [x2, #16]",      0xa8011443, "8 store", 16, 0 },
};

static const struct { const char *text; uint32_t insn; } others[] = {
    { "ldr q3, [x2], #16", 0x3cc10443 }, { "str d3, [x2]", 0xfd000043 }, { "ldp q3, q5, [x2]", 0xad401443 },
    { "ldp s3, s5, [x2], #8", 0x2cc11443 }, { "ldr w3, .", 0x18000003 }, { "prfm pldl1keep, [x2]", 0xf9800040 },
    { "prfum pldl1keep, [x2, #1]", 0xf8801040 }, { "ldar w3, [x2]", 0x88dffc43 }, { "stlr w3, [x2]", 0x889ffc43 },
    { "stg x3, [x2]", 0xd9200843 }, { "ld1 {v3.16b}, [x2]", 0x4c407043 }, { "dc zva, x2", 0xd50b7422 },
    { "nop", 0xd503201f }, { "b .", 0x14000000 }, { "add x0, x1, x2", 0x8b020020 },
    { "stgp x3, x5, [x2]", 0x69001443 }, { "a pair of size 3", 0xe9001443 }, { "ldnp of size 1", 0x68411443 },
    { "ldraa x3, [x2]", 0xf8200443 }, { "a register offset of 8 bits", 0xb8640843 },
    { "a sign-extended 64-bit load", 0xf9c00043 }, { "a 32-bit load to 32 bits", 0xb9c00043 },
    { "udf #0", 0x00000000 }, { "all ones", 0xffffffff },
};

static const struct { const char *text; uint32_t insn; } exclusives[] = {
    { "ldxr w3, [x2]", 0x885f7c43 }, { "stxr w4, w3, [x2]", 0x88047c43 }, { "ldaxp x3, x5, [x2]", 0xc87f9443 },
    { "cas w3, w5, [x2]", 0x88a37c45 }, { "casp x4, x5, x6, x7, [x2]", 0x48247c46 },
    { "ldadd w3, w5, [x2]", 0xb8230045 }, { "swp x3, x5, [x2]", 0xf8238045 },
};

static int begin(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 31; i++)
        x[i] = i;
    x[4] = UINT64_C(0xfffffffffffffff0);
    return 0;
}

static void check(const struct example *e, unsigned count)
{
    struct decoded d;
    const char *does = e->says + 2;

    assert_true(decode_a64(e->insn, x, &d));
    assert_int_equal(d.access.size, atoi(e->says));
    assert_int_equal(d.access.write, *does == 's');
    assert_int_equal(d.access.sign_extend, does[4] == ' ');
    if (d.access.sign_extend)
        assert_int_equal(d.access.wide, atoi(does + 8) == 64);
    assert_int_equal(d.access.reg, 3);
    assert_int_equal(d.base, 2);
    assert_int_equal(d.count, count);
    assert_int_equal(d.offset, e->offset);
    assert_int_equal(d.writeback, e->step != 0);
    if (d.writeback)
        assert_int_equal(d.step, e->step);
    if (count == 2)
        assert_int_equal(d.reg2, 5);
}

static void a_register_is_loaded_or_stored(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof singles / sizeof singles[0]; i++)
        check(&singles[i], 1);
}

static void pairs_are_two_registers(void **state)
{
    (void)state;
    for (unsigned i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        check(&pairs[i], 2);
}

static void sp_and_xzr_are_number_31(void **state)
{
    struct decoded d;

    (void)state;
    assert_true(decode_a64(0x780027ff, x, &d));         /* strh wzr, [sp], #2 */
    assert_int_equal(d.access.reg, 31);
    assert_int_equal(d.base, 31);
    assert_true(decode_a64(0xa9bf17ff, x, &d));         /* stp xzr, x5, [sp, #-16]! */
    assert_int_equal(d.access.reg, 31);
    assert_int_equal(d.base, 31);
    assert_int_equal(d.offset, -16);
}

static void nothing_else_is_decoded(void **state)
{
    struct decoded d;

    (void)state;
    for (unsigned i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(decode_a64(others[i].insn, x, &d));
        assert_false(decode_is_exclusive(others[i].insn));
    }
}

static void exclusives_and_atomics_are_known_and_not_decoded(void **state)
{
    struct decoded d;

    (void)state;
    for (unsigned i = 0; i < sizeof exclusives / sizeof exclusives[0]; i++) {
        assert_false(decode_a64(exclusives[i].insn, x, &d));
        assert_true(decode_is_exclusive(exclusives[i].insn));
    }
}

int main(void)
{
#define PROMISE(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        PROMISE(a_register_is_loaded_or_stored),
        PROMISE(pairs_are_two_registers),
        PROMISE(sp_and_xzr_are_number_31),
        PROMISE(nothing_else_is_decoded),
        PROMISE(exclusives_and_atomics_are_known_and_not_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
