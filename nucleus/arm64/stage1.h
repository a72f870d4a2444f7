/* SPDX-License-Identifier: Apache-2.0 */
/* The nucleus's own address space: memory at its physical address, only the nucleus's text executable. */
#ifndef NUCLEUS_ARM64_STAGE1_H
#define NUCLEUS_ARM64_STAGE1_H

#include <stdint.h>

/* Tables of 512 entries: level 1, then those of levels 2 and 3 as boot/map.c needs them. */
#define STAGE1_TABLES 6
extern uint64_t stage1_tables[STAGE1_TABLES][512];

/* Descriptors at EL2 (Arm ARM, D8.3.1). AttrIndx 0 is Normal, 1 Device-nGnRE (boot/map.c sets MAIR_EL2). */
#define S1_VALID   UINT64_C(0x1)
#define S1_TABLE   UINT64_C(0x2)
#define S1_DEVICE  (UINT64_C(1) << 2)
#define S1_RES1    (UINT64_C(1) << 6)       /* AP[1] */
#define S1_RO      (UINT64_C(1) << 7)
#define S1_INNER   (UINT64_C(3) << 8)
#define S1_AF      (UINT64_C(1) << 10)
#define S1_XN      (UINT64_C(1) << 54)
#define S1_BASE    (S1_VALID | S1_RES1 | S1_INNER | S1_AF)
#define S1_DATA    (S1_BASE | S1_XN)
#define S1_RODATA  (S1_BASE | S1_XN | S1_RO)
#define S1_TEXT    (S1_BASE | S1_RO)
#define S1_MMIO    (S1_BASE | S1_XN | S1_DEVICE)
#define S1_ADDRESS UINT64_C(0x0000fffffffff000)

/* Pages of the nucleus's image become ordinary data. */
void stage1_make_data(uintptr_t start, uintptr_t end);
#endif
