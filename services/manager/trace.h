/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stream of a CPU's trace: its client says in four bytes which kinds it
 * wants, and gets packs of records from the ring that the nucleus writes (belay/trace.h). The manager only reads it.
 */
#ifndef MANAGER_TRACE_H
#define MANAGER_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "belay/manager.h"

#define TRACE_CREDIT 4u         /* bytes that a client may send */

/* None is wanted: a manager that died may have left them. */
void trace_init(const struct manager_config *config);

bool trace_is_there(unsigned cpu);
void trace_open(unsigned cpu);
void trace_close(unsigned cpu);

/* From the client. */
void trace_write(unsigned cpu, uint8_t byte);

/* A pack of records (lib/pack.h) of `max` bytes at most; returns how many bytes. What was overwritten meanwhile is skipped. */
uint32_t trace_read(unsigned cpu, uint8_t *to, uint32_t max);

/* What the client wants can't be. */
bool trace_failed(unsigned cpu);

/*
 * Before a wait: tells the steward of what there is not yet. Returns when to look again, as nobody tells of new records; 0:
 * there is nothing to look for.
 */
uint64_t trace_rest(void);
#endif
