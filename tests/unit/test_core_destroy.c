/* SPDX-License-Identifier: Apache-2.0 */
/* A domain's end: nothing points into its pool any more when that is another's; two CPUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <sanitizer/asan_interface.h>

#include "core/destroy.h"
#include "core/irq.h"
#include "core/mem.h"
#include "core/notification.h"
#include "core/portal.h"
#include "core_world.h"

#define POOL_PAGES 4
#define DOMAINS    3
#define STEWARD    3     /* its pool: the first domain, which stays */
#define HANDLES    16

static _Alignas(4096) uint8_t memory[DOMAINS + 1][POOL_PAGES][4096];
static struct mem pool[DOMAINS + 1];
static struct handle slots[2][HANDLES];     /* of two managers: world domains 0 and 1 */
static struct domain *d;                    /* the first one made */
static struct context *manager, *other;     /* on the first CPU and the second */

static struct context *ready_on(struct cpu *cpu, unsigned n)
{
    struct context *c = world_context(n);

    assert_int_equal(sched_set(c, cpu->index, 50, false, 0, 0), BELAY_OK);
    world_on(cpu);
    context_wake(c);
    world_on(&world_cpu);
    return c;
}

static struct domain *make(unsigned n)
{
    __asan_unpoison_memory_region(memory[n], sizeof memory[n]);
    pool[n] = (struct mem){ .base = ptr_to_pa(memory[n]), .size = sizeof memory[n] };
    return domain_create(&pool[n], sizeof(struct domain), BELAY_DOMAIN_SERVICE, HANDLES, 'a' + n);
}

static int begin(void **state)
{
    world_begin(state);
    cpus_running = 2;
    for (unsigned i = 1; i < VMIDS; i++) {
        domain_free_vmid(i);
        domains[i] = NULL;
    }
    memset(irqs, 0, sizeof irqs);
    memset(slots, 0, sizeof slots);
    for (unsigned i = 0; i < 2; i++) {
        world_domain[i].handles = (struct handle_table){ slots[i], HANDLES };
        domains[100 + i] = &world_domain[i];
    }
    manager = ready_on(&world_cpu, 0);
    other = ready_on(&world_other, 1);
    assert_non_null(make(STEWARD));
    d = make(0);
    assert_non_null(d);
    return 0;
}

static void take_messages(struct cpu *cpu)
{
    world_on(cpu);
    while (world_takes_messages())
        ;
    world_on(&world_cpu);
}

static void deliver_all(void)
{
    for (unsigned n = 0; n < 8; n++) {
        take_messages(&world_other);
        take_messages(&world_cpu);
    }
}

/* As DOMAIN_DESTROY, called again and again; from the end on a touch of the pool is a failure. */
static int destroy(struct domain *x, unsigned n)
{
    struct mem *freed = NULL;
    int error = destroy_begin(x, manager);

    if (error)
        return error;
    while ((error = destroy_go_on(x, manager, &freed)) == BELAY_EAGAIN)
        deliver_all();
    if (error)
        return error;
    assert_ptr_equal(freed, &pool[n]);
    assert_null(freed->pool_of);
    __asan_poison_memory_region(memory[n], sizeof memory[n]);
    return BELAY_OK;
}

static struct thread *thread_on(struct cpu *cpu, unsigned priority, uint64_t budget, uint64_t period)
{
    struct thread *t = thread_create(d, 0x10000);

    assert_non_null(t);
    if (priority)
        assert_int_equal(sched_set(&t->context, cpu->index, priority, false, budget, period), BELAY_OK);
    return t;
}

static void its_pool_and_its_number_are_free_again(void **state)
{
    unsigned vmid = domain_vmid(d);

    (void)state;
    assert_ptr_equal(domains[vmid], d);
    assert_int_equal(destroy(d, 0), BELAY_OK);
    assert_null(domains[vmid]);
    struct domain *next = make(0);
    assert_int_equal(domain_vmid(next), vmid);
    assert_ptr_equal(domains[vmid], next);
}

static void numbers_are_used_up_only_by_domains_that_are_there(void **state)
{
    (void)state;
    assert_int_equal(destroy(d, 0), BELAY_OK);
    for (unsigned n = 0; n < 3 * VMIDS; n++) {
        struct domain *x = make(n % DOMAINS);
        assert_non_null(x);
        assert_int_equal(destroy(x, n % DOMAINS), BELAY_OK);
    }
}

static void only_what_is_stopped_is_destroyed(void **state)
{
    (void)state;
    assert_int_equal(domain_start(d), BELAY_OK);
    assert_int_equal(destroy_begin(d, manager), BELAY_ESTATE);
    deliver_all();
    assert_int_equal(destroy_begin(d, manager), BELAY_ESTATE);
    assert_int_equal(domain_stop(d, manager), BELAY_EAGAIN);
    assert_int_equal(destroy_begin(d, manager), BELAY_EAGAIN);
    deliver_all();
    assert_int_equal(manager->state, CONTEXT_READY);
    assert_int_equal(destroy(d, 0), BELAY_OK);
}

static void a_service_that_a_vm_uses_stays(void **state)
{
    (void)state;
    d->users = 1;
    assert_int_equal(destroy_begin(d, manager), BELAY_EBUSY);
    d->users = 0;
    assert_int_equal(destroy_begin(d, manager), BELAY_OK);
    d->users = 1;               /* by a call that was under way */
    assert_int_equal(destroy_go_on(d, manager, NULL), BELAY_EBUSY);
    d->users = 0;
    assert_int_equal(destroy_begin(d, other), BELAY_EBUSY);
    assert_int_equal(destroy_go_on(d, manager, NULL), BELAY_EAGAIN);
}

static void who_has_cut_extents_stays(void **state)
{
    struct mem ram = { .base = pa(0x40000000), .size = 2 * PAGE_SIZE };

    (void)state;
    assert_non_null(mem_split(d, &ram, PAGE_SIZE));
    assert_int_equal(destroy_begin(d, manager), BELAY_EBUSY);
}

static void it_does_not_start_any_more(void **state)
{
    (void)state;
    assert_int_equal(destroy_begin(d, manager), BELAY_OK);
    assert_int_equal(domain_start(d), BELAY_EAGAIN);
    assert_int_equal(d->state, BELAY_STATE_STOPPED);
}

static void handles_to_it_and_to_its_objects_go_and_others_stay(void **state)
{
    struct thread *t = thread_on(&world_cpu, 0, 0, 0);
    struct notification *n = notification_create(d);
    struct irq *its = &irqs[3], *others = &irqs[4];
    struct mem ram = { .base = pa(0x40000000), .size = PAGE_SIZE };

    (void)state;
    its->notification = n;
    for (unsigned i = 0; i < 2; i++) {
        struct handle_table *t1 = &world_domain[i].handles;
        handle_add(t1, 1, OBJECT_DOMAIN, d, BELAY_RIGHT_ALL, 0);
        handle_add(t1, 1, OBJECT_CONTEXT, t, BELAY_RIGHT_ALL, 0);
        handle_add(t1, 1, OBJECT_NOTIFICATION, n, BELAY_RIGHT_ALL, 0);
        handle_add(t1, 1, OBJECT_LINE, d, BELAY_RIGHT_ALL, 40);
        handle_add(t1, 1, OBJECT_IRQ, its, BELAY_RIGHT_ALL, 0);
        handle_add(t1, 1, OBJECT_IRQ, others, BELAY_RIGHT_ALL, 0);
        handle_add(t1, 1, OBJECT_MEM, &ram, BELAY_RIGHT_ALL, 0);
        handle_add(t1, 1, OBJECT_DOMAIN, &world_domain[1], BELAY_RIGHT_ALL, 0);
        world_domain[i].watcher = n;
    }
    handle_add(&d->handles, 1, OBJECT_MEM, &ram, BELAY_RIGHT_ALL, 0);
    assert_int_equal(ram.handles, 3);
    assert_int_equal(destroy(d, 0), BELAY_OK);
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned s = 1; s < HANDLES; s++)
            assert_int_equal(handle_type(slots[i][s].tag),
                             s == 6 ? OBJECT_IRQ : s == 7 ? OBJECT_MEM : s == 8 ? OBJECT_DOMAIN : OBJECT_NONE);
        assert_null(world_domain[i].watcher);
    }
    assert_int_equal(ram.handles, 2);
    assert_null(its->notification);
}

static void its_memory_is_not_mapped_any_more(void **state)
{
    struct mem ram = { .base = pa(0x40000000), .size = 8 * PAGE_SIZE };
    uint64_t done;

    (void)state;
    assert_int_equal(mem_map(d, &ram, 0, ipa(0), PAGE_SIZE, BELAY_MAP_READ, &done), BELAY_OK);
    assert_int_equal(mem_map(d, &ram, PAGE_SIZE, ipa(0x10000), PAGE_SIZE, BELAY_MAP_READ, &done), BELAY_OK);
    assert_int_equal(ram.mappings, 2);
    assert_int_equal(destroy(d, 0), BELAY_OK);
    assert_int_equal(ram.mappings, 0);
}

static void who_waits_for_its_notification_goes_on(void **state)
{
    struct notification *n = notification_create(d);
    uint64_t bits;

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        notification_create(d);
    world_on(&world_other);
    assert_int_equal(notification_wait(n, other, WORLD_EPOCH + 100, &bits), BELAY_OK);
    world_on(&world_cpu);
    assert_int_equal(other->state, CONTEXT_WAITING);
    assert_int_equal(destroy(d, 0), BELAY_OK);
    assert_int_equal(other->state, CONTEXT_READY);
    assert_int_equal((int64_t)other->frame.x[0], BELAY_EHANDLE);
    assert_int_equal(timerq_next(&world_other.timers, 0), UINT64_MAX);
}

/* More messages than one interrupt delivers, the domain's under all of them. */
static void what_was_sent_to_its_objects_has_arrived(void **state)
{
    enum { MANY = 4 * MESSAGES_AT_ONCE };
    struct notification *n = notification_create(d), filler[MANY];
    uint64_t bits;

    (void)state;
    world_on(&world_other);
    assert_int_equal(notification_wait(n, other, 1, &bits), BELAY_OK);
    for (unsigned i = 0; i < MANY; i++) {
        notification_init(&filler[i]);
        filler[i].home = 2;
    }
    world_on(&world_cpu);
    notification_signal(n, 1);
    for (unsigned i = 0; i < MANY; i++)
        notification_signal(&filler[i], 1);
    assert_int_equal(destroy(d, 0), BELAY_OK);
    deliver_all();
    assert_int_equal(other->frame.x[0], BELAY_OK);
}

static void its_used_up_budgets_are_no_events_any_more(void **state)
{
    struct thread *here = thread_on(&world_cpu, 60, 10, 100), *there = thread_on(&world_other, 60, 10, 100);

    (void)state;
    here->context.own_sched.depleted = there->context.own_sched.depleted = true;
    timerq_set(&world_cpu.timers, &here->context.own_sched.replenish, 60, WORLD_EPOCH + 50);
    timerq_set(&world_other.timers, &there->context.own_sched.replenish, 60, WORLD_EPOCH + 50);
    assert_int_equal(destroy(d, 0), BELAY_OK);
    assert_int_equal(timerq_next(&world_cpu.timers, 0), UINT64_MAX);
    assert_int_equal(timerq_next(&world_other.timers, 0), UINT64_MAX);
}

static void no_cpu_holds_its_threads(void **state)
{
    struct thread *t = thread_on(&world_other, 60, 0, 0);

    (void)state;
    world_other.el0_thread = t;
    world_other.sched = &t->context.own_sched;
    world_other.current = &t->context;
    world_cpu.fp_owner = &t->context;
    FAKE_SYSREG(vttbr_el2)->value = d->space.vttbr;
    assert_int_equal(destroy(d, 0), BELAY_OK);
    assert_null(world_other.el0_thread);
    assert_null(world_other.sched);
    assert_null(world_other.current);
    assert_null(world_cpu.fp_owner);
    assert_int_equal(FAKE_SYSREG(vttbr_el2)->value, domains[1]->space.vttbr);
}

static unsigned leaves;

static void leave(struct context *c)
{
    assert_ptr_equal(c, world_cpu.loaded);
    leaves++;
    world_cpu.loaded = NULL;
}

/* Of a guest in the hardware of that CPU the view of EL0 is saved already: it comes anew, with the rest of it. */
static void a_guest_beside_its_threads_leaves_the_hardware(void **state)
{
    static const struct context_class guest = { .leave = leave };

    (void)state;
    world_context(5)->class = &guest;
    world_cpu.loaded = world_context(5);
    world_cpu.el0_thread = thread_on(&world_cpu, 60, 0, 0);
    leaves = 0;
    assert_int_equal(destroy(d, 0), BELAY_OK);
    assert_int_equal(leaves, 1);
    assert_null(world_cpu.el0_thread);
}

static void once_it_is_stopped_no_cpu_keeps_its_fp_registers(void **state)
{
    struct thread *t = thread_on(&world_other, 60, 0, 0);

    (void)state;
    assert_int_equal(domain_start(d), BELAY_OK);
    deliver_all();
    world_cpu.fp_owner = &t->context;           /* where it was before it got another CPU */
    assert_int_equal(domain_stop(d, manager), BELAY_EAGAIN);
    deliver_all();
    assert_null(world_cpu.fp_owner);
}

static void who_debugs_is_told_by_its_notification_no_more(void **state)
{
    (void)state;
    world_domain[1].debugger = notification_create(d);
    assert_int_equal(destroy(d, 0), BELAY_OK);
    assert_null(world_domain[1].debugger);
}

static void who_waits_to_call_it_calls_in_vain(void **state)
{
    struct portal *p = pool_object(&d->pool, sizeof *p);
    struct thread *t = thread_on(&world_cpu, 0, 0, 0);

    (void)state;
    *p = (struct portal){ .service = d, .handler = { &t->context } };
    world_on(&world_other);
    assert_int_equal(portal_call(p, other, 0, 0, 0, 0, 0), BELAY_OK);
    assert_int_equal(other->state, CONTEXT_DOWN);
    world_on(&world_cpu);
    assert_int_equal(destroy(d, 0), BELAY_OK);
    assert_int_equal(other->state, CONTEXT_READY);
    assert_true(other->own_sched.queued);
}

static void who_destroys_waits_for_every_cpu(void **state)
{
    struct mem *freed;

    (void)state;
    assert_int_equal(destroy_begin(d, manager), BELAY_OK);
    for (unsigned round = 0; round < 2; round++) {
        unsigned pieces = 0;
        for (; manager->state == CONTEXT_READY; pieces++)
            assert_int_equal(destroy_go_on(d, manager, &freed), BELAY_EAGAIN);
        assert_int_equal(pieces, 4);                        /* three domains with handles, and none more */
        take_messages(&world_cpu);
        assert_int_equal(manager->state, CONTEXT_WAITING);
        take_messages(&world_other);
        take_messages(&world_cpu);
        assert_int_equal(manager->state, CONTEXT_WAITING);  /* once round */
        deliver_all();
        assert_int_equal(manager->state, CONTEXT_READY);
    }
    assert_int_equal(destroy_go_on(d, manager, &freed), BELAY_OK);
}

static void who_is_stopped_meanwhile_can_go_on_later(void **state)
{
    struct mem *freed;

    (void)state;
    assert_int_equal(destroy_begin(d, manager), BELAY_OK);
    while (manager->state == CONTEXT_READY)
        assert_int_equal(destroy_go_on(d, manager, &freed), BELAY_EAGAIN);
    context_stop(manager);
    world_on(&world_other);
    assert_int_equal(destroy_go_on(d, other, &freed), BELAY_EAGAIN);
    assert_int_equal(other->state, CONTEXT_READY);          /* the message comes home to another CPU than its own */
    world_on(&world_cpu);
    context_wake(manager);
    assert_int_equal(destroy_go_on(d, manager, &freed), BELAY_EAGAIN);
    assert_int_equal(manager->state, CONTEXT_WAITING);
    deliver_all();
    assert_int_equal(manager->state, CONTEXT_READY);
    while (destroy_go_on(d, manager, &freed) == BELAY_EAGAIN)
        deliver_all();
    assert_ptr_equal(freed, &pool[0]);
}

static void a_handle_that_moves_meanwhile_is_found(void **state)
{
    struct mem *freed;

    (void)state;
    handle_add(&world_domain[1].handles, 5, OBJECT_DOMAIN, d, BELAY_RIGHT_ALL, 0);
    assert_int_equal(destroy_begin(d, manager), BELAY_OK);
    assert_int_equal(destroy_go_on(d, manager, &freed), BELAY_EAGAIN);      /* the steward */
    assert_int_equal(destroy_go_on(d, manager, &freed), BELAY_EAGAIN);      /* world domain 0 */
    grants_begun++;
    const struct handle given = handle_of(OBJECT_DOMAIN, d, BELAY_RIGHT_ALL, 0);
    (void)handle_put(&slots[0][7], &given);
    grants_done++;
    while (destroy_go_on(d, manager, &freed) == BELAY_EAGAIN && manager->state == CONTEXT_READY)
        ;
    assert_int_equal(handle_type(slots[0][7].tag), OBJECT_NONE);
    assert_int_equal(handle_type(slots[1][5].tag), OBJECT_NONE);
}

/* It had looked the domain up before the handles went, and is still in the nucleus. */
static void what_another_cpu_does_meanwhile_goes_with_it(void **state)
{
    struct mem *freed;

    (void)state;
    assert_int_equal(destroy_begin(d, manager), BELAY_OK);
    while (manager->state == CONTEXT_READY)
        assert_int_equal(destroy_go_on(d, manager, &freed), BELAY_EAGAIN);
    struct notification *n = notification_create(d);
    handle_add(&world_domain[1].handles, 1, OBJECT_LINE, d, BELAY_RIGHT_ALL, 40);
    world_domain[1].watcher = n;
    irqs[5].notification = n;
    do
        deliver_all();
    while (destroy_go_on(d, manager, &freed) != BELAY_OK);
    assert_int_equal(handle_type(slots[1][1].tag), OBJECT_NONE);
    assert_null(world_domain[1].watcher);
    assert_null(irqs[5].notification);
}

static void two_end_at_the_same_time(void **state)
{
    struct domain *e = make(1);
    struct mem *freed;
    int error;

    (void)state;
    handle_add(&e->handles, 1, OBJECT_DOMAIN, d, BELAY_RIGHT_ALL, 0);
    handle_add(&d->handles, 1, OBJECT_DOMAIN, e, BELAY_RIGHT_ALL, 0);
    assert_int_equal(destroy_begin(e, other), BELAY_OK);
    world_on(&world_other);
    while (other->state == CONTEXT_READY)
        assert_int_equal(destroy_go_on(e, other, &freed), BELAY_EAGAIN);
    world_on(&world_cpu);
    assert_int_equal(destroy(d, 0), BELAY_OK);
    assert_int_equal(other->state, CONTEXT_READY);
    world_on(&world_other);
    while ((error = destroy_go_on(e, other, &freed)) == BELAY_EAGAIN) {
        deliver_all();
        world_on(&world_other);
    }
    world_on(&world_cpu);
    assert_int_equal(error, BELAY_OK);
    assert_ptr_equal(freed, &pool[1]);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(its_pool_and_its_number_are_free_again), T(numbers_are_used_up_only_by_domains_that_are_there),
        T(only_what_is_stopped_is_destroyed), T(a_service_that_a_vm_uses_stays), T(who_has_cut_extents_stays),
        T(it_does_not_start_any_more), T(handles_to_it_and_to_its_objects_go_and_others_stay),
        T(its_memory_is_not_mapped_any_more), T(who_waits_for_its_notification_goes_on),
        T(what_was_sent_to_its_objects_has_arrived), T(its_used_up_budgets_are_no_events_any_more),
        T(no_cpu_holds_its_threads), T(a_guest_beside_its_threads_leaves_the_hardware),
        T(once_it_is_stopped_no_cpu_keeps_its_fp_registers), T(who_debugs_is_told_by_its_notification_no_more),
        T(who_waits_to_call_it_calls_in_vain), T(who_destroys_waits_for_every_cpu),
        T(who_is_stopped_meanwhile_can_go_on_later), T(a_handle_that_moves_meanwhile_is_found),
        T(what_another_cpu_does_meanwhile_goes_with_it), T(two_end_at_the_same_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
