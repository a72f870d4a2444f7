/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the steward and the watchdog service agree on: the page that the service finds at BELAY_BOOT_INFO, the page that
 * both write to, and the handles in its table. A VM's portal has its client number as its badge.
 */
#ifndef BELAY_WATCHDOG_H
#define BELAY_WATCHDOG_H

#include <stdint.h>

#include "belay/bundle.h"
#include "belay/service.h"

#define WATCHDOG_SHARED_IPA  0x202000   /* struct watchdog_shared, one page */

enum watchdog_handle {
    WATCHDOG_H_STEWARD = 4,  /* notification: bit WATCHDOG_BIT_HUNG + client when a VM hangs */
    WATCHDOG_H_LINE = 16,    /* + client: the interrupt line of that VM's watchdog */
};

#define WATCHDOG_BIT_HUNG  16u
#define WATCHDOG_BIT_LOOK  1u           /* of SERVICE_H_WAKE: what a client waits for, or is, has changed */

struct watchdog_config {
    uint32_t version;           /* 1 */
    uint32_t clients;
    uint64_t limit[BELAY_VMS_MAX];      /* ticks: within them a VM has to feed it, from its start on; 0: as the VM wants */
};

/*
 * A VM's clock is the counter less `base`, and stands still while the VM does. So nothing has to be asked of the
 * service, which may hang, when a VM starts, stops, pauses or goes on.
 */
struct watchdog_client {
    _Atomic uint64_t epoch;     /* the steward's: counts the VM's starts, the first is 1 */
    _Atomic uint64_t base;      /* the steward's: ticks */
    _Atomic uint64_t held;      /* the steward's: the counter when the clock was stopped; 0: it runs */
    _Atomic uint64_t hung;      /* the service's: the epoch in which the VM hung */
    _Atomic uint64_t unfed;     /* the service's: ticks that its watchdog had not been fed for by then */
};

struct watchdog_shared {
    struct watchdog_client client[BELAY_VMS_MAX];
};
#endif
