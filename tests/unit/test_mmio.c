/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's accesses to where no memory is: the virtual GIC's, a service's, nobody's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/portal.h"
#include "fake_sysreg.h"
#include "guest_world.h"
#include "virt/mmio.h"
#include "virt/pstate.h"

#define GICD       UINT64_C(0x08000000)
#define UART       UINT64_C(0x09000000)     /* a service's */
#define NOTHING    UINT64_C(0x0a000000)
#define VIRTUAL    UINT64_C(0xffffffc008000000)

#define DABT       (UINT64_C(0x24) << 26 | 1u << 25)
#define TRANSLATION 0x07u
#define ISV        (1u << 24)
#define SAS(n)     ((uint64_t)(n) << 22)
#define SSE        (1u << 21)
#define SRT(n)     ((uint64_t)(n) << 16)
#define SF         (1u << 15)
#define CM         (1u << 8)
#define S1PTW      (1u << 7)
#define WNR        (1u << 6)
#define EXTERNAL_EL1 0x96000010u

#define LDR_POST   0xb8404443u              /* ldr w3, [x2], #4 */
#define LDP_POST   0x28c11443u              /* ldp w3, w5, [x2], #8 */
#define STP_X      0xa9001443u              /* stp x3, x5, [x2] */
#define LDP_X      0xa9401443u              /* ldp x3, x5, [x2] */
#define STR_SP_PRE 0xb81fcfe3u              /* str w3, [sp, #-4]! */
#define A32_LDR_POST 0xe4923004u          /* ldr r3, [r2], #4 */
#define T32_STRD_LR  0xe9c23e00u          /* strd r3, lr, [r2] */
#define LDADD      0xb8230045u
#define LDR_Q      0x3dc00043u

static struct vcpu *const v = &world_vcpu[0];
static uint64_t *const x = world_vcpu[0].context.frame.x;
static struct portal uart;

static int begin(void **state)
{
    world_begin(state);
    world_vm.traps = 1;
    world_vm.trap[0] = (struct trap){ UART, 0x1000, &uart };
    return 0;
}

static void fault_at(uint64_t ipa, uint64_t esr)
{
    FAKE_SYSREG(far_el2)->value = VIRTUAL | (ipa & 0xfff);
    FAKE_SYSREG(hpfar_el2)->value = ipa >> 12 << 4;
    guest_data_abort(v, DABT | TRANSLATION | esr);
}

/* An access without a syndrome: x2 has its address. */
static void fault_of(uint32_t insn, uint64_t ipa, uint64_t esr)
{
    world_insn = insn;
    x[2] = VIRTUAL | (ipa & 0xfff);
    fault_at(ipa, esr);
}

static void a_gic_register_is_read_into_the_register(void **state)
{
    (void)state;
    world_gic_reads = 0xffffffff89abcdef;
    fault_at(GICD + 0x104, ISV | SAS(2) | SRT(7));
    assert_int_equal(world_log.gic.ipa, GICD + 0x104);
    assert_int_equal(world_log.gic.size, 4);
    assert_int_equal(x[7], 0x89abcdef);
    assert_advanced(v);
}

static void loads_are_extended_as_the_instruction_says(void **state)
{
    static const struct { uint64_t esr, value; } loads[] = {
        { SAS(0), 0x80 }, { SAS(0) | SF, 0x80 }, { SAS(0) | SSE, 0xffffff80 },
        { SAS(0) | SSE | SF, 0xffffffffffffff80 }, { SAS(1), 0x8080 }, { SAS(1) | SSE, 0xffff8080 },
        { SAS(2) | SSE | SF, 0xffffffff80808080 }, { SAS(2) | SF, 0x80808080 }, { SAS(3) | SF, 0x8080808080808080 },
    };

    for (unsigned i = 0; i < sizeof loads / sizeof loads[0]; i++) {
        begin(state);
        world_gic_reads = 0x8080808080808080;
        fault_at(GICD, ISV | SRT(7) | loads[i].esr);
        assert_int_equal(x[7], loads[i].value);
        begin(state);
        fault_at(UART, ISV | SRT(7) | loads[i].esr);
        mmio_finish(v, 0x8080808080808080, 0);          /* more than was asked for */
        assert_int_equal(x[7], loads[i].value);
    }
}

static void a_store_takes_the_low_bytes(void **state)
{
    (void)state;
    fault_at(GICD + 0x104, ISV | SAS(1) | SRT(7) | WNR);
    assert_true(world_log.gic.write);
    assert_int_equal(world_log.gic_value, 0x7777);
    assert_int_equal(x[7], 0x7777777777777777);
    assert_advanced(v);
}

static void xzr_is_zero_and_forgets(void **state)
{
    struct frame before = v->context.frame;

    (void)state;
    fault_at(GICD, ISV | SAS(2) | SRT(31) | WNR);
    assert_int_equal(world_log.gic_value, 0);
    fault_at(GICD, ISV | SAS(2) | SRT(31));
    for (unsigned n = 0; n < 31; n++)
        assert_int_equal(x[n], before.x[n]);
}

static void a_device_of_a_service_is_a_portal_call(void **state)
{
    (void)state;
    v->pending = PENDING_HYPERCALL;                                /* a CALL that was given up */
    fault_at(UART + 0x18, ISV | SAS(2) | SRT(7));
    assert_int_equal(world_log.portal_calls, 1);
    assert_int_equal(world_log.words[0], 0x18);
    assert_int_equal(world_log.words[1], 4);
    assert_int_equal(v->context.frame.pc, GUEST_PC);    /* so that it can be made again */
    assert_int_equal(v->pending, PENDING_PLAIN);
    mmio_finish(v, 0x90, 0);
    assert_int_equal(x[7], 0x90);
    assert_advanced(v);
}

static void a_store_to_a_service_has_its_value_in_the_call(void **state)
{
    (void)state;
    fault_at(UART, ISV | SAS(0) | SRT(7) | WNR);
    assert_int_equal(world_log.words[1], 1 | BELAY_ACCESS_WRITE);
    assert_int_equal(world_log.words[2], 0x77);
    mmio_finish(v, 0xdead, 0);
    assert_int_equal(x[7], 0x7777777777777777);
    assert_advanced(v);
}

static void a_service_can_abort_an_access(void **state)
{
    (void)state;
    fault_at(UART + 0x18, ISV | SAS(2) | SRT(7) | WNR);
    mmio_finish(v, 0, BELAY_ACCESS_ABORT);
    assert_exception(v, 0x200, EXTERNAL_EL1 | WNR);
    assert_int_equal(v->el1.far, VIRTUAL | 0x18);
    assert_true(world_log.evictions > 0);               /* its registers may be in memory or in the hardware */
}

static void a_portal_that_can_not_be_called_is_an_abort(void **state)
{
    (void)state;
    world_portal_result = BELAY_EINVAL;
    fault_at(UART, ISV | SAS(2) | SRT(7));
    assert_exception(v, 0x200, EXTERNAL_EL1);
    begin(state);
    world_portal_result = BELAY_EINVAL;
    fault_of(LDR_POST, UART, 0);
    assert_exception(v, 0x200, EXTERNAL_EL1);
    assert_int_equal(x[2], VIRTUAL);                    /* it is not written back */
}

static void nothing_there_is_an_external_abort(void **state)
{
    fault_at(NOTHING + 0x123, ISV | SAS(2) | SRT(7));
    assert_exception(v, 0x200, EXTERNAL_EL1);
    assert_int_equal(v->el1.far, VIRTUAL | 0x123);
    begin(state);
    v->context.frame.pstate = EL0_A64;
    fault_at(NOTHING, ISV | SAS(2) | SRT(7) | WNR);
    assert_exception(v, 0x400, 0x92000050);
}

static void an_access_over_the_end_of_a_device_is_an_abort(void **state)
{
    (void)state;
    world_vm.trap[0].size = 0x806;
    fault_at(UART + 0x804, ISV | SAS(2) | SRT(7));
    assert_exception(v, 0x200, EXTERNAL_EL1);
    assert_int_equal(world_log.portal_calls, 0);
}

static void a_write_to_memory_that_may_only_be_read_is_an_abort(void **state)
{
    (void)state;
    FAKE_SYSREG(far_el2)->value = VIRTUAL;
    FAKE_SYSREG(hpfar_el2)->value = GICD >> 8;          /* not valid: it must not be looked at */
    guest_data_abort(v, DABT | 0x0f | ISV | SAS(2) | WNR);
    assert_exception(v, 0x200, EXTERNAL_EL1 | WNR);
    assert_int_equal(world_log.gic_accesses, 0);
}

/* As flash: what it holds is mapped, and a write is a command. */
static void a_write_to_what_may_only_be_read_is_the_devices_that_is_there(void **state)
{
    (void)state;
    world_translates = UART;
    x[3] = 0x98;
    FAKE_SYSREG(far_el2)->value = VIRTUAL | 0x154;
    FAKE_SYSREG(hpfar_el2)->value = GICD >> 8;          /* not valid */
    guest_data_abort(v, DABT | 0x0f | ISV | SAS(2) | WNR | SRT(3));
    assert_int_equal(world_log.portal_calls, 1);
    assert_int_equal(world_log.words[0], 0x154);
    assert_int_equal(world_log.words[1], 4 | BELAY_ACCESS_WRITE);
    assert_int_equal(world_log.words[2], 0x98);
    assert_int_equal(world_log.gic_accesses, 0);
    begin(state);
    world_translates = UART + 0x1000;                   /* no device there */
    guest_data_abort(v, DABT | 0x0f | ISV | SAS(2) | WNR);
    assert_exception(v, 0x200, EXTERNAL_EL1 | WNR);
    begin(state);
    world_translates = UART;
    guest_data_abort(v, DABT | 0x0f | ISV | SAS(2));    /* a read that is not allowed */
    assert_exception(v, 0x200, EXTERNAL_EL1);
    assert_int_equal(world_log.portal_calls, 0);
}

static void a_table_walk_through_a_device_is_an_abort_of_the_walk(void **state)
{
    fault_at(GICD, S1PTW);
    assert_exception(v, 0x200, 0x96000017);
    begin(state);
    fault_at(GICD, S1PTW | CM | WNR);                   /* of an AT or DC instruction */
    assert_exception(v, 0x200, 0x96000017 | CM | WNR);
    assert_int_equal(world_log.gic_accesses, 0);
}

static void faults_of_the_memory_type_keep_their_code(void **state)
{
    static const uint32_t codes[] = { 0x21, 0x35 };

    for (unsigned i = 0; i < 2; i++) {
        begin(state);
        guest_data_abort(v, DABT | codes[i]);
        assert_exception(v, 0x200, 0x96000000 | codes[i]);
    }
}

static void cache_maintenance_of_a_device_does_nothing(void **state)
{
    (void)state;
    fault_at(UART, CM | WNR);
    assert_advanced(v);
    assert_int_equal(world_log.portal_calls, 0);
}

static void post_index_writes_the_base_back(void **state)
{
    (void)state;
    fault_of(LDR_POST, UART + 0x18, 0);
    assert_int_equal(world_log.words[0], 0x18);
    mmio_finish(v, 0x90, 0);
    assert_int_equal(x[3], 0x90);
    assert_int_equal(x[2], VIRTUAL + 0x1c);
    assert_advanced(v);
}

static void a_pair_is_two_accesses(void **state)
{
    (void)state;
    fault_of(LDP_POST, UART + 0x20, 0);
    assert_int_equal(world_log.words[0], 0x20);
    mmio_finish(v, 0xaaaa, 0);
    assert_int_equal(world_log.portal_calls, 2);
    assert_int_equal(world_log.words[0], 0x24);
    assert_int_equal(v->context.frame.pc, GUEST_PC);
    assert_int_equal(x[3], 0x3333333333333333);         /* both at the end, for it may be made again */
    mmio_finish(v, 0xbbbb, 0);
    assert_int_equal(x[3], 0xaaaa);
    assert_int_equal(x[5], 0xbbbb);
    assert_int_equal(x[2], VIRTUAL + 0x28);
    assert_advanced(v);
}

static void a_pair_of_stores_has_both_values(void **state)
{
    (void)state;
    fault_of(STP_X, UART, WNR);
    assert_int_equal(world_log.words[1], 8 | BELAY_ACCESS_WRITE);
    assert_int_equal(world_log.words[2], 0x3333333333333333);
    mmio_finish(v, 0, 0);
    assert_int_equal(world_log.words[0], 8);
    assert_int_equal(world_log.words[2], 0x5555555555555555);
    mmio_finish(v, 0, 0);
    assert_advanced(v);
}

static void a_pair_on_the_gic_is_done_at_once(void **state)
{
    (void)state;
    world_gic_reads = 0x1234567887654321;
    fault_of(LDP_X, GICD, 0);
    assert_int_equal(world_log.gic_accesses, 2);
    assert_int_equal(world_log.gic.ipa, GICD + 8);
    assert_int_equal(x[5], 0x1234567887654321);
    assert_advanced(v);
}

static void a_pair_whose_second_half_aborts_changes_no_register(void **state)
{
    (void)state;
    world_vm.trap[0].size = 0x24;
    fault_of(LDP_POST, UART + 0x20, 0);
    mmio_finish(v, 0xaaaa, 0);
    assert_exception(v, 0x200, EXTERNAL_EL1);
    assert_int_equal(x[3], 0x3333333333333333);
    assert_int_equal(x[2], VIRTUAL + 0x20);
}

static void the_stack_pointer_can_be_the_base(void **state)
{
    (void)state;
    world_insn = STR_SP_PRE;
    v->el1.sp_el1 = VIRTUAL + 0x24;
    fault_at(UART + 0x20, WNR);
    assert_int_equal(world_log.words[2], 0x33333333);
    mmio_finish(v, 0, 0);
    assert_int_equal(v->el1.sp_el1, VIRTUAL + 0x20);
    assert_advanced(v);

    begin(state);
    world_insn = STR_SP_PRE;
    v->context.frame.pstate = EL0_A64;
    v->el1.el0.sp_el0 = VIRTUAL + 0x24;
    fault_at(UART + 0x20, WNR);
    mmio_finish(v, 0, 0);
    assert_int_equal(v->el1.el0.sp_el0, VIRTUAL + 0x20);
}

static void an_instruction_that_does_not_fit_the_fault_is_an_abort(void **state)
{
    world_insn = LDR_POST;                              /* x2 is elsewhere */
    fault_at(UART, 0);
    assert_exception(v, 0x200, EXTERNAL_EL1);
    begin(state);
    fault_of(LDR_POST, UART, WNR);                      /* a load that wrote */
    assert_exception(v, 0x200, EXTERNAL_EL1 | WNR);
    begin(state);
    fault_of(LDP_X, UART + 0xff8, 0);                   /* across the end of the page, where nothing follows */
    assert_exception(v, 0x200, EXTERNAL_EL1);
    begin(state);
    world_translates = UART;
    fault_of(LDP_X, UART + 0xffc, 0);                   /* with its first register */
    assert_exception(v, 0x200, EXTERNAL_EL1);
    assert_int_equal(world_log.portal_calls, 0);
}

static void the_second_half_of_a_pair_may_be_on_another_page(void **state)
{
    (void)state;
    world_vm.trap[1] = (struct trap){ UART + 0x10000, 0x1000, &uart };
    world_vm.traps = 2;
    world_translates = UART + 0x10000;
    fault_of(LDP_X, UART + 0xff8, 0);
    assert_int_equal(world_log.words[0], 0xff8);
    mmio_finish(v, 0xaaaa, 0);
    assert_int_equal(world_log.portal_calls, 2);
    assert_int_equal(world_log.words[0], 0);
    mmio_finish(v, 0xbbbb, 0);
    assert_advanced(v);

    begin(state);
    world_translates = GUEST_RAM;                       /* which is no device's */
    fault_of(LDP_X, UART + 0xff8, 0);
    mmio_finish(v, 0xaaaa, 0);
    assert_exception(v, 0x200, EXTERNAL_EL1);
}

static void vectors_and_unreadable_instructions_are_aborts(void **state)
{
    fault_of(LDR_Q, UART, 0);
    assert_exception(v, 0x200, EXTERNAL_EL1);
    begin(state);
    world_fetches = false;
    fault_of(LDR_POST, UART, 0);
    assert_exception(v, 0x200, EXTERNAL_EL1);
}

static void atomics_are_told_as_unsupported(void **state)
{
    (void)state;
    fault_of(LDADD, UART, WNR);
    assert_exception(v, 0x200, 0x96000035 | WNR);
}

static void aarch32_user_code_goes_on_after_its_instruction(void **state)
{
    (void)state;
    v->context.frame.pstate = EL0_T32;
    FAKE_SYSREG(far_el2)->value = 0x1000;
    FAKE_SYSREG(hpfar_el2)->value = GICD >> 8;
    guest_data_abort(v, (DABT & ~UINT64_C(0x2000000)) | TRANSLATION | ISV | SAS(2) | SRT(14));
    assert_int_equal(v->context.frame.pc, GUEST_PC + 2);
    assert_int_equal(x[14], 0);
}

/* QEMU's syndrome of an abort has the instruction's number, where it should have the frame's (Arm ARM, D1.20.1). */
static void a_register_of_a_mode_is_that_modes(void **state)
{
    (void)state;
    v->context.frame.pstate = 0x13;             /* Supervisor */
    world_gic_reads = 0x12345678;
    fault_at(GICD, ISV | SAS(2) | SRT(14));
    assert_int_equal(x[18], 0x12345678);
    fault_at(GICD, ISV | SAS(2) | SRT(19));
    assert_int_equal(x[19], 0x12345678);
}

static void aarch32_accesses_without_a_syndrome_are_decoded(void **state)
{
    (void)state;
    v->context.frame.pstate = 0x13;
    world_insn = A32_LDR_POST;
    x[2] = UINT64_C(0xffffffff08000104);        /* what is above 32 bits is nobody's */
    FAKE_SYSREG(far_el2)->value = 0x08000104;
    FAKE_SYSREG(hpfar_el2)->value = GICD >> 8;
    world_gic_reads = 0x12345678;
    guest_data_abort(v, DABT | TRANSLATION);
    assert_int_equal(x[3], 0x12345678);
    assert_int_equal(x[2], 0x08000108);
    assert_advanced(v);
    v->context.frame.pstate = 0x33;             /* T32 */
    world_insn = T32_STRD_LR;
    x[2] = 0x09000ff8;
    x[18] = 0x18;
    FAKE_SYSREG(far_el2)->value = 0x09000ff8;
    FAKE_SYSREG(hpfar_el2)->value = UART >> 8;
    guest_data_abort(v, DABT | TRANSLATION | WNR);
    assert_int_equal(world_log.words[2], 0x12345678);
    mmio_finish(v, 0, 0);
    assert_int_equal(world_log.words[2], 0x18);
    mmio_finish(v, 0, 0);
    assert_int_equal(world_log.portal_calls, 2);
    assert_int_equal(v->context.frame.pc, GUEST_PC + 8);
}

/* SCTLR_EL1.EE is for EL1, E0E for EL0, and AArch32 code has a bit of its own. */
static void big_endian_code_finds_its_bytes_the_other_way_round(void **state)
{
    static const struct { uint64_t sctlr, pstate; } big[] = {
        { 1u << 25, EL1H }, { 1u << 24, EL0_A64 }, { 0, EL0_A32 | 1u << 9 },
    };

    for (unsigned i = 0; i < sizeof big / sizeof big[0]; i++) {
        begin(state);
        FAKE_SYSREG(sctlr_el1)->value = big[i].sctlr;
        v->context.frame.pstate = big[i].pstate;
        world_gic_reads = 0x12345678;
        fault_at(GICD, ISV | SAS(2) | SRT(7));
        assert_int_equal(x[7], 0x78563412);
        v->context.frame.pc = GUEST_PC;
        x[7] = 0x1234;
        fault_at(UART, ISV | SAS(1) | SRT(7) | WNR);
        assert_int_equal(world_log.words[2], 0x3412);
        mmio_finish(v, 0, 0);
        assert_advanced(v);
    }
    begin(state);
    FAKE_SYSREG(sctlr_el1)->value = 1u << 25;
    v->context.frame.pstate = EL0_A64;
    world_gic_reads = 0x12345678;
    fault_at(GICD, ISV | SAS(2) | SRT(7));
    assert_int_equal(x[7], 0x12345678);
}

static void a_fetch_from_nowhere_is_a_prefetch_abort(void **state)
{
    (void)state;
    FAKE_SYSREG(far_el2)->value = GUEST_PC;
    guest_prefetch_abort(v, UINT64_C(0x20) << 26 | 1u << 25 | TRANSLATION);
    assert_exception(v, 0x200, 0x86000010);
    assert_int_equal(v->el1.far, GUEST_PC);
    begin(state);
    v->context.frame.pstate = EL0_A32;
    guest_prefetch_abort(v, UINT64_C(0x20) << 26 | 1u << 25 | S1PTW | TRANSLATION);
    assert_exception(v, 0x600, 0x82000017);
}

int main(void)
{
#define PROMISE(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        PROMISE(a_gic_register_is_read_into_the_register),
        PROMISE(loads_are_extended_as_the_instruction_says),
        PROMISE(a_store_takes_the_low_bytes),
        PROMISE(xzr_is_zero_and_forgets),
        PROMISE(a_device_of_a_service_is_a_portal_call),
        PROMISE(a_store_to_a_service_has_its_value_in_the_call),
        PROMISE(a_service_can_abort_an_access),
        PROMISE(a_portal_that_can_not_be_called_is_an_abort),
        PROMISE(nothing_there_is_an_external_abort),
        PROMISE(an_access_over_the_end_of_a_device_is_an_abort),
        PROMISE(a_write_to_what_may_only_be_read_is_the_devices_that_is_there),
        PROMISE(a_write_to_memory_that_may_only_be_read_is_an_abort),
        PROMISE(a_table_walk_through_a_device_is_an_abort_of_the_walk),
        PROMISE(faults_of_the_memory_type_keep_their_code),
        PROMISE(cache_maintenance_of_a_device_does_nothing),
        PROMISE(post_index_writes_the_base_back),
        PROMISE(a_pair_is_two_accesses),
        PROMISE(a_pair_of_stores_has_both_values),
        PROMISE(a_pair_on_the_gic_is_done_at_once),
        PROMISE(a_pair_whose_second_half_aborts_changes_no_register),
        PROMISE(the_stack_pointer_can_be_the_base),
        PROMISE(the_second_half_of_a_pair_may_be_on_another_page),
        PROMISE(an_instruction_that_does_not_fit_the_fault_is_an_abort),
        PROMISE(vectors_and_unreadable_instructions_are_aborts),
        PROMISE(atomics_are_told_as_unsupported),
        PROMISE(aarch32_user_code_goes_on_after_its_instruction),
        PROMISE(big_endian_code_finds_its_bytes_the_other_way_round),
        PROMISE(a_register_of_a_mode_is_that_modes),
        PROMISE(aarch32_accesses_without_a_syndrome_are_decoded),
        PROMISE(a_fetch_from_nowhere_is_a_prefetch_abort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
