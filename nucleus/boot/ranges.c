/* SPDX-License-Identifier: Apache-2.0 */
#include "base/address.h"
#include "boot/boot.h"

void ranges_add(struct ranges *r, uint64_t start, uint64_t end)
{
    if (start >= end)
        return;
    if (r->count == RANGES_MAX)
        boot_fail("host device tree", "/memory", "has more separate ranges than the nucleus keeps");
    r->range[r->count++] = (struct range){ start, end };
}

/* What lies on both sides of the hole stays: the tail of a cut range goes to the end; a range can become empty. */
void ranges_remove(struct ranges *r, uint64_t start, uint64_t end)
{
    start &= ~(PAGE_SIZE - 1);
    end = (end + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    unsigned count = r->count;
    for (unsigned i = 0; i < count; i++) {
        struct range old = r->range[i];
        if (end <= old.start || old.end <= start)
            continue;
        r->range[i].end = start > old.start ? start : old.start;
        ranges_add(r, end, old.end);
    }
}

bool ranges_hold(const struct ranges *r, uint64_t start, uint64_t end)
{
    for (unsigned pass = 0; pass < r->count && start < end; pass++)     /* they have no order */
        for (unsigned i = 0; i < r->count; i++)
            if (r->range[i].start <= start && start < r->range[i].end)
                start = r->range[i].end;
    return start >= end;
}

uint64_t ranges_take(struct ranges *r, uint64_t bytes)
{
    for (unsigned i = r->count; i-- > 0;)
        if (r->range[i].end - r->range[i].start >= bytes) {
            r->range[i].end -= bytes;
            return r->range[i].end;
        }
    return 0;
}
