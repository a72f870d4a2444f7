/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first instructions: an arm64 Image (Linux Documentation/arch/arm64/booting.rst).
 * Entered at EL2, MMU off, x0 = the host's device tree, anywhere 2 MiB aligned.
 */
#define CPU_STACK_SIZE 4096         /* core/cpu.h */

    .section .head, "ax"
    .globl image_start
image_start:
    b       entry
    .long   0
    .quad   0                       /* text_offset */
    .quad   image_size
    .quad   0xa                     /* little-endian, 4 KiB pages, any 2 MiB aligned base */
    .quad   0, 0, 0
    .ascii  "ARM\x64"
    .long   0

#define HCR_RW         (1 << 31)
#define SCTLR_EL2_RES1 0x30c50830   /* everything else off */

entry:
    mov     x20, x0
    mrs     x21, cntpct_el0
    msr     daifset, #15
    mrs     x1, CurrentEL
    cmp     x1, #(2 << 2)
    b.ne    not_el2
    mov     x1, #HCR_RW             /* E2H 0: it decides what the registers written next mean */
    msr     hcr_el2, x1
    isb
    ldr     w1, =SCTLR_EL2_RES1
    msr     sctlr_el2, x1
    isb
    adrp    x19, image_start

    adrp    x1, bss_start           /* bss, and the stack in it */
    adrp    x2, image_end
1:  stp     xzr, xzr, [x1], #16
    stp     xzr, xzr, [x1], #16
    stp     xzr, xzr, [x1], #16
    stp     xzr, xzr, [x1], #16
    cmp     x1, x2
    b.lo    1b

    adrp    x1, rela_start          /* R_AARCH64_RELATIVE, all of them (ELF for Arm 64-bit, 5.7.7): the image is linked at 0 */
    add     x1, x1, :lo12:rela_start
    adrp    x2, rela_end
    add     x2, x2, :lo12:rela_end
2:  cmp     x1, x2
    b.hs    3f
    ldp     x3, x4, [x1], #16
    ldr     x5, [x1], #8
    add     x5, x5, x19
    str     x5, [x19, x3]
    b       2b
3:
    adrp    x1, boot_area           /* page aligned */
    add     x1, x1, #CPU_STACK_SIZE
    msr     tpidr_el2, x1
    mov     sp, x1                  /* the stack ends where the struct cpu begins */
    mov     x0, x20
    bl      boot_build_map

    /* What was written around the caches must not be hidden by what they hold of it. */
    mrs     x3, ctr_el0
    ubfx    x3, x3, #16, #4         /* DminLine: log2 of words */
    mov     x4, #4
    lsl     x3, x4, x3
    adrp    x1, boot_data_start
    adrp    x2, boot_end
    bl      invalidate
    adrp    x1, rodata_start        /* its pointers were relocated */
    adrp    x2, image_end
    bl      invalidate
    dsb     sy

    adrp    x1, boot_ticks
    str     x21, [x1, :lo12:boot_ticks]
    bl      boot_enable_mmu
    mov     x0, x20
    b       boot_main

/* Another CPU, turned on by PSCI: x0 = its struct cpu, below which its stack ends. EL2, MMU off. */
    .globl boot_secondary_entry
boot_secondary_entry:
    msr     daifset, #15
    mrs     x1, CurrentEL
    cmp     x1, #(2 << 2)
    b.ne    not_el2
    ldr     w1, =SCTLR_EL2_RES1
    msr     sctlr_el2, x1
    isb
    msr     tpidr_el2, x0
    mov     sp, x0
    bl      boot_enable_mmu
    b       boot_secondary

/* The lines of x3 bytes in [x1, x2), which are pages. */
invalidate:
    dc      ivac, x1
    add     x1, x1, x3
    cmp     x1, x2
    b.lo    invalidate
    ret

/* There is no way to say so: no UART is known yet. */
not_el2:
    wfe
    b       not_el2
