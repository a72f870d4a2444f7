/* SPDX-License-Identifier: Apache-2.0 */
/* A manager service (services/manager) in a world of a wire, a steward's page, and the far ends of its streams. */
#ifndef MANAGER_WORLD_H
#define MANAGER_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "belay/manager.h"
#include "belay/trace.h"
#include "lib/frame.h"

#define world_slots (world_page.slot)
extern struct stream world_streams[MANAGER_STREAMS];
extern struct manager_config world_config;
extern unsigned world_requests;         /* how often the steward was told of a request */
extern unsigned world_moved[MANAGER_STREAMS];   /* how often the far end of a stream was told that bytes have moved */

/* Of WORLD_CPUS: rings of WORLD_RECORDS records, which a test writes as the nucleus does. */
#define WORLD_CPUS    2u
#define WORLD_RECORDS 8u
extern struct manager_page world_page;      /* its `slot` is world_slots */
extern _Alignas(64) uint8_t world_ring[WORLD_CPUS][sizeof(struct belay_trace_ring) +
                                                   WORLD_RECORDS * sizeof(struct belay_trace_record)];

/* A manager that has just begun, with console streams of two VMs. What it says first has been read. */
void world_start(void);

/* Bytes that come by the wire. The manager works till it has nothing to do. */
void world_hear(const void *bytes, size_t length);
void world_work(void);

/* A frame by the wire. */
void world_send(enum manage_type type, uint16_t channel, uint16_t stream, const void *payload, size_t length);

/* The manager begins again, with a VM that manages. */
void world_start_link(void);

/* The next frame that the manager has sent; NULL: none. */
const struct frame *world_read(void);

/* The far end of the wire does not take any more bytes than so many. */
extern size_t world_room;
#endif
