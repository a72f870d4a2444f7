/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The small devices of all VMs. A VM's handlers, one at a time, write their registers; what has to be done at a time is
 * the worker's. Neither waits for the other. What a restart of the service keeps is safe to use, whatever it holds.
 */
#ifndef HANDSET_DEVICES_H
#define HANDSET_DEVICES_H

#include <stdint.h>

#include "belay/handset.h"
#include "lib/service.h"

/* The guest's side: runs in a portal handler. `offset` is as belay/handset.h has it. */
struct portal_reply devices_access(unsigned vm, const struct handset_config *config, uint64_t offset, uint64_t access,
                                   uint64_t value);

/* Likewise its flash: `offset` is from HANDSET_FLASH. */
struct portal_reply devices_flash(unsigned vm, const struct handset_config *config, uint64_t offset, uint64_t access,
                                  uint64_t value);

/* The VM was reset, and none of its vCPUs runs: nor do the handlers that they were in. */
void devices_reset(unsigned vm);

/* The steward's side: the VM's power key goes down, till the guest has noticed. One that is down already stays so. */
void devices_press(unsigned vm);

/* The worker's side: does what is due. To be called again when it is devices_due(), for which handlers wake it. */
void devices_look(void);

/* A value of the counter; UINT64_MAX: not before something changes. */
uint64_t devices_due(void);
#endif
