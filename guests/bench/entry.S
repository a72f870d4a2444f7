/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reset and the vectors. The first instruction of each is a reading of the
 * counter: that is what the rows `boot`, `sgi_*` and `timer_*` measure.
 */
    .section .text.start, "ax"
    .global bench_start
bench_start:
    mrs     x1, cntvct_el0
    adrp    x2, boot_ticks
    str     x1, [x2, :lo12:boot_ticks]
    b       _start                      /* of guests/lib */

/*
 * An interrupt ends the wait that a measurement is in: it masked itself by
 * being taken, x10 is when, and the measurement goes on at x13. Nothing returns
 * from here, so the interrupted state is of no interest (measure.c).
 */
    .macro  measured
    .balign 128
    mrs     x10, cntvct_el0
    br      x13
    .endm

    .macro  unexpected
    .balign 128
    mrs     x0, esr_el1
    mrs     x1, elr_el1
    mrs     x2, far_el1
    b       unexpected_exception
    .endm

    .section .text.vectors, "ax"
    .balign 2048
    .global vectors
vectors:
    unexpected; unexpected; unexpected; unexpected      /* SP_EL0 */
    unexpected; measured;   unexpected; unexpected      /* SP_EL1: synchronous, IRQ, FIQ, SError */
    unexpected; unexpected; unexpected; unexpected      /* EL0, AArch64 */
    unexpected; unexpected; unexpected; unexpected      /* EL0, AArch32 */

/* The second CPU begins here, with the MMU off. */
    .section .text.cross, "ax"
    .global cross_start
cross_start:
    adrp    x1, vectors
    add     x1, x1, :lo12:vectors
    msr     vbar_el1, x1
    adrp    x1, cross_stack_end
    add     x1, x1, :lo12:cross_stack_end
    mov     sp, x1
    isb
    b       cross_answer

    .section .bss.cross_stack, "aw", %nobits
    .balign 16
    .skip   1024
cross_stack_end:

    .section .data                      /* _start clears .bss later */
    .balign 8
    .global boot_ticks
boot_ticks:
    .quad   0
