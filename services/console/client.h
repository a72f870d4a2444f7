/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of the console: a VM with its PL011, or the log. Its handler runs
 * on the client's time and shares two rings with the worker, no lock; only the vCPUs of
 * one VM wait for each other.
 *
 * A restart of the console keeps registers and rings. Whatever they hold then
 * is safe to use: registers are masked where it matters, rings by ring.h.
 */
#ifndef CONSOLE_CLIENT_H
#define CONSOLE_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "belay/console.h"

#define CLIENT_LOG  BELAY_VMS_MAX           /* the steward's words */
#define CLIENT_LINK CONSOLE_BADGE_LINK      /* the second PL011 of the VM that manages */
#define CLIENTS     (BELAY_VMS_MAX + 2)

/* The guest's side: runs in a portal handler. `i` < BELAY_VMS_MAX, or CLIENT_LINK. */
uint64_t client_access(unsigned i, uint64_t offset, uint64_t access, uint64_t value);

/* Takes what there is room for of `count` characters, eight a word; tells how many. */
uint64_t client_log(uint64_t count, const uint64_t words[3]);

/* The VM was reset, and none of its vCPUs runs: nor do the handlers that they were in. */
void client_reset(unsigned i);

/* The worker's side. */
void client_start_worker(void);
bool client_take(unsigned i, uint8_t *byte);
bool client_give(unsigned i, uint8_t byte);
bool client_has_room(unsigned i);           /* for a give */

/* At the start, and after a take or give: drives the interrupt line. True when it has to be done once more, later. */
bool client_update_line(unsigned i);

uint32_t client_waiting(unsigned i);        /* bytes that the worker has not taken */

/* The worker can't take what this one has: that keeps it from no rest. */
void client_hold(unsigned i, bool held);

/*
 * How soundly the worker rests: clients wake it out of a nap once a ring is
 * half full, out of sleep for any byte. client_rest says so to the clients and
 * tells whether the worker may wait; after the wait it is client_awake.
 */
enum client_rest { CLIENT_AWAKE, CLIENT_NAP, CLIENT_ASLEEP };
bool client_rest(enum client_rest how);
void client_awake(void);
bool client_worker_awake(void);
#endif
