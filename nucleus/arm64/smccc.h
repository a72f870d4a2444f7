/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of the SMC Calling Convention (DEN0028) that the nucleus serves, and asks the host's firmware for. */
#ifndef NUCLEUS_ARM64_SMCCC_H
#define NUCLEUS_ARM64_SMCCC_H

#include <stdint.h>

#define SMCCC_SMC64         0x40000000u     /* the 64-bit form of a function */

#define PSCI_VERSION        0x84000000u     /* DEN0022, 5.1 */
#define PSCI_FEATURES       0x8400000au

#define SMCCC_VERSION       0x80000000u     /* DEN0028, 7 */
#define SMCCC_ARCH_FEATURES 0x80000001u
#define SMCCC_1_1           0x10001
#define SMCCC_1_2           0x10002

/*
 * Workarounds of speculative execution (DEN0070): 1 for branch targets that others trained, 3 for their history, 2 for
 * stores that are bypassed. SMCCC_ARCH_FEATURES tells of each on the CPU that asks: 0, it is to be called; 1, it need not be;
 * NOT_REQUIRED, it may not be, there is nothing to do.
 */
#define SMCCC_WORKAROUND_1  0x80008000u
#define SMCCC_WORKAROUND_2  0x80007fffu
#define SMCCC_WORKAROUND_3  0x80003fffu

/* Each one's index in a table, by how much its identifier is below the highest: 0, 1 and 0x4001. Index 2 is nobody's. */
#define WORKAROUND_BELOW(id)    (SMCCC_WORKAROUND_1 - (uint32_t)(id))
#define WORKAROUND_INDEX(id)    (WORKAROUND_BELOW(id) >> 13 | (WORKAROUND_BELOW(id) & 1))
#define WORKAROUND_HAS_INDEX(id) ((WORKAROUND_BELOW(id) & ~0x4001u) == 0)
#define WORKAROUNDS             4

/* Entropy (DEN0098). */
#define TRNG_VERSION        0x84000050u
#define TRNG_FEATURES       0x84000051u
#define TRNG_GET_UUID       0x84000052u
#define TRNG_RND            0x84000053u
#define TRNG_1_0            0x10000

/* Answers. Those of several services have one number. */
#define SMCCC_SUCCESS         0
#define SMCCC_NOT_SUPPORTED   (-1)
#define SMCCC_NOT_REQUIRED    (-2)
#define TRNG_INVALID_PARAMETERS (-2)
#define TRNG_NO_ENTROPY       (-3)
#endif
