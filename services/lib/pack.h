/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of the trace on their way out, each by what differs from those before
 * it: about a quarter of their size. A pack begins with the number of its first
 * record (4 bytes), which the others follow. A record is
 *
 *     its kind, and PACK_WHO, PACK_A and PACK_B, which say what else is there: 1 byte;
 *     ticks since the record before, or since 0;
 *     PACK_WHO: context (1 byte) and domain (2 bytes), where they differ from those of the record before;
 *     PACK_A, PACK_B: a and b, XOR those of the last record of that kind in the pack, where there is a difference.
 *
 * Numbers are little-endian; ticks, a and b have 7 bits a byte, and bit 7 where more follow.
 */
#ifndef SERVICE_PACK_H
#define SERVICE_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "belay/trace.h"

enum { PACK_KIND = 0x1f, PACK_WHO = 0x20, PACK_A = 0x40, PACK_B = 0x80 };

_Static_assert(BELAY_TRACE_KINDS_END <= PACK_KIND + 1, "kinds have 5 bits");

#define PACK_HEAD       4u
#define PACK_RECORD_MAX 34u     /* bytes of a record */
#define PACK_RECORDS    256u    /* of a pack, at most, as its user makes them */

/*
 * Packs the first of these records, whose numbers follow each other, as far as they certainly fit into `max` bytes.
 * Returns how many bytes there are, 0 where nothing fits, and how many records in them.
 */
size_t pack_records(uint8_t *to, size_t max, const struct belay_trace_record *r, size_t count, size_t *packed);

/* The records of a pack, at most PACK_RECORDS; how many. -1: it is not one. */
int pack_open(const uint8_t *bytes, size_t length, struct belay_trace_record to[PACK_RECORDS]);
#endif
