/* SPDX-License-Identifier: Apache-2.0 */
/* Can the deadlines of a configuration be met? Its vCPUs and services, held against the response-time analysis. */
#ifndef TOOLS_TIMING_H
#define TOOLS_TIMING_H

#include "board.h"
#include "config.h"

/* Reports each deadline that may be missed, with what would meet it. The configuration must be right otherwise. */
void timing_check(struct config *, const struct board *);

/* The table: who runs where, with what, and the worst that can happen. */
void timing_print(const struct config *, const struct board *, FILE *);
#endif
