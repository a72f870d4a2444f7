/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The radio's vectors. The interrupted task's general registers go on its own
 * stack as a struct exception; FP registers move only when another task goes on.
 */
#include "registers.inc"

#define TASK_SP     0
#define TASK_FPCR   16
#define TASK_FP     32

    .arch_extension simd

    .macro  save_from_2
    from_2  stp
    mrs     x2, elr_el1
    stp     x30, x2, [sp, #240]
    mrs     x2, spsr_el1
    str     x2, [sp, #256]
    .endm

    .section .text.vectors, "ax"
    .balign 2048
    .global vectors
vectors:
    .rept   4                       /* with SP_EL0: never */
    .balign 128
    b       sync
    .endr
    .balign 128
    sub     sp, sp, #EXCEPTION_FRAME          /* synchronous, from a task */
    stp     x0, x1, [sp]
    b       sync
    .balign 128
    sub     sp, sp, #EXCEPTION_FRAME          /* IRQ: the time it came is what the histogram shows */
    stp     x0, x1, [sp]
    mrs     x0, cntvct_el0
    save_from_2
    bl      kernel_interrupt
    b       resume
    .rept   10
    .balign 128
    b       sync
    .endr

sync:
    save_from_2
    mov     x0, sp
    bl      kernel_sync

resume:                             /* x0: the task that goes on */
    adrp    x1, current
    ldr     x2, [x1, :lo12:current]
    cmp     x0, x2
    b.eq    restore
    str     x0, [x1, :lo12:current]
    mov     x3, sp
    str     x3, [x2, #TASK_SP]
    add     x4, x2, #TASK_FP
    stp     q0, q1, [x4]
    stp     q2, q3, [x4, #32]
    stp     q4, q5, [x4, #64]
    stp     q6, q7, [x4, #96]
    stp     q8, q9, [x4, #128]
    stp     q10, q11, [x4, #160]
    stp     q12, q13, [x4, #192]
    stp     q14, q15, [x4, #224]
    stp     q16, q17, [x4, #256]
    stp     q18, q19, [x4, #288]
    stp     q20, q21, [x4, #320]
    stp     q22, q23, [x4, #352]
    stp     q24, q25, [x4, #384]
    stp     q26, q27, [x4, #416]
    stp     q28, q29, [x4, #448]
    stp     q30, q31, [x4, #480]
    mrs     x5, fpcr
    mrs     x6, fpsr
    stp     x5, x6, [x2, #TASK_FPCR]

    ldr     x3, [x0, #TASK_SP]
    mov     sp, x3
    add     x4, x0, #TASK_FP
    ldp     q0, q1, [x4]
    ldp     q2, q3, [x4, #32]
    ldp     q4, q5, [x4, #64]
    ldp     q6, q7, [x4, #96]
    ldp     q8, q9, [x4, #128]
    ldp     q10, q11, [x4, #160]
    ldp     q12, q13, [x4, #192]
    ldp     q14, q15, [x4, #224]
    ldp     q16, q17, [x4, #256]
    ldp     q18, q19, [x4, #288]
    ldp     q20, q21, [x4, #320]
    ldp     q22, q23, [x4, #352]
    ldp     q24, q25, [x4, #384]
    ldp     q26, q27, [x4, #416]
    ldp     q28, q29, [x4, #448]
    ldp     q30, q31, [x4, #480]
    ldp     x5, x6, [x0, #TASK_FPCR]
    msr     fpcr, x5
    msr     fpsr, x6

restore:
    leave_exception
