/* SPDX-License-Identifier: Apache-2.0 */
/* What other CPUs do, with the MMU off. */
    .section .text.others, "ax"
    .global sleeps, spins, counts, counted
sleeps:
    msr     daifset, #15
1:  wfi
    b       1b

spins:
    b       .

/* Sets a timer first, for a tenth of a millisecond later: that ends its turn. */
counts:
    mrs     x0, cntfrq_el0
    mov     x1, #10000
    udiv    x1, x0, x1
    mrs     x0, cntvct_el0
    add     x0, x0, x1
    msr     cntv_cval_el0, x0
    mov     x0, #1
    msr     cntv_ctl_el0, x0
    ldr     x0, =counted
    mov     x1, xzr
1:  add     x1, x1, #1
    str     x1, [x0]
    b       1b

    .section .bss.counted, "aw", %nobits
    .balign 64
counted:
    .skip   64
