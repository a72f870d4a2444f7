/* SPDX-License-Identifier: Apache-2.0 */
/* The idle task's FP registers hold a pattern of its own, so that a switch of tasks or of VMs that loses them shows. */
#define PATTERN 0x5a17c0dec0de0000      /* + n in both halves of Vn */
#define FPCR    0x00c00000              /* rounds towards zero, as no other task does */

    .arch_extension simd
    .text
    .global fp_fill, fp_intact
fp_fill:
    ldr     x1, =PATTERN
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    dup     v\n\().2d, x1
    add     x1, x1, #1
    .endr
    .irp    n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    dup     v\n\().2d, x1
    add     x1, x1, #1
    .endr
    mov     x1, #FPCR
    msr     fpcr, x1
    ret

    .macro  compare n
    mov     x3, v\n\().d[0]
    mov     x4, v\n\().d[1]
    eor     x3, x3, x1
    eor     x4, x4, x1
    orr     x3, x3, x4
    orr     x2, x2, x3
    add     x1, x1, #1
    .endm

fp_intact:
    ldr     x1, =PATTERN
    mrs     x2, fpcr
    mov     x3, #FPCR
    eor     x2, x2, x3
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    compare \n
    .endr
    .irp    n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    compare \n
    .endr
    cmp     x2, #0
    cset    w0, eq
    ret
