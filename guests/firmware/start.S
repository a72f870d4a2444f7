/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware is entered at address 0, at EL1, with the MMU off. RAM has the device tree at its start: the stack is above. */
    .section .text.start, "ax"
    .global _start
_start:
    mov     x0, #0x40100000
    mov     sp, x0
    bl      main
    mov     x0, #0x0008                 /* PSCI SYSTEM_OFF */
    movk    x0, #0x8400, lsl #16
    hvc     #0
    b       .
