/* SPDX-License-Identifier: Apache-2.0 */
/* What the steward reads, as it should be: tests and fuzz targets spoil it. Each returns its size, 0 when it has no room. */
#ifndef UNIT_GOOD_H
#define UNIT_GOOD_H

#include <stddef.h>
#include <stdint.h>

#define GOOD_BUNDLE_BYTES 0x100000u     /* of the whole bundle, of which this is the tree */
#define GOOD_ELF_BYTES    0x4000u
#define GOOD_LINUX_BYTES  64u           /* its header */

/* Two VMs, phone (Linux) and radio (raw). */
size_t good_bundle(void *to, size_t size);

/*
 * A host's tree: /pl011@9000000, which is its console, /soc/rtc@9010000, a GICv3, PSCI by SMC, 1 GiB of RAM at
 * 0x40000000 and a page at 0x8_8000_0000, two reservations, and a bundle at 0x50000000, and CPUs 0.0 and 1.1.
 */
size_t good_host(void *to, size_t size);

/* Text at that physical address, linked 1 TiB above it, and data with 64 KiB of zeros. */
size_t good_elf(void *to, size_t size, uint64_t text);

/* An arm64 Image's header, as Linux's booting.rst has it. */
size_t good_linux(void *to, size_t size, uint64_t text_offset, uint64_t image_size, uint64_t flags);
#endif
