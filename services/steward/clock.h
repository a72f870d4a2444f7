/* SPDX-License-Identifier: Apache-2.0 */
/* The host's time, read once from its PL031: from then on the counter tells it. */
#ifndef STEWARD_CLOCK_H
#define STEWARD_CLOCK_H

#include <stdbool.h>

#include "belay/handset.h"

/* False: the host has none, or it is a VM's already; the time is 0, the beginning of 1970. */
bool clock_read(const void *host, struct handset_clock *clock);
#endif
