/* SPDX-License-Identifier: Apache-2.0 */
/* trap.h: call_at and run_at_el0. */
#include "registers.inc"

    .text
    .global call_at
call_at:
    stp     x29, x30, [sp, #-16]!
    adr     x1, 1f
    adrp    x2, trap_resume
    str     x1, [x2, :lo12:trap_resume]
    blr     x0
1:  adrp    x2, trap_resume
    str     xzr, [x2, :lo12:trap_resume]
    ldp     x29, x30, [sp], #16
    ret

/* x0: pc, x1: x0 there, x2: pstate. Comes back at run_end by the exception. */
    .global run_begin
run_begin:
    push_preserved
    msr     elr_el1, x0
    msr     spsr_el1, x2
    mov     x0, x1
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    mov     x\n, xzr
    .endr
    eret
    .global run_end
run_end:
    pop_preserved
    ret

/* psci.c: x0: in, x1: out. */
    .global call_with
call_with:
    push_preserved 112
    str     x1, [sp, #96]
    ldr     x1, [x0, #248]
    msr     nzcv, x1
    ldp     x29, x30, [x0, #232]
    .irp    n, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27
    ldr     x\n, [x0, #8 * \n]
    .endr
    .irp    n, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28
    ldr     x\n, [x0, #8 * \n]
    .endr
    ldr     x0, [x0]
    hvc     #0
    str     x0, [sp, #104]
    ldr     x0, [sp, #96]
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    str     x\n, [x0, #8 * \n]
    .endr
    mrs     x1, nzcv
    str     x1, [x0, #248]
    ldr     x1, [sp, #104]
    str     x1, [x0]
    pop_preserved 112
    ret
