/* SPDX-License-Identifier: Apache-2.0 */
/* The same of a GICv2. */
#define FUZZ_GICV2
#include "fuzz_vgic.c"
