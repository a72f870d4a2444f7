/* SPDX-License-Identifier: Apache-2.0 */
/* Registers and tables of any content: a walk reads few descriptors, and where it ends is a page's or a block's place. */
#include <stdlib.h>
#include <string.h>

#include "gdb/walk.h"

#define CHECK(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *tables;
static size_t tables_bytes;
static unsigned reads;

/* What was read last is what decides; the same bytes are everywhere, so that a walk goes on. */
static bool read_it(uint64_t pa, uint64_t *descriptor)
{
    CHECK(pa % 8 == 0);
    if (tables_bytes < 8)
        return false;
    memcpy(descriptor, tables + (pa / 8 * 8 + reads) % (tables_bytes - 7), 8);
    reads++;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t regs[5], pa, left;

    if (size < sizeof regs)
        return 0;
    memcpy(regs, data, sizeof regs);
    tables = data + sizeof regs;
    tables_bytes = size - sizeof regs;
    reads = 0;
    struct walk w = { regs[0] | 1, regs[1], regs[2], regs[3], read_it };
    if (tables_bytes && tables[0] & 1)          /* sizes that some CPU has */
        w.tcr = (w.tcr & ~UINT64_C(0x3f003f)) | 25 | 16 << 16;
    uint64_t va = regs[4] & 1 ? regs[4] | UINT64_MAX << 39 : regs[4] & ~(UINT64_MAX << 39);
    bool found = walk(&w, va, &pa, &left);
    CHECK(reads <= 5);
    if (!found)
        return 0;
    uint64_t offset = 4096 - left % 4096;
    CHECK(left > 0 && (left % 4096 == 0 ? va % 4096 == 0 : va % 4096 == offset) && pa % 4096 == va % 4096);
    CHECK(pa >> 50 == 0);
    return 0;
}
