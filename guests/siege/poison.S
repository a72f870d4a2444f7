/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siege_poison(values): as guests/hostile/poison.S, while one of several things is done: the one at values[12], at the
 * address values[13]. No memory is touched meanwhile and the MMU is off, as nothing that memory holds would be read right.
 * Returns what was read.
 */
    .macro  swap name, old, new
    mrs     \old, \name
    msr     \name, \new
    .endm

    .section .text.siege_poison, "ax"
    .global siege_poison
siege_poison:
    stp     x19, x20, [sp, #-96]!
    stp     x21, x22, [sp, #16]
    stp     x23, x24, [sp, #32]
    stp     x25, x26, [sp, #48]
    stp     x27, x28, [sp, #64]
    stp     x29, x30, [sp, #80]
    ldp     x2, x3, [x0]
    ldp     x4, x5, [x0, #16]
    ldp     x6, x7, [x0, #32]
    ldp     x8, x9, [x0, #48]
    ldp     x10, x11, [x0, #64]
    ldp     x12, x13, [x0, #80]
    ldp     x14, x1, [x0, #96]
    mov     x16, #0x09000000            /* the UART */
    dsb     sy
    swap    sctlr_el1, x20, x2
    isb
    swap    ttbr0_el1, x19, x3
    swap    ttbr1_el1, x21, x4
    swap    tcr_el1, x22, x5
    swap    mair_el1, x23, x6
    swap    vbar_el1, x24, x7
    swap    cpacr_el1, x25, x8
    swap    cntkctl_el1, x26, x9
    swap    mdscr_el1, x27, x10
    msr     contextidr_el1, x11
    msr     tpidr_el0, x12
    msr     tpidrro_el0, x13
    isb
    mov     x0, #0
    cbz     x14, 1f
    sub     x14, x14, #1
    cbz     x14, 2f
    sub     x14, x14, #1
    cbz     x14, 3f
    sub     x14, x14, #1
    cbz     x14, 4f
    sub     x14, x14, #1
    cbz     x14, 5f
    mrs     x0, actlr_el1
    msr     cntp_cval_el0, x1
    b       9f
1:  ldr     w15, [x16, #0x18]           /* a call of a service: UARTFR, UARTPeriphID0, UARTIMSC */
    ldr     w0, [x16, #0xfe0]
    str     wzr, [x16, #0x38]
    b       9f
2:  movz    w0, #0xc600, lsl #16        /* YIELD: the others are in the hardware meanwhile */
    movk    w0, #6
    mov     x1, #0
    hvc     #0
    b       9f
3:  ldr     w0, [x1]                    /* the nucleus's own devices */
    b       9f
4:  str     w10, [x1]
    b       9f
5:  mov     x0, #0x01000000             /* an SGI to itself or the first one */
    orr     x0, x0, #1
    msr     S3_0_C12_C11_5, x0
    b       9f
9:  msr     mdscr_el1, x27
    msr     cntkctl_el1, x26
    msr     cpacr_el1, x25
    msr     vbar_el1, x24
    msr     mair_el1, x23
    msr     tcr_el1, x22
    msr     ttbr1_el1, x21
    msr     ttbr0_el1, x19
    isb
    tlbi    vmalle1
    dsb     sy
    isb
    msr     sctlr_el1, x20
    isb
    ldp     x21, x22, [sp, #16]
    ldp     x23, x24, [sp, #32]
    ldp     x25, x26, [sp, #48]
    ldp     x27, x28, [sp, #64]
    ldp     x29, x30, [sp, #80]
    ldp     x19, x20, [sp], #96
    ret
