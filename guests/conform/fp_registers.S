/* SPDX-License-Identifier: Apache-2.0 */
/* fp.c: register n holds seed + n in its lower half, and the complement in its upper one. */
    .arch   armv8-a+fp+simd
    .macro  each what
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    \what   \n
    .endr
    .irp    n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \what   \n
    .endr
    .endm

    .macro  fill n
    add     x1, x0, #\n
    mvn     x2, x1
    fmov    d\n, x1
    mov     v\n\().d[1], x2
    .endm

    .macro  compare n
    add     x1, x3, #\n
    mvn     x2, x1
    fmov    x4, d\n
    mov     x5, v\n\().d[1]
    cmp     x4, x1
    ccmp    x5, x2, #0, eq
    cinc    x0, x0, ne
    .endm

    .text
    .global fp_fill
fp_fill:
    each    fill
    ret

    .global fp_differ
fp_differ:
    mov     x3, x0
    mov     x0, xzr
    each    compare
    ret

    .global fp_add
fp_add:
    fmov    d0, x0
    fmov    d1, x1
    fadd    d0, d0, d1
    fmov    x0, d0
    ret

    .global fp_divide
fp_divide:
    fmov    d0, x0
    fmov    d1, x1
    fdiv    d0, d0, d1
    fmov    x0, d0
    ret

    .global fp_touch
fp_touch:
    fmov    d0, xzr
    ret

/* access.c: 4 and 16 bytes from the address in x0. */
    .global fp_load_word
fp_load_word:
    ldr     s0, [x0]
    ret

    .global fp_load_quad
fp_load_quad:
    ldr     q0, [x0]
    ret
