/* SPDX-License-Identifier: Apache-2.0 */
/* Entered in Supervisor mode with interrupts masked and the MMU off, r2 the device tree. Every exception goes to C. */
    .syntax unified
    .arm
    .section .text.start, "ax"
    .global _start
_start:
    ldr     r0, =vectors
    mcr     p15, 0, r0, c12, c0, 0      @ VBAR
    cps     #0x17                       @ Abort
    ldr     sp, =exception_stack_end
    cps     #0x1b                       @ Undefined
    ldr     sp, =exception_stack_end
    cps     #0x13
    ldr     sp, =stack_end
    mov     r0, r2
    bl      guest_main
    ldr     r0, =0x84000008             @ PSCI SYSTEM_OFF
    hvc     #0
    b       .

    .balign 32
vectors:
    b       .
    b       undefined
    b       call
    b       prefetch
    b       data
    b       .
    b       .
    b       .

/* LR is behind the instruction by 4 (T32: 2), 4, 8. r0: where it was, r1: which vector; returns where to go on. */
    .macro handler name, offset, number
\name:
    sub     lr, lr, #\offset
    push    {r0-r3, r12, lr}
    mov     r0, lr
    mov     r1, #\number
    mrs     r2, spsr
    bl      guest_exception
    str     r0, [sp, #20]
    bic     r0, r0, r0                  @ returns in A32, out of any IT block, little-endian, with all masked
    mrs     r0, spsr
    bic     r0, r0, #0x06000000
    bic     r0, r0, #0x0000fe00
    bic     r0, r0, #0x20
    orr     r0, r0, #0x1c0
    bic     r0, r0, #0x1f
    orr     r0, r0, #0x13
    msr     spsr_fsxc, r0
    ldm     sp!, {r0-r3, r12, pc}^
    .endm
    handler undefined, 4, 1
    handler prefetch, 4, 3
    handler data, 8, 4

call:                                   @ SVC: of a random instruction alone, which left LR behind it
    ldr     pc, =run_back

/* void run(uint32_t r0, uint32_t others): what is in `slot`, with these registers. All but R15 may be spoiled. */
    .global run, run_back, slot
run:
    ldr     r3, =saved
    stm     r3, {r4-r11, sp, lr}
    .irp    n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
    mov     r\n, r1
    .endr
    ldr     pc, =slot
    .balign 4
run_back:
    cpsid   aif, #0x13
    setend  le
    ldr     r3, =saved
    ldm     r3, {r4-r11, sp, pc}

/* Accesses whose syndrome says nothing, in A32 and T32: r0 an address with two registers, r1 where what they read goes. */
    .macro accesses
    ldrd    r2, r3, [r0]
    strd    r2, r3, [r1], #8
    ldm     r0, {r2, r3}
    stm     r1!, {r2, r3}
    mov     r12, r0
    ldr     r2, [r12], #4
    ldr     r3, [r12], #-4
    strd    r2, r3, [r1], #8
    sub     r12, r0, #4
    ldr     r2, [r12, #4]!
    ldr     r3, [r12, #4]!
    strd    r2, r3, [r1], #8
    mov     r12, r0
    ldrb    r2, [r12], #1
    ldrh    r3, [r12, #3]!
    strd    r2, r3, [r1], #8
    ldr     lr, [r0]                    @ registers of the mode
    mov     r2, lr
    mov     r12, sp
    ldr     sp, [r0, #4]
    mov     r3, sp
    mov     sp, r12
    strd    r2, r3, [r1], #8
    .endm

    .global accesses_a32, accesses_t32
accesses_a32:
    push    {r4, lr}
    accesses
    pop     {r4, pc}
    .thumb
    .thumb_func
accesses_t32:
    push    {r4, lr}
    ldrd    r2, r3, [r0]
    strd    r2, r3, [r1], #8
    ldm     r0, {r2, r3}
    stm     r1!, {r2, r3}
    mov     r4, r0
    ldmia   r4!, {r2, r3}               @ of 16 bits
    strd    r2, r3, [r1], #8
    mov     r12, r0
    ldr     r2, [r12], #4
    ldr     r3, [r12], #-4
    strd    r2, r3, [r1], #8
    mov     r12, r0
    ldrb    r2, [r12], #1
    ldrh    r3, [r12, #3]!
    strd    r2, r3, [r1], #8
    ldr     lr, [r0]
    mov     r2, lr
    cmp     r0, r0
    ittee   eq                          @ what fails its condition does nothing
    ldreq   r3, [r0, #4]
    addeq   r4, r4, #0
    ldrne   r3, [r0]
    addne   r3, r3, #1
    strd    r2, r3, [r1], #8
    pop     {r4, pc}
    .arm
    .ltorg

    .section .bss, "aw", %nobits
    .balign 16
saved:
    .skip   64
    .balign 64
slot:
    .skip   64
    .skip   4096
exception_stack_end:
    .skip   8192
stack_end:
