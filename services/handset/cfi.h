/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bank of flash as QEMU's virt board has it: two x16 chips side by side on a bus of 32 bits, with Intel's command set
 * (JEDEC JESD68.01 and JEP137, primary command set 0001; Intel 28F256J3). Pure state beside what it stores.
 */
#ifndef HANDSET_CFI_H
#define HANDSET_CFI_H

#include <stdint.h>

#define CFI_BANK_BYTES   0x04000000u
#define CFI_BLOCK_BYTES  0x00040000u    /* erased at once */
#define CFI_BUFFER_WORDS 32u            /* of 32 bits, written at once */

/* Commands; each chip takes the low byte of its half of the bus, and both are told the same. */
#define CFI_READ_ARRAY   0xffu
#define CFI_READ_ID      0x90u
#define CFI_QUERY        0x98u
#define CFI_READ_STATUS  0x70u
#define CFI_CLEAR_STATUS 0x50u
#define CFI_PROGRAM      0x40u
#define CFI_PROGRAM_TOO  0x10u
#define CFI_ERASE        0x20u
#define CFI_CONFIRM      0xd0u
#define CFI_BUFFER       0xe8u
#define CFI_LOCK_SETUP   0x60u

/* The status register. */
#define CFI_READY        0x80u
#define CFI_ERASE_ERROR  0x20u
#define CFI_PROGRAM_ERROR 0x10u

/* What the bank holds from its start on; behind that it is erased for ever, and programming fails. */
struct cfi_store { uint8_t *bytes; uint32_t size; };

struct cfi {                    /* zeroed: after reset */
    uint8_t reads;              /* enum cfi_reads: what a read tells */
    uint8_t command;            /* whose next cycle is awaited; 0: none */
    uint8_t errors;             /* of the status */
    uint8_t words;              /* of a buffer, that are still to come */
};

uint64_t cfi_read(const struct cfi *f, const struct cfi_store *s, uint64_t offset, unsigned size);
void cfi_write(struct cfi *f, const struct cfi_store *s, uint64_t offset, unsigned size, uint64_t value);
#endif
