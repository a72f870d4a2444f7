/* SPDX-License-Identifier: Apache-2.0 */
/* fp.c: register n holds seed + n in its lower half, and the complement in its upper one. */
    .text
    .global fp_fill
fp_fill:
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    add     x1, x0, #\n
    mvn     x2, x1
    fmov    d\n, x1
    mov     v\n\().d[1], x2
    .endr
    ret

    .global fp_differ
fp_differ:
    mov     x3, x0
    mov     x0, xzr
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    add     x1, x3, #\n
    mvn     x2, x1
    fmov    x4, d\n
    mov     x5, v\n\().d[1]
    cmp     x4, x1
    ccmp    x5, x2, #0, eq
    cinc    x0, x0, ne
    .endr
    ret
