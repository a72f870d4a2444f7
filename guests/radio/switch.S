/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The radio's vectors. The interrupted task's general registers go on its own
 * stack as a struct exception; FP registers move only when another task goes on.
 */
#define FRAME       288
#define TASK_SP     0
#define TASK_FPCR   16
#define TASK_FP     32

    .arch_extension simd

    .macro  save_from_2
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x19, [sp, #144]
    stp     x20, x21, [sp, #160]
    stp     x22, x23, [sp, #176]
    stp     x24, x25, [sp, #192]
    stp     x26, x27, [sp, #208]
    stp     x28, x29, [sp, #224]
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
    sub     sp, sp, #FRAME          /* synchronous, from a task */
    stp     x0, x1, [sp]
    b       sync
    .balign 128
    sub     sp, sp, #FRAME          /* IRQ: the time it came is what the histogram shows */
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
    ldp     x30, x2, [sp, #240]
    msr     elr_el1, x2
    ldr     x2, [sp, #256]
    msr     spsr_el1, x2
    ldp     x2, x3, [sp, #16]
    ldp     x4, x5, [sp, #32]
    ldp     x6, x7, [sp, #48]
    ldp     x8, x9, [sp, #64]
    ldp     x10, x11, [sp, #80]
    ldp     x12, x13, [sp, #96]
    ldp     x14, x15, [sp, #112]
    ldp     x16, x17, [sp, #128]
    ldp     x18, x19, [sp, #144]
    ldp     x20, x21, [sp, #160]
    ldp     x22, x23, [sp, #176]
    ldp     x24, x25, [sp, #192]
    ldp     x26, x27, [sp, #208]
    ldp     x28, x29, [sp, #224]
    ldp     x0, x1, [sp]
    add     sp, sp, #FRAME
    eret
