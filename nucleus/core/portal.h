/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Portals: entries into a service. A call runs the service's handler thread for
 * that client at once, on the caller's scheduling context, with no scheduling decision.
 */
#ifndef NUCLEUS_CORE_PORTAL_H
#define NUCLEUS_CORE_PORTAL_H

#include <stdint.h>

#include "belay/abi.h"

struct context;
struct domain;

struct portal {
    struct domain *service;
    uint64_t entry, badge;
    struct context *handler[BELAY_VCPUS_MAX];
};

/*
 * Enters the portal with four words. When the service is down, the caller
 * waits (CONTEXT_DOWN) and makes the call again by itself: its frame must still
 * be at the instruction that called. EBUSY, EINVAL (no handler bound).
 * When the handler replies, the caller's class gets the words by `context_class.reply`.
 */
int portal_call(struct portal *p, struct context *caller, unsigned client,
                uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3);

/* The handler thread replies. */
void portal_reply(struct context *handler);

/* Ends the calls that `c` is part of, because it or its service stops. */
void portal_abandon(struct context *c);

/* The service is up again: those of this CPU that waited for it go on. */
void portal_wake_callers(struct domain *service);
#endif
