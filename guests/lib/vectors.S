/* SPDX-License-Identifier: Apache-2.0 */
/* Stores a struct exception (guest.h) on the stack and calls guest_exception. FP registers are not touched. */
#include "registers.inc"

    .section .text.vectors, "ax"
    .balign 2048
    .global vectors
vectors:
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vector  \n
    .endr

common:
    save_exception
    mov     x0, sp
    bl      guest_exception
    leave_exception
