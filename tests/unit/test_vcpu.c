/* SPDX-License-Identifier: Apache-2.0 */
/* How many vCPUs a VM has, how each begins, and how a call that it made by itself comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core_world.h"
#include "virt/vcpu.h"

#define POOL_PAGES 16

static _Alignas(4096) uint8_t memory[POOL_PAGES][4096];
static struct mem pool;

void vgic_inject_timer(struct vcpu *of) { (void)of; }
void vgic_set_level(struct vm *m, struct vcpu *of, uint32_t intid, bool level) { (void)m, (void)of, (void)intid, (void)level; }

static int begin(void **state)
{
    world_begin(state);
    for (unsigned i = 1; i < VMIDS; i++) {
        domain_free_vmid(i);
        domains[i] = NULL;
    }
    memset(memory, 0, sizeof memory);
    return 0;
}

static struct vm *make(unsigned pages)
{
    pool = (struct mem){ .base = ptr_to_pa(memory), .size = pages * sizeof memory[0] };
    struct vm *vm = vm_create(&pool, false, 4, 'v');

    assert_non_null(vm);
    vm->domain.state = BELAY_STATE_RUNNING;
    return vm;
}

static struct vcpu *begun(bool aarch32, const struct vcpu_entry *entry)
{
    struct vcpu *v = vcpu_create(make(POOL_PAGES), aarch32);

    assert_non_null(v);
    assert_int_equal(sched_set(&v->context, 0, 10, false, 0, 0), BELAY_OK);
    vcpu_start(v, entry);
    return v;
}

static void a_vm_has_eight_vcpus_and_no_ninth(void **state)
{
    (void)state;
    struct vm *vm = make(POOL_PAGES);
    for (unsigned i = 0; i < BELAY_VCPUS_MAX; i++)
        assert_int_equal(vcpu_create(vm, false)->context.index, i);
    assert_null(vcpu_create(vm, false));
    assert_int_equal(vm->vcpus, BELAY_VCPUS_MAX);
}

static void a_vm_has_the_vcpus_that_its_pool_has_room_for(void **state)
{
    (void)state;
    struct vm *vm = make(4);
    unsigned n = 0;
    while (vcpu_create(vm, false))
        n++;
    assert_in_range(n, 1, BELAY_VCPUS_MAX - 1);
    assert_int_equal(vm->vcpus, n);
}

static void it_begins_where_it_is_told_with_all_masked(void **state)
{
    (void)state;
    const struct vcpu *v = begun(false, &(struct vcpu_entry){ .pc = 0x40080000, .x0 = 0x48000000 });
    assert_int_equal(v->context.frame.pc, 0x40080000);
    assert_int_equal(v->context.frame.x[0], 0x48000000);
    assert_int_equal(v->context.frame.pstate, 0x3c5);
    assert_int_equal(v->el1.el0.sctlr & SCTLR_EE, 0);
    assert_int_equal(vcpu_power(v), VCPU_ON);
}

static void it_begins_big_endian_where_that_is_asked_for(void **state)
{
    (void)state;
    assert_int_equal(begun(false, &(struct vcpu_entry){ .big_endian = true })->el1.el0.sctlr & SCTLR_EE, SCTLR_EE);
}

static void in_aarch32_it_begins_in_supervisor_mode(void **state)
{
    (void)state;
    assert_int_equal(begun(true, &(struct vcpu_entry){ .pc = 0x40008000 })->context.frame.pstate, 0x1d3);
    begin(state);
    const struct vcpu *v = begun(true, &(struct vcpu_entry){ .pc = 0x40008001, .big_endian = true });
    assert_int_equal(v->context.frame.pc, 0x40008000);
    assert_int_equal(v->context.frame.pstate, 0x1d3 | 1u << 5 | 1u << 9);       /* T32 code, and big-endian */
}

/* CALL: the instruction is over, x0 says that it was answered, and x1 to x4 are the answer. */
static void the_answer_to_its_own_call_is_in_its_registers(void **state)
{
    static const uint64_t words[4] = { 11, 12, 13, 14 };

    (void)state;
    struct vcpu *v = begun(false, &(struct vcpu_entry){ .pc = 0x40080000, .x0 = 99 });
    v->context.frame.x[5] = 55;
    v->pending = PENDING_HYPERCALL;
    v->context.class->reply(&v->context, words);
    assert_int_equal(v->context.frame.pc, 0x40080004);
    assert_int_equal(v->context.frame.x[0], BELAY_OK);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(v->context.frame.x[1 + i], words[i]);
    assert_int_equal(v->context.frame.x[5], 55);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_vm_has_eight_vcpus_and_no_ninth), T(a_vm_has_the_vcpus_that_its_pool_has_room_for),
        T(it_begins_where_it_is_told_with_all_masked), T(it_begins_big_endian_where_that_is_asked_for),
        T(in_aarch32_it_begins_in_supervisor_mode), T(the_answer_to_its_own_call_is_in_its_registers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
