/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way into EL2 and out of it (Arm ARM, D1.10.2).
 *
 * While a domain runs, SP_EL2 points at its context, whose first member is its
 * frame. An exit stores the frame, takes this CPU's stack (which ends where its
 * struct cpu begins, TPIDR_EL2) and calls C with the two. Then the
 * current context of the CPU, which C may have changed, is resumed.
 */
#include "arm64/frame.h"

    .macro save_frame context, cpu
    stp     x0, x1, [sp, #FRAME_X(0)]
    stp     x2, x3, [sp, #FRAME_X(2)]
    stp     x4, x5, [sp, #FRAME_X(4)]
    stp     x6, x7, [sp, #FRAME_X(6)]
    stp     x8, x9, [sp, #FRAME_X(8)]
    stp     x10, x11, [sp, #FRAME_X(10)]
    stp     x12, x13, [sp, #FRAME_X(12)]
    stp     x14, x15, [sp, #FRAME_X(14)]
    stp     x16, x17, [sp, #FRAME_X(16)]
    stp     x18, x19, [sp, #FRAME_X(18)]
    stp     x20, x21, [sp, #FRAME_X(20)]
    stp     x22, x23, [sp, #FRAME_X(22)]
    stp     x24, x25, [sp, #FRAME_X(24)]
    stp     x26, x27, [sp, #FRAME_X(26)]
    stp     x28, x29, [sp, #FRAME_X(28)]
    mrs     x2, elr_el2
    mrs     x3, spsr_el2
    stp     x30, x2, [sp, #FRAME_X(30)]
    str     x3, [sp, #FRAME_PSTATE]
    mov     \context, sp
    mrs     \cpu, tpidr_el2
    mov     sp, \cpu
    .endm

    .macro slot
    .balign 128
    .endm

    /* An exception of the nucleus itself: a bug of ours. x0: which, then the registers that say where. */
    .macro own_exception which
    slot
    mrs     x0, tpidr_el2
    mov     sp, x0
    mov     x0, #\which
    mrs     x1, esr_el2
    mrs     x2, elr_el2
    mrs     x3, far_el2
    b       panic_exception
    .endm

    .macro lower_exceptions
    slot
    save_frame x0, x2
    ldr     x3, [x2, #CPU_EXIT_SYNC]
    mrs     x1, esr_el2
    blr     x3
    b       resume_current
    slot
    save_frame x1, x0
    ldr     x2, [x0, #CPU_EXIT_IRQ]
    blr     x2
    b       resume_current
    slot                        /* FIQ: no Group 0 interrupt is ours */
    save_frame x1, x0
    ldr     x2, [x0, #CPU_EXIT_IRQ]
    blr     x2
    b       resume_current
    slot
    save_frame x0, x2
    mrs     x1, esr_el2
    bl      exit_serror
    b       resume_current
    .endm

    .section .text.hot, "ax"
    .balign 2048
    .globl vectors
vectors:
    own_exception 0
    own_exception 1
    own_exception 2
    own_exception 3
    own_exception 4
    own_exception 5
    own_exception 6
    own_exception 7
    lower_exceptions            /* AArch64 */
    lower_exceptions            /* AArch32 at EL1 */
    .balign 128

/*
 * After an exit: schedules where the exit asked for it, takes the interrupts
 * that came meanwhile, as they would be on the ERET, but without the way out and
 * in, and resumes this CPU's current context. Does not return.
 */
    .globl resume_current
    .type resume_current, %function
resume_current:
    mrs     x19, tpidr_el2
1:  ldrb    w1, [x19, #CPU_RESCHEDULE]
    cbnz    w1, 2f
    mrs     x1, isr_el1
    tbnz    x1, #7, 3f          /* I: a physical IRQ is pending */
4:  ldr     x0, [x19, #CPU_CURRENT]
    mov     sp, x0
    ldp     x30, x2, [sp, #FRAME_X(30)]
    ldr     x3, [sp, #FRAME_PSTATE]
    msr     elr_el2, x2
    msr     spsr_el2, x3
    ldp     x2, x3, [sp, #FRAME_X(2)]
    ldp     x4, x5, [sp, #FRAME_X(4)]
    ldp     x6, x7, [sp, #FRAME_X(6)]
    ldp     x8, x9, [sp, #FRAME_X(8)]
    ldp     x10, x11, [sp, #FRAME_X(10)]
    ldp     x12, x13, [sp, #FRAME_X(12)]
    ldp     x14, x15, [sp, #FRAME_X(14)]
    ldp     x16, x17, [sp, #FRAME_X(16)]
    ldp     x18, x19, [sp, #FRAME_X(18)]
    ldp     x20, x21, [sp, #FRAME_X(20)]
    ldp     x22, x23, [sp, #FRAME_X(22)]
    ldp     x24, x25, [sp, #FRAME_X(24)]
    ldp     x26, x27, [sp, #FRAME_X(26)]
    ldp     x28, x29, [sp, #FRAME_X(28)]
    ldp     x0, x1, [sp, #FRAME_X(0)]
    eret
    dsb     nsh                 /* no speculation past the ERET */
    isb
2:  mov     x0, x19
    bl      schedule
    b       1b
3:  mov     x0, x19
    bl      irq_handle
    b       1b
    .size resume_current, . - resume_current

/* resume_now(x0: this CPU): resumes its current context. An interrupt that comes now is one more exit. Does not return. */
    .globl resume_now
    .type resume_now, %function
resume_now:
    mov     x19, x0
    b       4b
    .size resume_now, . - resume_now
