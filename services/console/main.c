/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two ways into the console: its portals, which run on the clients' time, and its worker. The small devices of the
 * handset are served here too: a service of their own would cost the nucleus 20 KiB, and a handler for each vCPU.
 */
#include "belay/abi.h"
#include "belay/console.h"
#include "client.h"
#include "handset/devices.h"
#include "lib/service.h"
#include "worker.h"

static const struct console_config *const page = (const void *)(uintptr_t)BELAY_BOOT_INFO;

static uint64_t control(uint64_t what, uint64_t vm)
{
    if (what == CONSOLE_RESET_CLIENT && (vm < BELAY_VMS_MAX || vm == CLIENT_LINK)) {
        client_reset((unsigned)vm);
        if (vm < BELAY_VMS_MAX)
            devices_reset((unsigned)vm);
        return BELAY_OK;
    }
    if (what == CONSOLE_PRESS_KEY && vm < BELAY_VMS_MAX) {
        devices_press((unsigned)vm);
        return BELAY_OK;
    }
    return what == CONSOLE_FLUSH ? worker_flush() : (uint64_t)BELAY_EINVAL;
}

static uint64_t own_call(uint64_t badge, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4)
{
    if (badge == CONSOLE_BADGE_LINK)
        return client_access(CLIENT_LINK, w1, w2, w3);
    if (badge == CONSOLE_BADGE_LOG)
        return client_log(w1, (const uint64_t[3]){ w2, w3, w4 });
    return badge == CONSOLE_BADGE_CONTROL ? control(w1, w2) : (uint64_t)BELAY_EINVAL;
}

/* Not inline, so that a VM's call need not save registers for it. */
static __attribute__((noinline)) struct portal_reply other_call(uint64_t badge, uint64_t w1, uint64_t w2, uint64_t w3,
                                                                uint64_t w4)
{
    if (badge - CONSOLE_BADGE_DEVICES < BELAY_VMS_MAX)
        return devices_access((unsigned)(badge - CONSOLE_BADGE_DEVICES), &page->handset, w1, w2, w3);
    if (badge - CONSOLE_BADGE_FLASH < BELAY_VMS_MAX)
        return devices_flash((unsigned)(badge - CONSOLE_BADGE_FLASH), &page->handset, w1, w2, w3);
    return (struct portal_reply){ own_call(badge, w1, w2, w3, w4), 0 };
}

struct portal_reply portal_main(uint64_t badge, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4, uint64_t client)
{
    (void)client;
    if (badge < BELAY_VMS_MAX)
        return (struct portal_reply){ client_access((unsigned)badge, w1, w2, w3), 0 };
    return other_call(badge, w1, w2, w3, w4);
}

_Noreturn void service_main(void)
{
    worker_run(page);
}
