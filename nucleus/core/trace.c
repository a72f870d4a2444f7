/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trace.h"

#include "core/cpu.h"
#include "core/domain.h"

static struct trace_record ring[TRACE_RECORDS];
static uint64_t written;
bool trace_on;

void trace_write(enum trace_kind kind, const struct domain *d, unsigned context, uint64_t value)
{
    ring[written++ % TRACE_RECORDS] =
        (struct trace_record){ now(), kind | context << 8 | d->space.vttbr >> 48 << 16, value };
}

bool trace_read(uint64_t n, struct trace_record *record)
{
    trace_on = true;
    if (n >= written || written - n > TRACE_RECORDS)
        return false;
    *record = ring[n % TRACE_RECORDS];
    return true;
}
