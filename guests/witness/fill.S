/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold(secret, turns): the secret is in all registers for so many turns of a loop. Returns how many do not have it afterwards.
 * x0 counts, x1 has the secret, x2 the turns; x3 is what a register had.
 */
#include "registers.inc"

    .arch   armv8-a+simd

    .macro  each_system macro
    .irp    name, tpidr_el0, tpidrro_el0, tpidr_el1, par_el1, far_el1, elr_el1, cntv_cval_el0, cntp_cval_el0
    \macro  \name
    .endr
    .endm
    .macro  fill_system name
    msr     \name, x1
    .endm
    .macro  check_system name
    mrs     x3, \name
    cmp     x3, x1
    cinc    x0, x0, ne
    .endm

    .macro  each_general macro
    .irp    n, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    \macro  \n
    .endr
    .endm
    .macro  fill_general n
    mov     x\n, x1
    .endm
    .macro  check_general n
    cmp     x\n, x1
    cinc    x0, x0, ne
    .endm

    .macro  each_vector macro
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    \macro  \n
    .endr
    .irp    n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \macro  \n
    .endr
    .endm
    .macro  fill_vector n
    dup     v\n\().2d, x1
    .endm
    .macro  check_vector n
    umov    x3, v\n\().d[0]
    cmp     x3, x1
    cinc    x0, x0, ne
    umov    x3, v\n\().d[1]
    cmp     x3, x1
    cinc    x0, x0, ne
    .endm

    .text
    .global hold
hold:
    push_preserved
    mov     x2, x1
    mov     x1, x0
    mov     x0, #0
    msr     cntv_ctl_el0, xzr
    msr     cntp_ctl_el0, xzr
    each_system fill_system
    each_vector fill_vector
    each_general fill_general
1:  subs    x2, x2, #1
    b.ne    1b
    each_general check_general
    each_vector check_vector
    each_system check_system
    pop_preserved
    ret
