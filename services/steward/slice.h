/* SPDX-License-Identifier: Apache-2.0 */
/* The turns that vCPUs without a budget take among those of their priority on their CPU. */
#ifndef STEWARD_SLICE_H
#define STEWARD_SLICE_H

#include "config.h"

/* Sets slice_ns of each vCPU that has no budget: turns are in proportion to the weights. */
void slices_share_out(struct config *c);
#endif
