/* SPDX-License-Identifier: Apache-2.0 */
/* Nanoseconds into ticks of the system counter; what is too long for 64 bits is UINT64_MAX. */
#ifndef STEWARD_TICKS_H
#define STEWARD_TICKS_H

#include <stdint.h>

/* `hz` is at most 4 GHz. A budget is rounded down (a tick at least), a period up: nobody gets more than was agreed. */
uint64_t ticks_down(uint64_t ns, uint64_t hz);
uint64_t ticks_up(uint64_t ns, uint64_t hz);
#endif
