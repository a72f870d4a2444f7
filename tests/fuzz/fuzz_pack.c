/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a pack of records: refused, or records that packed again are the same. */
#include <stdlib.h>
#include <string.h>

#include "lib/pack.h"

#define CHECK(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct belay_trace_record once[PACK_RECORDS], twice[PACK_RECORDS];
    static uint8_t bytes[PACK_HEAD + PACK_RECORDS * PACK_RECORD_MAX];
    size_t packed;
    int count = pack_open(data, size, once);

    if (count <= 0)
        return 0;
    CHECK((unsigned)count <= PACK_RECORDS);
    size_t length = pack_records(bytes, sizeof bytes, once, (size_t)count, &packed);
    CHECK(length && packed == (size_t)count);
    CHECK(pack_open(bytes, length, twice) == count);
    CHECK(memcmp(once, twice, (size_t)count * sizeof once[0]) == 0);
    return 0;
}
