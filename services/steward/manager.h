/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manager service (belay/manager.h): what it is given. A machine has one if
 * its bundle has one and there is a link by which clients come.
 */
#ifndef STEWARD_MANAGER_H
#define STEWARD_MANAGER_H

#include "belay/manager.h"
#include "lib/hypercall.h"
#include "memory.h"
#include "problem.h"

struct machine;
struct service;

/*
 * Makes it, with the serial port that it owns, where there is one; it does not run yet. NULL: no client
 * has a way in, and why. `watcher`, the steward's, gets MANAGER_BIT_REQUEST.
 */
struct service *manager_make(const struct machine *m, handle_t watcher, struct problem *why);

/*
 * A service at the other end of a stream: it finds `struct stream` at `ipa`, of STREAM_BYTES, its `wake` is notified of
 * STREAM_BIT, and by `slot` of its own handles it notifies the manager of the same.
 */
struct stream_end { handle_t domain, wake; uint64_t ipa; uint32_t slot; };

/* Makes the stream of that number (MANAGER_STREAM), before the manager runs. Does nothing where there is no manager. */
int manager_stream(unsigned number, const struct stream_end *end);

bool manager_has_stream(unsigned number);

/* From here on clients are heard. */
bool manager_begin(const struct machine *m, struct problem *why);

/* May somebody start what is off? */
bool manager_may_control(void);

/* The slots that requests come in; NULL: there is no manager. */
struct manager_slot *manager_slots(void);

/* What it wants of the trace, by CPU; NULL: there is no manager. */
struct manager_trace *manager_traces(void);

/* Lets it read the ring of that CPU, an extent of MANAGER_TRACE_BYTES. */
int manager_map_trace(unsigned cpu, const struct extent *e);

/* A slot has an answer. */
void manager_tell(void);
#endif
