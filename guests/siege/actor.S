/* SPDX-License-Identifier: Apache-2.0 */
#include "registers.inc"
#include "siege.h"

#define MAIR            0x00ff          /* 0: normal write-back, 1: device nGnRnE */
#define TCR             ((2 << 32) | (1 << 23) | (3 << 12) | (1 << 10) | (1 << 8) | 25)     /* as guests/lib/start.S */
#define SCTLR           0x30d5180d

    .arch   armv8-a+simd

/* A vCPU begins, or does so anew: by its affinity it knows who it is. The actor's table is made before. */
    .section .text.actor_entry, "ax"
    .global actor_entry
actor_entry:
    msr     daifset, #15
    mrs     x19, mpidr_el1
    and     x19, x19, #0xff
    ldr     x0, =ACTORS
    add     x19, x0, x19, lsl #ACTOR_SHIFT
    add     x0, x19, #ACTOR_STACK
    msr     spsel, #1
    mov     sp, x0
    mov     x0, x19
    bl      actor_reset
    msr     ttbr0_el1, x19
    ldr     x1, =MAIR
    msr     mair_el1, x1
    ldr     x1, =TCR
    msr     tcr_el1, x1
    mov     x1, #(3 << 20)              /* CPACR_EL1.FPEN: no trap */
    msr     cpacr_el1, x1
    ldr     x1, =siege_vectors
    msr     vbar_el1, x1
    isb
    tlbi    vmalle1
    dsb     sy
    isb
    ldr     x1, =SCTLR
    msr     sctlr_el1, x1
    isb
    add     x0, x19, #ACTOR_HANDLER
    mov     sp, x0
    msr     spsel, #0
    add     x0, x19, #ACTOR_STACK
    mov     sp, x0
    mov     x0, x19
    bl      actor_life
    b       .

/* run_slot(actor, where, x0, others): see siege.h. */
    .section .text.run_slot, "ax"
    .balign 64
    .global run_slot, run_back
run_slot:
    add     x4, x0, #ACTOR_SAVED
    preserved stp, x4
    mov     x5, sp
    str     x5, [x4, #96]
    mov     sp, x3
    mov     x17, x1
    mov     x0, x2
    mov     x1, x3
    mov     x2, x3
    .irp    n, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
    mov     x\n, x3
    .endr
    .irp    n, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    mov     x\n, x3
    .endr
    br      x17

    .balign 64
run_back:
    msr     spsel, #1
    msr     daifset, #15
    stp     x0, x1, [sp, #-256]
    stp     x2, x3, [sp, #-240]
    stp     x4, x5, [sp, #-224]
    stp     x6, x7, [sp, #-208]
    stp     x8, x9, [sp, #-192]
    stp     x10, x11, [sp, #-176]
    stp     x12, x13, [sp, #-160]
    stp     x14, x15, [sp, #-144]
    stp     x16, x17, [sp, #-128]
    stp     x18, x19, [sp, #-112]
    stp     x20, x21, [sp, #-96]
    stp     x22, x23, [sp, #-80]
    stp     x24, x25, [sp, #-64]
    stp     x26, x27, [sp, #-48]
    stp     x28, x29, [sp, #-32]
    str     x30, [sp, #-16]
    mov     x4, sp
    and     x4, x4, #~((1 << ACTOR_SHIFT) - 1)
    add     x4, x4, #ACTOR_SAVED
    msr     spsel, #0
    preserved ldp, x4
    ldr     x5, [x4, #96]
    mov     sp, x5
    ret

/* As guests/lib/vectors.S, for whoever's stack it is. */
    .section .text.siege_vectors, "ax"
    .balign 2048
    .global siege_vectors
siege_vectors:
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vector  \n
    .endr

common:
    save_exception
    mov     x2, x1
    mov     x1, sp
    and     x0, x1, #~((1 << ACTOR_SHIFT) - 1)
    bl      siege_exception
    leave_exception

/*
 * touch_kind(code, values): does the access at x0 = values[0] with x1 to x4 and v0 to v3 from values, and leaves
 * x1 to x4 there as it left them.
 */
    .section .text.touch_kind, "ax"
    .global touch_kind
touch_kind:
    stp     x29, x30, [sp, #-32]!
    str     x1, [sp, #16]
    mov     x9, x0
    ldp     x0, x10, [x1]
    dup     v0.2d, x10
    dup     v1.2d, x10
    dup     v2.2d, x10
    dup     v3.2d, x10
    mov     x1, x10
    mov     x2, x10
    mov     x3, x10
    mov     x4, x10
    blr     x9
    ldr     x9, [sp, #16]
    stp     x1, x2, [x9, #8]
    stp     x3, x4, [x9, #24]
    umov    x1, v0.d[0]
    umov    x2, v0.d[1]
    stp     x1, x2, [x9, #40]
    ldp     x29, x30, [sp], #32
    ret

/* hvc_all, smc_all(x): x0 to x17 from there, and what they are then. */
    .macro  call_all name, instruction
    .global \name
\name:
    str     x0, [sp, #-16]!
    mov     x18, x0
    ldp     x2, x3, [x18, #16]
    ldp     x4, x5, [x18, #32]
    ldp     x6, x7, [x18, #48]
    ldp     x8, x9, [x18, #64]
    ldp     x10, x11, [x18, #80]
    ldp     x12, x13, [x18, #96]
    ldp     x14, x15, [x18, #112]
    ldp     x16, x17, [x18, #128]
    ldp     x0, x1, [x18]
    \instruction #0
    ldr     x18, [sp], #16
    stp     x0, x1, [x18]
    stp     x2, x3, [x18, #16]
    stp     x4, x5, [x18, #32]
    stp     x6, x7, [x18, #48]
    stp     x8, x9, [x18, #64]
    stp     x10, x11, [x18, #80]
    stp     x12, x13, [x18, #96]
    stp     x14, x15, [x18, #112]
    stp     x16, x17, [x18, #128]
    ret
    .endm
    .section .text.call_all, "ax"
    call_all hvc_all, hvc
    call_all smc_all, smc
