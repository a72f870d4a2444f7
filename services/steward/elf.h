/* SPDX-License-Identifier: Apache-2.0 */
/* As much of ELF (System V gABI, chapters 4 and 5) as loading a static AArch64 program takes. */
#ifndef STEWARD_ELF_H
#define STEWARD_ELF_H

#include <stdbool.h>
#include <stdint.h>

struct elf_segment {            /* PT_LOAD */
    uint64_t offset, file_bytes; /* in the image: inside it */
    uint64_t address, bytes;     /* physical; bytes >= file_bytes, no wrap-round */
    uint64_t virtual_address;
    bool executable;
};

struct elf {
    const uint8_t *image;
    uint64_t size;
    uint64_t entry;             /* virtual */
    uint64_t headers;           /* offset of the program headers: all inside the image */
    unsigned count;
};

/* What is wrong with it, or NULL. */
const char *elf_open(struct elf *e, const void *image, uint64_t size);

/* Segment `i` < e->count. *loads is false when it is not one to load. What is wrong with it, or NULL. */
const char *elf_segment(const struct elf *e, unsigned i, struct elf_segment *s, bool *loads);

/* The entry as a physical address, by the segment that holds it. */
const char *elf_entry(const struct elf *e, uint64_t *physical);
#endif
