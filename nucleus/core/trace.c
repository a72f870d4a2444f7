/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trace.h"

#include "core/cpu.h"
#include "core/domain.h"

bool trace_on;

void trace_write(enum trace_kind kind, const struct domain *d, unsigned context, uint64_t value)
{
    struct trace_ring *r = this_cpu()->trace;

    r->record[r->written++ % TRACE_RECORDS] =
        (struct trace_record){ now(), kind | context << 8 | d->space.vttbr >> 48 << 16, value };
}

bool trace_read(uint64_t n, struct trace_record *record)
{
    const struct trace_ring *r = this_cpu()->trace;

    trace_on = true;
    if (n >= r->written || r->written - n > TRACE_RECORDS)
        return false;
    *record = r->record[n % TRACE_RECORDS];
    return true;
}
