/* SPDX-License-Identifier: Apache-2.0 */
#include "cfi.h"

#include <stdbool.h>
#include <string.h>

enum cfi_reads { READS_ARRAY, READS_STATUS, READS_ID, READS_QUERY };

#define BUFFER_COUNT 0x01u      /* in place of a command: the next cycle is the number of words */
#define BUFFER_WORDS 0x02u      /* the next are words */
#define BUFFER_END   0x03u      /* the next is the confirmation */

/* Of one chip, by word (JESD68.01, 2.1 to 2.3; then the table of the command set). */
static const uint8_t query[] = {
    [0x10] = 'Q', 'R', 'Y',
    [0x13] = 0x01, 0x00, 0x31, 0x00,            /* Intel's extended command set; its table */
    [0x1b] = 0x27, 0x36,                        /* Vcc, 2.7 to 3.6 V */
    [0x1f] = 0x07, 0x07, 0x0a, 0x00,            /* typical times: 2^n us, us, ms; no chip erase */
    [0x23] = 0x04, 0x04, 0x04, 0x00,            /* and how many times 2^n longer */
    [0x27] = 0x19, 0x01, 0x00, 0x06, 0x00,      /* 32 MiB; x16; a buffer of 64 bytes */
    [0x2c] = 0x01, 0xff, 0x00, 0x00, 0x02,      /* one region of 256 blocks of 512 times 256 bytes */
    [0x31] = 'P', 'R', 'I', '1', '0',
    [0x3f] = 0x00,
};

_Static_assert(CFI_BUFFER_WORDS * 4 == 2 * 64 && CFI_BLOCK_BYTES == 2 * 512 * 256, "two chips");

/* Manufacturer Intel, and its device; no block is locked. */
static uint8_t identification(uint64_t word)
{
    return word == 0 ? 0x89 : word == 1 ? 0x18 : 0;
}

/* What one chip puts on its half of the bus. */
static uint16_t chip(const struct cfi *f, uint64_t offset)
{
    uint64_t word = offset / 4;

    switch (f->reads) {
    case READS_ID:    return identification(word % (CFI_BLOCK_BYTES / 4));
    case READS_QUERY: return word < sizeof query ? query[word] : 0;
    default:          return CFI_READY | f->errors;
    }
}

static bool in_store(const struct cfi_store *s, uint64_t offset, unsigned size)
{
    return offset < s->size && size <= s->size - offset;
}

static uint64_t read_array(const struct cfi_store *s, uint64_t offset, unsigned size)
{
    uint64_t value = UINT64_MAX;

    if (in_store(s, offset, size))
        memcpy(&value, s->bytes + offset, size);
    return value;
}

static bool good_access(uint64_t offset, unsigned size)
{
    return (size == 1 || size == 2 || size == 4 || size == 8) && offset % size == 0 && offset < CFI_BANK_BYTES;
}

static uint64_t low_bytes(uint64_t value, unsigned size)
{
    return size < 8 ? value & ((UINT64_C(1) << size * 8) - 1) : value;
}

uint64_t cfi_read(const struct cfi *f, const struct cfi_store *s, uint64_t offset, unsigned size)
{
    if (!good_access(offset, size))
        return 0;
    if (f->reads == READS_ARRAY)
        return low_bytes(read_array(s, offset, size), size);
    uint64_t half = chip(f, offset), both = half | half << 16;
    return low_bytes((both | both << 32) >> offset % 2 * 8, size);
}

/* Programming only clears bits. */
static void program(struct cfi *f, const struct cfi_store *s, uint64_t offset, unsigned size, uint64_t value)
{
    uint64_t old = read_array(s, offset, size);

    if (!in_store(s, offset, size)) {
        f->errors |= CFI_PROGRAM_ERROR;
        return;
    }
    old &= value;
    memcpy(s->bytes + offset, &old, size);
}

static void erase(const struct cfi_store *s, uint64_t offset)
{
    uint64_t block = offset & ~(uint64_t)(CFI_BLOCK_BYTES - 1);

    if (in_store(s, block, CFI_BLOCK_BYTES))
        memset(s->bytes + block, 0xff, CFI_BLOCK_BYTES);
}

/* A command that begins something; any that is not known is READ_ARRAY. */
static void begin(struct cfi *f, uint8_t command)
{
    f->command = 0;
    f->reads = READS_STATUS;
    switch (command) {
    case CFI_READ_STATUS:  break;
    case CFI_CLEAR_STATUS: f->errors = 0; break;
    case CFI_READ_ID:      f->reads = READS_ID; break;
    case CFI_QUERY:        f->reads = READS_QUERY; break;
    case CFI_PROGRAM:
    case CFI_PROGRAM_TOO:  f->command = CFI_PROGRAM; break;
    case CFI_ERASE:
    case CFI_LOCK_SETUP:   f->command = command; break;
    case CFI_BUFFER:       f->command = BUFFER_COUNT; break;
    default:               f->reads = READS_ARRAY; break;
    }
}

/* Both errors together say that the sequence of commands was wrong. */
static void refuse(struct cfi *f)
{
    f->errors |= CFI_ERASE_ERROR | CFI_PROGRAM_ERROR;
    f->command = 0;
}

/* The number of words in the buffer, less 1. */
static void count(struct cfi *f, uint16_t words)
{
    if (words >= CFI_BUFFER_WORDS) {
        refuse(f);
        return;
    }
    f->words = (uint8_t)(words + 1);
    f->command = BUFFER_WORDS;
}

static void go_on(struct cfi *f, const struct cfi_store *s, uint64_t offset, unsigned size, uint32_t value)
{
    switch (f->command) {
    case CFI_PROGRAM:
        f->command = 0;
        program(f, s, offset, size, value);
        break;
    case BUFFER_COUNT:
        count(f, (uint16_t)value);
        break;
    case BUFFER_WORDS:
        program(f, s, offset, size, value);
        f->command = --f->words ? BUFFER_WORDS : BUFFER_END;
        break;
    case CFI_ERASE:
        if ((value & 0xff) == CFI_CONFIRM)
            erase(s, offset);
        /* fallthrough */
    default:            /* of a buffer, or of blocks' locks, of which there are none */
        if ((value & 0xff) != CFI_CONFIRM && f->command != CFI_LOCK_SETUP)
            refuse(f);
        f->command = 0;
    }
}

static void cycle(struct cfi *f, const struct cfi_store *s, uint64_t offset, unsigned size, uint32_t value)
{
    if (f->command)
        go_on(f, s, offset, size, value);
    else
        begin(f, (uint8_t)value);
}

void cfi_write(struct cfi *f, const struct cfi_store *s, uint64_t offset, unsigned size, uint64_t value)
{
    if (!good_access(offset, size))
        return;
    if (f->command > CFI_BUFFER || f->words > CFI_BUFFER_WORDS)     /* what a restart has kept makes no sense */
        *f = (struct cfi){ 0 };
    cycle(f, s, offset, size < 8 ? size : 4, (uint32_t)value);
    if (size == 8)
        cycle(f, s, offset + 4, 4, (uint32_t)(value >> 32));
}
