/* SPDX-License-Identifier: Apache-2.0 */
/* A32 and T32 loads and stores as the assembler writes them (clang 14), and what is none of those. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "virt/decode.h"
#include "virt/pstate.h"

#define USR 0x10u
#define FIQ 0x11u
#define IRQ 0x12u
#define SVC 0x13u
#define ABT 0x17u
#define UND 0x1bu
#define SYS 0x1fu

/* What it does: the bytes of a register, load or store, signed. Single registers are R3, pairs R4 and R5, the base is R2. */
struct example { const char *text; uint32_t insn; const char *says; int64_t offset, step; };

static const struct example a32_singles[] = {
    { "ldr r3, [r2], #4", 0xe4923004, "4 load", 0, 4 },
    { "ldr r3, [r2, #8]!", 0xe5b23008, "4 load", 8, 8 },
    { "str r3, [r2, #-8]!", 0xe5223008, "4 store", -8, -8 },
    { "strb r3, [r2], #-1", 0xe4423001, "1 store", 0, -1 },
    { "ldrb r3, [r2, #4095]", 0xe5d23fff, "1 load", 4095, 0 },
    { "strh r3, [r2], #2", 0xe0c230b2, "2 store", 0, 2 },
    { "ldrh r3, [r2, #-254]!", 0xe1723fbe, "2 load", -254, -254 },
    { "ldrsb r3, [r2], #255", 0xe0d23fdf, "1 load signed", 0, 255 },
    { "ldrsh r3, [r2, #-18]!", 0xe17231f2, "2 load signed", -18, -18 },
    { "ldrt r3, [r2], #4", 0xe4b23004, "4 load", 0, 4 },
};

static const struct example a32_pairs[] = {
    { "ldrd r4, r5, [r2]", 0xe1c240d0, "4 load", 0, 0 },
    { "strd r4, r5, [r2, #-8]!", 0xe16240f8, "4 store", -8, -8 },
    { "ldrd r4, r5, [r2], #16", 0xe0c241d0, "4 load", 0, 16 },
    { "ldm r2, {r4, r5}", 0xe8920030, "4 load", 0, 0 },
    { "ldmia r2!, {r4, r5}", 0xe8b20030, "4 load", 0, 8 },
    { "stmdb r2!, {r4, r5}", 0xe9220030, "4 store", -8, -8 },
    { "stmib r2, {r4, r5}", 0xe9820030, "4 store", 4, 0 },
    { "ldmda r2!, {r4, r5}", 0xe8320030, "4 load", -4, -8 },
    { "strdeq r4, r5, [r2]", 0x01c240f0, "4 store", 0, 0 },
};

static const struct example t32_singles[] = {
    { "ldr r3, [r2], #4", 0xf8523b04, "4 load", 0, 4 },
    { "str.w r3, [r2, #-8]!", 0xf8423d08, "4 store", -8, -8 },
    { "strb r3, [r2], #-1", 0xf8023901, "1 store", 0, -1 },
    { "strh r3, [r2, #2]!", 0xf8223f02, "2 store", 2, 2 },
    { "ldrsb r3, [r2], #255", 0xf9123bff, "1 load signed", 0, 255 },
    { "ldrsh r3, [r2, #-18]!", 0xf9323d12, "2 load signed", -18, -18 },
    { "ldr r3, [r2, #-4]", 0xf8523c04, "4 load", -4, 0 },
};

static const struct example t32_pairs[] = {
    { "ldrd r4, r5, [r2, #1020]", 0xe9d245ff, "4 load", 1020, 0 },
    { "strd r4, r5, [r2], #-8", 0xe8624502, "4 store", 0, -8 },
    { "ldrd r4, r5, [r2, #8]!", 0xe9f24502, "4 load", 8, 8 },
    { "stmia r2!, {r4, r5}", 0xc230, "4 store", 0, 8 },
    { "ldmia r2!, {r4, r5}", 0xca30, "4 load", 0, 8 },
    { "ldmia.w r2, {r4, r5}", 0xe8920030, "4 load", 0, 0 },
    { "stmdb r2!, {r4, r5}", 0xe9220030, "4 store", -8, -8 },
};

static const struct { const char *text; uint32_t insn; } a32_others[] = {
    { "ldrex r3, [r2]", 0xe1923f9f },
    { "strexd r6, r4, r5, [r2]", 0xe1a26f94 },
    { "ldm r2, {r4, r5, r6}", 0xe8920070 },
    { "ldm r2, {r4}", 0xe8920010 },
    { "ldm r2, {r4, pc}", 0xe8928010 },
    { "ldr pc, [r2], #4", 0xe492f004 },
    { "ldr r3, [pc, #4]", 0xe59f3004 },
    { "ldm r2, {r4, r5}^", 0xe8d20030 },
    { "ldr r3, [r2], r4", 0xe6923004 },
    { "strh r3, [r2, r4]", 0xe18230b4 },
    { "pld [r2]", 0xf5d2f000 },
    { "mul r3, r4, r5", 0xe0030594 },
    { "nop", 0xe320f000 },
    { "b .", 0xeafffffe },
    { "ldrd r4, r5, [r2, r6]", 0xe18240d6 },
};

static const struct { const char *text; uint32_t insn; } t32_others[] = {
    { "ldrex r3, [r2]", 0xe8523f00 },
    { "strexd r6, r4, r5, [r2]", 0xe8c24576 },
    { "ldm.w r2, {r4, r5, r6}", 0xe8920070 },
    { "ldr.w pc, [r2], #4", 0xf852fb04 },
    { "ldr.w r3, [pc, #4]", 0xf8df3004 },
    { "ldr.w r3, [r2, r4]", 0xf8523004 },
    { "ldr.w r3, [r2, #4095]", 0xf8d23fff },
    { "tbb [r2, r3]", 0xe8d2f003 },
    { "rfeia r2", 0xe992c000 },
    { "stm r2!, {r4, r5, r6}", 0xc270 },
    { "nop", 0xbf00 },
    { "nop.w", 0xf3af8000 },
    { "b .", 0xe7fe },
    { "ldr r3, [r2]", 0x6813 },
    { "pld [r2, #-4]", 0xf812fc04 },
};

static void check(const struct example *e, uint64_t state, unsigned count)
{
    const struct frame f = { .pstate = SVC | state };
    struct decoded d;

    assert_true(decode_aarch32(e->insn, &f, &d));
    assert_int_equal(d.access.size, atoi(e->says));
    assert_int_equal(d.access.write, strstr(e->says, "store") != NULL);
    assert_int_equal(d.access.sign_extend, strstr(e->says, "signed") != NULL);
    assert_false(d.access.wide);
    assert_int_equal(d.count, count);
    assert_int_equal(d.access.reg, count == 2 ? 4 : 3);
    if (count == 2)
        assert_int_equal(d.reg2, 5);
    assert_int_equal(d.base, 2);
    assert_int_equal(d.offset, e->offset);
    assert_int_equal(d.writeback, e->step != 0);
    if (d.writeback)
        assert_int_equal(d.step, e->step);
}

#define CHECK(table, state, count)                                  \
    for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)   \
        check(&table[i], state, count)

static void a_register_is_loaded_or_stored(void **state)
{
    (void)state;
    CHECK(a32_singles, 0, 1);
    CHECK(t32_singles, PSTATE_A32_T, 1);
}

static void pairs_are_two_registers(void **state)
{
    (void)state;
    CHECK(a32_pairs, 0, 2);
    CHECK(t32_pairs, PSTATE_A32_T, 2);
}

static void nothing_else_is_decoded(void **state)
{
    const struct frame a32 = { .pstate = SVC }, t32 = { .pstate = SVC | PSTATE_A32_T };
    struct decoded d;

    (void)state;
    for (unsigned i = 0; i < sizeof a32_others / sizeof a32_others[0]; i++)
        if (decode_aarch32(a32_others[i].insn, &a32, &d))
            fail_msg("%s", a32_others[i].text);
    for (unsigned i = 0; i < sizeof t32_others / sizeof t32_others[0]; i++)
        if (decode_aarch32(t32_others[i].insn, &t32, &d))
            fail_msg("%s", t32_others[i].text);
}

/* Arm ARM, D1.20.1. */
static void each_mode_has_its_own_sp_and_lr(void **state)
{
    static const struct { unsigned mode, n, x; } at[] = {
        { USR, 13, 13 }, { USR, 14, 14 }, { SYS, 14, 14 }, { IRQ, 14, 16 }, { IRQ, 13, 17 }, { SVC, 14, 18 }, { SVC, 13, 19 },
        { ABT, 14, 20 }, { ABT, 13, 21 }, { UND, 14, 22 }, { UND, 13, 23 }, { FIQ, 8, 24 }, { FIQ, 12, 28 }, { FIQ, 13, 29 },
        { FIQ, 14, 30 }, { FIQ, 7, 7 }, { SVC, 12, 12 }, { IRQ, 0, 0 },
        { SVC, 18, 18 }, { SVC, 19, 19 }, { FIQ, 24, 24 },          /* the frame's number already */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof at / sizeof at[0]; i++)
        assert_int_equal(aarch32_register(at[i].mode, at[i].n), at[i].x);
}

static void registers_are_those_of_the_mode(void **state)
{
    const struct frame f = { .pstate = SVC };
    struct decoded d;

    (void)state;
    assert_true(decode_aarch32(0xe8bd4010, &f, &d));        /* ldm sp!, {r4, lr} */
    assert_int_equal(d.base, 19);
    assert_int_equal(d.access.reg, 4);
    assert_int_equal(d.reg2, 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_register_is_loaded_or_stored),
        cmocka_unit_test(pairs_are_two_registers),
        cmocka_unit_test(nothing_else_is_decoded),
        cmocka_unit_test(each_mode_has_its_own_sp_and_lr),
        cmocka_unit_test(registers_are_those_of_the_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
