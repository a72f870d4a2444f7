/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poison(values, uart): puts values into the registers that code at EL0 might
 * obey, uses the console, and puts the old ones back. No memory is touched
 * meanwhile and the MMU is off, as nothing that memory holds would be read right.
 * Returns UARTPeriphID0 as it reads then.
 */
    .macro  swap name, old, new
    mrs     \old, \name
    msr     \name, \new
    .endm

    .text
    .global poison
poison:
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
    mov     w14, #'.'
    strb    w14, [x1]
    ldr     w15, [x1, #0x18]
    ldr     w0, [x1, #0xfe0]
    str     wzr, [x1, #0x38]
    msr     mdscr_el1, x27
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
