/* SPDX-License-Identifier: Apache-2.0 */
/* What a program for EL2 has beyond what guests have. */
#ifndef TESTS_EL2_H
#define TESTS_EL2_H

#include "guest.h"

/* An exception came: by the vectors (start.S), which each program hears of by itself. */
_Noreturn void surprise(uint64_t esr, uint64_t pc, uint64_t x2);

/* QEMU's own PSCI, which a program at EL2 reaches by SMC. */
static inline _Noreturn void off(void)
{
    register uint64_t x0 __asm__("x0") = PSCI_SYSTEM_OFF;
    __asm__ volatile("smc #0" : : "r"(x0));
    for (;;) {
    }
}
#endif
