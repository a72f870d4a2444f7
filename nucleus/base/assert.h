/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nucleus's own invariants. A failed one is a bug of the nucleus, never of
 * a guest: it stops this machine with one line that says where.
 */
#ifndef NUCLEUS_BASE_ASSERT_H
#define NUCLEUS_BASE_ASSERT_H

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#if defined BELAY_HOST_TEST && !defined BELAY_COVERAGE      /* where the lines and branches are to be the nucleus's own */
#include <assert.h>
#else
/* panic.c */
_Noreturn void panic_assert(const char *file, int line);

#undef assert
#ifdef BELAY_ASSERT
#define assert(x) do { if (unlikely(!(x))) panic_assert(__FILE__, __LINE__); } while (0)
#else
#define assert(x) ((void)sizeof(!(x)))
#endif
#endif
#endif
