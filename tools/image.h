/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's image: a file, mapped, and what its header says. */
#ifndef TOOLS_IMAGE_H
#define TOOLS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file {
    const uint8_t *data;
    size_t size;
};

/* NULL, or what is wrong with it. The file must not be empty. */
const char *file_map(struct file *, const char *path);
void file_unmap(struct file *);

/*
 * An arm64 Linux `Image` (Documentation/arch/arm64/booting.rst): *bytes is how
 * much memory it needs, from a 2 MiB boundary on. NULL, or what is wrong.
 */
const char *image_linux(const struct file *, uint64_t *bytes);

/* An arm `zImage` (Documentation/arch/arm/booting.rst), which unpacks itself, likewise. */
const char *image_zimage(const struct file *, uint64_t *bytes);

/* An ELF executable for AArch64: *low and *high bound its physical addresses. NULL, or what is wrong. */
const char *image_elf(const struct file *, uint64_t *low, uint64_t *high);

/* Is the entry in a segment with code? For a file with which image_elf finds nothing wrong. */
bool image_elf_entry(const struct file *);
#endif
