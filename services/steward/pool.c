/* SPDX-License-Identifier: Apache-2.0 */
#include "pool.h"

#include "belay/abi.h"

#define GIB UINT64_C(0x40000000)

static uint64_t pages(uint64_t bytes)
{
    return (bytes + BELAY_PAGE_SIZE - 1) / BELAY_PAGE_SIZE;
}

/* One for each GiB, one for pages that are not whole blocks. */
uint64_t pool_tables(uint64_t memory)
{
    return (memory + GIB - 1) / GIB + (memory % 0x200000 ? 1 : 0);
}

/* Tables: the root, those for memory, two for each range of device registers. */
uint64_t pool_of_vm(uint32_t vcpus, uint32_t handles, uint64_t memory, uint32_t devices)
{
    uint64_t tables = 1 + pool_tables(memory) + 2ull * devices;
    uint64_t objects = POOL_VM + (uint64_t)vcpus * POOL_VCPU + (uint64_t)handles * POOL_HANDLE +
                       (1ull + devices) * POOL_MAPPING;

    return (tables + pages(objects)) * BELAY_PAGE_SIZE;
}

uint64_t pool_of_service(uint32_t threads, uint32_t portals, uint32_t handles, uint32_t mappings)
{
    uint64_t objects = POOL_SERVICE + (uint64_t)threads * POOL_THREAD + (uint64_t)portals * POOL_PORTAL +
                       (uint64_t)handles * POOL_HANDLE + (uint64_t)mappings * POOL_MAPPING + POOL_NOTIFICATION;

    return (4 + pages(objects)) * BELAY_PAGE_SIZE;
}
