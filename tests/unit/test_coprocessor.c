/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of CP14 and CP15 are the AArch64 registers that the Arm ARM maps them to; nothing else answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fake_sysreg.h"
#include "guest_world.h"
#include "virt/coprocessor.h"
#include "virt/idregs.h"
#include "virt/pstate.h"

#define SVC 0x13u
#define PC  0xc0001000u
#define COND_AL (1u << 24 | 14u << 20)

static struct vcpu *const v = &world_vcpu[0];
static struct frame *const f = &world_vcpu[0].context.frame;

static int begin(void **state)
{
    world_begin(state);
    v->el1.aarch32.on = true;
    v->el1.vbar = 0xc0080000;
    f->pc = PC;
    f->pstate = SVC;
    FAKE_SYSREG(id_aa64pfr0_el1)->value = 0x22;
    fake_sysreg_find("S3_0_C0_C1_0")->value = 0x131;        /* ID_PFR0 */
    fake_sysreg_find("S3_0_C0_C4_0")->value = 0x22;         /* ID_AA64PFR0_EL1 */
    fake_sysreg_find("S3_0_C0_C3_0")->value = 0x10110222;   /* MVFR0 */
    fake_sysreg_find("S3_0_C0_C3_2")->value = 0x43;         /* MVFR2 */
    idregs_init();
    return 0;
}

static uint32_t iss32(unsigned op1, unsigned crn, unsigned crm, unsigned op2, unsigned rt)
{
    return COND_AL | op2 << 17 | op1 << 14 | crn << 10 | rt << 5 | crm << 1;
}

static void trap(unsigned class, uint32_t iss)
{
    coprocessor_trap(v, (uint64_t)class << 26 | ESR_IL | iss);
}

static void mrc(unsigned cp, unsigned op1, unsigned crn, unsigned crm, unsigned op2, unsigned rt)
{
    trap(cp == 15 ? 3 : 5, iss32(op1, crn, crm, op2, rt) | 1);
}

static void mcr(unsigned cp, unsigned op1, unsigned crn, unsigned crm, unsigned op2, unsigned rt)
{
    trap(cp == 15 ? 3 : 5, iss32(op1, crn, crm, op2, rt));
}

static void mcrr(unsigned cp, unsigned op1, unsigned crm, unsigned rt, unsigned rt2, bool read)
{
    trap(cp == 15 ? 4 : 0xc, COND_AL | op1 << 16 | rt2 << 10 | rt << 5 | crm << 1 | read);
}

static void assert_done(void)
{
    assert_int_equal(f->pc, PC + 4);
    assert_int_equal(f->pstate, SVC);
    f->pc = PC;
}

static void assert_undefined(void)
{
    assert_int_equal(f->pc, 0xc0080004);
    assert_int_equal(f->pstate & PSTATE_MODE, 0x1b);
    begin(NULL);
}

static void identification_registers_are_this_cpus(void **state)
{
    (void)state;
    mrc(15, 0, 0, 1, 0, 2);
    assert_done();
    assert_int_equal(f->x[2], 0x131);
    mrc(15, 0, 0, 4, 0, 2);                 /* where AArch64 has ID_AA64PFR0_EL1 */
    assert_done();
    assert_int_equal(f->x[2], 0);
    mcr(15, 0, 0, 1, 0, 2);
    assert_undefined();
}

static void vmrs_reads_mvfr(void **state)
{
    (void)state;
    trap(8, iss32(7, 7, 0, 0, 3) | 1);
    assert_done();
    assert_int_equal(f->x[3], 0x10110222);
    trap(8, iss32(7, 5, 0, 0, 3) | 1);
    assert_done();
    assert_int_equal(f->x[3], 0x43);
}

static void software_interrupts_have_64_bits(void **state)
{
    (void)state;
    f->x[4] = UINT64_C(0xffffffff01000002);         /* what is above 32 bits is nobody's */
    f->x[5] = 0xabcd;
    mcrr(15, 0, 12, 4, 5, false);
    assert_done();
    assert_int_equal(world_log.sgi, UINT64_C(0xabcd01000002));
    assert_true(world_log.sgi_group1);
    mcrr(15, 2, 12, 4, 5, false);
    assert_false(world_log.sgi_group1);
    assert_int_equal(world_log.sgis, 2);
    mcrr(15, 3, 12, 4, 5, false);
    assert_int_equal(world_log.sgis, 2);
    assert_undefined();
    mcrr(15, 0, 12, 4, 5, true);
    assert_undefined();
}

static void the_physical_timers_comparator_has_64_bits(void **state)
{
    (void)state;
    f->x[0] = 0x11111111;
    f->x[1] = 0x22222222;
    mcrr(15, 2, 14, 0, 1, false);
    assert_done();
    assert_int_equal(v->timer.cntp_cval, UINT64_C(0x2222222211111111));
    mcrr(15, 2, 14, 6, 7, true);
    assert_done();
    assert_int_equal(f->x[6], 0x11111111);
    assert_int_equal(f->x[7], 0x22222222);
}

static void debug_registers_are_the_guests_own(void **state)
{
    (void)state;
    mrc(14, 0, 0, 0, 0, 1);                 /* DBGDIDR: two points of each kind, Armv8 */
    assert_int_equal(f->x[1], 0x11068000);
    assert_done();
    f->x[1] = 1u << 15;
    mcr(14, 0, 0, 2, 2, 1);                 /* DBGDSCRext.MDBGen */
    assert_done();
    mrc(14, 0, 0, 1, 0, 2);                 /* DBGDSCRint shows it */
    assert_done();
    assert_int_equal(f->x[2], 1u << 15);
    f->x[1] = 0xc0001000;
    mcr(14, 0, 0, 1, 4, 1);                 /* DBGBVR1 */
    assert_int_equal(v->own_debug.points.bvr[1], 0xc0001000);
    assert_done();
    mcr(14, 0, 0, 7, 0, 1);                 /* DBGVCR */
    assert_done();
    mrc(14, 0, 1, 0, 0, 1);                 /* DBGDRAR, and with 64 bits */
    assert_done();
    assert_int_equal(f->x[1], 0);
    mcrr(14, 0, 1, 2, 3, true);
    assert_done();
    assert_int_equal(f->x[2], 0);
    mrc(14, 0, 0, 5, 0, 2);                 /* DBGDTRRXint: no debugger outside sends anything */
    assert_done();
    assert_int_equal(f->x[2], 0);
    mcr(14, 0, 0, 5, 0, 1);                 /* DBGDTRTXint */
    assert_done();
    mcr(14, 0, 0, 0, 0, 1);
    assert_undefined();
}

static void what_is_not_there_is_undefined(void **state)
{
    (void)state;
    mrc(15, 0, 9, 12, 0, 1);                /* PMCR */
    assert_undefined();
    mrc(15, 0, 15, 0, 0, 1);                /* the implementation's own */
    assert_undefined();
    mcrr(15, 0, 7, 0, 1, false);
    assert_undefined();
    mcrr(14, 0, 1, 0, 1, false);            /* DBGDRAR is read only */
    assert_undefined();
    trap(6, COND_AL | 1);                   /* STC of CP14 */
    assert_undefined();
}

static void actlr_reads_0_and_keeps_nothing(void **state)
{
    (void)state;
    mcr(15, 0, 1, 0, 1, 3);
    assert_done();
    mrc(15, 0, 1, 0, 1, 3);
    assert_done();
    assert_int_equal(f->x[3], 0);
}

static void one_whose_condition_fails_does_nothing(void **state)
{
    (void)state;
    mcrr(15, 0, 12, 4, 5, false);
    trap(4, 1u << 24 | 0u << 20 | 5 << 10 | 4 << 5 | 12 << 1);      /* EQ, and Z is 0 */
    assert_int_equal(world_log.sgis, 1);
    assert_int_equal(f->pc, PC + 8);
}

static void a_register_that_is_none_is_not_written(void **state)
{
    (void)state;
    mrc(14, 0, 0, 1, 0, 31);                /* MRC p14, 0, APSR_nzcv, c0, c1, 0 */
    assert_done();
    mcr(15, 0, 1, 0, 1, 31);
    assert_done();
}

int main(void)
{
#define PROMISE(f) cmocka_unit_test_setup(f, begin)
    const struct CMUnitTest tests[] = {
        PROMISE(identification_registers_are_this_cpus),
        PROMISE(vmrs_reads_mvfr),
        PROMISE(software_interrupts_have_64_bits),
        PROMISE(the_physical_timers_comparator_has_64_bits),
        PROMISE(debug_registers_are_the_guests_own),
        PROMISE(what_is_not_there_is_undefined),
        PROMISE(actlr_reads_0_and_keeps_nothing),
        PROMISE(one_whose_condition_fails_does_nothing),
        PROMISE(a_register_that_is_none_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
