/* SPDX-License-Identifier: Apache-2.0 */
/* crash_at(pc): as crash() of guests/lib, and x28 tells afterwards where it was. hang_at(pc): and x30 does. */
    .section .text.crash, "ax"
    .global crash_at
crash_at:
    mov     x28, x0
    b       crash

/* A number and itself, as double. */
    .arch_extension fp
    .global fp_double
fp_double:
    fmov    d0, x0
    fadd    d0, d0, d0
    fmov    x0, d0
    ret

    .global hang_at
hang_at:
    msr     daifset, #15
    mov     x30, x0
    b       .

/* Another vCPU, with the MMU off: calls, device accesses and waits, until the first one ends it all. */
    .global second_main
second_main:
    mov     x2, #0x09000000             /* the UART */
1:  movz    w0, #0x8400, lsl #16        /* PSCI_VERSION */
    hvc     #0
    ldr     w1, [x2, #0x18]             /* UARTFR */
    mrs     x1, cntvct_el0
    add     x1, x1, #0x2000
    msr     cntv_cval_el0, x1
    mov     x1, #1
    msr     cntv_ctl_el0, x1
    isb
    wfi
    b       1b
