/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions of trapped AArch32 instructions, and exceptions into an EL1 in AArch32 (Arm ARM, AArch32.EnterMode). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "guest_world.h"
#include "virt/aarch32.h"
#include "virt/inject.h"
#include "virt/pstate.h"

#define USR 0x10u
#define SVC 0x13u
#define ABT 0x17u
#define UND 0x1bu
#define A   0x100u
#define I   0x80u
#define F   0x40u
#define T   0x20u
#define E   0x200u
#define SPAN (1u << 23)
#define PC  0xc0001000u

#define CP15    (UINT64_C(3) << 26 | ESR_IL)
#define WFI     (UINT64_C(1) << 26)
#define SMC32   (UINT64_C(0x13) << 26 | ESR_IL)
#define COND(c) (1u << 24 | (uint32_t)(c) << 20)
#define MAY_FAIL (1u << 19)

static struct vcpu *const v = &world_vcpu[0];
static struct frame *const f = &world_vcpu[0].context.frame;

static int begin(void **state)
{
    world_begin(state);
    v->el1.aarch32.on = true;
    v->el1.vbar = 0xc0080000;
    v->el1.el0.sctlr = SPAN;
    f->pc = PC;
    f->pstate = SVC;
    return 0;
}

/* Independently of the table: from the Arm ARM's ConditionHolds. */
static bool holds(unsigned cond, unsigned nzcv)
{
    bool n = nzcv & 8, z = nzcv & 4, c = nzcv & 2, o = nzcv & 1;
    const bool results[8] = { z, c, n, o, c && !z, n == o, n == o && !z, true };

    return results[cond / 2] != (cond % 2 && cond != 15);
}

static void an_instruction_whose_condition_fails_is_done(void **state)
{
    for (unsigned cond = 0; cond < 16; cond++)
        for (unsigned nzcv = 0; nzcv < 16; nzcv++) {
            begin(state);
            f->pstate = SVC | nzcv << 28;
            assert_int_equal(aarch32_skip(f, CP15 | COND(cond)), !holds(cond, nzcv));
            assert_int_equal(f->pc, holds(cond, nzcv) ? PC : PC + 4);
        }
}

static void a_syndrome_without_a_condition_leaves_it_to_the_it_block(void **state)
{
    (void)state;
    f->pstate = SVC;
    assert_false(aarch32_skip(f, CP15 | 0xfu << 20));       /* A32: the field says nothing */
    f->pstate = SVC | T;
    assert_false(aarch32_skip(f, CP15));                    /* T32, outside of a block */
    f->pstate = SVC | T | 0x02 << 10;                       /* ITSTATE 0b00001000: EQ, the last of its block */
    assert_true(aarch32_skip(f, WFI));                      /* of 16 bits */
    assert_int_equal(f->pc, PC + 2);
    assert_int_equal(f->pstate, SVC | T);
    f->pstate = SVC | T | 0x02 << 10 | 1u << 30;            /* Z */
    assert_false(aarch32_skip(f, WFI));
}

static void an_smc_says_whether_there_is_anything_to_check(void **state)
{
    (void)state;
    assert_false(aarch32_skip(f, SMC32 | COND(0)));
    assert_true(aarch32_skip(f, SMC32 | COND(0) | MAY_FAIL));
}

static void assert_entered(uint32_t mode, uint32_t offset, uint32_t lr, uint32_t spsr)
{
    assert_int_equal(f->pc, 0xc0080000 + offset);
    assert_int_equal(f->pstate & PSTATE_MODE, mode);
    assert_int_equal(f->x[mode == ABT ? 20 : 22], lr);
    assert_int_equal(mode == ABT ? v->el1.aarch32.spsr_abt : v->el1.aarch32.spsr_und, spsr);
    assert_int_equal(world_log.ended, BELAY_REASON_NONE);
}

static void undefined_goes_to_und_with_lr_behind_the_instruction(void **state)
{
    (void)state;
    f->pstate = USR | 1u << 31;
    inject_undefined(v);
    assert_entered(UND, 4, PC + 4, USR | 1u << 31);
    assert_int_equal(f->pstate, UND | I | 1u << 31);
    begin(state);
    f->pstate = SVC | T | A | F | 0x0a << 10 | 1u << 25;
    inject_undefined(v);
    assert_entered(UND, 4, PC + 2, SVC | T | A | F | 0x0a << 10 | 1u << 25);
    assert_int_equal(f->pstate, UND | I | A | F);           /* A32 code, out of any block */
}

static void sctlr_says_how_the_handler_begins(void **state)
{
    (void)state;
    v->el1.el0.sctlr = 1u << 30 | 1u << 25 | 1u << 31;      /* TE, EE, DSSBS, and PAN is set */
    inject_undefined(v);
    assert_int_equal(f->pstate, UND | I | T | E | 1u << 23 | PSTATE_PAN);
    begin(state);
    v->el1.el0.sctlr = SPAN | 1u << 13;                     /* V */
    v->el1.vbar = 0xffff;
    inject_undefined(v);
    assert_int_equal(f->pc, 0xffff0004);
    begin(state);
    v->el1.vbar |= 0x1f;                                    /* reserved */
    inject_undefined(v);
    assert_int_equal(f->pc, 0xc0080004);
}

static void dit_and_single_step_change_places(void **state)
{
    (void)state;
    f->pstate = SVC | PSTATE_DIT | PSTATE_SS;
    inject_undefined(v);
    assert_entered(UND, 4, PC + 4, SVC | 1u << 21);
    assert_int_equal(f->pstate, UND | I | PSTATE_DIT);
}

static void a_data_abort_is_told_in_dfsr_and_dfar(void **state)
{
    (void)state;
    v->el1.far = UINT64_C(0x1111111122222222);
    inject_data_abort(v, 0x90000000, FSC_EXTERNAL | 1u << 6);
    assert_entered(ABT, 0x10, PC + 8, SVC);
    assert_int_equal(f->pstate, ABT | I | A);
    assert_int_equal(v->el1.esr, 0x008 | 1u << 11);         /* short: synchronous external, WnR */
    assert_int_equal(v->el1.far, UINT64_C(0x1111111190000000));
    begin(state);
    v->el1.tcr = 1u << 31;                                  /* EAE */
    inject_data_abort(v, 0x90000000, FSC_EXTERNAL_WALK | 1u << 8);
    assert_int_equal(v->el1.esr, 1u << 9 | 0x17 | 1u << 13);        /* long, CM */
    begin(state);
    f->pstate = USR | T;
    inject_data_abort(v, 1, FSC_ALIGNMENT);
    assert_entered(ABT, 0x10, PC + 8, USR | T);
    assert_int_equal(v->el1.esr, 1);
}

static void a_prefetch_abort_is_told_in_ifsr_and_ifar(void **state)
{
    (void)state;
    v->el1.far = UINT64_C(0x1111111122222222);
    v->el1.esr = 0x55;
    inject_prefetch_abort(v, PC, FSC_EXTERNAL);
    assert_entered(ABT, 0x0c, PC + 4, SVC);
    assert_int_equal(v->el1.aarch32.ifsr, 0x008);
    assert_int_equal(v->el1.far, (uint64_t)PC << 32 | 0x22222222);
    assert_int_equal(v->el1.esr, 0x55);
    begin(state);
    v->el1.tcr = 1u << 31;
    inject_prefetch_abort(v, PC, FSC_EXTERNAL);
    assert_int_equal(v->el1.aarch32.ifsr, 0x210);
}

static void a_bkpt_is_a_prefetch_abort_of_the_debug_kind(void **state)
{
    (void)state;
    v->el1.far = 7;
    assert_true(inject_break(v, UINT32_C(0x38) << 26 | ESR_IL | 3));
    assert_entered(ABT, 0x0c, PC + 4, SVC);
    assert_int_equal(v->el1.aarch32.ifsr, 2);
    assert_int_equal(v->el1.far, 7);
}

static void a_handler_that_fails_at_once_ends_the_vm(void **state)
{
    (void)state;
    f->pc = 0xc0080004;
    inject_undefined(v);
    assert_int_equal(world_log.ended, BELAY_REASON_FAULT);
    assert_int_equal(f->pc, 0xc0080004);
    begin(state);
    f->pc = 0xc0080004;
    f->pstate = USR;
    inject_undefined(v);
    assert_int_equal(world_log.ended, BELAY_REASON_NONE);
}

int main(void)
{
#define PROMISE(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        PROMISE(an_instruction_whose_condition_fails_is_done),
        PROMISE(a_syndrome_without_a_condition_leaves_it_to_the_it_block),
        PROMISE(an_smc_says_whether_there_is_anything_to_check),
        PROMISE(undefined_goes_to_und_with_lr_behind_the_instruction),
        PROMISE(sctlr_says_how_the_handler_begins),
        PROMISE(dit_and_single_step_change_places),
        PROMISE(a_data_abort_is_told_in_dfsr_and_dfar),
        PROMISE(a_prefetch_abort_is_told_in_ifsr_and_ifar),
        PROMISE(a_bkpt_is_a_prefetch_abort_of_the_debug_kind),
        PROMISE(a_handler_that_fails_at_once_ends_the_vm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
