/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions into a guest, as a CPU takes them (Arm ARM, AArch64.TakeException). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "guest_world.h"
#include "virt/inject.h"
#include "virt/pstate.h"

#define SCTLR_SPAN   (UINT64_C(1) << 23)
#define SCTLR_DSSBS  (UINT64_C(1) << 44)
#define MASKED_EL1H  0x3c5u

static struct vcpu *const v = &world_vcpu[0];

static void an_undefined_instruction_returns_to_itself(void **state)
{
    (void)state;
    v->el1.far = 0x123;
    inject_undefined(v);
    assert_exception(v, 0x200, 0x02000000);
    assert_int_equal(v->el1.spsr, EL1H);
    assert_int_equal(v->el1.far, 0x123);
    assert_int_equal(v->context.frame.pstate, MASKED_EL1H);
}

static void the_vector_says_where_it_came_from(void **state)
{
    static const struct { uint64_t pstate, offset; } from[] = {
        { 0x4, 0x000 }, { EL1H, 0x200 }, { EL0_A64, 0x400 }, { EL0_A32, 0x600 }, { EL0_T32, 0x600 },
    };

    for (unsigned i = 0; i < sizeof from / sizeof from[0]; i++) {
        world_begin(state);
        v->context.frame.pstate = from[i].pstate;
        inject_undefined(v);
        assert_exception(v, from[i].offset, 0x02000000);
        assert_int_equal(v->el1.spsr, from[i].pstate);
        assert_int_equal(v->context.frame.pstate, MASKED_EL1H);
    }
}

static void the_class_of_an_abort_says_from_which_level(void **state)
{
    static const struct { uint64_t pstate; uint32_t data, prefetch; } from[] = {
        { EL1H, 0x96000010, 0x86000010 }, { EL0_A64, 0x92000010, 0x82000010 }, { EL0_A32, 0x92000010, 0x82000010 },
    };

    for (unsigned i = 0; i < sizeof from / sizeof from[0]; i++) {
        world_begin(state);
        v->context.frame.pstate = from[i].pstate;
        inject_data_abort(v, 0xdead, FSC_EXTERNAL);
        assert_int_equal(v->el1.esr, from[i].data);
        assert_int_equal(v->el1.far, 0xdead);
        world_begin(state);
        v->context.frame.pstate = from[i].pstate;
        inject_prefetch_abort(v, 0xbeef, FSC_EXTERNAL);
        assert_int_equal(v->el1.esr, from[i].prefetch);
        assert_int_equal(v->el1.far, 0xbeef);
    }
}

static void flags_and_dit_stay_and_the_rest_is_cleared(void **state)
{
    (void)state;
    v->context.frame.pstate = EL1H | PSTATE_NZCV | PSTATE_DIT | PSTATE_SS | PSTATE_BTYPE | PSTATE_SSBS |
                              1u << 20 /* IL */ | 1u << 23 /* UAO */ | 1u << 25 /* TCO */;
    inject_undefined(v);
    assert_int_equal(v->context.frame.pstate, MASKED_EL1H | PSTATE_NZCV | PSTATE_DIT);
}

static void sctlr_decides_pan_and_ssbs(void **state)
{
    (void)state;
    v->el1.el0.sctlr = 0;
    inject_undefined(v);
    assert_int_equal(v->context.frame.pstate, MASKED_EL1H | PSTATE_PAN);

    world_begin(state);
    v->context.frame.pstate |= PSTATE_PAN;
    v->el1.el0.sctlr = SCTLR_SPAN | SCTLR_DSSBS;
    inject_undefined(v);
    assert_int_equal(v->context.frame.pstate, MASKED_EL1H | PSTATE_PAN | PSTATE_SSBS);
}

static void reserved_bits_of_vbar_do_not_matter(void **state)
{
    (void)state;
    v->el1.vbar |= 0x7ff;
    inject_undefined(v);
    assert_int_equal(v->context.frame.pc, GUEST_VBAR + 0x200);
}

static void a_handler_that_fails_at_its_first_instruction_ends_the_vm(void **state)
{
    (void)state;
    v->context.frame.pc = GUEST_VBAR + 0x200;
    inject_prefetch_abort(v, GUEST_VBAR + 0x200, FSC_EXTERNAL);
    assert_int_equal(world_log.ended, BELAY_REASON_FAULT);
    assert_int_equal(v->context.frame.pc, GUEST_VBAR + 0x200);
}

static void user_code_at_the_address_of_a_vector_ends_nothing(void **state)
{
    (void)state;
    v->context.frame.pc = GUEST_VBAR + 0x400;
    v->context.frame.pstate = EL0_A64;
    inject_prefetch_abort(v, GUEST_VBAR + 0x400, FSC_EXTERNAL);
    assert_int_equal(world_log.ended, BELAY_REASON_NONE);
    assert_int_equal(v->el1.elr, GUEST_VBAR + 0x400);
}

static void an_emulated_instruction_counts_as_a_step(void **state)
{
    struct frame f = { .pc = 0x1000, .pstate = EL1H | PSTATE_SS | PSTATE_BTYPE };

    (void)state;
    frame_advance_any(&f, 0);
    assert_int_equal(f.pc, 0x1004);
    assert_int_equal(f.pstate, EL1H);
}

/* ITSTATE is in bits 15:10 and 26:25. After the last instruction of a block it is 0. */
static void t32_code_goes_on_inside_its_it_block(void **state)
{
    struct frame f = { .pc = 0x1000, .pstate = EL0_T32 | (0x0a << 10 | 1u << 25) };     /* ITSTATE 0b00101001 */

    (void)state;
    frame_advance_any(&f, 0);                   /* a 16-bit instruction */
    assert_int_equal(f.pc, 0x1002);
    assert_int_equal(f.pstate, EL0_T32 | 0x0c << 10 | 2u << 25);        /* 0b00110010 */
    frame_advance_any(&f, ESR_IL);
    assert_int_equal(f.pc, 0x1006);
    assert_int_equal(f.pstate, EL0_T32 | 0x09 << 10);                   /* 0b00100100 */
    frame_advance_any(&f, 0);
    assert_int_equal(f.pstate, EL0_T32 | 0x0a << 10);                   /* 0b00101000: the last */
    frame_advance_any(&f, 0);
    assert_int_equal(f.pstate, EL0_T32);
}

int main(void)
{
#define PROMISE(f) cmocka_unit_test_setup(f, world_begin)
    const struct CMUnitTest tests[] = {
        PROMISE(an_undefined_instruction_returns_to_itself),
        PROMISE(the_vector_says_where_it_came_from),
        PROMISE(the_class_of_an_abort_says_from_which_level),
        PROMISE(flags_and_dit_stay_and_the_rest_is_cleared),
        PROMISE(sctlr_decides_pan_and_ssbs),
        PROMISE(reserved_bits_of_vbar_do_not_matter),
        PROMISE(a_handler_that_fails_at_its_first_instruction_ends_the_vm),
        PROMISE(user_code_at_the_address_of_a_vector_ends_nothing),
        PROMISE(an_emulated_instruction_counts_as_a_step),
        PROMISE(t32_code_goes_on_inside_its_it_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
