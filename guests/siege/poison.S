/* SPDX-License-Identifier: Apache-2.0 */
/*
 * siege_poison(values): as guests/hostile/poison.S, while one of several things is done: the one at values[12], at the
 * address values[13]. No memory is touched meanwhile and the MMU is off, as nothing that memory holds would be read right.
 * Returns what was read.
 */
#include "poison.inc"
#include "registers.inc"

    .section .text.siege_poison, "ax"
    .global siege_poison
siege_poison:
    push_preserved
    load_poison
    ldp     x14, x1, [x0, #96]
    mov     x16, #0x09000000            /* the UART */
    poison_registers
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
9:  cure_registers
    pop_preserved
    ret
