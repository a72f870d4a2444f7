/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Domains are made, started, stopped, end, and are destroyed, in any order and on
 * two CPUs, whose steps are interleaved at random, while others wait for their
 * notifications and call their portals. The memory of one that is gone is
 * poisoned: whoever still touches it is found. The seed is fixed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <sanitizer/asan_interface.h>

#include "core/destroy.h"
#include "core/mem.h"
#include "core/notification.h"
#include "core/portal.h"
#include "core_world.h"

#define STEPS      10000000
#define POOLS      4
#define POOL_PAGES 6
#define HANDLES    8
#define STEWARD    POOLS        /* the pool of a domain that stays */
#define MANAGERS   2            /* one on each CPU: world threads 0 and 1, in world domains 0 and 1 */
#define CLIENTS    2            /* likewise: 2 and 3 */

enum { H_DOMAIN = 1, H_PORTAL = 2, H_NOTIFICATION = 3 };       /* of the domain in pool n: + 4 n, in each table */
enum { TABLE = 4 * POOLS + 4 };

static _Alignas(4096) uint8_t memory[POOLS + 1][POOL_PAGES][4096];
static struct mem pool[POOLS + 1], ram;
static struct handle slots[MANAGERS + CLIENTS][TABLE];
static struct { struct domain *d; bool leaving; unsigned manager; } made[POOLS];
static jmp_buf out_of_idle;
static uint64_t random_state;
static unsigned done[16];       /* how often each thing was done */

enum { CREATED, STARTED, STOPPED, ENDED, DESTROYED, WAITED, CALLED, REPLIED, SIGNALLED, TURNED_AWAY, SCHEDULED };

static unsigned random_below(unsigned n)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % n;
}

static struct cpu *cpu_of(unsigned n) { return n & 1 ? &world_other : &world_cpu; }

static struct context *manager(unsigned m) { return world_context(m); }
static struct context *client(unsigned k) { return world_context(MANAGERS + k); }

static void put(unsigned table, unsigned slot, enum object_type type, void *object)
{
    const struct handle h = handle_of(type, object, BELAY_RIGHT_ALL, 0);

    (void)handle_put(&slots[table][slot], &h);
}

static void *look_up(unsigned table, unsigned slot, enum object_type type)
{
    return handle_object(&world_domain[table].handles, slot, type, 0);
}

/* A worker on each CPU, and the handlers that clients' calls run. */
static void fill(struct domain *d, unsigned n, unsigned m)
{
    struct notification *notification = notification_create(d);
    struct portal *portal = pool_object(&d->pool, sizeof *portal);
    uint64_t mapped;

    assert_non_null(portal);
    *portal = (struct portal){ .service = d, .entry = 0x400000 };
    for (unsigned i = 0; i < 4; i++) {
        struct thread *t = thread_create(d, 0x10000);
        assert_non_null(t);
        if (i < 2)
            assert_int_equal(sched_set(&t->context, i, 40 + random_below(40), random_below(2), 500,
                                       random_below(2) ? 2000 : 60000), BELAY_OK);
        else
            portal->handler[i - 2] = &t->context;
    }
    assert_int_equal(mem_map(d, &ram, 0, ipa(0), PAGE_SIZE, BELAY_MAP_READ, &mapped), BELAY_OK);
    assert_int_equal(handle_add(&d->handles, 1, OBJECT_MEM, &ram, BELAY_RIGHT_ALL, 0), 1);
    for (unsigned table = 0; table < MANAGERS + CLIENTS; table++) {
        if (table == m)
            put(table, 4 * n + H_DOMAIN, OBJECT_DOMAIN, d);
        put(table, 4 * n + H_PORTAL, OBJECT_PORTAL, portal);
        put(table, 4 * n + H_NOTIFICATION, OBJECT_NOTIFICATION, notification);
    }
    world_domain[m ^ 1].watcher = notification;
}

static void create(unsigned n, unsigned m)
{
    __asan_unpoison_memory_region(memory[n], sizeof memory[n]);
    memset(memory[n], 0xa5, sizeof memory[n]);
    made[n].d = domain_create(&pool[n], sizeof(struct domain), BELAY_DOMAIN_SERVICE, HANDLES, 'a' + n);
    assert_non_null(made[n].d);
    made[n].leaving = false;
    made[n].manager = m;
    fill(made[n].d, n, m);
    done[CREATED]++;
}

static void start(struct domain *d)
{
    for (struct list *l = d->contexts.next; l != &d->contexts; l = l->next) {
        struct context *c = container_of(l, struct context, siblings);
        if (d->state == BELAY_STATE_STOPPED && !d->changing && c->state == CONTEXT_DORMANT && c->own_sched.priority) {
            thread_begin(context_thread(c), 0x400000, 0, 0);
            context_wake(c);
        }
    }
    done[STARTED] += domain_start(d) == BELAY_OK;
}

static void destroy(unsigned n, struct context *c)
{
    struct mem *freed = NULL;

    if (!made[n].leaving) {
        if (destroy_begin(made[n].d, c) != BELAY_OK)
            return;
        const struct handle leaving = handle_of(OBJECT_LEAVING, made[n].d, BELAY_RIGHT_MANAGE, 0);
        struct handle *slot = &slots[made[n].manager][4 * n + H_DOMAIN];
        assert_true(handle_replace(slot, slot->tag, &leaving));
        made[n].leaving = true;
    }
    if (destroy_go_on(made[n].d, c, &freed) != BELAY_OK)
        return;
    assert_ptr_equal(freed, &pool[n]);
    handle_close(&slots[made[n].manager][4 * n + H_DOMAIN]);
    for (unsigned table = 0; table < MANAGERS + CLIENTS; table++)
        for (unsigned i = 0; i < 4; i++)
            assert_int_equal(handle_type(slots[table][4 * n + i].tag), OBJECT_NONE);
    made[n].d = NULL;
    __asan_poison_memory_region(memory[n], sizeof memory[n]);
    done[DESTROYED]++;
}

/* What a manager's hypercall does. */
static void manage(unsigned m)
{
    struct context *c = manager(m);
    unsigned n = random_below(POOLS);
    struct domain *d = made[n].d;

    if (d == NULL) {
        create(n, m);
        return;
    }
    if (made[n].manager != m)
        return;
    unsigned what = random_below(8);
    if (made[n].leaving || what == 0)
        destroy(n, c);
    else if (what <= 2)
        done[STOPPED] += domain_stop(d, c) != BELAY_EBUSY;
    else if (what <= 6)
        start(d);
}

/* What a context does at a service: a client of one, or a worker of its own. */
static void run(struct context *c, unsigned table)
{
    unsigned n = random_below(POOLS);
    struct notification *wanted = look_up(table, 4 * n + H_NOTIFICATION, OBJECT_NOTIFICATION);
    struct portal *p = look_up(table, 4 * n + H_PORTAL, OBJECT_PORTAL);
    uint64_t bits;

    switch (random_below(4)) {
    case 0:
        if (wanted && c->caller == NULL)
            done[WAITED] += notification_wait(wanted, c, random_below(2) ? now() + random_below(3000) : 0, &bits) == BELAY_OK;
        break;
    case 1:
        if (p)
            done[CALLED] += portal_call(p, c, fake_cpu->index, 1, 2, 3, 4) == BELAY_OK;
        break;
    case 2:
        if (wanted) {
            notification_signal(wanted, 1);
            done[SIGNALLED]++;
        }
        break;
    default:
        if (c->caller) {
            portal_reply(c);
            done[REPLIED]++;
        }
    }
}

/* The scheduler waits for an interrupt: the other CPU's turn. */
static void idle(void)
{
    longjmp(out_of_idle, 1);
}

static void choose(struct cpu *cpu)
{
    if (setjmp(out_of_idle))
        return;
    schedule(cpu);
    done[SCHEDULED]++;
}

static void run_current(struct cpu *cpu)
{
    struct context *c = cpu->current;

    if (cpu->reschedule) {
        choose(cpu);
        return;
    }
    if (c == NULL || cpu->sched == NULL || c->state != CONTEXT_READY)
        return;
    if (c == manager(cpu->index)) {
        if (random_below(4))
            manage(cpu->index);
        else
            context_block(c, CONTEXT_WAITING);      /* it sleeps */
        return;
    }
    if (c->domain >= world_domain && c->domain < world_domain + WORLD_DOMAINS) {
        for (unsigned k = 0; k < CLIENTS; k++)
            if (c == client(k))
                run(c, MANAGERS + k);
    } else if (random_below(200) == 0) {
        domain_end(c->domain, c, BELAY_REASON_FAULT, 0, 0);
        done[ENDED]++;
    } else {
        run(c, random_below(MANAGERS + CLIENTS));
    }
}

static void step(void)
{
    unsigned which = random_below(2);
    struct cpu *cpu = cpu_of(which);

    world_on(cpu);
    switch (random_below(8)) {
    case 0: case 1:
        (void)world_takes_messages();
        break;
    case 2:
        if (manager(which)->state == CONTEXT_WAITING && manager(which)->stopping == NULL && random_below(4) == 0)
            context_wake(manager(which));
        break;
    case 3:
        FAKE_SYSREG(cntpct_el0)->value += random_below(700);
        sched_timer(cpu);
        break;
    default:
        run_current(cpu);
    }
    for (unsigned k = 0; k < CLIENTS; k++)
        if (client(k)->state == CONTEXT_READY && (int64_t)client(k)->frame.x[0] == BELAY_EHANDLE) {
            client(k)->frame.x[0] = 0;
            done[TURNED_AWAY]++;
        }
}

/* The other CPU is as fast as can be: it does what it is told while this one is still in the nucleus. */
static void at_once(unsigned cpu)
{
    static bool nested;
    struct cpu *own = fake_cpu;

    if (nested || cpu == own->index || random_below(2))
        return;
    nested = true;
    world_on(cpus[cpu]);
    (void)world_takes_messages();
    world_on(own);
    nested = false;
}

static int begin(void **state)
{
    world_begin(state);
    cpus_running = 2;
    world_interrupt = idle;
    world_sgi = at_once;
    random_state = 20;
    for (unsigned n = 0; n <= POOLS; n++)
        pool[n] = (struct mem){ .base = ptr_to_pa(memory[n]), .size = sizeof memory[n] };
    ram = (struct mem){ .base = pa(0x40000000), .size = PAGE_SIZE };
    assert_non_null(domain_create(&pool[STEWARD], sizeof(struct domain), BELAY_DOMAIN_SERVICE, HANDLES, 's'));
    for (unsigned i = 0; i < MANAGERS + CLIENTS; i++) {
        struct context *c = world_context(i);
        world_domain[i].handles = (struct handle_table){ slots[i], TABLE };
        domains[100 + i] = &world_domain[i];
        assert_int_equal(sched_set(c, i & 1, i < MANAGERS ? 200 : 50, false, i < MANAGERS ? 0 : 300, i < MANAGERS ? 0 : 900),
                         BELAY_OK);
        world_on(cpu_of(i));
        context_wake(c);
    }
    return 0;
}

static void no_order_of_steps_on_two_cpus_leaves_anything_behind(void **state)
{
    (void)state;
    for (unsigned n = 0; n < STEPS; n++)
        step();
    for (unsigned what = CREATED; what <= SCHEDULED; what++)
        assert_in_range(done[what], 50, STEPS);        /* it was no sequence of refusals */
    unsigned left = 0;
    for (unsigned n = 0; n < POOLS; n++)
        left += made[n].d != NULL;
    assert_int_equal(ram.handles, left);
    assert_int_equal(ram.mappings, left);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(no_order_of_steps_on_two_cpus_leaves_anything_behind, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
