/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handles: no object without a handle of its type and with its rights, for a
 * table of any size and any 64-bit number. What is named by nobody stays so.
 */
#include "handle_spec.h"

#include "core/handle.c"
