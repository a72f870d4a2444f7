/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How large a domain's pool has to be: all that the nucleus keeps for it, and
 * no more than a page too much. What each object takes is the nucleus's
 * affair; a unit test holds these figures against its structures.
 */
#ifndef STEWARD_POOL_H
#define STEWARD_POOL_H

#include <stdint.h>

#define POOL_HANDLE        16u
#define POOL_SERVICE       720u
#define POOL_VM            5120u
#define POOL_VCPU          2400u
#define POOL_THREAD        1168u
#define POOL_PORTAL        112u
#define POOL_NOTIFICATION  112u
#define POOL_MAPPING       80u

/* Tables for that much memory in one piece, the root not among them. */
uint64_t pool_tables(uint64_t memory);

/* A VM's: `devices` ranges of device registers are mapped, and its memory. */
uint64_t pool_of_vm(uint32_t vcpus, uint32_t handles, uint64_t memory, uint32_t devices);

/* A service's, whose memory lies in two ranges of 2 MiB. */
uint64_t pool_of_service(uint32_t threads, uint32_t portals, uint32_t handles, uint32_t mappings);
#endif
