/* SPDX-License-Identifier: Apache-2.0 */
/* Where a guest's images go in its memory. */
#ifndef STEWARD_IMAGE_H
#define STEWARD_IMAGE_H

#include "config.h"
#include "problem.h"

struct placing {                /* guest physical addresses */
    uint64_t kernel;            /* of the file, unless it is ELF */
    uint64_t entry;
    uint64_t initrd;            /* 0: there is none */
    uint64_t dtb;               /* room for HANDSET_DTB_MAX */
};

/*
 * Linux: the arm64 `Image` at the offset that it asks for, the initrd and the
 * device tree behind it as QEMU does it, closer together where memory is small.
 * In AArch32 it is a `zImage`, which unpacks itself to the first 32 MiB, where QEMU has it.
 * ELF: as linked; the device tree at the start of memory if there is room, as QEMU does it.
 * Raw: at its load address, or the start of memory; the device tree behind it, half way up the memory
 * but 128 MiB at most, so that the program's own unnamed data has room.
 *
 * Firmware: at the start of flash; the device tree at the start of memory.
 *
 * `kernel` is the kernel's image, of which vm->kernel->size bytes can be read. All is inside the memory.
 */
bool image_place(const struct vm_config *vm, const void *kernel, struct placing *p, struct problem *why);
#endif
