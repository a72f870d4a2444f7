/* SPDX-License-Identifier: Apache-2.0 */
/* Runs what stands in `slot` with spoiled registers. run_back is where an exception in it returns to. */
#include "registers.inc"

    .section .bss.saved, "aw", %nobits
    .balign 16
saved:
    .skip   128

    .section .text.run, "ax"
    .balign 64
    .global run_slot, slot, run_back
run_slot:                               /* x0: its x0, x1: all the others */
    adrp    x2, saved
    add     x2, x2, :lo12:saved
    preserved stp, x2
    mov     x3, sp
    str     x3, [x2, #96]
    mov     sp, x1
    .irp    n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
    mov     x\n, x1
    .endr
    .irp    n, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
    mov     x\n, x1
    .endr
slot:
    nop
    b       run_back
    .balign 64
run_back:
    msr     spsel, #0
    msr     daifset, #15
    adrp    x2, saved
    add     x2, x2, :lo12:saved
    preserved ldp, x2
    ldr     x3, [x2, #96]
    mov     sp, x3
    ret

/* on_sp_el0(function): goes on in it with the present stack as SP_EL0, and another one for exceptions. */
    .section .text.on_sp_el0, "ax"
    .global on_sp_el0
on_sp_el0:
    mov     x1, sp
    msr     sp_el0, x1
    adrp    x2, exception_stack_end
    add     x2, x2, :lo12:exception_stack_end
    mov     sp, x2
    msr     spsel, #0
    br      x0

    .section .bss.exception_stack, "aw", %nobits
    .balign 16
    .skip   8192
exception_stack_end:

/* A vCPU's whole life: both timers far in the future, and WFI. Uses no memory. */
    .section .text.sleep_on_timers, "ax"
    .global sleep_on_timers
sleep_on_timers:
    mov     x0, #0x3fffffffffffffff
    msr     cntv_cval_el0, x0
    msr     cntp_cval_el0, x0
    mov     x0, #1
    msr     cntv_ctl_el0, x0
    msr     cntp_ctl_el0, x0
    isb
1:  wfi
    b       1b

/* A vCPU of the crowd, by its number: a stack, FP, and to work. */
    .section .text.crowd_entry, "ax"
    .global crowd_entry
crowd_entry:
    and     x0, x0, #7
    adrp    x1, crowd_stacks
    add     x1, x1, :lo12:crowd_stacks
    add     x0, x0, #1
    add     x1, x1, x0, lsl #10
    mov     sp, x1
    b       crowd_member
