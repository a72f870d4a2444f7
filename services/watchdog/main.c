/* SPDX-License-Identifier: Apache-2.0 */
/* The watchdogs of all VMs: their registers, in portals, and a worker that waits for the first that is not fed. */
#include "belay/abi.h"
#include "client.h"
#include "lib/cpu.h"
#include "lib/service.h"

static const struct watchdog_config *const page = (const void *)(uintptr_t)BELAY_BOOT_INFO;

/* A call may come before the worker begins. */
struct portal_reply portal_main(uint64_t badge, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4, uint64_t vcpu)
{
    (void)w4, (void)vcpu;
    client_init(page, (void *)(uintptr_t)WATCHDOG_SHARED_IPA);
    return (struct portal_reply){ badge < BELAY_VMS_MAX ? client_access((unsigned)badge, w1, w2, w3) : 0, 0 };
}

static uint64_t look_at_all(void)
{
    uint64_t first = UINT64_MAX;

    client_looking();
    for (unsigned i = 0; i < page->clients && i < BELAY_VMS_MAX; i++) {
        uint64_t next = client_look(i);
        first = next < first ? next : first;
    }
    client_waiting_until(first);
    return first;
}

_Noreturn void worker_run(void);

/* A function of its own, and not inline, so that a test of hangs finds it. */
__attribute__((noinline)) _Noreturn void worker_run(void)
{
    uint64_t bits;

    for (;;) {
        uint64_t first = look_at_all();
        int error = service_wait(first == UINT64_MAX ? 0 : first, &bits);
        if (error != BELAY_OK && error != BELAY_ETIMEDOUT)
            __builtin_trap();           /* the steward tells where */
    }
}

_Noreturn void service_main(void)
{
    client_init(page, (void *)(uintptr_t)WATCHDOG_SHARED_IPA);
    client_begin(counter_now());
    worker_run();
}
