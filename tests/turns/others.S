/* SPDX-License-Identifier: Apache-2.0 */
/* What other CPUs do, with the MMU off. */
    .section .text.others, "ax"
    .global sleeps, spins
sleeps:
    msr     daifset, #15
1:  wfi
    b       1b

spins:
    b       .
