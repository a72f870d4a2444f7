/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memcpy, memmove and memset. Guest images are tens of megabytes, so what is
 * long moves 64 bytes a turn. Normal memory takes any alignment.
 */
    .arch_extension simd            /* of this file only: clang holds assembler too to -mgeneral-regs-only */

    .macro function name
    .section .text.\name, "ax"
    .global \name
    .type \name, %function
\name:
    .endm

/* Each turn loads all of its piece before it stores any: right also when the destination overlaps from below. */
function memcpy
    mov     x3, x0
    subs    x2, x2, #64
    b.lo    2f
1:  ldp     q0, q1, [x1]
    ldp     q2, q3, [x1, #32]
    add     x1, x1, #64
    stp     q0, q1, [x3]
    stp     q2, q3, [x3, #32]
    add     x3, x3, #64
    subs    x2, x2, #64
    b.hs    1b
2:  adds    x2, x2, #64 - 8         /* what is left, less 8 */
    b.mi    4f
3:  ldr     x4, [x1], #8
    subs    x2, x2, #8
    str     x4, [x3], #8
    b.pl    3b
4:  adds    x2, x2, #8
    b.eq    6f
5:  ldrb    w4, [x1], #1
    subs    x2, x2, #1
    strb    w4, [x3], #1
    b.ne    5b
6:  ret
    .size memcpy, . - memcpy

function memmove
    sub     x3, x0, x1
    cmp     x3, x2
    b.hs    memcpy                  /* the destination is not inside the source */
    add     x1, x1, x2
    add     x3, x0, x2
    subs    x2, x2, #16
    b.lo    2f
1:  ldp     x4, x5, [x1, #-16]!
    stp     x4, x5, [x3, #-16]!
    subs    x2, x2, #16
    b.hs    1b
2:  adds    x2, x2, #16
    b.eq    4f
3:  ldrb    w4, [x1, #-1]!
    subs    x2, x2, #1
    strb    w4, [x3, #-1]!
    b.ne    3b
4:  ret
    .size memmove, . - memmove

function memset
    mov     x3, x0
    and     x1, x1, #0xff
    mov     x4, #0x0101010101010101
    mul     x1, x1, x4
    subs    x2, x2, #64
    b.lo    2f
    dup     v0.2d, x1
1:  stp     q0, q0, [x3]
    stp     q0, q0, [x3, #32]
    add     x3, x3, #64
    subs    x2, x2, #64
    b.hs    1b
2:  adds    x2, x2, #64 - 8
    b.mi    4f
3:  str     x1, [x3], #8
    subs    x2, x2, #8
    b.pl    3b
4:  adds    x2, x2, #8
    b.eq    6f
5:  strb    w1, [x3], #1
    subs    x2, x2, #1
    b.ne    5b
6:  ret
    .size memset, . - memset
