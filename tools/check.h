/* SPDX-License-Identifier: Apache-2.0 */
/* Is a configuration that is well formed also right? Reports all that is not. */
#ifndef TOOLS_CHECK_H
#define TOOLS_CHECK_H

#include "board.h"
#include "config.h"

/* Everything below, and the deadlines once all else is right. Fills in what the board gives by default. */
bool check_config(struct config *);

/* check_images.c: each image exists, is what it should be, and fits in its VM. */
void check_images(struct config *, unsigned vm);

/* check_memory.c: all VMs, the bundle and Belay itself fit in the board's RAM. */
void check_memory(struct config *, const struct board *);

/* What a machine takes of the board's RAM, all told. */
uint64_t memory_needed(const struct config *);
#endif
