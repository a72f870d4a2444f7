/* SPDX-License-Identifier: Apache-2.0 */
/* Entered at EL2 with the MMU off, and stays so. Each exception goes to surprise(ESR_EL2, ELR_EL2, X2 as it was). */
    .section .text.start, "ax"
    .global _start
_start:
    msr     daifset, #15
    ldr     x0, =vectors_el2
    msr     vbar_el2, x0
    isb
    ldr     x0, =__stack_top
    mov     sp, x0
    mov     x29, xzr
    mov     x30, xzr
    b       guest_main

    .section .text.vectors, "ax"
    .balign 2048
vectors_el2:
    .rept   16
    .balign 128
    mrs     x0, esr_el2
    mrs     x1, elr_el2
    b       surprise
    .endr
