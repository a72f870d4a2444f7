/* SPDX-License-Identifier: Apache-2.0 */
/*
 * poison(values, uart): puts values into the registers that code at EL0 might
 * obey, uses the console, and puts the old ones back. No memory is touched
 * meanwhile and the MMU is off, as nothing that memory holds would be read right.
 * Returns UARTPeriphID0 as it reads then.
 */
#include "poison.inc"
#include "registers.inc"

    .text
    .global poison
poison:
    push_preserved
    load_poison
    poison_registers
    mov     w14, #'.'
    strb    w14, [x1]
    ldr     w15, [x1, #0x18]
    ldr     w0, [x1, #0xfe0]
    str     wzr, [x1, #0x38]
    cure_registers
    pop_preserved
    ret
