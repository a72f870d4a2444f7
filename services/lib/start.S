/* SPDX-License-Identifier: Apache-2.0 */
/* The two ways into a service: its first worker, and all of its portals. */

    .section .text.start, "ax"

/* The worker starts here with nothing but a PC: the stack is directly below the image. */
    .global _start
    .type _start, %function
_start:
    mov     x29, xzr
    mov     x30, xzr
    adrp    x0, service_base
    mov     sp, x0
    mrs     x1, cntvct_el0          /* a stack guard that differs from one start to the next */
    adrp    x2, __stack_chk_guard
    str     x1, [x2, :lo12:__stack_chk_guard]
    bl      service_main
    udf     #0
    .size _start, . - _start

/*
 * x0: badge, x1..x4: words, x5: client, and SP is the top of the handler's own
 * stack: just what portal_main wants. It returns two words in x0 and x1.
 */
    .global portal_entry
    .type portal_entry, %function
portal_entry:
    bl      portal_main
    mov     x2, xzr
    mov     x3, xzr
    svc     #0                      /* REPLY */
    udf     #0
    .size portal_entry, . - portal_entry

/* A service that has no portals need not write this. */
    .weak portal_main
    .type portal_main, %function
portal_main:
    udf     #0
    .size portal_main, . - portal_main
