/* SPDX-License-Identifier: Apache-2.0 */
/* Where the linker puts a function. */
#ifndef NUCLEUS_BASE_SECTION_H
#define NUCLEUS_BASE_SECTION_H

/* Called while booting and never again: with the boot room its memory is given away (nucleus.lds). */
#ifdef BELAY_HOST_TEST
#define BOOT_ONLY
#else
#define BOOT_ONLY __attribute__((section(".text.boot_only"), noinline))
#endif

/* In a file of short paths, what is not on one: made for size. */
#define SELDOM __attribute__((cold))
#endif
