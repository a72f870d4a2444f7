/* SPDX-License-Identifier: Apache-2.0 */
/* libfdt.h includes it; a service has no heap. */
#ifndef SERVICE_LIBC_STDLIB_H
#define SERVICE_LIBC_STDLIB_H

#include <stddef.h>
#endif
