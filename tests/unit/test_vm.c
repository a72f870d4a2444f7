/* SPDX-License-Identifier: Apache-2.0 */
/* The steward's VMs: whatever goes wrong while one is made, and when one is unmade, nothing of it is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "belay/console.h"
#include "lib/cpu.h"
#include "steward/console.h"
#include "steward/gdb.h"
#include "steward/load.h"
#include "steward/memory.h"
#include "steward/vm.h"
#include "steward/voice.h"
#include "steward/watchdog.h"

#define MIB     UINT64_C(0x100000)
#define HANDLES 64
#define NEVER   1000000u

enum type { NONE, MEM, DOMAIN, CONTEXT, IRQ };

/* The nucleus's side: what each handle of the steward names. */
static struct { enum type type; struct mem_info mem; bool pool; handle_t of; } slot[HANDLES];
static handle_t irq_of[64];             /* the domain that each interrupt is assigned to; the handle till then */
static bool running;                    /* the VM's domain */
static unsigned calls, fails_at;        /* of those that can fail, which does */
static bool attach_fails, debug_fails, flash_fails;
static const struct image *flashed;     /* mapped at address 0 */
static handle_t lent;                   /* its RAM, to its debug service */
static unsigned attached, resets, loads;
static struct console_devices attached_devices;
static uint64_t cleared;

static handle_t new(enum type type)
{
    for (handle_t h = 1; h < HANDLES; h++)
        if (slot[h].type == NONE) {
            memset(&slot[h], 0, sizeof slot[h]);
            slot[h].type = type;
            return h;
        }
    fail();
    return 0;
}

static void destroy(handle_t domain)
{
    for (handle_t h = 1; h < HANDLES; h++)
        if (slot[h].type == CONTEXT && slot[h].of == domain)
            slot[h].type = NONE;
    for (unsigned i = 0; i < 64; i++)
        if (irq_of[i] == domain)
            irq_of[i] = 0;
    slot[domain].type = MEM;            /* its info has stayed */
    slot[domain].pool = false;
}

/* Those that the test lets fail, one at a time. */
static bool may_fail(unsigned number)
{
    switch (number) {
    case BELAY_HC_MEM_INFO: case BELAY_HC_MEM_MERGE: case BELAY_HC_HANDLE_CLOSE: case BELAY_HC_DOMAIN_DESTROY:
    case BELAY_HC_DOMAIN_STOP: case BELAY_HC_UNMAP: case BELAY_HC_IRQ_ASSIGN:
        return false;
    default:
        return true;
    }
}

static void of_memory(unsigned number, uint64_t a0, uint64_t a1, uint64_t v[6])
{
    struct mem_info *m = &slot[a0].mem;

    switch (number) {
    case BELAY_HC_MEM_INFO:
        v[0] = m->pa, v[1] = m->bytes, v[2] = m->kind;
        break;
    case BELAY_HC_MEM_SPLIT:
        v[0] = new(MEM);
        slot[v[0]].mem = (struct mem_info){ m->pa + a1, m->bytes - a1, m->kind };
        m->bytes = a1;
        break;
    case BELAY_HC_MEM_MERGE:
        assert_int_equal(m->pa + m->bytes, slot[a1].mem.pa);
        m->bytes += slot[a1].mem.bytes;
        slot[a1].type = NONE;
        break;
    case BELAY_HC_HANDLE_CLOSE:
        assert_true(slot[a0].type != DOMAIN && slot[a0].type != CONTEXT);
        assert_true(slot[a0].type != MEM || slot[a0].pool);
        slot[a0].type = NONE;
        break;
    }
}

static void of_domains(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t v[6])
{
    switch (number) {
    case BELAY_HC_DOMAIN_CREATE:
        v[0] = new(DOMAIN);
        slot[v[0]].mem = slot[a0].mem;
        slot[a0].pool = true;
        break;
    case BELAY_HC_DOMAIN_STOP:
        running = false;
        break;
    case BELAY_HC_DOMAIN_START:
        running = true;
        break;
    case BELAY_HC_DOMAIN_DESTROY:
        assert_false(running);
        destroy((handle_t)a0);
        v[0] = a0;
        break;
    case BELAY_HC_VCPU_CREATE:
        v[0] = new(CONTEXT);
        slot[v[0]].of = (handle_t)a0;
        break;
    case BELAY_HC_IRQ_CREATE:
        assert_int_equal(irq_of[a1], 0);
        v[0] = new(IRQ);
        irq_of[a1] = (handle_t)v[0];
        break;
    case BELAY_HC_IRQ_ASSIGN:
        irq_of[a2] = (handle_t)a1;
        break;
    }
}

struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    struct hypercall_result r = { BELAY_OK, { 0 } };

    (void)a3, (void)a4, (void)a5;
    assert_true(a0 == BELAY_H_MACHINE || a0 == BELAY_H_SELF || (a0 < HANDLES && slot[a0].type != NONE));
    if (may_fail(number) && calls++ == fails_at) {
        r.error = BELAY_ENOMEM;
        return r;
    }
    of_memory(number, a0, a1, r.v);
    of_domains(number, a0, a1, a2, r.v);
    return r;
}

/* The rest of the steward. */
uint64_t counter_now(void) { return 0; }
void cache_sync_code(const void *start, size_t bytes) { (void)start, (void)bytes; }
void cache_clear(void *start, size_t bytes) { (void)start; cleared += bytes; }
uint64_t load_ticks(void) { return 0; }

int load_map(const struct image *image, handle_t domain, uint64_t ipa)
{
    assert_int_equal(slot[domain].type, DOMAIN);
    assert_int_equal(ipa, 0);
    flashed = image;
    return flash_fails ? BELAY_ENOMEM : BELAY_OK;
}

bool load_vm(const struct vm_config *vm, const struct extent *ram, struct guest_tree *tree, struct entry *entry,
             struct problem *why)
{
    (void)vm, (void)ram, (void)tree, (void)why;
    *entry = (struct entry){ 0x40000000, 0x40001000 };
    loads++;
    return true;
}

bool host_find_device(const void *fdt, const char *path, struct host_device *d, struct problem *why)
{
    (void)fdt, (void)why;
    *d = (struct host_device){ .name = path, .regs = 1, .irqs = 1 };
    d->reg[0] = (struct host_range){ path[1] == 'r' ? 0x09010000 : 0x09030000, 0x1000 };
    d->irq[0] = (struct host_irq){ path[1] == 'r' ? 34 : 39, false };
    return true;
}

int console_attach(handle_t vm, uint32_t client, uint32_t vcpus, const struct console_devices *d)
{
    assert_true(slot[vm].type == DOMAIN && client == 3 && vcpus == 2);
    attached_devices = *d;
    attached++;
    return attach_fails ? BELAY_ENOMEM : BELAY_OK;
}

int console_attach_link(handle_t vm, uint32_t vcpus)
{
    assert_true(slot[vm].type == DOMAIN && vcpus == 2);
    return BELAY_OK;
}

int watchdog_attach(handle_t vm, uint32_t client, uint32_t vcpus)
{
    (void)vm, (void)client, (void)vcpus;
    fail();
    return BELAY_OK;
}

int gdb_attach(const struct vm *of)
{
    assert_true(lent == 0 && slot[of->ram.handle].type == MEM && slot[of->vcpu[1]].type == CONTEXT);
    lent = of->ram.handle;
    return debug_fails ? BELAY_ENOMEM : BELAY_OK;
}

int gdb_detach(const struct vm *of)
{
    assert_true(lent == 0 || (lent == of->ram.handle && slot[lent].type == MEM));
    if (debug_fails && lent)
        return BELAY_ESTATE;
    lent = 0;
    return BELAY_OK;
}

void watchdog_starts(uint32_t client)
{
    (void)client;
    fail();
}

bool voice_control(uint64_t what, uint64_t client, uint64_t *answer)
{
    assert_true(what == CONSOLE_RESET_CLIENT && client == 3);
    *answer = 0;
    resets++;
    return true;
}

static const struct vm_config config = {
    .name = "rtos", .memory = 4 * MIB, .vcpus = 2, .timing = { 10, 0, 0 }, .console = true, .debug = true,
    .devices = { "/rtc\0/gpio", 11 },
};
static struct vm vm;
static struct memory_unowned at_first;
static unsigned handles_at_first;

static unsigned handles(void)
{
    unsigned n = 0;

    for (handle_t h = 1; h < HANDLES; h++)
        n += slot[h].type != NONE;
    return n;
}

static int begin(void **state)
{
    const struct belay_boot_info info = { .mems = 3 };

    (void)state;
    memset(slot, 0, sizeof slot);
    memset(irq_of, 0, sizeof irq_of);
    memset(&vm, 0, sizeof vm);
    for (handle_t h = 1; h < BELAY_H_MEM; h++)
        slot[h].type = IRQ;             /* somebody else's */
    slot[BELAY_H_MEM].mem = (struct mem_info){ 0x40000000, 2 * MIB, BELAY_MEM_RAM };
    slot[BELAY_H_MEM + 1].mem = (struct mem_info){ 0x40300000, 100 * MIB, BELAY_MEM_RAM };
    slot[BELAY_H_MEM + 2].mem = (struct mem_info){ 0x09000000, 0x1000000, BELAY_MEM_DEVICE };
    for (unsigned i = 0; i < 3; i++)
        slot[BELAY_H_MEM + i].type = MEM;
    fails_at = NEVER;
    calls = attached = resets = loads = 0;
    cleared = 0;
    attach_fails = debug_fails = flash_fails = running = false;
    flashed = NULL;
    lent = 0;
    assert_int_equal(memory_init(&info), BELAY_OK);
    at_first = memory_unowned();
    handles_at_first = handles();
    return 0;
}

static struct belay_boot_info host_info = { .counter_hz = 1000000000, .gic = 3 };

static bool make(void)
{
    struct problem why;

    return vm_make(&vm, &config, 3, NULL, &host_info, 1, 8, &why);
}

static void assert_nothing_is_left(void)
{
    struct extent e;

    while (memory_scrub()) {}
    assert_int_equal(memory_unowned().bytes, at_first.bytes);
    assert_int_equal(memory_unowned().pieces, at_first.pieces);
    assert_int_equal(memory_of_pools(), 0);
    assert_int_equal(handles(), handles_at_first);
    for (unsigned i = 0; i < 64; i++)
        assert_int_equal(irq_of[i], 0);
    assert_true(memory_take_device(0x09000000, 0x1000000, &e));        /* in one piece again */
    memory_give(&e, false);
    assert_int_equal(vm.domain, 0);
    assert_int_equal(lent, 0);
}

static void a_vm_that_is_unmade_leaves_nothing_and_can_be_made_again(void **state)
{
    struct problem why;

    (void)state;
    for (unsigned n = 0; n < 100; n++) {
        assert_true(make());
        assert_true(vm_start(&vm, &why));
        assert_true(running);
        assert_true(vm_unmake(&vm, &why));
        assert_nothing_is_left();
    }
    assert_int_equal(attached, 100);
    assert_int_equal(resets, 99);       /* who was that client before left its UART as it was */
}

/* The host's clock and the host's power key stand where it would have its own. */
static void a_device_of_the_host_takes_the_place_of_its_own(void **state)
{
    struct vm_config own = config;
    struct problem why;

    (void)state;
    assert_true(make());
    assert_false(attached_devices.rtc || attached_devices.gpio);
    assert_true(vm_unmake(&vm, &why));
    own.devices = (struct strings){ 0 };
    assert_true(vm_make(&vm, &own, 3, NULL, &host_info, 1, 8, &why));
    assert_true(attached_devices.rtc && attached_devices.gpio && attached_devices.uart);
    assert_true(vm_unmake(&vm, &why));
    assert_nothing_is_left();
}

static void one_that_starts_from_firmware_has_it_mapped_at_address_0(void **state)
{
    static const struct image image = { .name = "fd", .size = 3 * MIB };
    struct vm_config firmware = config;
    struct problem why;

    (void)state;
    assert_true(make());
    assert_true(flashed == NULL && !attached_devices.flash);
    assert_true(vm_unmake(&vm, &why));
    firmware.kind = VM_FIRMWARE;
    firmware.kernel = &image;
    assert_true(vm_make(&vm, &firmware, 3, NULL, &host_info, 1, 8, &why));
    assert_true(flashed == &image && attached_devices.flash);
    assert_true(vm_unmake(&vm, &why));
    assert_nothing_is_left();
    flash_fails = true;
    assert_false(vm_make(&vm, &firmware, 3, NULL, &host_info, 1, 8, &why));
    assert_nothing_is_left();
}

static void whatever_goes_wrong_while_it_is_made_leaves_nothing(void **state)
{
    unsigned failures = 0;
    struct problem why;

    (void)state;
    for (unsigned n = 0; n < 40; n++) {
        calls = 0;
        fails_at = n;
        if (make())                     /* of memory it asks twice */
            assert_true(vm_unmake(&vm, &why));
        else
            failures++;
        fails_at = NEVER;
        assert_nothing_is_left();
    }
    assert_in_range(failures, 10, 35);  /* all of them were had, and all went well at last */
}

static void a_console_that_can_t_be_had_leaves_nothing(void **state)
{
    (void)state;
    attach_fails = true;
    assert_false(make());
    assert_nothing_is_left();
}

static void memory_that_a_debug_service_has_not_given_back_is_nobody_elses(void **state)
{
    (void)state;
    debug_fails = true;
    assert_false(make());
    while (memory_scrub()) {}
    assert_int_equal(memory_unowned().bytes, at_first.bytes - config.memory);
    assert_int_equal(slot[lent].type, MEM);
}

static void one_without_memory_leaves_nothing(void **state)
{
    struct extent e;

    (void)state;
    assert_true(memory_take(99 * MIB, BELAY_PAGE_SIZE, &e));
    assert_false(make());
    memory_give(&e, false);
    assert_nothing_is_left();
}

static void what_ran_is_zeroed_before_it_runs_again_or_is_another_s(void **state)
{
    struct problem why;

    (void)state;
    assert_true(make());
    assert_false(vm_clean(&vm));        /* memory that nobody had */
    assert_true(vm_start(&vm, &why));
    assert_int_equal(cleared, 0);
    assert_true(vm_stop(&vm, &why));
    assert_true(vm_clean(&vm));         /* a piece, while there is time */
    assert_in_range(cleared, 1, BLOCK_BYTES);
    assert_true(vm_start(&vm, &why));
    assert_int_equal(cleared, config.memory);
    assert_true(vm_unmake(&vm, &why));
    while (memory_scrub()) {}
    assert_in_range(cleared, 2 * config.memory, 2 * config.memory + 64 * 1024);    /* and the pool */
}

static void one_of_another_gic_is_refused_with_the_remedy(void **state)
{
    struct vm_config own = config;
    struct problem why;

    (void)state;
    own.gic = 2;
    assert_false(vm_make(&vm, &own, 3, NULL, &host_info, 1, 8, &why));
    assert_string_equal(why.text, "gic is v2, and this host has a GICv3; write 'gic: v3' or leave it out");
    assert_nothing_is_left();
    own.gic = 3;
    assert_true(vm_make(&vm, &own, 3, NULL, &host_info, 1, 8, &why));
    assert_true(vm_unmake(&vm, &why));
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_vm_that_is_unmade_leaves_nothing_and_can_be_made_again),
        T(one_that_starts_from_firmware_has_it_mapped_at_address_0),
        T(a_device_of_the_host_takes_the_place_of_its_own),
        T(whatever_goes_wrong_while_it_is_made_leaves_nothing), T(a_console_that_can_t_be_had_leaves_nothing),
        T(memory_that_a_debug_service_has_not_given_back_is_nobody_elses),
        T(one_of_another_gic_is_refused_with_the_remedy),
        T(one_without_memory_leaves_nothing), T(what_ran_is_zeroed_before_it_runs_again_or_is_another_s),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
