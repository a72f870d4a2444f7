/* SPDX-License-Identifier: Apache-2.0 */
/* The steward's debug services: a VM's memory is with its own one while the VM is there, and never longer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "steward/gdb.h"
#include "steward/health.h"
#include "steward/manager.h"
#include "steward/service.h"
#include "steward/voice.h"
#include "steward/watchdog.h"

#define SERVICE 7u
#define WATCHER 9u
#define NEVER   1000u

static unsigned calls, fails_at;        /* of those that can fail, which does */
static bool mapped, unmap_fails, running;
static unsigned said;

/* The nucleus's side. A map that fails may have come as far as it likes. */
struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    struct hypercall_result r = { BELAY_OK, { 0 } };

    (void)a1, (void)a2, (void)a3, (void)a4, (void)a5;
    switch (number) {
    case BELAY_HC_MAP:
        assert_true(a0 == SERVICE && !mapped);
        mapped = true;
        r.error = calls++ == fails_at ? BELAY_ENOMEM : BELAY_OK;
        break;
    case BELAY_HC_GRANT:
        r.error = calls++ == fails_at ? BELAY_ENOMEM : BELAY_OK;
        break;
    case BELAY_HC_UNMAP:
        r.error = unmap_fails ? BELAY_EINVAL : BELAY_OK;
        mapped = mapped && unmap_fails;
        break;
    case BELAY_HC_DOMAIN_STOP:
        running = false;
        break;
    }
    return r;
}

/* The rest of the steward. */
int health_add(struct service *s) { (void)s; return BELAY_OK; }
struct manager_slot *manager_slots(void) { static struct manager_slot slots; return &slots; }
int manager_stream(unsigned number, const struct stream_end *end) { (void)number, (void)end; return BELAY_OK; }
void watchdog_stops(uint32_t client) { (void)client; }
void watchdog_goes_on(uint32_t client) { (void)client; }
void say(const char *format, ...) { (void)format; said++; }

bool service_make(struct service *s, const char *name, const struct image *image, const struct service_size *size,
                  struct problem *why)
{
    (void)image, (void)size, (void)why;
    assert_string_equal(name, "gdb-rtos");
    s->domain = SERVICE;
    return true;
}

bool service_begin(struct service *s, const void *page, uint32_t page_bytes, const struct timing *t, uint64_t hz,
                   struct problem *why)
{
    (void)s, (void)page, (void)page_bytes, (void)t, (void)hz, (void)why;
    running = true;
    return true;
}

bool service_restart(struct service *s, bool keep, struct problem *why)
{
    (void)s, (void)why;
    assert_true(keep);
    running = calls++ != fails_at;
    return running;
}

static const struct image image = { 0 };
static struct config config = { .vms = 1, .gdb = { .image = &image }, .manager = { .image = &image } };
static const struct belay_boot_info info = { .counter_hz = 1000 };
static const struct machine machine = { .info = &info, .config = &config };
static struct vm vm = { .config = &config.vm[0], .ram = { 3, 0x40000000, 1 << 20, BELAY_MEM_RAM }, .domain = 4 };

static int begin(void **state)
{
    (void)state;
    config.vm[0] = (struct vm_config){ .name = "rtos", .memory = 1 << 20, .vcpus = 2, .debug = true };
    calls = said = 0;
    fails_at = NEVER;
    mapped = unmap_fails = running = false;
    gdb_make(&machine, WATCHER);
    gdb_begin(&machine);
    assert_true(running && said == 0);
    calls = 0;
    return 0;
}

static void the_memory_of_a_vm_comes_and_goes_with_it(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(gdb_attach(&vm), BELAY_OK);
        assert_true(mapped && running);
        assert_int_equal(gdb_detach(&vm), BELAY_OK);
        assert_true(!mapped && running);
    }
}

static void whatever_goes_wrong_it_keeps_nothing_of_a_vm_that_was_not_made(void **state)
{
    (void)state;
    assert_int_equal(gdb_attach(&vm), BELAY_OK);
    unsigned all = calls;
    assert_int_equal(gdb_detach(&vm), BELAY_OK);
    assert_true(all > 3);
    for (unsigned n = 0; n < all; n++) {
        calls = 0;
        fails_at = n;
        assert_int_not_equal(gdb_attach(&vm), BELAY_OK);
        fails_at = NEVER;
        assert_int_equal(gdb_detach(&vm), BELAY_OK);
        assert_false(mapped);
    }
}

static void memory_that_it_does_not_give_back_is_told_of(void **state)
{
    (void)state;
    assert_int_equal(gdb_attach(&vm), BELAY_OK);
    unmap_fails = true;
    assert_int_not_equal(gdb_detach(&vm), BELAY_OK);
    assert_int_equal(said, 1);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_memory_of_a_vm_comes_and_goes_with_it), T(whatever_goes_wrong_it_keeps_nothing_of_a_vm_that_was_not_made),
        T(memory_that_it_does_not_give_back_is_told_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
