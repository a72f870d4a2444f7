/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of what happened on each CPU, in fixed records that the steward can read (TRACE_READ). */
#ifndef NUCLEUS_CORE_TRACE_H
#define NUCLEUS_CORE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

struct domain;

enum trace_kind { TRACE_SWITCH = 1, TRACE_BUDGET, TRACE_START, TRACE_STOP, TRACE_END };

#define TRACE_RECORDS 128

struct trace_record {
    uint64_t ticks;
    uint64_t what;          /* kind | context << 8 | VMID << 16 */
    uint64_t value;
};

struct trace_ring {             /* of a CPU */
    uint64_t written;
    struct trace_record record[TRACE_RECORDS];
};

extern bool trace_on;           /* from the first trace_read on */

void trace_write(enum trace_kind kind, const struct domain *d, unsigned context, uint64_t value);

/* A macro: while the trace is off its arguments cost nothing either. */
#define trace(kind, d, context, value)                  \
    do {                                                \
        if (__builtin_expect(trace_on, 0))              \
            trace_write(kind, d, context, value);       \
    } while (0)

/* Record number n of this CPU since the first call; false when it is overwritten or not written yet. */
bool trace_read(uint64_t n, struct trace_record *record);
#endif
