/* SPDX-License-Identifier: Apache-2.0 */
/* DOMAIN_CREATE, while another CPU of the caller's changes its handles too, VCPU_CREATE and THREAD_CREATE (calls_domain.c). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core_world.h"
#include "entry/hypercall.h"
#include "virt/vcpu.h"

#define TABLE 6
#define POOL  1

static struct handle slots[TABLE];
static struct mem pool;
static struct vm made;
static bool closes;     /* another CPU closes all that it finds, while the domain is made */
static bool no_room;    /* in the pool, for the domain */

struct vm *vm_create(struct mem *of, bool clock_stands, uint32_t handles, uint64_t tag)
{
    (void)of, (void)clock_stands, (void)handles, (void)tag;
    for (unsigned i = 1; closes && i < TABLE; i++)
        (void)handle_close(&slots[i]);
    return no_room ? NULL : &made;
}

/* As entry/hypercall.c has it. */
int new_handle(struct context *c, enum object_type type, void *object, uint32_t value, uint64_t *out)
{
    int64_t h = handle_add(&c->domain->handles, 1, type, object, BELAY_RIGHT_ALL, value);

    if (h < 0)
        return BELAY_ENOMEM;
    *out = (uint64_t)h;
    return BELAY_OK;
}

static struct vcpu vcpu;
static bool host_has_aarch32;

struct vcpu *vcpu_create(struct vm *vm, bool aarch32) { (void)vm, (void)aarch32; return &vcpu; }
bool el1_has_aarch32(void) { return host_has_aarch32; }

/* Not called here. */
void vcpu_start(struct vcpu *v, const struct vcpu_entry *entry) { (void)v, (void)entry; }
void vm_place(struct vm *vm) { (void)vm; }
bool context_is_vcpu(const struct context *c) { (void)c; return false; }

static int begin(void **state)
{
    const struct handle h = handle_of(OBJECT_MEM, &pool, BELAY_RIGHT_ALL, 0);

    world_begin(state);
    memset(slots, 0, sizeof slots);
    pool = (struct mem){ .size = 0x100000, .kind = BELAY_MEM_RAM };
    made = (struct vm){ .domain.kind = BELAY_DOMAIN_VM };
    world_domain[0].handles = (struct handle_table){ slots, TABLE };
    closes = no_room = false;
    return handle_put(&slots[POOL], &h) ? 0 : -1;
}

static int create(uint64_t *handle)
{
    uint64_t x[7] = { POOL, BELAY_DOMAIN_VM, 8, 'v' };
    int result = call_domain_create(world_context(0), x);

    *handle = x[1];
    return result;
}

static void what_it_answers_names_the_domain(void **state)
{
    uint64_t h;

    (void)state;
    for (unsigned turn = 0; turn < 2; turn++) {
        closes = turn;
        assert_int_equal(create(&h), BELAY_OK);
        assert_ptr_equal(handle_object(&world_domain[0].handles, h, OBJECT_DOMAIN, BELAY_RIGHT_ALL), &made);
    }
}

static void a_full_table_takes_none(void **state)
{
    uint64_t h;

    (void)state;
    for (unsigned i = POOL + 1; i < TABLE; i++)
        slots[i] = handle_of(OBJECT_LINE, &made, BELAY_RIGHT_USE, 40);
    assert_int_equal(create(&h), BELAY_ENOMEM);
}

static void a_pool_that_is_too_small_costs_no_slot(void **state)
{
    uint64_t h;

    (void)state;
    no_room = true;
    for (unsigned turn = 0; turn < 2 * TABLE; turn++)
        assert_int_equal(create(&h), BELAY_ENOMEM);
    no_room = false;
    assert_int_equal(create(&h), BELAY_OK);
}

static void threads_are_created_while_their_service_has_memory_for_them(void **state)
{
    static _Alignas(PAGE_SIZE) uint8_t memory[PAGE_SIZE];
    struct domain *service = &world_domain[1];
    uint64_t x[7] = { POOL + 1, 0x10008 };

    (void)state;
    pool_init(&service->pool, memory, sizeof memory);
    slots[POOL + 1] = handle_of(OBJECT_DOMAIN, service, BELAY_RIGHT_ALL, 0);
    assert_int_equal(call_thread_create(world_context(0), x), BELAY_EINVAL);    /* SP is aligned to 16 (AAPCS64) */
    x[1] = 0x10000;
    assert_int_equal(call_thread_create(world_context(0), x), BELAY_OK);
    assert_non_null(handle_object(&world_domain[0].handles, x[1], OBJECT_CONTEXT, BELAY_RIGHT_ALL));
    while (pool_object(&service->pool, 16))
        ;
    for (unsigned turn = 0; turn < 2 * TABLE; turn++) {
        x[1] = 0x10000;
        assert_int_equal(call_thread_create(world_context(0), x), BELAY_ENOMEM);
    }
}

static int create_vcpu(uint64_t flags)
{
    uint64_t h, x[7] = { 0, flags };

    if (create(&h) != BELAY_OK)
        return BELAY_ENOMEM;
    made.domain.state = BELAY_STATE_STOPPED;
    x[0] = h;
    return call_vcpu_create(world_context(0), x);
}

static void a_vcpu_is_of_aarch32_only_where_the_host_has_that(void **state)
{
    (void)state;
    host_has_aarch32 = false;
    assert_int_equal(create_vcpu(BELAY_VCPU_AARCH32), BELAY_EINVAL);
    host_has_aarch32 = true;
    assert_int_equal(create_vcpu(BELAY_VCPU_AARCH32), BELAY_OK);
}

static void a_vcpu_has_no_flags_that_nobody_knows(void **state)
{
    (void)state;
    host_has_aarch32 = true;
    assert_int_equal(create_vcpu(BELAY_VCPU_AARCH32 << 1), BELAY_EINVAL);
    assert_int_equal(create_vcpu(0), BELAY_OK);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_it_answers_names_the_domain), T(a_full_table_takes_none), T(a_pool_that_is_too_small_costs_no_slot),
        T(threads_are_created_while_their_service_has_memory_for_them),
        T(a_vcpu_is_of_aarch32_only_where_the_host_has_that), T(a_vcpu_has_no_flags_that_nobody_knows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
